// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the manual promises of estimates and of transcendental instructions.
#include "tests/diff/tolerance.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

namespace diff {
namespace {

using St = std::array<std::uint8_t, 10>;

/// Within one unit in the last place of each other.
bool neighbours(const St& a, const St& b) {
    std::uint64_t x, y;
    std::uint16_t p, q;
    std::memcpy(&x, a.data(), 8);
    std::memcpy(&y, b.data(), 8);
    std::memcpy(&p, a.data() + 8, 2);
    std::memcpy(&q, b.data() + 8, 2);
    if (p == q) return x - y + 1 <= 2;
    constexpr std::uint64_t lowest = std::uint64_t(1) << 63;
    if (p + 1 == q) return y == lowest && (x == ~std::uint64_t(0) || p % 0x8000 == 0);
    if (q + 1 == p) return x == lowest && (y == ~std::uint64_t(0) || q % 0x8000 == 0);
    return false;
}

/// The last bit, and with it `precision` and C1, is the processor's own affair (SDM volume 1,
/// 8.3.10).
Outcome tolerate_last_bit(const Outcome& host, Outcome ours) {
    for (std::size_t n = 0; n < ours.after.st.size(); n++)
        if (neighbours(host.after.st[n], ours.after.st[n])) ours.after.st[n] = host.after.st[n];
    std::uint16_t own = 0x220;
    // And, where a result is a denormal, `underflow`, which only inexact ones raise.
    for (const unsigned n : {0, 1})
        if (!(host.after.st[n][9] & 0x7F) && !host.after.st[n][8]) own |= 0x10;
    if (!(host.after.fcw & 0x20)) own |= 0x8080;  // an unmasked `precision` is in the summary
    ours.after.fsw = std::uint16_t((ours.after.fsw & ~own) | (host.after.fsw & own));
    return ours;
}

/// A relative error of 1.5 * 2^-12 at most (SDM volume 2, RCPPS), on both sides; what falls below
/// the normal numbers with it is zero.
Outcome tolerate_estimate(const Outcome& host, Outcome ours) {
    for (std::size_t n = 0; n < ours.after.ymm.size(); n++)
        for (std::size_t k = 0; k < 32; k += 4) {
            float h, o;
            std::memcpy(&h, host.after.ymm[n].data() + k, 4);
            std::memcpy(&o, ours.after.ymm[n].data() + k, 4);
            const bool near = std::fabs(h - o) <= 3 * 0x1p-12f * std::fabs(h);
            const bool flushed = std::fabs(h + o) <= 0x1.002p-126f && h * o == 0;
            if (near || (flushed && std::signbit(h) == std::signbit(o)))
                std::memcpy(ours.after.ymm[n].data() + k, &h, 4);
        }
    return ours;
}

constexpr std::string_view transcendental[] = {"F2XM1",  "FYL2X", "FYL2XP1", "FPTAN",
                                               "FPATAN", "FSIN",  "FCOS",    "FSINCOS"};
bool is_transcendental(const i386::Row& row) {
    return std::ranges::find(transcendental, std::string_view(row.mnemonic)) !=
           std::end(transcendental);
}
bool is_estimate(const i386::Row& row) {
    std::string_view m = row.mnemonic;
    if (m.starts_with('V')) m.remove_prefix(1);
    return m.starts_with("RCP") || m.starts_with("RSQRT");
}

}  // namespace

bool is_tolerated(const i386::Row& row) {
    return is_transcendental(row) || is_estimate(row);
}

Outcome tolerated(const i386::Row& row, const Outcome& host, const Outcome& ours) {
    if (is_transcendental(row)) return tolerate_last_bit(host, ours);
    return is_estimate(row) ? tolerate_estimate(host, ours) : ours;
}

bool without_result(const i386::Row& row, const Case& c) {
    const std::string_view m = row.mnemonic;
    if (m != "F2XM1" && m != "FYL2XP1") return false;
    std::uint16_t exponent;
    std::memcpy(&exponent, c.before.st[0].data() + 8, 2);
    exponent &= 0x7FFF;
    // 1 and above, but for infinities and NaNs; for FYL2XP1 already from 1 - sqrt(1/2), where this
    // takes 1/4.
    const unsigned limit = m == "F2XM1" ? 0x3FFF : 0x3FFD;
    return exponent >= limit && exponent != 0x7FFF;
}

}  // namespace diff
