// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cpu: one x86 processor: state, memory access with translation and segment checks, faults, and
// the loop that runs decoded blocks. Owned by one thread; what others may call says so.
#pragma once

#include "target/i386/cpu-bus.h"
#include "target/i386/decode/insn.h"
#include "target/i386/features.h"
#include "target/i386/flags.h"
#include "target/i386/tlb.h"

#include <atomic>
#include <cstring>
#include <memory>
#include <type_traits>

namespace i386 {

class BlockCache;
struct Block;
class CodePages;
struct CpuModel;

/// An exception on its way to the loop of Cpu::run(). Thrown and caught inside this room.
struct Fault {
    u8 vector;
    bool has_error;
    u32 error;
};

/// Reasons for the loop to stop, set from any thread (Cpu::request()).
enum Request : u32 {
    request_interrupt = 1 << 0,  ///< INTR is up; stays until Cpu::clear_request()
    request_nmi = 1 << 1,
    request_smi = 1 << 2,
    request_init = 1 << 3,
    request_sipi = 1 << 4,
    request_exit = 1 << 5,   ///< leave run()
    request_code = 1 << 6,   ///< work from CodePages is queued
    request_flush = 1 << 7,  ///< the memory map changed: flush the TLB
};

enum class Stop : u8 { requested, halted, shutdown };

class Cpu {
public:
    Cpu(CpuBus& bus, CodePages& pages, const CpuModel& model, unsigned apic_id);
    ~Cpu();
    Cpu(const Cpu&) = delete;

    CpuState s;

    // --- Running (cpu.cc) ---
    void reset();
    /// Runs until a request, HLT without a pending interrupt, or a triple fault.
    Stop run();
    void set_single_step(bool on);  ///< -singlestep: blocks of one instruction
    /// From any thread.
    void request(u32 bits);
    void clear_request(u32 bits) { requests_.fetch_and(~bits); }
    u32 requests() const { return requests_.load(std::memory_order_relaxed); }

    // --- Memory operands of an instruction ---
    u64 effective_address(const Insn* i) const {
        const u64 a = s.regs[i->base] + (s.regs[i->index] << i->scale) + u64(i64(i->disp));
        return i->address_log2 == 3 ? a : i->address_log2 == 2 ? u32(a) : u16(a);
    }
    u64 linear(const Insn* i, unsigned size, Access access) {
        const u64 a = s.regs[i->base] + (s.regs[i->index] << i->scale) + u64(i64(i->disp));
        if (i->seg == seg_flat && i->address_log2 == 3) [[likely]]
            return a;
        if (i->seg == seg_flat && i->address_log2 == 2) return u32(a);
        return segment_linear(Seg(i->seg), i->address_log2 == 1 ? u16(a) : effective_address(i),
                              size, access);
    }
    /// Segment base, limit and type; raises #GP or #SS. `seg_flat` adds nothing.
    u64 segment_linear(Seg seg, u64 offset, unsigned size, Access access);

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
        else
            load_slow(linear, &v, sizeof(T));
        return v;
    }
    template <class T>
    void store_at(u64 linear, const T& value) {
        if (u8* p = tlb_lookup(tlb_->write, linear, sizeof(T))) [[likely]]
            std::memcpy(p, &value, sizeof(T));
        else
            store_slow(linear, &value, sizeof(T));
    }
    /// Host memory that may be read and written in place, or null: then load_rmw and store_at.
    template <class T>
    T* host_write(u64 linear) {
        return reinterpret_cast<T*>(tlb_lookup(tlb_->write, linear, sizeof(T)));
    }
    /// Raises what a store of `size` bytes would raise.
    void check_write(u64 linear, unsigned size);
    void check_read(u64 linear, unsigned size);
    template <class T>
    T load_rmw(u64 linear) {
        check_write(linear, sizeof(T));
        return load_at<T>(linear);
    }
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

    // --- Registers ---
    template <class T>
    T& gpr(unsigned number) {
        return *reinterpret_cast<T*>(&s.regs[number]);
    }
    /// A byte register by the byte offset of Insn (little-endian hosts).
    u8& gpr8(unsigned offset) { return reinterpret_cast<u8*>(s.regs.data())[offset]; }
    unsigned cpl() const { return cpl_; }
    u32 eflags() const { return get_eflags(s); }
    const FeatureSet& features() const { return features_; }
    bool has(Feature f) const { return features_.has(f); }

    // --- Faults ---
    [[noreturn]] void raise(u8 vector) { throw Fault{vector, false, 0}; }
    [[noreturn]] void raise(u8 vector, u32 error) { throw Fault{vector, true, error}; }

    CpuBus& bus() { return bus_; }

private:
    friend class System;
    void load_slow(u64 linear, void* out, unsigned size);
    void store_slow(u64 linear, const void* in, unsigned size);
    void access_system(u64 linear, void* data, unsigned size, Access access);

    TlbSet* tlb_;
    std::atomic<u32> requests_{0};
    u8 cpl_ = 0;
    CpuBus& bus_;
    CodePages& pages_;
    FeatureSet features_;
};

}  // namespace i386
