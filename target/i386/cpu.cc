// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cpu: reset, requests, and the loop: events, blocks, faults.
#include "target/i386/cpu.h"

#include "target/i386/block.h"
#include "target/i386/code-pages.h"
#include "target/i386/cpuid.h"
#include "target/i386/fp/unit.h"

namespace i386 {

Cpu::Cpu(CpuBus& bus, CodePages& pages, const CpuModel& model, unsigned apic_id)
    : CpuMemory(bus, pages, model, apic_id),
      blocks_(std::make_unique<BlockCache>()),
      device_block_(std::make_unique<Block>()) {
    pages_.add(*this);
    reset();
}

Cpu::~Cpu() {
    pages_.remove(*this);
}

void Cpu::reset() {
    requests_.fetch_and(request_exit | request_code | request_flush | request_interrupt);
    reset_state();
}

// SDM volume 3, table 9-1.
void Cpu::reset_state() {
    fp->leave();
    // The TSC offset and what the machine set outlive a reset; nothing else does.
    const u64 tsc_offset = s.msr.tsc_offset;
    s = {};
    s.msr.tsc_offset = tsc_offset;
    s.cr0 = 0x60000010;
    s.eflags = 2;
    set_oszapc(s, 0);
    for (const Seg n : {es, ss, ds, fs, gs})
        s.seg[n] = {0, 0xffff, 0, 0x9300};
    s.seg[cs] = {0xf000, 0xffff, 0xffff0000, 0x9b00};
    s.ldt = {0, 0xffff, 0, 0x8200};
    s.tr = {0, 0xffff, 0, 0x8b00};
    s.gdt = s.idt = {0, 0xffff};
    s.regs[rip] = 0xfff0;
    s.regs[rdx] = model_.signature;
    s.dr[6] = 0xffff0ff0;
    s.dr[7] = 0x400;
    s.x87.control = 0x37f;
    s.mxcsr = 0x1f80;
    s.xcr0 = 1;
    s.msr.pat = 0x0007040600070406;
    s.msr.smbase = 0x30000;
    // Fast strings; and MWAIT where the model has it (SDM volume 4, IA32_MISC_ENABLE bit 18).
    s.msr.misc_enable = 1 | (has(Feature::monitor) ? u64(1) << 18 : 0);
    s.svm.gif = true;
    clear_request(request_virtual);
    delivering_ = 0;
    s.a20_mask = ~0u;
    a20_wanted_ = true;
    if (has(Feature::mce) && has(Feature::mca)) {
        s.mce.cap = 10 | 1 << 8 | 1 << 24;
        s.mce.ctl = ~u64(0);
        for (unsigned bank = 0; bank < 10; bank++)
            s.mce.banks[bank * 4] = ~u64(0);
    }
    if (!bus_.is_bsp()) {
        s.halted = true;
        s.mp_state = MpState::uninitialized;
    }
    cpl_ = 0;
    shutdown_ = false;
    waiting_ = false;
    line_ = nullptr;
    dr6_pending_ = 0;
    phys_cache_.fill({});
    flush_tlb();
    update_mode();
}

// INIT keeps x87 and SSE state, most MSRs and the caches (SDM volume 3, table 9-1).
void Cpu::take_init() {
    const CpuState old = s;
    reset_state();  // a SIPI may be on its heels
    s.x87 = old.x87;
    s.vec = old.vec;
    s.mxcsr = old.mxcsr;
    s.mtrr = old.mtrr;
    s.mce = old.mce;
    s.xcr0 = old.xcr0;
    const u32 smbase = old.msr.smbase;
    const u64 offset = s.msr.tsc_offset, pat = old.msr.pat;
    s.msr.smbase = smbase;
    s.msr.tsc_offset = offset;
    s.msr.pat = pat;
    s.cr0 = 0x10 | (old.cr0 & (cr0_cd | cr0_nw));
    s.a20_mask = old.a20_mask;
    update_mode();
}

void Cpu::start_at(u8 vector) {
    s.seg[cs] = {u32(vector) << 8, 0xffff, u64(vector) << 12, 0x9b00};
    s.regs[rip] = 0;
    s.halted = false;
    s.mp_state = MpState::runnable;
    forget_links();
    update_mode();
}

void Cpu::set_single_step(bool on) {
    single_step_ = on;
    update_mode();
}

/// Acts on requests. True: run() must return.
bool Cpu::take_events() {
    const u32 r = requests_.load();
    if (r & request_code) pages_.drain(*this);
    if (r & request_flush) {
        requests_.fetch_and(~u32(request_flush));
        s.a20_mask = a20_wanted_.load() ? ~u32(0) : ~u32(1 << 20);
        memory_map_changed();
    }
    if (r & request_exit) {
        requests_.fetch_and(~u32(request_exit));
        return true;
    }
    // GIF, SMM and what else holds back is in the mask; IF and the NMI's block too.
    update_request_mask();
    const u32 open = r & request_mask_;
    if (open & request_init) {
        intercept(SvmExit::init);
        requests_.fetch_and(~u32(request_init));
        take_init();
        return false;
    }
    if (r & request_sipi) {
        requests_.fetch_and(~u32(request_sipi));
        if (s.mp_state == MpState::init_received || s.mp_state == MpState::uninitialized)
            start_at(start_vector());
        return false;
    }
    if (s.mp_state == MpState::init_received || s.mp_state == MpState::uninitialized) return false;
    if (open & request_smi) {
        intercept(SvmExit::smi);
        requests_.fetch_and(~u32(request_smi));
        s.halted = false;
        enter_smm();
        return false;
    }
    // The shadow of STI or MOV SS lasts one instruction.
    const bool shadow = s.inhibit_irq;
    s.inhibit_irq = false;
    if (shadow) return false;
    if (open & request_nmi) {
        intercept(SvmExit::nmi);
        requests_.fetch_and(~u32(request_nmi));
        s.nmi_blocked = true;
        s.halted = false;
        update_request_mask();
        interrupt(exc_nmi, Source::hardware, false, 0, s.regs[rip]);
        return false;
    }
    if (open & request_interrupt) {
        intercept(SvmExit::intr);
        const int vector = bus_.acknowledge_interrupt();
        if (vector >= 0) {
            s.halted = false;
            interrupt(u8(vector), Source::hardware, false, 0, s.regs[rip]);
        }
        return false;
    }
    if (open & request_virtual) take_virtual_interrupt();
    return false;
}

Stop Cpu::run() {
    const Stop why = run_until_stop();
    fp->leave();
    return why;
}

Stop Cpu::run_instructions(u64 count) {
    const bool before = single_step_;
    set_single_step(true);
    instructions_left_ = count;
    const Stop why = run();
    instructions_left_ = 0;
    set_single_step(before);
    return why;
}

Stop Cpu::run_until_stop() {
    for (;;) {
        try {
            for (;;) {
                shadowed_ = false;
                if (attention() || s.inhibit_irq) {
                    fp->leave();
                    const bool shadow = s.inhibit_irq;
                    if (take_events()) return Stop::requested;
                    shadowed_ = shadow;
                    if (shadow && attention() && !s.halted) {
                        // An interrupt waits for the end of the shadow, which may be in the middle
                        // of a block: firmware polls with STI; NOP; NOP; CLI.
                        s.mode |= mode_step;
                        run_blocks();
                        update_mode();
                        if (last_instruction()) return Stop::requested;
                        continue;
                    }
                }
                if (shutdown_) return Stop::shutdown;
                if (waiting_) {
                    waiting_ = false;
                    if (!attention()) return Stop::waiting;
                    continue;
                }
                if (s.halted) {
                    if (attention()) continue;
                    return Stop::halted;
                }
                run_blocks();
                if (last_instruction()) return Stop::requested;
            }
        } catch (const Fault& fault) {
            back_to_instruction();
            deliver(fault, Source::fault);
            if (last_instruction()) return Stop::requested;
        } catch (const VmExit& exit) {
            back_to_instruction();
            leave_guest(exit);
            if (last_instruction()) return Stop::requested;
        }
    }
}

/// After a fault in it. Outside of an instruction (an interrupt's delivery) rip is right already.
void Cpu::back_to_instruction() {
    shadowed_ = shadowed_ && current_ && current_->offset == 0;
    if (current_) {
        s.regs[rip] = mask_ip(s.regs[rip] + current_->offset);
        current_ = nullptr;
    }
    update_mode();
}

void Cpu::run_blocks() {
    const bool stepping = s.mode & mode_step;
    trap_flag_ = s.eflags & tf;
    trap_shadow_ = false;
    if (stepping && code_breakpoint()) {
        deliver({exc_db, false, 0}, Source::fault);
        return;
    }
    s.eflags &= ~u32(rf);
    block_ = find_block();
    if (logs(LogItem::exec) || logs(LogItem::cpu)) log_block();
    const Insn* i = block_->first;
    for (;;) {
        current_ = i;
        const Insn* const next = i->run(*this, i);
        if (!next) break;
        i = next;
    }
    current_ = nullptr;
    if (stepping || trap_flag_) deliver_traps();
}

/// What the instruction before has earned: a single step, data and I/O breakpoints.
void Cpu::deliver_traps() {
    // In the shadow of MOV SS the step is not taken, and breakpoints wait for the next
    // instruction's end (SDM volume 3, 6.8.3).
    if (trap_shadow_) return;
    if (trap_flag_) dr6_pending_ |= 1 << 14;
    if (!dr6_pending_) return;
    s.dr[6] |= dr6_pending_;
    dr6_pending_ = 0;
    if (!shutdown_) deliver({exc_db, false, 0}, Source::trap);
}

bool Cpu::code_breakpoint() {
    if (!(s.dr[7] & 0xff) || (s.eflags & rf)) return false;
    const u64 at = code64() ? s.regs[rip] : u32(s.seg[cs].base + s.regs[rip]);
    u64 hit = 0;
    for (unsigned n = 0; n < 4; n++)
        if ((s.dr[7] >> 2 * n & 3) && (s.dr[7] >> (16 + 4 * n) & 3) == 0 && s.dr[n] == at)
            hit |= u64(1) << n;
    s.dr[6] |= hit;
    return hit;
}

const Insn* Cpu::follow_slow(unsigned slot) {
    if (attention() || (s.mode & mode_step) || !block_->valid) return nullptr;
    link_from_ = block_;
    link_slot_ = u8(slot);
    return nullptr;
}

Block* Cpu::find_block() {
    Block* from = link_from_;
    link_from_ = nullptr;
    const u64 linear = code64() ? s.regs[rip] : u32(s.seg[cs].base + s.regs[rip]);
    BlockCache::JumpEntry& e = blocks_->jump_entry(linear);
    if (e.linear != linear || !links_.current(e.generation) || e.block->mode != s.mode) {
        const unsigned epoch = blocks_->epoch();
        Block* const b = find_block_slow(linear);
        if (epoch != blocks_->epoch()) from = nullptr;  // gone with all others
        if (!b->code) return b;
        // An instruction across two pages depends on both; it counts as not global.
        const bool global = !b->next_page && tlb_->global_code(linear);
        links_.note(linear);
        if (b->next_page) links_.note(linear + page_size);
        e = {linear, links_.generation(global), b};
    }
    if (from && from->valid) from->link[link_slot_] = {e.block, s.regs[rip], e.generation};
    return e.block;
}

void Cpu::invalidate_code(const u8* host_page) {
    if (block_ && current_ && block_->code) {
        // The rest of the running block is made to stop after the current instruction.
        blocks_->invalidate(host_page);
        if (!block_->valid) abandon_block();
    } else {
        blocks_->invalidate(host_page);
    }
    forget_links();
}

}  // namespace i386
