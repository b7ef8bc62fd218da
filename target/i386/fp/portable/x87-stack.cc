// SPDX-License-Identifier: GPL-2.0-or-later
//
// Instructions that move registers or the top of the stack, or only touch a sign.
#include "target/i386/fp/portable/x87-call.h"

namespace i386::fp {
namespace {

template <auto change>
void on_sign(X87Call& s) {
    if (s.empty(0)) {
        if (!s.underflowed()) s.set(0, indefinite);
        return;
    }
    s.st(0).sign_exponent = change(s.st(0).sign_exponent);
}
u16 flipped(u16 sign_exponent) {
    return sign_exponent ^ 0x8000;
}
u16 cleared(u16 sign_exponent) {
    return sign_exponent & 0x7FFF;
}

}  // namespace

void x87_no_operation(X87Call& s) {
    s.keep_c1 = true;
}
void x87_exchange(X87Call& s) {
    if ((s.empty(0) || s.empty(s.rm)) && s.underflowed()) return;
    const Float80 none = pack80(indefinite);
    const Float80 top = s.empty(0) ? none : s.st(0), other = s.empty(s.rm) ? none : s.st(s.rm);
    s.set(0, other);
    s.set(s.rm, top);
}
// DA and DB C0 to DF: four conditions, and their contraries.
void x87_move_if(X87Call& s) {
    constexpr u32 tested[] = {cf, zf, cf | zf, pf};
    const bool contrary = s.opcode & 1;
    if (s.empty(0) || s.empty(s.rm)) {
        if (!s.underflowed()) s.set(0, indefinite);
        return;
    }
    s.keep_c1 = true;
    if (((s.flags & tested[s.digit & 3]) != 0) != contrary) s.set(0, s.st(s.rm));
}
void x87_change_sign(X87Call& s) {
    on_sign<flipped>(s);
}
void x87_absolute(X87Call& s) {
    on_sign<cleared>(s);
}
void x87_increment_top(X87Call& s) {
    s.turn(1);
}
void x87_decrement_top(X87Call& s) {
    s.turn(-1);
}
void x87_free(X87Call& s) {
    s.free(s.rm);
}
void x87_free_pop(X87Call& s) {
    s.free(s.rm);
    s.pop();
}

}  // namespace i386::fp
