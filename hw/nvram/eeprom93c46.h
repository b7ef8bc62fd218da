// SPDX-License-Identifier: GPL-2.0-or-later
//
// A 93C46: 64 words of EEPROM behind three wires, as network cards keep their address in. Reading
// only: nothing programs a card here.
// Data sheet: Microchip 93C46, section 2.0.
#pragma once

#include <array>
#include <cstdint>

namespace hw {

struct Eeprom93c46State {
    enum Mode : std::int32_t { Idle, Start, Command, Reading };
    std::array<std::uint16_t, 64> contents{};
    std::int32_t mode = Idle;
    std::uint32_t tick = 0;
    std::uint8_t address = 0;
    std::uint16_t input = 0, output = 0;
    std::uint8_t eecs = 0, eesk = 0, eedi = 0, eedo = 0;
};

/// The wires as the host sets them; returns the level of data out.
bool drive_eeprom93c46(Eeprom93c46State&, bool select, bool clock, bool data);

}  // namespace hw
