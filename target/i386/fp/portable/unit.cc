// SPDX-License-Identifier: GPL-2.0-or-later
//
// Unit without a host's: nothing of the guest is ever anywhere but in CpuState, and what runs on
// the host elsewhere is computed here.
#include "target/i386/fp/unit.h"

#include "target/i386/fp/portable/x87-call.h"
#include "target/i386/fp/x87.h"

namespace i386::fp {
namespace {

void run_operation(void* memory, X87& x, unsigned code) {
    X87Call call(x, memory, code);
    run_x87_operation(call, find_x87_operation(code));
}

}  // namespace

X87Thunk Unit::make_x87(u8 opcode, u8 modrm) {
    const unsigned code = unsigned(opcode & 7) << 8 | modrm;
    return x87_[code] = find_x87_operation(code) ? run_operation : nullptr;
}

u64 Unit::run_x87_flags(u8 opcode, u8 modrm, u64 flags) {
    X87Call call(state_.x87, nullptr, unsigned(opcode & 7) << 8 | modrm);
    call.flags = flags;
    const bool compares = opcode == 0xDF || (opcode == 0xDB && modrm >= 0xE8);
    run_x87_operation(call, compares ? x87_compare_flags : x87_move_if);
    return call.flags;
}

void Unit::emms() {
    state_.x87.valid = 0;
    state_.x87.status &= u16(~0x3800);
}
u16 Unit::x87_status() const {
    return state_.x87.status;
}
void Unit::load_mxcsr() {}
void Unit::save_mxcsr() {}
void Unit::load_x87() {}
void Unit::save_x87() {}
void Unit::enter_x87_ignoring_errors() {}
void Unit::check_x87_error() {}

bool on_host_units() {
    return false;
}

FeatureSet host_features() {
    FeatureSet all;
    for (u32& w : all.word)
        w = ~u32(0);
    return all;
}

}  // namespace i386::fp
