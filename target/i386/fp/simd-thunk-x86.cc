// SPDX-License-Identifier: GPL-2.0-or-later
//
// Thunks for x86-64 hosts; simd-thunk.h tells the register conventions.
#include "target/i386/fp/simd-thunk.h"

#include <initializer_list>

namespace i386::fp {
namespace {

constexpr unsigned host_rax = 0, host_rdx = 2, host_rsi = 6;
constexpr unsigned reg_xmm = 1, vvvv_xmm = 2, rm_xmm = 3, is4_xmm = 4;

struct Emitter {
    std::vector<u8> out;

    void bytes(std::initializer_list<u8> b) { out.insert(out.end(), b); }
    static u8 modrm(unsigned mod, unsigned reg, unsigned rm) {
        return u8(mod << 6 | reg << 3 | rm);
    }
    /// Whole registers to and from [base]: 256 bits where the guest's instruction is VEX-coded.
    void load_xmm(bool vex, unsigned xmm, unsigned base) {
        vex ? bytes({0xC5, 0xFC, 0x10, modrm(0, xmm, base)})
            : bytes({0x0F, 0x10, modrm(0, xmm, base)});
    }
    void store_xmm(bool vex, unsigned xmm, unsigned base) {
        vex ? bytes({0xC5, 0xFC, 0x11, modrm(0, xmm, base)})
            : bytes({0x0F, 0x11, modrm(0, xmm, base)});
    }
    void load_gpr(unsigned reg, unsigned base) { bytes({0x48, 0x8B, modrm(0, reg, base)}); }
    void store_gpr(unsigned reg, unsigned base) { bytes({0x48, 0x89, modrm(0, reg, base)}); }
};

constexpr unsigned rdi_base = 7, rsi_base = 6, rdx_base = 2, rcx_base = 1;

u8 prefix_byte(Prefix p) {
    return p == Prefix::p66 ? 0x66 : p == Prefix::f3 ? 0xF3 : p == Prefix::f2 ? 0xF2 : 0;
}
unsigned vex_pp(Prefix p) {
    return p == Prefix::p66 ? 1 : p == Prefix::f3 ? 2 : p == Prefix::f2 ? 3 : 0;
}

void encode(Emitter& e, const Insn& i, const ParsedRow& row, const SimdForm& f, u8 modrm) {
    if (row.vex) {
        // R, X, B inverted and clear in meaning; vvvv inverted.
        const unsigned v = f.vvvv == RegKind::none ? 0xF : ~vvvv_xmm & 0xF;
        e.bytes({0xC4, u8(0xE0 | row.map),
                 u8(i.rex_w << 7 | v << 3 | i.vex256 << 2 | vex_pp(row.prefix))});
    } else {
        if (const u8 p = prefix_byte(row.prefix)) e.bytes({p});
        if (i.rex_w) e.bytes({0x48});
        e.bytes({0x0F});
        if (row.map == 2) e.bytes({0x38});
        if (row.map == 3) e.bytes({0x3A});
    }
    e.bytes({row.opcode, modrm});
    if (f.is4)
        e.bytes({u8(is4_xmm << 4 | (i.imm & 0xF))});
    else if (f.immediate)
        e.bytes({u8(i.imm)});
}

/// RAX and RDX are inputs and RCX an output, so the pointers move out of the way first.
void string_compare(Emitter& e, const Insn& i, const ParsedRow& row, const SimdForm& f) {
    e.bytes({0x49, 0x89, 0xC8});  // mov r8, rcx   (general registers)
    e.bytes({0x49, 0x89, 0xF1});  // mov r9, rsi   (XMM0)
    e.bytes({0x48, 0x89, 0xD6});  // mov rsi, rdx
    e.load_xmm(row.vex, reg_xmm, rdi_base);
    if (!i.memory) e.load_xmm(row.vex, rm_xmm, host_rsi);
    e.bytes({0x49, 0x8B, 0x00});        // mov rax, [r8]
    e.bytes({0x49, 0x8B, 0x50, 0x10});  // mov rdx, [r8 + 16]
    encode(e, i, row, f,
           i.memory ? Emitter::modrm(0, reg_xmm, rsi_base) : Emitter::modrm(3, reg_xmm, rm_xmm));
    e.bytes({0x9C});  // pushfq
    const bool index = row.opcode & 1;
    if (index)
        e.bytes({0x49, 0x89, 0x48, 0x08});  // mov [r8 + 8], rcx
    else if (row.vex)
        e.bytes({0xC4, 0xC1, 0x7C, 0x11, 0x01});  // vmovups [r9], ymm0
    else
        e.bytes({0x41, 0x0F, 0x11, 0x01});  // movups [r9], xmm0
    if (row.vex) e.bytes({0xC5, 0xF8, 0x77});
    e.bytes({0x58, 0xC3});
}

}  // namespace

std::vector<u8> simd_thunk_code(const Insn& i, const ParsedRow& row, const SimdForm& f) {
    Emitter e;
    if (f.string_compare) {
        string_compare(e, i, row, f);
        return std::move(e.out);
    }
    const bool vex = row.vex;
    unsigned reg = row.digit >= 0 ? unsigned(row.digit) : 0;
    if (f.reg == RegKind::xmm) {
        reg = reg_xmm;
        if (f.reg_read) e.load_xmm(vex, reg_xmm, rdi_base);
    } else if (f.reg == RegKind::mmx) {
        reg = i.reg & 7;
    } else if (f.reg != RegKind::none) {
        reg = host_rax;
        if (f.reg_read) e.load_gpr(host_rax, rdi_base);
    }
    if (f.vvvv == RegKind::xmm && !f.vvvv_written) e.load_xmm(vex, vvvv_xmm, rsi_base);
    if (f.is4) e.load_xmm(vex, is4_xmm, rcx_base);
    if (f.xmm0) e.load_xmm(false, 0, rcx_base);

    unsigned rm = rm_xmm;
    const bool rm_gpr = f.rm == RegKind::gpr || f.rm == RegKind::gpr8;
    if (!i.memory) {
        if (f.rm == RegKind::xmm) {
            if (f.rm_read) e.load_xmm(vex, rm_xmm, rdx_base);
        } else if (f.rm == RegKind::mmx) {
            rm = i.rm & 7;
        } else if (rm_gpr && f.rm_written) {
            rm = host_rax;
        } else if (rm_gpr) {
            e.load_gpr(host_rdx, rdx_base);
            rm = host_rdx;
        }
    }
    encode(e, i, row, f, i.memory ? Emitter::modrm(0, reg, rdx_base) : Emitter::modrm(3, reg, rm));

    // lahf; movzx eax, ah: the instructions with flags but no index all clear OF.
    if (f.flags) e.bytes({0x9F, 0x0F, 0xB6, 0xC4});
    if (f.reg_written && f.reg == RegKind::xmm) e.store_xmm(vex, reg_xmm, rdi_base);
    if (f.reg_written && (f.reg == RegKind::gpr || f.reg == RegKind::gpr8))
        e.store_gpr(host_rax, rdi_base);
    if (f.vvvv_written) e.store_xmm(vex, vvvv_xmm, rsi_base);
    if (f.rm_written && !i.memory) {
        if (f.rm == RegKind::xmm) e.store_xmm(vex, rm_xmm, rdx_base);
        if (rm_gpr) e.store_gpr(host_rax, rdx_base);
    }
    if (vex) e.bytes({0xC5, 0xF8, 0x77});  // vzeroupper: the compiler's code is SSE
    e.bytes({0xC3});
    return std::move(e.out);
}

std::vector<u8> x87_thunk_code(u8 opcode, u8 modrm) {
    if (modrm < 0xC0) modrm = u8((modrm & 0x38) | rdi_base);
    return {opcode, modrm, 0xC3};
}

}  // namespace i386::fp
