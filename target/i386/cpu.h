// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cpu: one x86 processor: state, memory access with translation and segment checks, faults, and
// the loop that runs decoded blocks. Owned by one thread; what others may call says so.
#pragma once

#include "target/i386/cpu-memory.h"
#include "target/i386/decode/insn.h"
#include "target/i386/flags.h"

#include <memory>

namespace i386 {

class BlockCache;
struct Block;
class Vmcb;
enum class DecodeStatus : u8;

class Cpu : public CpuMemory {
public:
    Cpu(CpuBus& bus, CodePages& pages, const CpuModel& model, unsigned apic_id);
    ~Cpu();
    Cpu(const Cpu&) = delete;

    // --- Running (cpu.cc) ---
    void reset();
    /// Runs until a request, HLT without a pending interrupt, or a triple fault.
    Stop run();
    /// As run(), for so many instructions at most: then Stop::requested. Each is a block of its
    /// own.
    Stop run_instructions(u64 count);
    void set_single_step(bool on);  ///< -singlestep: blocks of one instruction

    /// All of EFLAGS; the caller has applied what may change.
    void set_eflags(u32 value);

    // --- Control flow ---
    /// The end of a handler that goes on: the next instruction of the block is called from here,
    /// which predicts better than a return to the loop. At most a block deep where the compiler
    /// does not make it a jump.
    const Insn* next(const Insn* i) {
        current_ = ++i;
        return i->run(*this, i);
    }

    // Handlers that end a block:
    /// The pointer after `i`, as code of this mode sees it.
    u64 next_ip(const Insn* i) const { return mask_ip(s.regs[rip] + i->end()); }
    /// Ends the block after `i` and looks at requests and mode again.
    const Insn* leave(const Insn* i) {
        s.regs[rip] = next_ip(i);
        return nullptr;
    }
    /// Continues at regs[rip], which the caller has set, through the link `slot` of this block.
    const Insn* follow(unsigned slot);
    /// As follow(), for targets that vary.
    const Insn* jump_indirect();
    /// #GP(0) for a near branch out of the code segment, or to a non-canonical address.
    void check_branch(u64 target) const {
        if (s.mode & mode_code64 ? !canonical(target) : target > s.seg[cs].limit) [[unlikely]]
            throw Fault{exc_gp, true, 0};
    }

    // --- Segments, gates, tasks (segmentation.cc, interrupt.cc, task-switch.cc) ---
    void load_segment(Seg seg, u16 selector);  ///< MOV and POP
    void set_segment(Seg seg, const Segment& value);
    void load_real_segment(Seg seg, u16 selector);  ///< real and virtual-8086 mode
    void far_jump(u16 selector, u64 offset, unsigned size, u64 return_ip);
    void far_call(u16 selector, u64 offset, unsigned size, u64 return_ip);
    void far_return(unsigned size, unsigned release);
    void interrupt_return_at(unsigned size, u64 next_ip);
    void software_interrupt(u8 vector, u64 next_ip);  ///< INT n, with its vm86 rules
    /// Software sources are subject to the gate's DPL; faults push RF.
    enum class Source : u8 { hardware, fault, trap, int_n, int3_into };
    void interrupt(u8 vector, Source source, bool has_error, u32 error, u64 return_ip);
    enum class TaskReason : u8 { jump, call, iret, gate };
    void task_switch(u16 selector, TaskReason reason, u64 next_ip, bool has_error, u32 error);
    bool read_descriptor(u16 selector, u64& out);  ///< false: beyond its table
    void set_cpl(unsigned cpl);
    void load_ldt(u16 selector);
    void load_tr(u16 selector);
    /// For StackWriter.
    void push_on(const InnerStack& stack, u64 value, unsigned width);

    // --- Control registers, MSRs, modes (control.cc, msr.cc, smm.cc) ---
    /// `s` was written as a whole (a load): derives what is cached from it.
    void state_replaced();
    void update_mode();
    void update_request_mask();  ///< after IF or what blocks NMI and SMI changed
    u64 xcr0_allowed() const;
    u64 cr4_allowed() const;
    u64 efer_allowed() const;
    static bool valid_pat(u64 value);
    void set_cr0(u64 value);
    void set_cr3(u64 value);
    void set_cr4(u64 value);
    void set_dr(unsigned n, u64 value);
    void set_efer(u64 value);
    u64 read_msr(u32 index);
    void write_msr(u32 index, u64 value);
    u64 tsc() const;
    void enter_smm();
    void leave_smm();
    void check_io(u16 port, unsigned size);  ///< IOPL and the TSS's permission bits: #GP(0)
    /// After check_io(): with I/O breakpoints.
    u32 port_in(u16 port, unsigned size);
    void port_out(u16 port, u32 value, unsigned size);
    std::array<u32, 4> cpuid(u32 leaf, u32 subleaf) const;

    // --- Virtual machines (svm/) ---
    /// Leaves the guest that runs if its hypervisor wants to see this; for handlers, which have
    /// done nothing yet, and whose instruction it then is.
    void intercept(SvmExit what) const {
        if (s.svm.guest) [[unlikely]]
            leave_if_intercepted(what);
    }
    void intercept_cr(unsigned n, bool write) const;
    void intercept_cr0_write(u64 value) const;
    void intercept_dr(unsigned n, bool write) const;
    void intercept_io(const Insn* i, u16 port, unsigned size, IoKind kind);
    void intercept_msr(u32 index, bool write);
    void enter_guest(u64 control_block, u64 next_ip);
    void set_gif(bool on);
    /// CR8: of the local APIC, or a guest's virtual one.
    u8 tpr();
    void set_tpr(u8 value);
    bool virtual_interrupt_pending() const;

    // --- Faults and traps ---
    /// Ends the instruction that this is called in with Stop::waiting, unless the line was written.
    void wait_for_line() { waiting_ = !line_written(); }
    /// Loads of SS: no interrupt and no trap before the next instruction has ended, so that SP can
    /// follow.
    void shadow_of_ss() { s.inhibit_irq = trap_shadow_ = true; }
    /// SYSCALL and SYSRET are stepped by the flag that they leave behind.
    void step_by_new_flags() { trap_flag_ = s.eflags & tf; }

    /// Does what a guest asks of a register; a fault is the guest's mistake, and logged as such.
    template <class F>
    void ask(const char* what, u64 which, u64 value, F f) {
        try {
            f();
        } catch (const Fault&) {
            log_refused(what, which, value);
            throw;
        }
    }

    /// From CodePages, on this thread: the blocks of a page are stale.
    void invalidate_code(const u8* host_page);

private:
    u64* mtrr_slot(u32 index);
    std::array<u32, 4> xsave_leaf(u32 subleaf) const;
    Segment system_segment(u16 selector, u64 raw);
    void mark_accessed(u16 selector, u64& descriptor);
    void enter_code(u16 selector, u64 raw, unsigned cpl, u64 offset);
    void check_code_target(u16 selector, u64 raw, u64 offset);
    u64 call_gate(u16 selector, u64 raw, u64& code);
    void far_call_gate(u16 selector, u64 raw, u64 return_ip);
    void return_to(u16 selector, u64 ip, unsigned size, unsigned taken, unsigned release,
                   bool is_iret, u64 flags);
    void return_to_vm86(u64 ip, u16 code, u32 flags);
    void iret_flags(u64 flags, unsigned size, unsigned cpl);
    void interrupt_real(u8 vector, u64 return_ip);
    u64 pop_at(unsigned displacement, unsigned size);
    InnerStack inner_stack(unsigned cpl, unsigned ist, u16 external);
    void load_task_segments(const u32* selectors);

    Block* find_block();
    Block* find_block_slow(u64 linear);
    Block* build_block(const u8* code, u64 linear);
    Block* device_block(u64 linear);
    DecodeStatus decode_across(const u8* bytes, unsigned available, u64 linear, Insn& out,
                               const u8*& next_page);
    const u8* code_page(u64 linear, u64& physical);
    const Insn* follow_slow(unsigned slot);
    void abandon_block();
    Stop run_until_stop();
    void run_blocks();
    void deliver_traps();
    bool code_breakpoint();
    bool last_instruction() { return instructions_left_ && --instructions_left_ == 0; }
    void log_block();
    void log_code(const Block&);
    void log_refused(const char* what, u64 which, u64 value);
    void log_interrupt(u8 vector, Source, u32 error, u64 return_ip);
    bool logs(LogItem item) const { return log_ && log_->on(item); }
    void save_smm64(u64 at);
    void load_smm64(u64 at);
    void save_smm32(u64 at);
    void load_smm32(u64 at);
    void deliver(Fault fault, Source source, bool injected = false);
    void enter_handler(u8 vector, Source source, bool has_error, u32 error, u64 return_ip);
    bool deliver_second(u8 first, const Fault& second, Fault& becomes);
    void back_to_instruction();

    void intercept_exception(const Fault& fault) const;
    void intercept_task_switch(u16 selector, TaskReason reason, bool has_error, u32 error) const;
    void load_controls(const Vmcb& block);
    void leave_guest(const VmExit& exit);
    void inject_event(u64 event);
    void note_delivery(u8 vector, Source source, bool has_error, u32 error);
    void take_virtual_interrupt();
    u32 svm_request_mask(u32 mask);
    void resume_guest(u64 control_block, u32 v_intr);
    bool take_events();
    void reset_state();
    void take_init();
    void start_at(u8 vector);

    Block* block_ = nullptr;
    Block* link_from_ = nullptr;
    u8 link_slot_ = 0;

    bool single_step_ = false;
    bool shutdown_ = false;
    bool waiting_ = false;
    u64 instructions_left_ = 0;  ///< of run_instructions(); 0: no end
    bool shadowed_ = false;      ///< the running block began in the shadow of STI or MOV SS
    u64 delivering_ = 0;         ///< the event whose handler an SVM guest is entering, or 0
    bool trap_flag_ = false;     ///< the running instruction is single-stepped
    bool trap_shadow_ = false;   ///< it loads SS: its traps wait
    std::unique_ptr<BlockCache> blocks_;
    std::unique_ptr<Block> device_block_;
    std::array<Insn, 2> device_insns_;
};

}  // namespace i386
