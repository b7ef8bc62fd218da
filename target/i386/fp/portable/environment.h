// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a floating-point operation depends on beside its operands, and what it leaves beside its
// result: the fields of MXCSR or of the x87 control and status words in one form.
#pragma once

#include "target/i386/cpu-state.h"

namespace i386::fp {

/// In the coding of MXCSR.RC and the control word's RC.
enum class Rounding : u8 { nearest, down, up, zero };

/// Exceptions, in the places of MXCSR and of the x87 words.
enum Exception : u8 {
    invalid = 1 << 0,
    denormal = 1 << 1,
    zero_divide = 1 << 2,
    overflow = 1 << 3,
    underflow = 1 << 4,
    precision = 1 << 5,
};
/// Known before the operation is done: with one of them unmasked it is not (SDM volume 1, 4.9.2).
constexpr u8 before_computation = invalid | denormal | zero_divide;

struct Environment {
    Rounding rounding = Rounding::nearest;
    u8 masks = 0x3F;
    bool daz = false, ftz = false;
    bool x87 = false;  ///< its rules for NaNs; unmasked overflow and underflow give scaled results

    u8 raised = 0;
    bool up = false;  ///< the last rounding went away from zero (C1)

    void raise(unsigned exceptions) { raised |= u8(exceptions); }
    u8 unmasked() const { return raised & u8(~masks); }
};

inline Environment environment_of_mxcsr(u32 mxcsr) {
    return {.rounding = Rounding(mxcsr >> 13 & 3),
            .masks = u8(mxcsr >> 7 & 0x3F),
            .daz = (mxcsr & 1 << 6) != 0,
            .ftz = (mxcsr & 1 << 15) != 0};
}
inline Environment environment_of_x87(u16 control) {
    return {.rounding = Rounding(control >> 10 & 3), .masks = u8(control & 0x3F), .x87 = true};
}

}  // namespace i386::fp
