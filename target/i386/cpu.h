// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cpu: one x86 processor: state, memory access with translation and segment checks, faults, and
// the loop that runs decoded blocks. Owned by one thread; what others may call says so.
#pragma once

#include "target/i386/code-links.h"
#include "target/i386/cpu-bus.h"
#include "target/i386/cpu-registers.h"
#include "target/i386/cpu-requests.h"
#include "target/i386/decode/insn.h"
#include "target/i386/feature-set.h"
#include "target/i386/flags.h"
#include "target/i386/tlb.h"
#include "util/log.h"

#include <cstring>
#include <memory>
#include <mutex>
#include <type_traits>

namespace i386 {

namespace fp {
class Unit;
}
class BlockCache;
struct Block;
class CodePages;
struct CpuModel;
class Vmcb;
enum class DecodeStatus : u8;

class Cpu : public CpuRegisters, public CpuRequests {
public:
    Cpu(CpuBus& bus, CodePages& pages, const CpuModel& model, unsigned apic_id);
    ~Cpu();
    Cpu(const Cpu&) = delete;

    /// The x87 part and MXCSR are in `s` only after fp->leave(); run() returns with it done.
    const std::unique_ptr<fp::Unit> fp;

    // --- Running (cpu.cc) ---
    void reset();
    /// Runs until a request, HLT without a pending interrupt, or a triple fault.
    Stop run();
    /// As run(), for so many instructions at most: then Stop::requested. Each is a block of its
    /// own.
    Stop run_instructions(u64 count);
    void set_single_step(bool on);  ///< -singlestep: blocks of one instruction
    void set_log(Log& log) { log_ = &log; }

    // --- Memory operands of an instruction ---
    u64 linear(const Insn* i, unsigned size, Access access) {
        const u64 a = plain_address(i);
        if (i->plain()) [[likely]]
            return a;
        if (i->seg == seg_flat && i->address_log2 == 2) return u32(a);
        return segment_linear(Seg(i->seg), i->address_log2 == 1 ? u16(a) : effective_address(i),
                              size, access);
    }
    /// Segment base, limit and type; raises #GP or #SS. `seg_flat` adds nothing.
    u64 segment_linear(Seg seg, u64 offset, unsigned size, Access access);
    /// Whether all of a longer stretch is inside the limit, without raising.
    bool segment_holds(Seg seg, u64 offset, u64 size) const;

    /// T: any trivially copyable type up to 64 bytes.
    template <class T>
    T load(const Insn* i) {
        return load_at<T>(linear(i, sizeof(T), Access::read));
    }
    template <class T>
    void store(const Insn* i, const T& value) {
        store_at<T>(linear(i, sizeof(T), Access::write), value);
    }
    /// By linear address, at the current privilege.
    template <class T>
    T load_at(u64 linear) {
        T v;
        if (const u8* p = tlb_lookup(tlb_->read, linear, sizeof(T))) [[likely]]
            std::memcpy(&v, p, sizeof(T));
        else if constexpr (std::is_integral_v<T> && sizeof(T) <= 8)
            return T(load_slow_value(linear, sizeof(T)));
        else
            load_slow(linear, &v, sizeof(T));
        return v;
    }
    template <class T>
    void store_at(u64 linear, const T& value) {
        if (u8* p = tlb_lookup(tlb_->write, linear, sizeof(T))) [[likely]]
            std::memcpy(p, &value, sizeof(T));
        else if constexpr (std::is_integral_v<T> && sizeof(T) <= 8)
            store_slow_value(linear, u64(value), sizeof(T));
        else
            store_slow(linear, &value, sizeof(T));
    }
    // The hot half of a memory operand: 64-bit addressing without a segment, RAM, TLB hit. False:
    // nothing happened; a handler then tail-calls its out-of-line other half, and so needs no
    // frame.
    template <class T>
    bool try_load(const Insn* i, T& value) const {
        if (!i->plain()) return false;
        return try_load_at(plain_address(i), value);
    }
    template <class T>
    bool try_load_at(u64 a, T& value) const {
        const TlbEntry& e = tlb_->read[TlbSet::index(a)];
        if (((a + sizeof(T) - 1) & page_mask) != e.page) return false;
        std::memcpy(&value, reinterpret_cast<const u8*>(a + e.addend), sizeof(T));
        return true;
    }
    template <class T>
    bool try_store(const Insn* i, T value) {
        if (!i->plain()) return false;
        return try_store_at(plain_address(i), value);
    }
    template <class T>
    bool try_store_at(u64 a, T value) {
        const TlbEntry& e = tlb_->write[TlbSet::index(a)];
        if (((a + sizeof(T) - 1) & page_mask) != e.page) return false;
        std::memcpy(reinterpret_cast<u8*>(a + e.addend), &value, sizeof(T));
        return true;
    }
    template <class T>
    u8* try_host(u64 a, bool write) const {
        return tlb_lookup(write ? tlb_->write : tlb_->read, a, sizeof(T));
    }
    /// Host memory that may be read and written in place, or null: then load_rmw and store_at.
    template <class T>
    T* host_write(u64 linear) {
        return reinterpret_cast<T*>(tlb_lookup(tlb_->write, linear, sizeof(T)));
    }
    /// Host bytes inside one page that may be used directly, filling the TLB first if need be;
    /// null: go element by element. Raises page faults.
    const u8* host_read(u64 linear, unsigned size);
    u8* host_write_bytes(u64 linear, unsigned size);
    /// Raises what a store of `size` bytes would raise.
    void check_write(u64 linear, unsigned size);
    void check_read(u64 linear, unsigned size);
    template <class T>
    T load_rmw(u64 linear) {
        check_write(linear, sizeof(T));
        return load_at<T>(linear);
    }
    /// Read-modify-write where host memory cannot be used in place: devices, two pages.
    template <class T, class F>
    T modify_slow(u64 linear, F f) {
        const std::lock_guard guard(bus_lock());
        const T old = load_rmw<T>(linear);
        store_at<T>(linear, f(old));
        return old;
    }
    /// CMPXCHG16B; returns the old value.
    unsigned __int128 modify_wide(u64 linear, unsigned __int128 expected,
                                  unsigned __int128 desired);
    std::mutex& bus_lock();

    /// At privilege 0 whatever the CPL: descriptor tables, TSS.
    template <class T>
    T load_system(u64 linear) {
        T v;
        access_system(linear, &v, sizeof(T), Access::read);
        return v;
    }
    template <class T>
    void store_system(u64 linear, T value) {
        access_system(linear, &value, sizeof(T), Access::write);
    }

    /// All of EFLAGS; the caller has applied what may change.
    void set_eflags(u32 value);
    const FeatureSet& features() const { return features_; }
    bool has(Feature f) const { return features_.has(f); }
    const CpuModel& model() const { return model_; }
    unsigned apic_id() const { return apic_id_; }

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

    // --- Stack at the current stack size ---
    u64 stack_linear(u64 sp, unsigned size, Access access);
    template <class T>
    void push(T v) {
        const u64 sp = s.regs[rsp] - sizeof(T);
        store_at<T>(stack_linear(sp, sizeof(T), Access::write), v);
        set_sp(sp);
    }
    template <class T>
    T peek(unsigned displacement = 0) {
        return load_at<T>(stack_linear(s.regs[rsp] + displacement, sizeof(T), Access::read));
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

    // --- Translation (mmu.cc) ---
    /// Physical address of a linear one without side effects; false: not mapped.
    bool probe(u64 linear, u64& physical);
    void flush_tlb(bool all = true);  ///< without `all` global pages stay
    void flush_page(u64 linear);
    template <class T>
    T phys_load(u64 address) {
        u64 v = 0;
        phys_access(address, &v, sizeof(T), Access::read);
        return T(v);
    }
    template <class T>
    void phys_store(u64 address, T value) {
        phys_access(address, &value, sizeof(T), Access::write);
    }
    /// Host address of writable memory at a physical address, or null.
    u8* phys_host(u64 address);
    unsigned physical_bits() const;
    /// On this thread: what CpuBus::page() said no longer holds.
    void memory_map_changed();
    void phys_access(u64 address, void* data, unsigned size, Access access);

    // --- MONITOR and MWAIT ---
    static constexpr unsigned monitor_line = 64;
    void arm_monitor(u64 linear);
    /// Ends the instruction that this is called in with Stop::waiting, unless the line was written.
    void wait_for_line() { waiting_ = !line_written(); }
    bool line_written() const;
    bool line_armed() const { return line_; }

    // --- Faults and traps ---
    /// Loads of SS: no interrupt and no trap before the next instruction has ended, so that SP can
    /// follow.
    void shadow_of_ss() { s.inhibit_irq = trap_shadow_ = true; }
    /// SYSCALL and SYSRET are stepped by the flag that they leave behind.
    void step_by_new_flags() { trap_flag_ = s.eflags & tf; }
    [[noreturn]] void raise(u8 vector) { throw Fault{vector, false, 0}; }
    [[noreturn]] void raise(u8 vector, u32 error) { throw Fault{vector, true, error}; }

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

    /// For a call: the host's floating-point registers are the host's during it.
    CpuBus& bus();
    CodePages& code_pages() { return pages_; }

    /// From CodePages, on this thread: the blocks of a page are stale.
    void invalidate_code(const u8* host_page);
    /// From CodePages, on this thread: stores to the page must be seen. True: some were not.
    bool protect_page(const u8* host_page);
    /// Links and cached block addresses made before this are not to be used.
    void forget_links() { links_.forget(); }

private:
    struct Translation {
        u64 physical;
        PhysPage page;
    };
    // By value: the fast path's frame stays in registers.
    u64 load_slow_value(u64 linear, unsigned size);
    void store_slow_value(u64 linear, u64 value, unsigned size);
    void load_slow(u64 linear, void* out, unsigned size);
    void store_slow(u64 linear, const void* in, unsigned size);
    void access_system(u64 linear, void* data, unsigned size, Access access);
    void check_alignment(u64 linear, unsigned size, TlbContext context);
    void access_linear(u64 linear, void* data, unsigned size, Access access, TlbContext context);
    void access_part(const Translation& t, u8* data, unsigned size, Access access);
    void device_read(u64 address, u8* out, unsigned size);
    void device_write(u64 address, const u8* in, unsigned size);
    Translation translate(u64 linear, Access access, TlbContext context);
    u64 walk(u64 linear, Access access, TlbContext context, bool probe_only, bool* global);
    [[noreturn]] void page_fault(u64 linear, u32 error, Access access, TlbContext context);
    u64 nested_walk(u64 address, Access access, bool of_table, bool probe_only);
    PhysPage phys_page(u64 address);
    void write_host(u8* to, const void* from, unsigned size);
    void check_watch(u64 linear, unsigned size, Access access);
    void check_port_watch(u16 port, unsigned size);
    bool watch_hit(unsigned n, u64 address, unsigned size) const;
    bool watched(u64 page) const;
    TlbContext context() const;

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

    bool intercepted(SvmExit what) const;
    void leave_if_intercepted(SvmExit what, u64 info1 = 0, u64 info2 = 0) const;
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
    CodeLinks links_;
    TlbSet* tlb_;
    Block* link_from_ = nullptr;
    u8 link_slot_ = 0;
    const Insn* current_ = nullptr;

    bool single_step_ = false;
    bool shutdown_ = false;
    bool waiting_ = false;
    u64 instructions_left_ = 0;  ///< of run_instructions(); 0: no end
    bool shadowed_ = false;      ///< the running block began in the shadow of STI or MOV SS
    u64 delivering_ = 0;         ///< the event whose handler an SVM guest is entering, or 0
    u64 dr6_pending_ = 0;
    bool trap_flag_ = false;    ///< the running instruction is single-stepped
    bool trap_shadow_ = false;  ///< it loads SS: its traps wait
    CpuBus& bus_;
    CodePages& pages_;
    const CpuModel& model_;
    Log* log_ = nullptr;
    /// What MONITOR armed: host memory, or null, and what it held.
    const u8* line_ = nullptr;
    std::array<u8, monitor_line> line_before_{};
    unsigned apic_id_;
    FeatureSet features_;
    std::unique_ptr<BlockCache> blocks_;
    std::unique_ptr<std::array<TlbSet, tlb_contexts>> tlbs_;
    std::unique_ptr<Block> device_block_;
    std::array<Insn, 2> device_insns_;
    struct PhysCacheEntry {
        u64 address = 1;
        PhysPage page;
    };
    std::array<PhysCacheEntry, 256> phys_cache_{};
};

}  // namespace i386
