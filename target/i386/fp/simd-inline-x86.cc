// SPDX-License-Identifier: GPL-2.0-or-later
//
// The integer vector instructions that programs run most, compiled into handlers: no host code to
// make or call, and MXCSR has no say in them. Everything here is also to be had through a thunk.
#include "target/i386/fp/simd-form.h"
#include "target/i386/fp/simd.h"

#include <emmintrin.h>

namespace i386::fp {
namespace {

__m128i* xmm(Cpu& c, unsigned n) {
    return reinterpret_cast<__m128i*>(&c.s.vec[n]);
}

template <auto operation>
const Insn* registers(Cpu& c, const Insn* i) {
    __m128i* const r = xmm(c, i->reg);
    _mm_store_si128(r, operation(_mm_load_si128(r), _mm_load_si128(xmm(c, i->rm))));
    return c.next(i);
}
template <auto operation>
const Insn* load(Cpu& c, const Insn* i) {
    struct Bytes {
        u8 b[16];
    };
    const u64 linear = c.linear(i, 16, Access::read);
    if (linear & 15) c.raise(exc_gp, 0);
    const Bytes v = c.load_at<Bytes>(linear);
    __m128i* const r = xmm(c, i->reg);
    _mm_store_si128(
        r, operation(_mm_load_si128(r), _mm_loadu_si128(reinterpret_cast<const __m128i*>(&v))));
    return c.next(i);
}
template <auto operation>
Handler choose(const Insn& i) {
    return i.memory ? &load<operation> : &registers<operation>;
}

}  // namespace

Handler inline_handler(const Insn& i) {
    const ParsedRow& p = DecodeTable::get().parsed(i.row);
    if (p.vex || p.map != 1 || p.prefix != Prefix::p66) return nullptr;
    switch (p.opcode) {
        case 0x60: return choose<_mm_unpacklo_epi8>(i);
        case 0x61: return choose<_mm_unpacklo_epi16>(i);
        case 0x62: return choose<_mm_unpacklo_epi32>(i);
        case 0x6c: return choose<_mm_unpacklo_epi64>(i);
        case 0x74: return choose<_mm_cmpeq_epi8>(i);
        case 0x75: return choose<_mm_cmpeq_epi16>(i);
        case 0x76: return choose<_mm_cmpeq_epi32>(i);
        case 0xd4: return choose<_mm_add_epi64>(i);
        case 0xda: return choose<_mm_min_epu8>(i);
        case 0xdb: return choose<_mm_and_si128>(i);
        case 0xdf: return choose<_mm_andnot_si128>(i);
        case 0xeb: return choose<_mm_or_si128>(i);
        case 0xef: return choose<_mm_xor_si128>(i);
        case 0xf8: return choose<_mm_sub_epi8>(i);
        case 0xfa: return choose<_mm_sub_epi32>(i);
        case 0xfb: return choose<_mm_sub_epi64>(i);
        case 0xfc: return choose<_mm_add_epi8>(i);
        case 0xfd: return choose<_mm_add_epi16>(i);
        case 0xfe: return choose<_mm_add_epi32>(i);
        default: return nullptr;
    }
}

}  // namespace i386::fp
