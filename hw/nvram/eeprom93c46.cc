// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/nvram/eeprom93c46.h"

namespace hw {

namespace {

using S = Eeprom93c46State;
constexpr unsigned command_bits = 8, word_bits = 16;
constexpr std::uint8_t opcode = 0xc0, opcode_read = 0x80, address_bits = 0x3f;

void shift(S& s, bool bit) {
    s.tick++;
    switch (s.mode) {
        case S::Start:
            // A command begins with a 1; zeros before it do not count.
            if (!bit) break;
            s.mode = S::Command;
            s.tick = 0;
            s.input = 0;
            break;
        case S::Command:
            s.input = static_cast<std::uint16_t>(s.input << 1 | bit);
            if (s.tick < command_bits) break;
            s.tick = 0;
            s.address = s.input & address_bits;
            s.mode = S::Idle;
            if ((s.input & opcode) != opcode_read) break;
            s.mode = S::Reading;
            s.output = s.contents[s.address];
            s.eedo = 0;
            break;
        case S::Reading:
            s.eedo = s.output >> 15 & 1;
            s.output = static_cast<std::uint16_t>(s.output << 1);
            if (s.tick < word_bits) break;
            // Some drivers go on with the next command without a change of chip select.
            s.mode = S::Start;
            s.tick = 0;
            s.input = 0;
            break;
        default: break;
    }
}

}  // namespace

bool drive_eeprom93c46(S& s, bool select, bool clock, bool data) {
    const bool selected = select && !s.eecs, rising = clock && !s.eesk;
    s.eecs = select;
    s.eesk = clock;
    s.eedi = data;
    if (selected) {
        s.mode = S::Start;
        s.tick = 0;
        s.input = s.output = 0;
    } else if (select && rising) {
        shift(s, data);
    }
    return s.eedo;
}

}  // namespace hw
