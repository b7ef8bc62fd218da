// SPDX-License-Identifier: GPL-2.0-or-later
//
// The status flags, kept as the result and the vector of carries of the last instruction that set
// them (CpuState::lazy). With c[i] the carry (or borrow) out of bit i of a w-bit operation:
// CF = c[w-1], OF = c[w-1] ^ c[w-2], AF = c[3]. Both words are shifted left by 64 - w.
#pragma once

#include "target/i386/cpu-state.h"

#include <bit>
#include <type_traits>

namespace i386 {

template <class T>
constexpr unsigned width_of = sizeof(T) * 8;

/// Bits 0 and 1 of `carries` are modifiers, so a 64-bit operation must not let its own through.
template <class T>
inline void set_lazy(CpuState& s, T result, T carries) {
    constexpr unsigned shift = 64 - width_of<T>;
    s.lazy.result = u64(std::make_unsigned_t<T>(result)) << shift;
    u64 c = u64(std::make_unsigned_t<T>(carries)) << shift;
    if constexpr (shift == 0) c &= ~u64(3);
    s.lazy.carries = c;
    s.lazy.shift = shift;
}

template <class T>
inline void flags_add(CpuState& s, T a, T b, T r) {
    set_lazy<T>(s, r, T((a & b) | ((a | b) & ~r)));
}
template <class T>
inline void flags_sub(CpuState& s, T a, T b, T r) {
    set_lazy<T>(s, r, T((~a & b) | ((~a | b) & r)));
}
/// AND, OR, XOR, TEST: CF and OF clear; AF is undefined, and clear as on every processor known.
template <class T>
inline void flags_logic(CpuState& s, T r) {
    constexpr unsigned shift = 64 - width_of<T>;
    s.lazy.result = u64(std::make_unsigned_t<T>(r)) << shift;
    s.lazy.carries = 0;
    s.lazy.shift = shift;
}
/// Result flags from `r`, carry and overflow given, AF clear: shifts, rotates, multiplications.
template <class T>
inline void flags_result(CpuState& s, T r, bool carry, bool overflow) {
    flags_logic<T>(s, r);
    s.lazy.carries = u64(carry) << 63 | u64(carry != overflow) << 62;
}

inline bool get_cf(const CpuState& s) {
    return s.lazy.carries >> 63;
}
inline bool get_zf(const CpuState& s) {
    return s.lazy.result == 0;
}
inline bool get_sf(const CpuState& s) {
    return (s.lazy.result ^ s.lazy.carries << 63) >> 63;
}
inline bool get_of(const CpuState& s) {
    return (s.lazy.carries ^ s.lazy.carries << 1) >> 63;
}
inline bool get_af(const CpuState& s) {
    return s.lazy.carries >> (s.lazy.shift + 3) & 1;
}
inline bool get_pf(const CpuState& s) {
    return !((unsigned(std::popcount(u8(s.lazy.result >> s.lazy.shift))) ^ (s.lazy.carries >> 1)) &
             1);
}
/// SF != OF, the signed "less".
inline bool get_less(const CpuState& s) {
    const u64 c = s.lazy.carries;
    return (s.lazy.result ^ c << 63 ^ c ^ c << 1) >> 63;
}

inline u32 get_oszapc(const CpuState& s) {
    return u32(get_cf(s)) << 0 | u32(get_pf(s)) << 2 | u32(get_af(s)) << 4 | u32(get_zf(s)) << 6 |
           u32(get_sf(s)) << 7 | u32(get_of(s)) << 11;
}

/// Any combination: the value is kept as an 8-bit result, whose spare low bits say "not zero" and
/// whose modifiers put SF and PF right.
inline void set_oszapc(CpuState& s, u32 f) {
    const bool c = f & cf, o = f & of, a = f & af, z = f & zf, n = f & sf, p = f & pf;
    // With a zero result SF reads 0 and PF 1; else the byte is 0 too and bit 0 keeps ZF clear.
    s.lazy.result = z ? 0 : 1;
    s.lazy.shift = 56;
    s.lazy.carries = u64(c) << 63 | u64(c != o) << 62 | u64(a) << 59 | u64(!p) << 1 | u64(n);
}
inline void set_cf(CpuState& s, bool c) {
    const bool o = get_of(s);
    s.lazy.carries = (s.lazy.carries & ~(u64(3) << 62)) | u64(c) << 63 | u64(c != o) << 62;
}
inline void set_zf(CpuState& s, bool z) {
    set_oszapc(s, (get_oszapc(s) & ~u32(zf)) | (z ? u32(zf) : 0));
}

inline u32 get_eflags(const CpuState& s) {
    return s.eflags | get_oszapc(s);
}

/// Condition codes of Jcc, SETcc, CMOVcc (SDM volume 1, appendix B).
template <unsigned cc>
inline bool condition(const CpuState& s) {
    bool v;
    if constexpr (cc >> 1 == 0)
        v = get_of(s);
    else if constexpr (cc >> 1 == 1)
        v = get_cf(s);
    else if constexpr (cc >> 1 == 2)
        v = get_zf(s);
    else if constexpr (cc >> 1 == 3)
        v = get_cf(s) || get_zf(s);
    else if constexpr (cc >> 1 == 4)
        v = get_sf(s);
    else if constexpr (cc >> 1 == 5)
        v = get_pf(s);
    else if constexpr (cc >> 1 == 6)
        v = get_less(s);
    else
        v = get_less(s) || get_zf(s);
    return v != bool(cc & 1);
}

}  // namespace i386
