// SPDX-License-Identifier: GPL-2.0-or-later
//
// Vector instructions that a thunk cannot run: masked and gathered memory, and MXCSR itself.
#include "target/i386/fp/simd.h"
#include "target/i386/fp/unit.h"

namespace i386::fp {
namespace {

/// The bits a guest may set: all but reserved ones (SDM volume 1, 10.2.3); DAZ is always there.
constexpr u32 mxcsr_writable = 0xFFFF;

template <class T>
T* elements(VectorReg& v) {
    return reinterpret_cast<T*>(&v);
}

/// DS:rDI (or an override), `n` bytes at most; only those whose mask byte has bit 7 are written.
void store_masked_bytes(Cpu& c, const Insn* i, const u8* data, const u8* mask, unsigned n) {
    const u64 offset = i->address_log2 == 3   ? c.s.regs[rdi]
                       : i->address_log2 == 2 ? u32(c.s.regs[rdi])
                                              : u16(c.s.regs[rdi]);
    const Seg seg = i->seg == seg_flat && !c.code64() ? ds : Seg(i->seg);
    u64 at[16];
    // All permissions first: a fault leaves memory as it was.
    for (unsigned k = 0; k < n; k++) {
        if (!(mask[k] & 0x80)) continue;
        const u64 o = i->address_log2 == 3   ? offset + k
                      : i->address_log2 == 2 ? u32(offset + k)
                                             : u16(offset + k);
        at[k] = c.segment_linear(seg, o, 1, Access::write);
        c.check_write(at[k], 1);
    }
    for (unsigned k = 0; k < n; k++)
        if (mask[k] & 0x80) c.store_at<u8>(at[k], data[k]);
}
const Insn* maskmov_xmm(Cpu& c, const Insn* i) {
    store_masked_bytes(c, i, elements<u8>(c.s.vec[i->reg]), elements<u8>(c.s.vec[i->rm]), 16);
    return c.next(i);
}
const Insn* maskmov_mmx(Cpu& c, const Insn* i) {
    check_x87_pending(c);
    Unit& u = *c.fp;
    // Also an MMX instruction: TOP becomes 0 and all tags valid.
    u.leave_x87();
    c.s.x87.status &= u16(~0x3800);
    c.s.x87.valid = 0xFF;
    u64 data = c.s.x87.reg[i->reg].mantissa, mask = c.s.x87.reg[i->rm].mantissa;
    store_masked_bytes(c, i, reinterpret_cast<u8*>(&data), reinterpret_cast<u8*>(&mask), 8);
    return c.next(i);
}

template <class T, bool store>
const Insn* vmaskmov(Cpu& c, const Insn* i) {
    const unsigned n = (i->vex256 ? 32 : 16) / sizeof(T);
    const T* mask = elements<T>(c.s.vec[i->vvvv]);
    const u64 linear = c.linear(i, n * sizeof(T), store ? Access::write : Access::read);
    constexpr unsigned top = sizeof(T) * 8 - 1;
    if constexpr (store) {
        for (unsigned k = 0; k < n; k++)
            if (mask[k] >> top) c.check_write(linear + k * sizeof(T), sizeof(T));
        for (unsigned k = 0; k < n; k++)
            if (mask[k] >> top)
                c.store_at<T>(linear + k * sizeof(T), elements<T>(c.s.vec[i->reg])[k]);
    } else {
        VectorReg result{};
        for (unsigned k = 0; k < n; k++)
            if (mask[k] >> top) elements<T>(result)[k] = c.load_at<T>(linear + k * sizeof(T));
        c.s.vec[i->reg] = result;
    }
    return c.next(i);
}

/// Indices of type I, elements of type T. Each element done clears its mask, so that the
/// instruction goes on after a fault (SDM volume 2, VGATHERDPS).
template <class T, class I>
const Insn* gather(Cpu& c, const Insn* i) {
    VectorReg& result = c.s.vec[i->reg];
    VectorReg& mask = c.s.vec[i->vvvv];
    const unsigned bytes = i->vex256 ? 32 : 16;
    const unsigned n = bytes / std::max(sizeof(T), sizeof(I));
    const I* index = elements<I>(c.s.vec[i->index]);
    constexpr unsigned top = sizeof(T) * 8 - 1;
    for (unsigned k = 0; k < n; k++) {
        if (elements<T>(mask)[k] >> top) {
            u64 offset = c.s.regs[i->base] + (u64(i64(index[k])) << i->scale) + u64(i64(i->disp));
            if (i->address_log2 == 2) offset = u32(offset);
            elements<T>(result)[k] =
                c.load_at<T>(c.segment_linear(Seg(i->seg), offset, sizeof(T), Access::read));
        }
        elements<T>(mask)[k] = 0;
    }
    for (unsigned k = n * sizeof(T); k < 32; k++)
        elements<u8>(result)[k] = 0;
    mask = {};
    return c.next(i);
}

const Insn* vzeroupper(Cpu& c, const Insn* i) {
    for (unsigned n = 0; n < (c.code64() ? 16 : 8); n++)
        c.s.vec[n].q[2] = c.s.vec[n].q[3] = 0;
    return c.next(i);
}
const Insn* vzeroall(Cpu& c, const Insn* i) {
    for (unsigned n = 0; n < (c.code64() ? 16 : 8); n++)
        c.s.vec[n] = {};
    return c.next(i);
}

const Insn* ldmxcsr(Cpu& c, const Insn* i) {
    const u32 v = c.load<u32>(i);
    if (v & ~mxcsr_writable) c.raise(exc_gp, 0);
    c.fp->leave_mxcsr();
    c.s.mxcsr = v;
    return c.next(i);
}
const Insn* stmxcsr(Cpu& c, const Insn* i) {
    c.fp->leave_mxcsr();
    c.store<u32>(i, c.s.mxcsr);
    return c.next(i);
}

bool vvvv_used(const Insn& i) {
    return i.vex && i.vvvv != 0;
}

}  // namespace

Handler bind_maskmov(const Insn& i, u32 mode) {
    if (vvvv_used(i) || i.vex256) return nullptr;
    return DecodeTable::get().parsed(i.row).prefix == Prefix::p66 ? maskmov_xmm : maskmov_mmx;
}

Handler bind_vmaskmov(const Insn& i, u32 mode) {
    switch (DecodeTable::get().parsed(i.row).opcode) {
        case 0x2C: return vmaskmov<u32, false>;
        case 0x2D: return vmaskmov<u64, false>;
        case 0x2E: return vmaskmov<u32, true>;
        case 0x2F: return vmaskmov<u64, true>;
        case 0x8C: return i.rex_w ? vmaskmov<u64, false> : vmaskmov<u32, false>;
        default: return i.rex_w ? vmaskmov<u64, true> : vmaskmov<u32, true>;
    }
}

Handler bind_gather(const Insn& i, u32 mode) {
    // Needs a SIB byte, and the three vectors must differ.
    if (!i.memory || i.index == no_reg || i.address_log2 == 1) return nullptr;
    if (i.index == i.reg || i.index == i.vvvv || i.reg == i.vvvv) return nullptr;
    const bool qword_index = DecodeTable::get().parsed(i.row).opcode & 1;
    if (i.rex_w) return qword_index ? gather<u64, i64> : gather<u64, i32>;
    return qword_index ? gather<u32, i64> : gather<u32, i32>;
}

Handler bind_vzero(const Insn& i, u32 mode) {
    if (vvvv_used(i)) return nullptr;
    return i.vex256 ? vzeroall : vzeroupper;
}
Handler bind_ldmxcsr(const Insn& i, u32 mode) {
    return vvvv_used(i) || i.vex256 ? nullptr : ldmxcsr;
}
Handler bind_stmxcsr(const Insn& i, u32 mode) {
    return vvvv_used(i) || i.vex256 ? nullptr : stmxcsr;
}

}  // namespace i386::fp
