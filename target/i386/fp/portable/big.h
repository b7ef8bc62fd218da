// SPDX-License-Identifier: GPL-2.0-or-later
//
// Big: an MPFR number on the stack, wide enough that what it leaves out only matters as a sticky
// bit: everything is computed toward zero with 128 bits, and round() does the rest. MPFR's exponent
// range is its own default, which no operation here comes near.
#pragma once

#include "target/i386/fp/portable/round.h"

#include <mpfr.h>

namespace i386::fp {

class Big {
public:
    static constexpr int bits = 128;

    Big() { clear(); }
    explicit Big(const Number& n) {
        clear();
        set(n);
    }
    Big(const Big&) = delete;
    Big& operator=(const Big&) = delete;

    operator mpfr_ptr() { return value_; }
    operator mpfr_srcptr() const { return value_; }

    void set(const Number& n);
    /// `inexact`: what MPFR's function returned, or whether anything was left out before.
    Exact exact(bool inexact) const;

private:
    void clear() {
        mpfr_custom_init(limbs_, bits);
        mpfr_custom_init_set(value_, MPFR_ZERO_KIND, 0, bits, limbs_);
    }

    static constexpr unsigned limbs = bits / GMP_NUMB_BITS;
    static_assert(limbs * GMP_NUMB_BITS == bits && 64 % GMP_NUMB_BITS == 0);
    mp_limb_t limbs_[limbs];
    mpfr_t value_;
};

/// For those who use pi and logarithms: MPFR keeps some constants for each thread.
void free_constants_with_thread();

}  // namespace i386::fp
