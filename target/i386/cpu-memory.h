// SPDX-License-Identifier: GPL-2.0-or-later
//
// CpuMemory: memory as a processor sees it: operands of instructions with segment checks and
// translation, the soft TLB, physical memory, and the faults that come of it. What does not fit the
// fast paths here is in mmu.cc, paging.cc and svm/nested-paging.cc.
#pragma once

#include "target/i386/code-links.h"
#include "target/i386/cpu-bus.h"
#include "target/i386/cpu-registers.h"
#include "target/i386/cpu-requests.h"
#include "target/i386/feature-set.h"
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
class CodePages;
struct CpuModel;

class CpuMemory : public CpuRegisters, public CpuRequests {
public:
    /// The x87 part and MXCSR are in `s` only after fp->leave(); run() returns with it done.
    const std::unique_ptr<fp::Unit> fp;

    void set_log(Log& log) { log_ = &log; }
    const FeatureSet& features() const { return features_; }
    bool has(Feature f) const { return features_.has(f); }
    const CpuModel& model() const { return model_; }
    unsigned apic_id() const { return apic_id_; }

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
    bool line_written() const;
    bool line_armed() const { return line_; }

    // --- Faults ---
    [[noreturn]] void raise(u8 vector) { throw Fault{vector, false, 0}; }
    [[noreturn]] void raise(u8 vector, u32 error) { throw Fault{vector, true, error}; }

    /// For a call: the host's floating-point registers are the host's during it.
    CpuBus& bus();
    CodePages& code_pages() { return pages_; }

    /// From CodePages, on this thread: stores to the page must be seen. True: some were not.
    bool protect_page(const u8* host_page);
    /// Links and cached block addresses made before this are not to be used.
    void forget_links() { links_.forget(); }

protected:
    CpuMemory(CpuBus& bus, CodePages& pages, const CpuModel& model, unsigned apic_id);
    ~CpuMemory();
    CpuMemory(const CpuMemory&) = delete;

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
    bool intercepted(SvmExit what) const;
    void leave_if_intercepted(SvmExit what, u64 info1 = 0, u64 info2 = 0) const;

    CodeLinks links_;
    TlbSet* tlb_ = nullptr;
    const Insn* current_ = nullptr;
    u64 dr6_pending_ = 0;
    std::unique_ptr<std::array<TlbSet, tlb_contexts>> tlbs_;
    CpuBus& bus_;
    CodePages& pages_;
    const CpuModel& model_;
    Log* log_ = nullptr;
    /// What MONITOR armed: host memory, or null, and what it held.
    const u8* line_ = nullptr;
    std::array<u8, monitor_line> line_before_{};
    unsigned apic_id_;
    FeatureSet features_;
    struct PhysCacheEntry {
        u64 address = 1;
        PhysPage page;
    };
    std::array<PhysCacheEntry, 256> phys_cache_{};
};

}  // namespace i386
