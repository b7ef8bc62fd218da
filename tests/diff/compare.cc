// SPDX-License-Identifier: GPL-2.0-or-later
//
// Comparison and printing of cases.
#include "tests/diff/compare.h"

#include "target/i386/disassemble.h"

#include <fmt/format.h>
#include <cstring>
#include <span>
#include <string_view>

namespace diff {
namespace {

constexpr const char* gpr_names[16] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                       "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

template <class Range>
std::string hex(const Range& bytes) {
    std::string s;
    for (const auto b : bytes)
        s += fmt::format("{:02x}", b);
    return s;
}

/// The instruction and data pointers in a saved state are the processor's own affair: AMD's leave
/// them out while no error is pending, and the tested instruction's predecessor differs.
bool saves_pointers(std::string_view m) {
    return m == "FNSTENV" || m == "FNSAVE" || m == "FXSAVE" || m.starts_with("XSAVE");
}

}  // namespace

std::string differences(const Case& c, const i386::Row& row, const Outcome& host,
                        const Outcome& ours) {
    std::string out;
    const auto put = [&]<class... A>(fmt::format_string<A...> f, A&&... a) {
        out += "    ";
        out += fmt::format(f, std::forward<A>(a)...);
        out += '\n';
    };
    const auto same = [&](const char* name, auto a, auto b) {
        if (a != b) put("{}: host {:x}, ours {:x}", name, a, b);
    };
    // Whether bytes under a zero mask can fault is the implementation's choice (SDM volume 2,
    // MASKMOVDQU).
    if (std::string_view(row.mnemonic).find("MASKMOV") != std::string_view::npos &&
        ours.vector == no_fault && (host.vector == 13 || host.vector == 14))
        return out;
    // An operand that wraps round the end of a 4 GiB segment may fault or not (SDM volume 3, 5.3).
    const auto wraps = [](std::uint64_t cr2) {
        return cr2 == 0 || (cr2 >= 0xFFFFFF00 && cr2 <= 0xFFFFFFFF);
    };
    if (c.compat && (host.vector == 12 || host.vector == 13) &&
        ((ours.vector == 14 && wraps(ours.cr2)) || ours.vector == 17))
        return out;
    // Which comes first, the target or the push, differs too.
    if (std::string_view(row.mnemonic) == "CALL" && ours.vector == 13 &&
        (host.vector == 12 || host.vector == 14))
        return out;
    // Nor whether the masked part counts for the segment.
    if (std::string_view(row.mnemonic).find("MASKMOV") != std::string_view::npos && c.compat &&
        (host.vector == 13 || ours.vector == 13))
        return out;
    // Nor is it said which of the bytes a masked store names in a fault.
    if (std::string_view(row.mnemonic).find("MASKMOV") != std::string_view::npos &&
        host.vector == 14 && ours.vector == 14)
        return out;
    // AMD's processors have one more bit in MXCSR.
    const std::string_view m = row.mnemonic;
    if ((m.find("RSTOR") != m.npos || m.find("LDMXCSR") != m.npos) && host.vector == no_fault &&
        ours.vector == 13)
        return out;
    // Intel's manual asks for alignment, AMD's processors do not look.
    if (std::string_view(row.mnemonic).starts_with("SHA") && ours.vector == 13) return out;
    // Nor which operand of CMPS: a misaligned one may come before or after one that is not mapped.
    const auto operand_fault = [](int vector) { return vector == 14 || vector == 17; };
    if (m == "CMPS" && operand_fault(host.vector) && operand_fault(ours.vector) &&
        host.vector != ours.vector)
        return out;
    if (host.vector != ours.vector) {
        put("exception: host {}, ours {}", host.vector, ours.vector);
        return out;
    }
    // Saved states are moved piece by piece: in which order is not said, nor how much of one that
    // wraps round the end of a 4 GiB segment.
    const bool image = std::string_view(row.operands) == "M" ||
                       std::string_view(row.mnemonic).find("MASKMOV") != std::string_view::npos;
    const bool wrapped = c.compat && (host.vector == 12 || host.vector == 13);
    if (image && (host.vector == 14 || wrapped)) return out;
    // Which of two operands in unmapped memory is named is not said either: Intel's processors take
    // the first, AMD's the second.
    const bool either = host.vector == 14 && std::string_view(row.mnemonic) == "CMPS";
    // In the kernel's half the host has pages present that a program may not touch.
    const bool kernel_half = host.vector == 14 && host.cr2 >= 0x7FFFFFFFE000;
    if (!either) {
        same("error code", host.error_code | kernel_half, ours.error_code | kernel_half);
        same("cr2", host.cr2, ours.cr2);
    }
    const CpuImage &h = host.after, &o = ours.after;
    for (int n = 0; n < 16; n++)
        same(gpr_names[n], h.gpr[n], o.gpr[n]);
    same("rip", h.rip, o.rip);
    // CF PF AF ZF SF DF OF NT AC ID
    std::uint64_t flags = 0x244CD5;
    if (host.vector == no_fault) flags &= ~std::uint64_t(row.undefined);
    same("rflags", h.rflags & flags, o.rflags & flags);
    same("fs base", h.fs_base, o.fs_base);
    same("gs base", h.gs_base, o.gs_base);
    same("mxcsr", h.mxcsr, o.mxcsr);
    same("fcw", h.fcw, o.fcw);
    same("fsw", h.fsw, o.fsw);
    same("ftw", h.ftw, o.ftw);
    for (unsigned n = 0; n < 8; n++)
        if (h.st[n] != o.st[n]) put("st{}: host {}, ours {}", n, hex(h.st[n]), hex(o.st[n]));
    for (unsigned n = 0; n < 16; n++)
        if (h.ymm[n] != o.ymm[n])
            put("ymm{}: host {}\n          ours {}", n, hex(h.ymm[n]), hex(o.ymm[n]));
    if (host.data != ours.data && !saves_pointers(row.mnemonic) &&
        !(host.vector != no_fault &&
          std::string_view(row.mnemonic) == "ENTER")) {  // below the stack pointer
        std::size_t n = 0, shown = 0;
        for (; n < page_size && shown < 8; n++)
            if (host.data[n] != ours.data[n]) {
                put("data+{:x}: host {:02x}, ours {:02x}", n, host.data[n], ours.data[n]);
                shown++;
            }
    }
    return out;
}

std::string describe(const Case& c, const Layout& layout) {
    std::string out = "  " + hex(std::span(c.code.data(), c.code_length)) +
                      (c.compat ? " (32-bit)" : " (64-bit)");
    const std::span code(c.code.data(), c.code_length);
    out += "  " + i386::disassemble(code, layout.code + c.code_at, c.compat ? 32 : 64).text;
    out += '\n';
    const CpuImage& b = c.before;
    for (int n = 0; n < 16; n++)
        out += fmt::format("{}{}={:x}", n % 8 ? " " : "  ", gpr_names[n], b.gpr[n]) +
               (n % 8 == 7 ? "\n" : "");
    out +=
        fmt::format("  rip={:x} flags={:x} mxcsr={:x} fcw={:x} fsw={:x} ftw={:x} patch_at={:x}\n",
                    b.rip, b.rflags, b.mxcsr, b.fcw, b.fsw, b.ftw, c.patch_at);
    for (unsigned n = 0; n < 8; n++)
        if (b.st[n] != decltype(b.st[n]){}) out += fmt::format("  st{}={}\n", n, hex(b.st[n]));
    for (unsigned n = 0; n < 16; n++)
        if (b.ymm[n] != decltype(b.ymm[n]){}) out += fmt::format("  ymm{}={}\n", n, hex(b.ymm[n]));
    return out;
}

}  // namespace diff
