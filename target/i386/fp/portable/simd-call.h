// SPDX-License-Identifier: GPL-2.0-or-later
//
// SimdCall: a vector instruction with its operands fetched. The operations work on it, family by
// family, a file each; their tables say which mnemonic is which function.
#pragma once

#include "target/i386/decode/table.h"
#include "target/i386/fp/portable/environment.h"

#include <array>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>

namespace i386::fp {

/// Element `n` of type T lies at byte n * sizeof(T), as in the guest's registers.
struct alignas(32) Vector {
    std::array<u8, 32> byte{};

    template <class T>
    T get(unsigned n) const {
        T v;
        std::memcpy(&v, byte.data() + n * sizeof(T), sizeof v);
        return v;
    }
    template <class T>
    void set(unsigned n, T v) {
        std::memcpy(byte.data() + n * sizeof(T), &v, sizeof v);
    }
};

struct SimdCall {
    /// `b` is the last operand that is read, and the only one of instructions with one; `a` the
    /// one before it; `c` the fourth register, XMM0, or the old destination of FMA.
    Vector a, b, c;
    Vector d;        ///< the result; it starts as `a`, so that scalars leave the rest alone
    unsigned bytes;  ///< of a vector: 8, 16 or 32
    u8 imm;
    bool has_imm;
    bool vex;
    bool wide;       ///< REX.W or VEX.W
    bool memory;     ///< an operand is in memory
    bool to_memory;  ///< and it is the result
    u8 opcode;
    Prefix prefix;
    Environment env;
    u8 raised_before = 0;  ///< by steps that `env` no longer speaks of
    u32 flags = 0;         ///< OSZAPC of the forms that give flags
    CpuState* state;       ///< for string comparisons, whose registers no operand names

    template <class T>
    unsigned count() const {
        return bytes / unsigned(sizeof(T));
    }
    /// Vectors are worked on in parts of at most 128 bits.
    unsigned part() const { return bytes < 16 ? bytes : 16; }
    /// The next step of an instruction that has several; false: an exception of the last ends it.
    bool next_step() {
        if (env.unmasked()) return false;
        raised_before |= env.raised;
        env.raised = 0;
        return true;
    }
    void give(u64 general) {
        d = {};
        d.set(0, general);
    }
};

using SimdOperation = void (*)(SimdCall&);

/// `name` is the mnemonic without VEX' V, and for floating point without PS, PD, SS or SD where
/// one function serves all.
struct SimdEntry {
    std::string_view name;
    SimdOperation operation;
};

std::span<const SimdEntry> integer_operations();
std::span<const SimdEntry> product_operations();
std::span<const SimdEntry> shift_operations();
std::span<const SimdEntry> shuffle_operations();
std::span<const SimdEntry> permute_operations();
std::span<const SimdEntry> move_operations();
std::span<const SimdEntry> arithmetic_operations();
std::span<const SimdEntry> compare_operations();
std::span<const SimdEntry> conversion_operations();
std::span<const SimdEntry> string_operations();
std::span<const SimdEntry> aes_operations();
std::span<const SimdEntry> hash_operations();
void fused_multiply_add(SimdCall& s);

/// Element by element: d = f(a, b).
template <class T, auto f>
void each(SimdCall& s) {
    for (unsigned n = 0; n < s.count<T>(); n++)
        s.d.set<T>(n, T(f(s.a.get<T>(n), s.b.get<T>(n))));
}
/// d = f(b).
template <class T, auto f>
void each_of_one(SimdCall& s) {
    for (unsigned n = 0; n < s.count<T>(); n++)
        s.d.set<T>(n, T(f(s.b.get<T>(n))));
}

template <class T, class Wide>
constexpr T saturated(Wide v) {
    constexpr Wide low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    return T(v < low ? low : v > high ? high : v);
}

}  // namespace i386::fp
