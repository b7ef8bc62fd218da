// SPDX-License-Identifier: GPL-2.0-or-later
//
// Yamaha YM3812 (OPL2): nine channels of two operators each, of which one modulates the other or
// both are heard; or six of them and five drums. ("YM3812 Application Manual", 1989.) Levels are
// reckoned in decibels and times in seconds, as in the manual, where the chip has logarithms in a
// ROM: what comes out is alike, not the same bit for bit.
#pragma once

#include <array>
#include <span>

#include "audio/format.h"
#include "hw/core/int.h"

namespace hw {

class Opl2 {
public:
    /// Samples a second: the clock of 3.579545 MHz, over 72.
    static constexpr u32 frequency = 49716;

    void reset() { *this = {}; }
    void write(u8 reg, u8 value);
    /// The next samples, the same on both sides.
    void play(std::span<audio::Frame>);
    /// Nothing is heard until a key is pressed.
    bool silent() const;

    /// The two timers' registers, for who has a clock.
    u8 timer_preset(unsigned n) const { return registers_[0x02 + n]; }

private:
    static constexpr unsigned operators = 18, channels = 9;
    enum class Phase : u8 { Off, Attack, Decay, Sustain, Release };

    struct Operator {
        u32 angle = 0;  // a turn is 2^20
        Phase phase = Phase::Off;
        float level = 96;                 // decibels below the loudest
        float last = 0, before_last = 0;  // what came out, -1 to 1
        bool key = false;

        // From the registers.
        u32 step = 0;
        float attack = 0, decay = 0, release = 0;  // a sample's factor, and decibels a sample
        float sustain = 0, fixed = 0;              // decibels
        unsigned wave = 0;
        bool tremolo = false, vibrato = false, holds = false;
    };

    u8 of_operator(unsigned op, u8 base) const;
    bool rhythm() const { return registers_[0xbd] & 0x20; }
    void set_up(unsigned channel);
    void set_up(unsigned op, unsigned channel);
    void press(unsigned op, bool key);
    void press_drums(u8 value);
    void age(Operator&);
    float sound(Operator&, float modulation, u32 angle);
    float sound(Operator& o, float modulation) { return sound(o, modulation, o.angle); }
    float two_operators(unsigned channel);
    float drums();
    void turn();

    std::array<u8, 256> registers_{};
    std::array<Operator, operators> ops_{};
    u32 samples_ = 0;
    u32 noise_ = 1;
    float tremolo_db_ = 0, bend_ = 0;
};

}  // namespace hw
