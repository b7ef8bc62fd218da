// SPDX-License-Identifier: GPL-2.0-or-later
//
// Unit: a vCPU's way to the host's floating-point and vector units. It makes and keeps thunks, and
// it knows which parts of the guest's state are in the host's registers at the moment:
//
//   MXCSR    the host's holds the guest's rounding, flush modes and sticky flags, all masked
//   x87      the host's register stack, control and status words are the guest's (MMX too)
//
// Both are brought in when an instruction first needs them and stay until leave(), which must come
// before foreign code that may use floating point runs on this thread (devices, the decoder's
// containers) and before anybody reads CpuState's x87 part or MXCSR. The interpreter's own code
// between instructions has no floating-point arithmetic.
//
// Without a host's units (portable/unit.cc) nothing is ever brought in, and there are no thunks of
// vector instructions: simd(), run_unmasked() and owns() are for simd-x86.cc alone.
#pragma once

#include "target/i386/fp/simd-thunk.h"

#include <memory>

namespace i386::fp {

class CodeArena;

class Unit {
public:
    explicit Unit(CpuState& state);
    ~Unit();
    Unit(const Unit&) = delete;
    Unit& operator=(const Unit&) = delete;

    /// The host's registers hold nothing of the guest afterwards; CpuState is complete.
    void leave() {
        if (live_) leave_slow();
    }
    /// CpuState's x87 part is complete and may be written.
    void leave_x87() {
        if (live_ & x87_live) save_x87();
    }
    void leave_mxcsr() {
        if (live_ & mxcsr_live) save_mxcsr();
    }

    void enter_mxcsr() {
        if (!(live_ & mxcsr_live)) [[unlikely]]
            load_mxcsr();
    }
    /// Only while no unmasked x87 exception is pending.
    void enter_x87() {
        if (!(live_ & x87_live)) [[unlikely]]
            load_x87();
    }
    bool mxcsr_is_live() const { return live_ & mxcsr_live; }
    /// An x87 instruction that reads or writes EFLAGS, which go in and come back.
    u64 run_x87_flags(u8 opcode, u8 modrm, u64 flags);
    void emms();
    bool x87_is_live() const { return live_ & x87_live; }
    /// With one pending: the exceptions are masked for the one instruction that follows.
    void enter_x87_ignoring_errors();
    /// After an instruction of a guest that has unmasked x87 exceptions.
    void check_x87_error();
    /// The status word, wherever it is.
    u16 x87_status() const;

    /// The thunk of `i`, good for the life of the unit; null when there is no memory for code.
    SimdThunk simd(const Insn& i) {
        const u64 k = key(i);
        const Slot& s = slots_[(k * 0x9E3779B97F4A7C15u) >> (64 - slot_bits)];
        if (s.key == k) [[likely]]
            return s.thunk;
        return make_simd(i, k);
    }
    /// Whether a host instruction pointer is in a thunk of this unit.
    bool owns(const void* address) const;
    X87Thunk x87(u8 opcode, u8 modrm) {
        const unsigned n = (opcode & 7) << 8 | modrm;
        return x87_[n] ? x87_[n] : make_x87(opcode, modrm);
    }

    /// Runs a thunk for a guest that has unmasked SIMD exceptions. False: one of them occurred, the
    /// flags are in the guest's MXCSR and no operand has changed.
    bool run_unmasked(SimdThunk thunk, void* reg, void* vvvv, void* rm, void* extra, u64& result);

private:
    enum : u8 { mxcsr_live = 1, x87_live = 2 };
    static constexpr unsigned slot_bits = 11;
    struct Slot {
        u64 key = ~u64(0);
        SimdThunk thunk = nullptr;
    };
    /// Everything the code of a thunk depends on.
    static u64 key(const Insn& i) {
        return u64(i.row) | u64(u8(i.imm)) << 16 | u64(i.rex_w) << 24 | u64(i.vex256) << 25 |
               u64(i.memory) << 26 | u64(i.reg & 7) << 27 | u64(i.rm & 7) << 30;
    }
    SimdThunk make_simd(const Insn& i, u64 key);
    X87Thunk make_x87(u8 opcode, u8 modrm);
    void catch_exceptions();
    const void* emit(const std::vector<u8>& code);
    void leave_slow();
    void load_mxcsr();
    void save_mxcsr();
    void load_x87();
    void save_x87();

    CpuState& state_;
    u8 live_ = 0;
    const void* way_out_ = nullptr;  ///< of a thunk that raised SIGFPE
    std::vector<std::unique_ptr<CodeArena>> arenas_;
    std::vector<Slot> slots_;
    std::vector<X87Thunk> x87_;
};

/// Whether instructions run on the host's units, and not on portable/.
bool on_host_units();
/// The guest features this host's units can carry: all of them for portable/.
FeatureSet host_features();

}  // namespace i386::fp
