// SPDX-License-Identifier: GPL-2.0-or-later
//
// The voices of a GF1: each walks through memory at its own pace, between two addresses, while its
// volume walks between two levels. (SDK, section 2.6.)
#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "hw/audio/gus.h"

namespace hw {
namespace {

// A voice's registers.
enum : unsigned {
    control = 0x0,
    frequency_control = 0x1,
    start_high = 0x2,
    start_low = 0x3,
    end_high = 0x4,
    end_low = 0x5,
    ramp_rate = 0x6,
    ramp_start = 0x7,
    ramp_end = 0x8,
    volume = 0x9,
    address_high = 0xa,
    address_low = 0xb,
    pan = 0xc,
    volume_control = 0xd,
};
/// Bits of either control register, which are bytes: the high one.
enum : u16 {
    stopped = 0x0100,
    stop = 0x0200,
    wide_or_rollover = 0x0400,
    loop = 0x0800,
    bidirectional = 0x1000,
    irq_enable = 0x2000,
    decreasing = 0x4000,
    irq_pending = 0x8000,
};
constexpr u8 status_wave = 0x20, status_volume = 0x40;
constexpr unsigned fewest_voices = 14, most_voices = 32;
/// All voices are worked on in turn, at this pace.
constexpr u32 voices_a_second = 617'400;

bool moves(u16 c) {
    return !(c & (stopped | stop));
}

/// Addresses have 20 bits before the point and 9 behind.
constexpr unsigned fraction_bits = 9;

/// Where a walk is when it has come to its end, or past it.
struct Turned {
    i64 at;
    u16 control;
    bool passed;
};
Turned turn(i64 at, i64 low, i64 high, u16 c, bool goes_on) {
    const bool down = c & decreasing;
    if (down ? at > low : at < high) return {at, c, false};
    const i64 over = down ? low - at : at - high;
    if (goes_on) return {at, c, true};
    if (!(c & loop)) return {down ? low : high, u16(c | stopped), true};
    const i64 length = std::max<i64>(high - low, 1), rest = over % length;
    if (c & bidirectional) return {down ? low + rest : high - rest, u16(c ^ decreasing), true};
    return {down ? high - rest : low + rest, c, true};
}

/// A floating number: four bits of exponent, eight of mantissa.
float linear(u16 level) {
    return std::ldexp(float(256 + (level >> 4 & 0xff)), (level >> 12) - 24);
}

}  // namespace

unsigned Gus::voices() const {
    return std::clamp((state_.himem[active_voices] & 31u) + 1, fewest_voices, most_voices);
}

u32 Gus::chip_frequency() const {
    return voices_a_second / voices();
}

bool Gus::anything_moves() const {
    for (unsigned v = 0; v < voices(); v++)
        if (moves(reg(v, control)) || moves(reg(v, volume_control))) return true;
    return false;
}

void Gus::look_at_voices() {
    resampler_.set_rates(chip_frequency(), config_.freq);
    voice_->set_active((state_.himem[reset_register] & 1) && anything_moves());
}

/// Register 8Fh: the lowest voice that asks, with bits that are low for what it asks. Reading is
/// the answer to it.
u8 Gus::take_voice_irq() {
    u32 waves = bits(wave_irqs), volumes = bits(volume_irqs);
    if (!(waves | volumes)) return 0xe0;
    const unsigned v = unsigned(std::countr_zero(waves | volumes));
    const u32 bit = u32{1} << v;
    const u8 value = u8(v | 0x20 | (waves & bit ? 0 : 0x80) | (volumes & bit ? 0 : 0x40));
    set_bits(wave_irqs, waves &= ~bit);
    set_bits(volume_irqs, volumes &= ~bit);
    set_reg(v, control, reg(v, control) & u16(~irq_pending));
    set_reg(v, volume_control, reg(v, volume_control) & u16(~irq_pending));
    if (!waves) at(irq_status) &= u8(~status_wave);
    if (!volumes) at(irq_status) &= u8(~status_volume);
    update_irq();
    return value;
}

/// 16-bit samples stand in pairs of bytes within each 256 KiB.
float Gus::sample(u32 address, bool wide) const {
    address &= 0xfffff;
    if (!wide) return float(std::int8_t(state_.himem[address])) / 128;
    const u32 low = (address & 0xc0000) | (address & 0x1ffff) << 1;
    return float(std::int16_t(state_.himem[low] | state_.himem[low + 1] << 8)) / 32768;
}

/// True: an interrupt is due.
bool Gus::step_volume(unsigned v) {
    const u16 c = reg(v, volume_control);
    if (!moves(c)) return false;
    const u16 rate = reg(v, ramp_rate) >> 8;
    // Every sample, every eighth, ...
    if (clock_ & ((1u << 3 * (rate >> 6)) - 1)) return false;
    const i64 step = i64(rate & 0x3f) << 4;
    const i64 now = reg(v, volume) & 0xfff0, next = now + (c & decreasing ? -step : step);
    // Both ends have eight bits: the exponent and the upper half of the mantissa.
    const auto t = turn(next, reg(v, ramp_start) & 0xff00, reg(v, ramp_end) & 0xff00, c, false);
    set_reg(v, volume, u16(std::clamp<i64>(t.at, 0, 0xfff0)));
    set_reg(v, volume_control, t.control);
    return t.passed && c & irq_enable;
}

bool Gus::step_address(unsigned v) {
    const u16 c = reg(v, control);
    if (!moves(c)) return false;
    const auto place = [&](unsigned high, u16 mask) {
        return i64(reg(v, high) & 0x1fff) << 16 | (reg(v, high + 1) & mask);
    };
    const i64 step = reg(v, frequency_control) >> 1;
    const i64 now = place(address_high, 0xffff), next = now + (c & decreasing ? -step : step);
    const auto t = turn(next, place(start_high, 0xffe0), place(end_high, 0xffe0), c,
                        reg(v, volume_control) & wide_or_rollover);
    set_reg(v, address_high, u16(t.at >> 16 & 0x1fff));
    set_reg(v, address_low, u16(t.at));
    set_reg(v, control, t.control);
    return t.passed && c & irq_enable;
}

void Gus::play_voice(unsigned v, std::span<audio::Frame> frames) {
    const u32 begun = clock_;
    // 0 is left, 7 the middle, 15 right.
    const u16 position = reg(v, pan) >> 8 & 15;
    const float angle = float(position < 8 ? position * 8 / 7.0f : position + 1) / 16 *
                        (std::numbers::pi_v<float> / 2);
    const float to_left = std::cos(angle), to_right = std::sin(angle);
    for (audio::Frame& f : frames) {
        const u16 c = reg(v, control);
        if (!moves(c) && !moves(reg(v, volume_control))) break;
        if (moves(c)) {
            const u32 at = u32(reg(v, address_high) & 0x1fff) << 16 | reg(v, address_low);
            const float part = float(at & ((1 << fraction_bits) - 1)) / (1 << fraction_bits);
            const u32 address = at >> fraction_bits;
            const bool wide = c & wide_or_rollover;
            const float first = sample(address, wide), second = sample(address + 1, wide);
            const float s = (first + (second - first) * part) * linear(reg(v, volume));
            f.left += s * to_left;
            f.right += s * to_right;
        }
        const bool wave = step_address(v), ramp = step_volume(v);
        clock_++;
        if (wave) {
            set_reg(v, control, reg(v, control) | irq_pending);
            set_bits(wave_irqs, bits(wave_irqs) | u32{1} << v);
            at(irq_status) |= status_wave;
        }
        if (ramp) {
            set_reg(v, volume_control, reg(v, volume_control) | irq_pending);
            set_bits(volume_irqs, bits(volume_irqs) | u32{1} << v);
            at(irq_status) |= status_volume;
        }
    }
    clock_ = begun;
}

void Gus::play(std::span<audio::Frame> frames) {
    frames_.assign(resampler_.needed(frames.size()), {});
    for (unsigned v = 0; v < voices(); v++)
        play_voice(v, frames_);
    clock_ += u32(frames_.size());
    // The DAC is muted until it is enabled.
    if (!(at(reset_register) & 2)) frames_.assign(frames_.size(), {});
    resampler_.add(frames_, frames);
    update_irq();
    if (!anything_moves()) voice_->set_active(false);
}

}  // namespace hw
