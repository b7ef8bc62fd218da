// SPDX-License-Identifier: GPL-2.0-or-later
//
// Finds the operands of vector instructions, whatever runs them.
#include "target/i386/fp/simd-operands.h"

namespace i386::fp {

void* gpr_pointer(Cpu& c, RegKind kind, unsigned number) {
    auto* base = reinterpret_cast<u8*>(c.s.regs.data());
    return kind == RegKind::gpr8 ? base + number : base + number * 8;
}

void load_bytes(Cpu& c, u64 linear, u8* out, unsigned n) {
    const auto get = [&]<unsigned size>() {
        const auto v = c.load_at<Bytes<size>>(linear);
        std::memcpy(out, &v, size);
    };
    switch (n) {
        case 1: return get.template operator()<1>();
        case 2: return get.template operator()<2>();
        case 4: return get.template operator()<4>();
        case 8: return get.template operator()<8>();
        case 16: return get.template operator()<16>();
        default: return get.template operator()<32>();
    }
}
void store_bytes(Cpu& c, u64 linear, const u8* in, unsigned n) {
    const auto put = [&]<unsigned size>() {
        Bytes<size> v;
        std::memcpy(&v, in, size);
        c.store_at(linear, v);
    };
    switch (n) {
        case 1: return put.template operator()<1>();
        case 2: return put.template operator()<2>();
        case 4: return put.template operator()<4>();
        case 8: return put.template operator()<8>();
        case 16: return put.template operator()<16>();
        default: return put.template operator()<32>();
    }
}

RmOperand::RmOperand(Cpu& c, const Insn* i, const SimdForm& f) {
    if (i->memory) {
        const unsigned n = f.memory_bytes(*i);
        linear = c.linear(i, n, f.rm_written ? Access::write : Access::read);
        if (f.aligned && (linear & (n - 1))) c.raise(exc_gp, 0);
        if (f.rm_written)
            c.check_write(linear, n);
        else
            load_bytes(c, linear, bytes, n);
    } else if (f.rm == RegKind::xmm) {
        at = &c.s.vec[i->rm];
    } else if (f.rm == RegKind::gpr || f.rm == RegKind::gpr8) {
        at = gpr_pointer(c, f.rm, i->rm);
    }
}

void* extra_operand(Cpu& c, const Insn* i, const SimdForm& f) {
    if (f.is4) return &c.s.vec[i->imm >> 4 & (c.code64() ? 15 : 7)];
    if (f.xmm0) return &c.s.vec[0];
    return f.string_compare ? c.s.regs.data() : nullptr;
}

}  // namespace i386::fp
