// SPDX-License-Identifier: GPL-2.0-or-later
//
// The x87 environment and state in memory: FLDENV, FNSTENV, FRSTOR, FNSAVE (SDM volume 1, 8.1.10).
#include "target/i386/fp/simd.h"
#include "target/i386/fp/unit.h"
#include "target/i386/fp/x87.h"

#include <cstring>

namespace i386::fp {
namespace {

/// One format for every layout: seven fields, each two or four bytes wide.
struct Environment {
    u32 field[7];
};

Environment make_environment(const X87& x, bool wide, bool real) {
    Environment e{};
    e.field[0] = x.control;
    e.field[1] = x.status;
    e.field[2] = full_tags(x);
    if (real) {
        // Linear addresses of 20 bits (figures 8-10 and 8-12), of which the high part shares with
        // the opcode.
        const u32 ip = u32(x.ip) + x.cs * 16u, dp = u32(x.dp) + x.ds * 16u;
        e.field[3] = ip & 0xFFFF;
        e.field[4] = (wide ? (ip >> 16 & 0xFFFF) << 12 : ip >> 4 & 0xF000) | (x.opcode & 0x7FF);
        e.field[5] = dp & 0xFFFF;
        e.field[6] = wide ? (dp >> 16 & 0xFFFF) << 12 : dp >> 4 & 0xF000;
    } else {
        e.field[3] = u32(x.ip);
        e.field[4] = x.cs | (wide ? u32(x.opcode & 0x7FF) << 16 : 0);
        e.field[5] = u32(x.dp);
        e.field[6] = x.ds;
    }
    // The upper halves of the first three and the last read as ones.
    if (wide)
        for (const unsigned n : {0, 1, 2, 6})
            if (n != 6 || !real) e.field[n] |= 0xFFFF0000;
    return e;
}

void take_environment(X87& x, const Environment& e, bool wide, bool real) {
    x.control = u16((e.field[0] & 0x1F3F) | 0x40);
    x.status = u16(e.field[1]);
    x.valid = 0;
    for (unsigned n = 0; n < 8; n++)
        if ((e.field[2] >> 2 * n & 3) != 3) x.valid |= u8(1 << n);
    if (real) {
        x.ip = e.field[3] | (wide ? (e.field[4] >> 12) << 16 : (e.field[4] & 0xF000) << 4);
        x.dp = e.field[5] | (wide ? (e.field[6] >> 12) << 16 : (e.field[6] & 0xF000) << 4);
        x.cs = x.ds = 0;
        x.opcode = u16(e.field[4] & 0x7FF);
    } else {
        x.ip = e.field[3];
        x.cs = u16(e.field[4]);
        if (wide) x.opcode = u16(e.field[4] >> 16 & 0x7FF);
        x.dp = e.field[5];
        x.ds = u16(e.field[6]);
    }
    update_error_summary(x);
}

struct Shape {
    bool wide, real;
    unsigned environment, total;
};
Shape shape_of(const Cpu& c, const Insn* i, bool with_registers) {
    const bool wide = i->size_log2 != 1;
    const unsigned environment = wide ? 28 : 14;
    return {wide, !c.protected_mode(), environment, environment + (with_registers ? 80 : 0)};
}

template <bool with_registers>
const Insn* store_image(Cpu& c, const Insn* i) {
    const Shape shape = shape_of(c, i, with_registers);
    const u64 linear = c.linear(i, shape.total, Access::write);
    c.check_write(linear, shape.total);
    c.fp->leave_x87();
    X87& x = c.s.x87;
    const Environment e = make_environment(x, shape.wide, shape.real);
    for (unsigned n = 0; n < 7; n++) {
        if (shape.wide)
            c.store_at<u32>(linear + n * 4, e.field[n]);
        else
            c.store_at<u16>(linear + n * 2, u16(e.field[n]));
    }
    if (!with_registers) {
        x.control |= 0x3F;
        update_error_summary(x);
        return c.next(i);
    }
    for (unsigned n = 0; n < 8; n++) {
        const Float80& r = x.reg[((x.status >> 11) + n) & 7];
        c.store_at<u64>(linear + shape.environment + n * 10, r.mantissa);
        c.store_at<u16>(linear + shape.environment + n * 10 + 8, r.sign_exponent);
    }
    reset_x87(x);
    return c.next(i);
}

template <bool with_registers>
const Insn* load_image(Cpu& c, const Insn* i) {
    check_x87_pending(c);
    const Shape shape = shape_of(c, i, with_registers);
    const u64 linear = c.linear(i, shape.total, Access::read);
    c.check_read(linear, shape.total);
    Environment e;
    for (unsigned n = 0; n < 7; n++)
        e.field[n] = shape.wide ? c.load_at<u32>(linear + n * 4) : c.load_at<u16>(linear + n * 2);
    c.fp->leave_x87();
    X87& x = c.s.x87;
    if (with_registers) {
        const unsigned top = e.field[1] >> 11 & 7;
        for (unsigned n = 0; n < 8; n++) {
            Float80& r = x.reg[(top + n) & 7];
            r.mantissa = c.load_at<u64>(linear + shape.environment + n * 10);
            r.sign_exponent = c.load_at<u16>(linear + shape.environment + n * 10 + 8);
        }
    }
    take_environment(x, e, shape.wide, shape.real);
    return c.next(i);
}

}  // namespace

Handler bind_environment(const Insn& i, u32) {
    // D9 /4 FLDENV, /6 FNSTENV; DD /4 FRSTOR, /6 FNSAVE.
    const bool registers = DecodeTable::get().parsed(i.row).opcode == 0xDD;
    if ((i.reg & 7) == 4) return registers ? load_image<true> : load_image<false>;
    return registers ? store_image<true> : store_image<false>;
}

}  // namespace i386::fp
