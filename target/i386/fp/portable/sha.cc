// SPDX-License-Identifier: GPL-2.0-or-later
//
// Steps of SHA-1 and SHA-256 (FIPS 180-4; SDM volume 2, SHA1RNDS4 and on).
#include "target/i386/fp/portable/simd-call.h"

#include <bit>

namespace i386::fp {
namespace {

u32 choose(u32 x, u32 y, u32 z) {
    return (x & y) ^ (~x & z);
}
u32 majority(u32 x, u32 y, u32 z) {
    return (x & y) ^ (x & z) ^ (y & z);
}
u32 parity(u32 x, u32 y, u32 z) {
    return x ^ y ^ z;
}

/// Four rounds; A to D are in `a` from the top down, E is added to the first word already.
void sha1_rounds(SimdCall& s) {
    constexpr u32 (*functions[])(u32, u32, u32) = {choose, parity, majority, parity};
    constexpr u32 constants[] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    const unsigned which = s.imm & 3;
    u32 a = s.a.get<u32>(3), b = s.a.get<u32>(2), c = s.a.get<u32>(1), d = s.a.get<u32>(0), e = 0;
    for (unsigned n = 0; n < 4; n++) {
        const u32 next = functions[which](b, c, d) + std::rotl(a, 5) + s.b.get<u32>(3 - n) + e +
                         constants[which];
        e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
    }
    s.d.set(3, a), s.d.set(2, b), s.d.set(1, c), s.d.set(0, d);
}
void sha1_next_e(SimdCall& s) {
    s.d = s.b;
    s.d.set(3, s.b.get<u32>(3) + std::rotl(s.a.get<u32>(3), 30));
}
void sha1_message1(SimdCall& s) {
    s.d.set(3, s.a.get<u32>(1) ^ s.a.get<u32>(3));
    s.d.set(2, s.a.get<u32>(0) ^ s.a.get<u32>(2));
    s.d.set(1, s.b.get<u32>(3) ^ s.a.get<u32>(1));
    s.d.set(0, s.b.get<u32>(2) ^ s.a.get<u32>(0));
}
void sha1_message2(SimdCall& s) {
    const u32 w16 = std::rotl(s.a.get<u32>(3) ^ s.b.get<u32>(2), 1);
    s.d.set(3, w16);
    s.d.set(2, std::rotl(s.a.get<u32>(2) ^ s.b.get<u32>(1), 1));
    s.d.set(1, std::rotl(s.a.get<u32>(1) ^ s.b.get<u32>(0), 1));
    s.d.set(0, std::rotl(s.a.get<u32>(0) ^ w16, 1));
}

u32 big_sigma(u32 x, int p, int q, int r) {
    return std::rotr(x, p) ^ std::rotr(x, q) ^ std::rotr(x, r);
}
u32 small_sigma(u32 x, int p, int q, int shift) {
    return std::rotr(x, p) ^ std::rotr(x, q) ^ x >> shift;
}

/// Two rounds: C, D, G, H in `a`, A, B, E, F in `b`, from the top down, and XMM0 the words with
/// their constants.
void sha256_rounds(SimdCall& s) {
    u32 a = s.b.get<u32>(3), b = s.b.get<u32>(2), c = s.a.get<u32>(3), d = s.a.get<u32>(2);
    u32 e = s.b.get<u32>(1), f = s.b.get<u32>(0), g = s.a.get<u32>(1), h = s.a.get<u32>(0);
    for (unsigned n = 0; n < 2; n++) {
        const u32 t = choose(e, f, g) + big_sigma(e, 6, 11, 25) + s.c.get<u32>(n) + h;
        const u32 next = t + majority(a, b, c) + big_sigma(a, 2, 13, 22);
        h = g, g = f, f = e, e = d + t, d = c, c = b, b = a, a = next;
    }
    s.d.set(3, a), s.d.set(2, b), s.d.set(1, e), s.d.set(0, f);
}
void sha256_message1(SimdCall& s) {
    for (unsigned n = 0; n < 4; n++) {
        const u32 next = n < 3 ? s.a.get<u32>(n + 1) : s.b.get<u32>(0);
        s.d.set(n, s.a.get<u32>(n) + small_sigma(next, 7, 18, 3));
    }
}
void sha256_message2(SimdCall& s) {
    for (unsigned n = 0; n < 4; n++) {
        const u32 before = n < 2 ? s.b.get<u32>(n + 2) : s.d.get<u32>(n - 2);
        s.d.set(n, s.a.get<u32>(n) + small_sigma(before, 17, 19, 10));
    }
}

constexpr SimdEntry table[] = {
    {"SHA1RNDS4", sha1_rounds},      {"SHA1NEXTE", sha1_next_e},
    {"SHA1MSG1", sha1_message1},     {"SHA1MSG2", sha1_message2},
    {"SHA256RNDS2", sha256_rounds},  {"SHA256MSG1", sha256_message1},
    {"SHA256MSG2", sha256_message2},
};

}  // namespace

std::span<const SimdEntry> hash_operations() {
    return table;
}

}  // namespace i386::fp
