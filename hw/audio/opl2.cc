// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/opl2.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hw {
namespace {

constexpr float silence_db = 96;
constexpr float two_pi = 2 * std::numbers::pi_v<float>;

/// Multiples of the frequency, doubled ("MULTI").
constexpr std::array<u8, 16> multiple{1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 20, 24, 24, 30, 30};
/// Key scale level: decibels at 3 dB an octave, in the octave above the highest, by the four upper
/// bits of F-NUMBER.
constexpr std::array<float, 16> key_scale_db{0,       12,      15,      16.875f, 18,      19.125f,
                                             19.875f, 20.625f, 21,      21.75f,  22.125f, 22.5f,
                                             22.875f, 23.25f,  23.625f, 24};
/// Its two bits: none, 3, 1.5 and 6 dB an octave.
constexpr std::array<float, 4> key_scale_factor{0, 1, 0.5f, 2};
/// Feedback, as a part of a turn for the loudest operator: up to 4 pi.
constexpr std::array<float, 8> feedback{0, 1 / 32.f, 1 / 16.f, 1 / 8.f, 1 / 4.f, 1 / 2.f, 1, 2};
/// How far the loudest modulator turns its carrier.
constexpr float modulation_turns = 4;

/// Seconds for the slowest rate, 4, that is not 0; four steps of the rate halve them.
constexpr float attack_seconds = 2.82624f, decay_seconds = 39.28064f;
constexpr unsigned attack_at_once = 60;

/// Samples that an envelope takes at a rate of 0 to 63; 0: for ever.
float samples_at(unsigned rate, float seconds) {
    if (rate < 4) return 0;
    const float octave = std::ldexp(seconds, 1 - int(rate / 4));
    return octave * 4 / float(4 + rate % 4) * Opl2::frequency;
}

float amplitude(float db) {
    return db >= silence_db ? 0 : std::exp2(db * (-1 / 6.0206f));
}

/// The four waves, by part of a turn in 1024ths.
float wave_at(unsigned wave, u32 angle) {
    static const std::array<float, 1024> sine = [] {
        std::array<float, 1024> s{};
        for (unsigned i = 0; i < s.size(); i++)
            s[i] = std::sin(two_pi * (float(i) + 0.5f) / 1024);
        return s;
    }();
    const float s = sine[angle & 1023];
    switch (wave) {
        case 1: return std::max(s, 0.0f);
        case 2: return std::abs(s);
        case 3: return angle & 256 ? 0 : std::abs(s);
        default: return s;
    }
}

/// Each channel's first operator; its second is three further.
constexpr unsigned first_of(unsigned channel) {
    return channel / 3 * 6 + channel % 3;
}

// Operators of the drums (manual, "Rhythm mode").
constexpr unsigned hi_hat = first_of(7), snare = first_of(7) + 3, tom_tom = first_of(8),
                   cymbal = first_of(8) + 3, bass_drum_channel = 6;
/// KON bits of register BDh and what they press.
struct Drum {
    u8 bit;
    unsigned op;
};
constexpr Drum drum_keys[] = {{0x01, hi_hat},
                              {0x02, cymbal},
                              {0x04, tom_tom},
                              {0x08, snare},
                              {0x10, first_of(bass_drum_channel)},
                              {0x10, first_of(bass_drum_channel) + 3}};

}  // namespace

// ---- registers --------------------------------------------------------------------------------

/// Operators stand in groups of six, eight registers apart.
u8 Opl2::of_operator(unsigned op, u8 base) const {
    return registers_[base + op / 6 * 8 + op % 6];
}

void Opl2::write(u8 reg, u8 value) {
    const u8 before = registers_[reg];
    registers_[reg] = value;
    if (reg == 0xbd) return press_drums(value);
    if (reg == 0x08 || reg == 0x01) {
        for (unsigned c = 0; c < channels; c++)
            set_up(c);
    } else if (reg >= 0xa0 && reg <= 0xc8 && reg % 16 < channels) {
        const unsigned c = reg % 16;
        set_up(c);
        if (reg < 0xb0 || reg > 0xb8 || !((before ^ value) & 0x20)) return;
        press(first_of(c), value & 0x20);
        press(first_of(c) + 3, value & 0x20);
    } else if (reg >= 0x20 && (reg < 0xa0 || reg >= 0xe0)) {
        const unsigned group = reg % 32 / 8, within = reg % 8;
        if (group < 3 && within < 6) {
            const unsigned op = group * 6 + within;
            set_up(op, group * 3 + within % 3);
        }
    }
}

void Opl2::set_up(unsigned channel) {
    set_up(first_of(channel), channel);
    set_up(first_of(channel) + 3, channel);
}

void Opl2::set_up(unsigned op, unsigned channel) {
    Operator& o = ops_[op];
    const u8 flags = of_operator(op, 0x20), level = of_operator(op, 0x40),
             attack_decay = of_operator(op, 0x60), sustain_release = of_operator(op, 0x80);
    const u8 key_block = registers_[0xb0 + channel];
    const unsigned f_number = registers_[0xa0 + channel] | (key_block & 3u) << 8;
    const unsigned block = key_block >> 2 & 7;
    o.step = (f_number << block) * multiple[flags & 15] / 2;
    o.tremolo = flags & 0x80;
    o.vibrato = flags & 0x40;
    o.holds = flags & 0x20;
    const float scaled = std::max(0.0f, key_scale_db[f_number >> 6] - 3 * float(8 - block));
    o.fixed = float(level & 63) * 0.75f + scaled * key_scale_factor[level >> 6];
    o.wave = registers_[0x01] & 0x20 ? of_operator(op, 0xe0) & 3 : 0;

    // Higher notes have faster envelopes: all of their number, or a quarter of it.
    const unsigned split = registers_[0x08] & 0x40 ? f_number >> 8 & 1 : f_number >> 9;
    const unsigned note = block << 1 | split;
    const unsigned faster = flags & 0x10 ? note : note >> 2;
    auto rate = [&](unsigned r) { return r ? std::min(4 * r + faster, 63u) : 0; };
    const unsigned attack = rate(attack_decay >> 4);
    const float rise = samples_at(attack, attack_seconds);
    // The level falls by a factor: 96 dB to the last step, a 512th of them.
    o.attack = attack >= attack_at_once ? 0 : rise > 0 ? std::exp(-std::log(512.0f) / rise) : 1;
    auto fall = [&](unsigned r) {
        const float samples = samples_at(rate(r), decay_seconds);
        return samples > 0 ? silence_db / samples : 0;
    };
    o.decay = fall(attack_decay & 15);
    o.release = fall(sustain_release & 15);
    const unsigned sustain = sustain_release >> 4;
    o.sustain = sustain == 15 ? 93 : float(sustain) * 3;
}

void Opl2::press(unsigned op, bool key) {
    Operator& o = ops_[op];
    if (key && !o.key) {
        o.angle = 0;
        o.phase = Phase::Attack;
    } else if (!key && o.phase != Phase::Off) {
        o.phase = Phase::Release;
    }
    o.key = key;
}

void Opl2::press_drums(u8 value) {
    for (const Drum& d : drum_keys)
        press(d.op, (value & 0x20) && (value & d.bit));
}

bool Opl2::silent() const {
    return std::ranges::all_of(ops_, [](const Operator& o) { return o.phase == Phase::Off; });
}

// ---- sound ------------------------------------------------------------------------------------

void Opl2::age(Operator& o) {
    switch (o.phase) {
        case Phase::Attack:
            o.level *= o.attack;
            if (o.level > silence_db / 512) break;
            o.level = 0;
            o.phase = Phase::Decay;
            break;
        case Phase::Decay:
            o.level += o.decay;
            if (o.level < o.sustain) break;
            o.phase = Phase::Sustain;
            break;
        case Phase::Sustain:
            if (o.holds) break;
            [[fallthrough]];
        case Phase::Release:
            o.level += o.release;
            if (o.level < silence_db) break;
            o.level = silence_db;
            o.phase = Phase::Off;
            break;
        case Phase::Off: break;
    }
}

/// `modulation` in turns.
float Opl2::sound(Operator& o, float modulation, u32 angle) {
    float out = 0;
    if (o.phase != Phase::Off) {
        const u32 turned = (angle >> 10) + u32(i32(std::lround(modulation * 1024)));
        const float db = o.level + o.fixed + (o.tremolo ? tremolo_db_ : 0);
        out = wave_at(o.wave, turned) * amplitude(db);
    }
    o.before_last = o.last;
    return o.last = out;
}

float Opl2::two_operators(unsigned channel) {
    Operator &first = ops_[first_of(channel)], &second = ops_[first_of(channel) + 3];
    const u8 how = registers_[0xc0 + channel];
    const float back = (first.last + first.before_last) / 2 * feedback[how >> 1 & 7];
    const float modulator = sound(first, back);
    if (how & 1) return modulator + sound(second, 0);
    return sound(second, modulator * modulation_turns);
}

/// The hi-hat, the cymbal and the snare share the angles of two operators and a noise.
float Opl2::drums() {
    const u32 h = ops_[hi_hat].angle >> 10, c = ops_[cymbal].angle >> 10;
    const auto bit = [](u32 v, unsigned n) { return v >> n & 1; };
    const u32 ring = (bit(h, 2) ^ bit(h, 7)) | (bit(h, 3) ^ bit(c, 5)) | (bit(c, 3) ^ bit(c, 5));
    const u32 noise = noise_ & 1;
    const u32 hat = ring << 9 | (ring ^ noise ? 0xd0u : 0x34u);
    const u32 drum = bit(h, 8) << 9 | (bit(h, 8) ^ noise) << 8;
    const u32 crash = ring << 9 | 0x80;
    return 2 * (two_operators(bass_drum_channel) + sound(ops_[hi_hat], 0, hat << 10) +
                sound(ops_[snare], 0, drum << 10) + sound(ops_[tom_tom], 0) +
                sound(ops_[cymbal], 0, crash << 10));
}

/// What goes on whether it is heard or not.
void Opl2::turn() {
    constexpr float tremolo_hz = 3.7f, vibrato_hz = 6.07f;
    const float seconds = float(samples_++ % (frequency * 100)) / frequency;
    const u8 depth = registers_[0xbd];
    tremolo_db_ = (depth & 0x80 ? 4.8f : 1.0f) * (1 - std::cos(two_pi * tremolo_hz * seconds)) / 2;
    const float cents = (depth & 0x40 ? 14.0f : 7.0f) * std::sin(two_pi * vibrato_hz * seconds);
    bend_ = cents * (std::numbers::ln2_v<float> / 1200);
    for (Operator& o : ops_) {
        age(o);
        o.angle += o.step + (o.vibrato ? u32(i32(float(o.step) * bend_)) : 0);
        o.angle &= (1u << 20) - 1;
    }
    noise_ = noise_ >> 1 ^ (noise_ & 1 ? 0x400181u : 0);  // x^23 + x^9 + x^8 + x + 1
}

void Opl2::play(std::span<audio::Frame> frames) {
    for (audio::Frame& f : frames) {
        float sum = 0;
        const unsigned melodic = rhythm() ? bass_drum_channel : channels;
        for (unsigned c = 0; c < melodic; c++)
            sum += two_operators(c);
        if (rhythm()) sum += drums();
        turn();
        f.left = f.right = sum / 8;
    }
}

}  // namespace hw
