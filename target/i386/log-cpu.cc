// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a processor writes to the log of `-d`.
#include "target/i386/block.h"
#include "target/i386/cpu.h"
#include "target/i386/disassemble.h"
#include "target/i386/dump.h"
#include "target/i386/fp/unit.h"

namespace i386 {

/// -d exec and -d cpu, before a block runs. Links would lead past this, so none is followed.
void Cpu::log_block() {
    forget_links();
    fp->leave();
    if (logs(LogItem::exec))
        log_->write(fmt::format("Trace {}: {:016x}/{:08x} {} instructions\n", apic_id_,
                                code64() ? s.regs[rip] : u32(s.seg[cs].base + s.regs[rip]), s.mode,
                                block_->count));
    if (logs(LogItem::cpu)) log_->write(dump(s, cpl_));
}

/// -d in_asm, when a block is made.
void Cpu::log_code(const Block& b) {
    // From the first byte to the last that the block has, its end marker excepted.
    unsigned length = 0;
    for (unsigned n = 0; n < b.count; n++)
        length = std::max(length, b.first[n].end());
    u64 at = code64() ? s.regs[rip] : u32(s.seg[cs].base + s.regs[rip]);
    if (b.next_page) length = unsigned(std::min<u64>(length, page_size - (at & ~page_mask)));
    std::string text = "----------------\nIN: \n";
    for (std::span<const u8> code(b.code, length); !code.empty();) {
        const std::size_t before = code.size();
        text += disassembly_line(code, at, code_bits(s.mode));
        at += before - code.size();
    }
    log_->write(text + "\n");
}

/// -d int, before an interrupt or exception is delivered.
void Cpu::log_interrupt(u8 vector, Source source, u32 error, u64 return_ip) {
    fp->leave();
    std::string text;
    if (source == Source::hardware) text = fmt::format("Servicing hardware INT=0x{:02x}\n", vector);
    text += fmt::format(
        "v={:02x} e={:04x} i={} cpl={} IP={:04x}:{:016x} pc={:016x} SP={:04x}:{:016x}", vector,
        error, int(source == Source::int_n || source == Source::int3_into), cpl_,
        s.seg[cs].selector, return_ip, s.seg[cs].base + return_ip, s.seg[ss].selector, s.regs[rsp]);
    text += vector == exc_pf ? fmt::format(" CR2={:016x}\n", s.cr2)
                             : fmt::format(" EAX={:016x}\n", s.regs[rax]);
    log_->write(text + dump(s, cpl_));
}

void Cpu::log_refused(const char* what, u64 which, u64 value) {
    if (log_)
        log_->guest_error("cpu {}: {} {:#x} with {:#x} at {:#x} is a fault\n", apic_id_, what,
                          which, value, current_ ? s.regs[rip] + current_->offset : s.regs[rip]);
}

}  // namespace i386
