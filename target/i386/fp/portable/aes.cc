// SPDX-License-Identifier: GPL-2.0-or-later
//
// AES rounds (FIPS 197) and carry-less multiplication.
#include "target/i386/fp/portable/simd-call.h"

#include <bit>

namespace i386::fp {
namespace {

/// In GF(2^8) modulo x^8 + x^4 + x^3 + x + 1.
constexpr u8 times(u8 a, u8 b) {
    u8 r = 0;
    for (; b; b >>= 1) {
        if (b & 1) r ^= a;
        a = u8(a << 1 ^ (a & 0x80 ? 0x1B : 0));
    }
    return r;
}

struct SBox {
    std::array<u8, 256> forward{}, inverse{};
};
/// FIPS 197, 5.1.1: the inverse in the field, then an affine map of its bits.
constexpr SBox make_sbox() {
    SBox box;
    for (unsigned n = 0; n < 256; n++) {
        u8 power = 1;  // n^254
        for (unsigned k = 0; k < 254; k++)
            power = times(power, u8(n));
        const u8 x = n ? power : u8(0);
        const u8 y =
            u8(x ^ std::rotl(x, 1) ^ std::rotl(x, 2) ^ std::rotl(x, 3) ^ std::rotl(x, 4) ^ 0x63);
        box.forward[n] = y;
        box.inverse[y] = u8(n);
    }
    return box;
}
const SBox& sbox() {
    static const SBox box = make_sbox();
    return box;
}

using State = std::array<u8, 16>;  // column by column

/// Row r of the state turns by r columns, to the left for encryption.
State shift_rows(const State& s, bool decrypts) {
    State r;
    for (unsigned column = 0; column < 4; column++)
        for (unsigned row = 0; row < 4; row++)
            r[column * 4 + row] = s[(column + (decrypts ? 4 - row : row)) % 4 * 4 + row];
    return r;
}
State substitute(State s, bool decrypts) {
    for (u8& b : s)
        b = decrypts ? sbox().inverse[b] : sbox().forward[b];
    return s;
}
State mix_columns(const State& s, bool decrypts) {
    constexpr u8 forward[] = {2, 3, 1, 1}, inverse[] = {14, 11, 13, 9};
    State r{};
    for (unsigned column = 0; column < 16; column += 4)
        for (unsigned row = 0; row < 4; row++)
            for (unsigned k = 0; k < 4; k++)
                r[column + row] ^=
                    times(s[column + (row + k) % 4], decrypts ? inverse[k] : forward[k]);
    return r;
}

template <bool decrypts, bool last>
void crypt_round(SimdCall& s) {
    for (unsigned part = 0; part < s.bytes / 16; part++) {
        State state = substitute(shift_rows(s.a.get<State>(part), decrypts), decrypts);
        if (!last) state = mix_columns(state, decrypts);
        const State key = s.b.get<State>(part);
        for (unsigned n = 0; n < 16; n++)
            state[n] ^= key[n];
        s.d.set(part, state);
    }
}
void inverse_mix(SimdCall& s) {
    s.d = {};
    s.d.set(0, mix_columns(s.b.get<State>(0), true));
}
u32 substitute_word(u32 v) {
    u32 r = 0;
    for (unsigned n = 0; n < 32; n += 8)
        r |= u32(sbox().forward[v >> n & 0xFF]) << n;
    return r;
}
void key_assist(SimdCall& s) {
    s.d = {};
    for (unsigned n = 0; n < 4; n += 2) {
        const u32 word = substitute_word(s.b.get<u32>(n + 1));
        s.d.set(n, word);
        s.d.set(n + 1, std::rotr(word, 8) ^ s.imm);
    }
}

void multiply_carryless(SimdCall& s) {
    for (unsigned part = 0; part < s.bytes / 8; part += 2) {
        const u64 a = s.a.get<u64>(part + (s.imm & 1)), b = s.b.get<u64>(part + (s.imm >> 4 & 1));
        u64 low = 0, high = 0;
        for (unsigned n = 0; n < 64; n++) {
            if (!(b >> n & 1)) continue;
            low ^= a << n;
            if (n) high ^= a >> (64 - n);
        }
        s.d.set(part, low);
        s.d.set(part + 1, high);
    }
}

constexpr SimdEntry table[] = {
    {"AESENC", crypt_round<false, false>},
    {"AESENCLAST", crypt_round<false, true>},
    {"AESDEC", crypt_round<true, false>},
    {"AESDECLAST", crypt_round<true, true>},
    {"AESIMC", inverse_mix},
    {"AESKEYGENASSIST", key_assist},
    {"PCLMULQDQ", multiply_carryless},
};

}  // namespace

std::span<const SimdEntry> aes_operations() {
    return table;
}

}  // namespace i386::fp
