// SPDX-License-Identifier: GPL-2.0-or-later
//
// Unit on hosts that are not x86-64: there are no units to borrow, so the features that need them
// are hidden from the guest and their instructions are #UD.
#include "target/i386/fp/unit.h"

#include "target/i386/fp/simd.h"

namespace i386::fp {

std::vector<u8> simd_thunk_code(const Insn&, const ParsedRow&, const SimdForm&) {
    return {};
}
std::vector<u8> x87_thunk_code(u8, u8) {
    return {};
}

void Unit::load_mxcsr() {}
void Unit::save_mxcsr() {}
void Unit::load_x87() {}
void Unit::save_x87() {}
void Unit::enter_x87_ignoring_errors() {}
void Unit::check_x87_error() {}
u64 Unit::run_x87_flags(u8, u8, u64 flags) {
    return flags;
}
void Unit::emms() {}
u16 Unit::x87_status() const {
    return state_.x87.status;
}
bool Unit::run_unmasked(SimdThunk, void*, void*, void*, void*, u64&) {
    return true;
}
Handler inline_handler(const Insn&) {
    return nullptr;
}
FeatureSet host_features() {
    return {};
}

}  // namespace i386::fp
