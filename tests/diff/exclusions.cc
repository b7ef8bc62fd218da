// SPDX-License-Identifier: GPL-2.0-or-later
//
// The written list of what is not compared with the host.
#include "tests/diff/exclusions.h"

#include <string_view>

namespace diff {

using namespace i386;

namespace {

struct Exclusion {
    std::string_view mnemonic;
    const char* reason;
};

constexpr Exclusion exclusions[] = {
    {"SYSCALL", "calls the host's kernel"},
    {"SYSENTER", "calls the host's kernel"},
    {"INT", "calls the host's kernel, or depends on its IDT"},
    {"INT3", "the runner's own trap"},
    {"INT1", "the runner's own trap"},
    {"INTO", "the kernel reports the trap's address in its own way"},
    {"SGDT", "UMIP: the host's kernel emulates it with made-up values"},
    {"SIDT", "UMIP: the host's kernel emulates it with made-up values"},
    {"SLDT", "UMIP: the host's kernel emulates it with made-up values"},
    {"STR", "UMIP: the host's kernel emulates it with made-up values"},
    {"SMSW", "UMIP: the host's kernel emulates it with made-up values"},
    {"LAR", "depends on the host's GDT"},
    {"LSL", "depends on the host's GDT"},
    {"VERR", "depends on the host's GDT"},
    {"VERW", "depends on the host's GDT"},
    {"RDTSC", "time"},
    {"RDTSCP", "time"},
    {"RDPMC", "depends on the host's counters"},
    {"RDRAND", "random"},
    {"RDSEED", "random"},
    {"RDPID", "which processor it is"},
    {"CPUID", "the models differ"},
    {"XGETBV", "depends on the host"},
    {"XSAVEOPT", "what is left out depends on the host's tracking"},
    {"UD0", "always #UD: nothing to decode"},
    {"UD1", "always #UD: nothing to decode"},
    {"UD2", "always #UD: nothing to decode"},
};

}  // namespace

const char* why_not_tested(const Row& row, const FeatureSet& guest, const FeatureSet& host,
                           bool compat) {
    if (row.attributes & no_test) return "the decode table says so";
    if (!guest.has(row.feature)) return "the emulator lacks the feature";
    if (!host.has(row.feature)) return "the host lacks the feature";
    if ((row.attributes & no64) && !compat) return "no 32-bit code on this host";
    for (const Exclusion& e : exclusions)
        if (e.mnemonic == row.mnemonic) return e.reason;
    // Segment registers: the host's kernel has other descriptors.
    const std::string_view operands = row.operands;
    for (const auto s : {"Sw", "ES", "CS", "SS", "DS", "FS", "GS"})
        if (operands.find(s) != operands.npos) return "loads a segment register";
    if (operands.find("Ap") != operands.npos || operands.find("Mp") != operands.npos)
        return "far pointer";
    return nullptr;
}

bool excluded(const Row& row, const Insn& insn, const Case& c) {
    // Intel's processors ignore VEX.W of these outside 64-bit mode, AMD's do not know W1.
    const std::string_view m = row.mnemonic;
    if (c.compat && (m == "VPEXTRD" || m == "VPINSRD")) return true;
    // Intel's processors ignore an operand-size prefix of near branches in 64-bit mode, AMD's
    // truncate RIP.
    if (!c.compat && insn.opsize_prefix &&
        (m.starts_with("J") || m.starts_with("CALL") || m.starts_with("RET") ||
         m.starts_with("LOOP")))
        return true;
    // The host has components that the emulator lacks; the mask may have become an address.
    if ((m.starts_with("XSAVE") || m.starts_with("XRSTOR")) &&
        ((c.before.gpr[0] & 0xFFFFFFF8) || std::uint32_t(c.before.gpr[2])))
        return true;
    // With a 16-bit operand Intel's processors read two bytes, AMD's four.
    if (m == "MOVSXD" && insn.opsize_prefix && !insn.rex_w) return true;
    // REP in front of LOOPcc is reserved, and does change the condition on AMD's.
    if (m.starts_with("LOOP") && insn.rep) return true;
    // The result of a 16-bit double shift by more than 16 is undefined (SDM volume 2, SHLD).
    if ((m == "SHLD" || m == "SHRD") && insn.size_log2 == 1) {
        const auto count = std::string_view(row.operands).ends_with("CL") ? c.before.gpr[1]
                                                                          : std::uint64_t(insn.imm);
        return (count & 31) > 16;
    }
    return false;
}

}  // namespace diff
