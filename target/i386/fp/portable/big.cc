// SPDX-License-Identifier: GPL-2.0-or-later
//
// Numbers into MPFR's and out of them.
#include "target/i386/fp/portable/big.h"

namespace i386::fp {
namespace {

struct Constants {
    ~Constants() { mpfr_free_cache(); }
};

}  // namespace

void free_constants_with_thread() {
    [[maybe_unused]] static thread_local const Constants constants;
}

void Big::set(const Number& n) {
    if (n.kind == Kind::zero) {
        mpfr_set_zero(value_, n.sign ? -1 : 1);
        return;
    }
    // In halves, as an `unsigned long` may have 32 bits only.
    mpfr_set_ui_2exp(value_, static_cast<unsigned long>(n.mantissa >> 32), n.exponent - 31,
                     MPFR_RNDZ);
    Big low;
    mpfr_set_ui_2exp(low, static_cast<unsigned long>(n.mantissa & 0xFFFFFFFF), n.exponent - 63,
                     MPFR_RNDZ);
    mpfr_add(value_, value_, low, MPFR_RNDZ);
    if (n.sign) mpfr_neg(value_, value_, MPFR_RNDZ);
}

Exact Big::exact(bool inexact) const {
    const bool sign = mpfr_signbit(value_);
    if (mpfr_zero_p(value_)) return {sign, 0, 0, inexact};
    // The significand's limbs, the lowest first, have no unused bits.
    const auto* limb = static_cast<const mp_limb_t*>(mpfr_custom_get_significand(value_));
    constexpr unsigned in_64 = 64 / GMP_NUMB_BITS;
    u64 word[2] = {};
    for (unsigned n = 0; n < limbs; n++)
        word[n / in_64] |= u64(limb[n]) << n % in_64 * (GMP_NUMB_BITS % 64);
    return {sign, int(mpfr_get_exp(value_)) - 1, word[1], word[0] | inexact};
}

}  // namespace i386::fp
