// SPDX-License-Identifier: GPL-2.0-or-later
//
// A 93C46 that can be written, with a section of its own in a stream: 64 words behind three wires.
// Data sheet: Microchip 93C46, section 2.0.
#pragma once

#include <array>
#include <string>

#include "hw/core/int.h"
#include "migration/vmstate/owner.h"
#include "migration/vmstate/registry.h"

namespace hw {

struct Eeprom93xxState {
    u8 tick = 0;  // clocks since it was selected
    u8 address = 0;
    u8 command = 0;  // two bits
    u8 writable = 0, eecs = 0, eesk = 0, eedo = 1;
    u8 addrbits = 6;
    u16 size = 64;
    u16 data = 0;  // what is shifted out or in
    std::array<u16, 64> contents{};
};

class Eeprom93xx final : public vmstate::Stateful<Eeprom93xxState> {
public:
    Eeprom93xx() = default;
    Eeprom93xx(const Eeprom93xx&) = delete;
    ~Eeprom93xx() override;

    /// The section comes before that of the device, whose path it has.
    void sign_in(vmstate::Registry&, std::string path);
    const vmstate::Table& vmstate() const override;
    void reset();
    std::array<u16, 64>& contents() { return state_.contents; }

    /// The wires as the host sets them.
    void drive(bool select, bool clock, bool data);
    bool out() const { return state_.eedo; }

private:
    Result<void> check_state(const Eeprom93xxState&, int) const override;
    void shift(bool bit);

    vmstate::Registry* registry_ = nullptr;
};

}  // namespace hw
