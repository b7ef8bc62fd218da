// SPDX-License-Identifier: GPL-2.0-or-later
//
// Registers as text.
#include "target/i386/dump.h"

#include <fmt/core.h>

#include "target/i386/flags.h"

namespace i386 {

namespace {

constexpr std::string_view legacy_names[8] = {"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"};

/// Descriptor types of the system (SDM 3.5, table 3-2).
constexpr std::string_view system_types[2][16] = {
    {"Reserved", "TSS16-avl", "LDT", "TSS16-busy", "CallGate16", "TaskGate", "IntGate16",
     "TrapGate16", "Reserved", "TSS32-avl", "Reserved", "TSS32-busy", "CallGate32", "Reserved",
     "IntGate32", "TrapGate32"},
    {"<hiword>", "Reserved", "LDT", "Reserved", "Reserved", "Reserved", "Reserved", "Reserved",
     "Reserved", "TSS64-avl", "Reserved", "TSS64-busy", "CallGate64", "Reserved", "IntGate64",
     "TrapGate64"}};

class Dump {
public:
    Dump(const CpuState& s, unsigned cpl) : s_(s), cpl_(cpl), wide_(s.mode & mode_code64) {}

    std::string text() {
        wide_ ? registers_64() : registers_32();
        constexpr std::string_view names[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
        for (unsigned i = 0; i < 6; i++)
            segment(names[i], s_.seg[i]);
        segment("LDT", s_.ldt);
        segment("TR", s_.tr);
        table("GDT", s_.gdt);
        table("IDT", s_.idt);
        control();
        floating_point();
        return std::move(out_);
    }

private:
    template <class... A>
    void put(fmt::format_string<A...> format, A&&... args) {
        out_ += fmt::format(format, std::forward<A>(args)...);
    }
    u64 reg(unsigned n) const { return s_.regs[n]; }

    void registers_32() {
        constexpr unsigned order[] = {rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp};
        for (unsigned i = 0; i < 8; i++)
            put("E{}={:08x}{}", legacy_names[order[i]], static_cast<u32>(reg(order[i])),
                i % 4 == 3 ? '\n' : ' ');
        put("EIP={:08x} EFL={:08x}", static_cast<u32>(reg(rip)), get_eflags(s_));
        state();
    }
    void registers_64() {
        constexpr unsigned order[] = {rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp};
        for (unsigned i = 0; i < 16; i++) {
            if (i < 8)
                put("R{}={:016x}", legacy_names[order[i]], reg(order[i]));
            else
                put("R{:<2}={:016x}", i, reg(i));
            out_ += i % 4 == 3 ? '\n' : ' ';
        }
        put("RIP={:016x} RFL={:08x}", reg(rip), get_eflags(s_));
        state();
    }
    void state() {
        const u32 f = get_eflags(s_);
        const auto flag = [&](unsigned bit, char letter) { return f >> bit & 1 ? letter : '-'; };
        put(" [{}{}{}{}{}{}{}] CPL={} II={} A20={} SMM={} HLT={}\n", flag(10, 'D'), flag(11, 'O'),
            flag(7, 'S'), flag(6, 'Z'), flag(4, 'A'), flag(2, 'P'), flag(0, 'C'), cpl_,
            int{s_.inhibit_irq}, s_.a20_mask >> 20 & 1, int{s_.smm}, int{s_.halted});
    }

    void segment(std::string_view name, const Segment& seg) {
        if (wide_)
            put("{:<3}={:04x} {:016x} {:08x} {:08x}", name, seg.selector, seg.base, seg.limit,
                seg.flags);
        else
            put("{:<3}={:04x} {:08x} {:08x} {:08x}", name, seg.selector, static_cast<u32>(seg.base),
                seg.limit, seg.flags);
        if ((s_.mode & mode_pe) && !(s_.mode & mode_vm86) && seg.present()) {
            put(" DPL={} ", seg.dpl());
            const unsigned type = seg.type();
            const auto bit = [&](unsigned n, char letter) { return type >> n & 1 ? letter : '-'; };
            if (!(seg.flags & 1 << 12))
                out_ += system_types[s_.mode & mode_lma ? 1 : 0][type];
            else if (type & 8)
                put("{} [{}{}{}]",
                    seg.long_mode() ? "CS64"
                    : seg.big()     ? "CS32"
                                    : "CS16",
                    bit(2, 'C'), bit(1, 'R'), bit(0, 'A'));
            else
                put("{} [{}{}{}]", seg.big() ? "DS  " : "DS16", bit(2, 'E'), bit(1, 'W'),
                    bit(0, 'A'));
        }
        out_ += '\n';
    }
    void table(std::string_view name, const TableRegister& t) {
        if (wide_)
            put("{}=     {:016x} {:08x}\n", name, t.base, t.limit);
        else
            put("{}=     {:08x} {:08x}\n", name, static_cast<u32>(t.base), t.limit);
    }

    void control() {
        if (wide_)
            put("CR0={:08x} CR2={:016x} CR3={:016x} CR4={:08x}\n", static_cast<u32>(s_.cr0), s_.cr2,
                s_.cr3, static_cast<u32>(s_.cr4));
        else
            put("CR0={:08x} CR2={:08x} CR3={:08x} CR4={:08x}\n", static_cast<u32>(s_.cr0),
                static_cast<u32>(s_.cr2), static_cast<u32>(s_.cr3), static_cast<u32>(s_.cr4));
        for (unsigned i = 0; i < 4; i++)
            put("DR{}={:016x} ", i, s_.dr[i]);
        put("\nDR6={:016x} DR7={:016x}\nEFER={:016x}\n", s_.dr[6], s_.dr[7], s_.msr.efer);
    }

    void floating_point() {
        put("FCW={:04x} FSW={:04x} [ST={}] FTW={:02x} MXCSR={:08x}\n", s_.x87.control,
            s_.x87.status, s_.x87.status >> 11 & 7, s_.x87.valid, s_.mxcsr);
        for (unsigned i = 0; i < 8; i++)
            put("FPR{}={:016x} {:04x}{}", i, s_.x87.reg[i].mantissa, s_.x87.reg[i].sign_exponent,
                i & 1 ? '\n' : ' ');
        for (unsigned i = 0; i < (wide_ ? 16u : 8u); i++)
            put("XMM{:02}={:016x} {:016x}{}", i, s_.vec[i].q[1], s_.vec[i].q[0],
                i & 1 ? '\n' : ' ');
    }

    const CpuState& s_;
    const unsigned cpl_;
    const bool wide_;
    std::string out_;
};

}  // namespace

std::string dump(const CpuState& s, unsigned cpl) {
    return Dump(s, cpl).text();
}

std::optional<u64> register_by_name(const CpuState& s, std::string_view name) {
    if (name == "pc") return s.regs[rip] + s.seg[cs].base;
    if (name == "eip") return s.regs[rip];
    if (name == "eflags") return get_eflags(s);
    if (name == "sp") return static_cast<u32>(s.regs[rsp]);
    if (name == "fp") return static_cast<u32>(s.regs[rbp]);
    constexpr std::string_view segments[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    for (unsigned i = 0; i < 6; i++)
        if (name == segments[i]) return s.seg[i].selector;
    constexpr std::string_view registers[] = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    for (unsigned i = 0; i < 8; i++) {
        if (name.size() != 3 || name.substr(1) != registers[i]) continue;
        if (name[0] == 'e') return static_cast<u32>(s.regs[i]);
        if (name[0] == 'r') return s.regs[i];
    }
    for (unsigned i = 8; i < 16; i++)
        if (name == fmt::format("r{}", i)) return s.regs[i];
    return {};
}

}  // namespace i386
