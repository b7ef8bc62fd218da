// SPDX-License-Identifier: GPL-2.0-or-later
//
// Runs vector instructions: fetches the operands, calls the operation of the row, turns what it
// raised into flags or #XM, and puts the result where the row says.
#include "target/i386/fp/portable/simd-call.h"
#include "target/i386/fp/simd-operands.h"
#include "target/i386/fp/simd.h"

#include <string_view>
#include <vector>

namespace i386::fp {
namespace {

struct RowOperation {
    SimdOperation run = nullptr;
    bool scalar = false;  ///< VEX.L says nothing
};

SimdOperation find(std::string_view name, bool vex) {
    if (vex) name.remove_prefix(1);
    if (name.starts_with("FM") || name.starts_with("FNM")) return fused_multiply_add;
    const std::string_view stem = name.substr(0, name.size() > 2 ? name.size() - 2 : 0);
    const auto suffix = name.substr(stem.size());
    const bool fp = suffix == "PS" || suffix == "PD" || suffix == "SS" || suffix == "SD";
    for (const auto table :
         {integer_operations(), product_operations(), shift_operations(), shuffle_operations(),
          permute_operations(), move_operations(), arithmetic_operations(), compare_operations(),
          conversion_operations(), string_operations(), aes_operations(), hash_operations()})
        for (const SimdEntry& e : table)
            if (e.name == name || (fp && e.name == stem)) return e.operation;
    return nullptr;
}

const RowOperation& operation_of(u16 row) {
    static const std::vector<RowOperation> all = [] {
        std::vector<RowOperation> v(rows().size());
        for (std::size_t n = 0; n < v.size(); n++) {
            const Row& r = rows()[n];
            if (r.bind != bind_simd && r.bind != bind_move_low) continue;
            v[n] = {find(r.mnemonic, DecodeTable::get().parsed(u16(n)).vex),
                    std::string_view(r.encoding).find("LIG") != std::string_view::npos};
        }
        return v;
    }();
    return all[row];
}

u8 mmx_number(unsigned n) {
    return n & 7;
}

Vector fetch(Cpu& c, RegKind kind, unsigned number) {
    Vector v;
    switch (kind) {
        case RegKind::none: break;
        case RegKind::xmm: std::memcpy(v.byte.data(), &c.s.vec[number], 32); break;
        case RegKind::mmx: v.set(0, c.s.x87.reg[mmx_number(number)].mantissa); break;
        case RegKind::gpr:
        case RegKind::gpr8: std::memcpy(v.byte.data(), gpr_pointer(c, kind, number), 8); break;
    }
    return v;
}

void put(Cpu& c, RegKind kind, unsigned number, const SimdCall& s, bool vex) {
    switch (kind) {
        case RegKind::none: break;
        case RegKind::xmm: {
            VectorReg& to = c.s.vec[number];
            const unsigned n = s.bytes == 32 ? 32 : 16;
            std::memcpy(&to, &s.d, n);
            if (vex && n < 32) to.q[2] = to.q[3] = 0;
            break;
        }
        case RegKind::mmx: c.s.x87.reg[mmx_number(number)] = {s.d.get<u64>(0), 0xFFFF}; break;
        case RegKind::gpr:
        case RegKind::gpr8: std::memcpy(gpr_pointer(c, kind, number), &s.d, 8); break;
    }
}

/// Which operands are `a`, `b` and `c` of the call.
void fetch_operands(Cpu& c, const Insn* i, const SimdForm& f, const RmOperand& rm, SimdCall& s) {
    const Vector reg = fetch(c, f.reg, i->reg);
    const Vector last = i->memory ? Vector{std::to_array(rm.bytes)} : fetch(c, f.rm, i->rm);
    const bool stores = f.rm_written && f.reg != RegKind::none;
    s.b = stores ? reg : last;
    // Legacy instructions have one operand less: their destination is the first source.
    if (f.vvvv != RegKind::none && !f.vvvv_written)
        s.a = fetch(c, f.vvvv, i->vvvv);
    else if (f.reg == RegKind::none || (i->vex && !f.flags))
        s.a = s.b;
    else
        s.a = stores ? last : reg;
    if (const void* extra = f.string_compare ? nullptr : extra_operand(c, i, f))
        std::memcpy(s.c.byte.data(), extra, 32);
    else
        s.c = reg;
    s.d = s.a;
}

/// The flags of an exception that stops the instruction are set too (SDM volume 1, 11.5.4).
void settle_exceptions(Cpu& c, SimdCall& s) {
    Environment& env = s.env;
    if (env.unmasked() & before_computation) env.raised &= before_computation;
    c.s.mxcsr |= env.raised | s.raised_before;
    if (env.unmasked()) [[unlikely]]
        c.raise(c.s.cr4 & cr4_osxmmexcpt ? u8(exc_xm) : u8(exc_ud));
}

const Insn* run(Cpu& c, const Insn* i) {
    const SimdForm& f = form_of(i->row);
    const ParsedRow& p = DecodeTable::get().parsed(i->row);
    const RowOperation& operation = operation_of(i->row);
    const bool mmx = f.uses_mmx() && !(f.mmx_register_only && i->memory);
    // Before the memory operand: a pending x87 error goes before a page fault.
    if (mmx) check_x87_pending(c);
    RmOperand rm(c, i, f);
    SimdCall s;
    s.bytes = f.uses_mmx() && f.reg != RegKind::xmm && f.rm != RegKind::xmm ? 8
              : i->vex256 && !operation.scalar                              ? 32
                                                                            : 16;
    s.imm = u8(i->imm);
    s.has_imm = f.immediate;
    s.vex = i->vex;
    s.wide = i->rex_w;
    s.memory = i->memory;
    s.to_memory = i->memory && f.rm_written;
    s.opcode = p.opcode;
    s.prefix = p.prefix;
    s.env = environment_of_mxcsr(c.s.mxcsr);
    s.state = &c.s;
    fetch_operands(c, i, f, rm, s);
    operation.run(s);
    if (mmx) {  // also if it ends in #XM
        c.s.x87.status &= u16(~0x3800);
        c.s.x87.valid = 0xFF;
    }
    settle_exceptions(c, s);
    if (f.reg_written) put(c, f.reg, i->reg, s, i->vex);
    if (f.vvvv_written) put(c, f.vvvv, i->vvvv, s, i->vex);
    if (f.rm_written && i->memory)
        std::memcpy(rm.bytes, &s.d, sizeof rm.bytes);
    else if (f.rm_written)
        put(c, f.rm, i->rm, s, i->vex);
    rm.store(c, i, f);
    if (f.flags) set_oszapc(c.s, s.flags);
    return c.next(i);
}

}  // namespace

Handler bind_simd(const Insn& i, u32) {
    const SimdForm& f = form_of(i.row);
    if (i.vex && f.vvvv == RegKind::none && i.vvvv != 0) return nullptr;
    return operation_of(i.row).run ? run : nullptr;
}

}  // namespace i386::fp
