// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a disk says of its own health: the attributes, logs and self-tests of SMART (ATA/ATAPI-5,
// section 8.41 and its log formats). The disk is always well. None of it is in a saved state.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace hw {

class Smart {
public:
    enum class Subcommand : std::uint8_t {
        read_data = 0xd0,
        read_thresholds = 0xd1,
        autosave = 0xd2,
        execute_offline = 0xd4,
        read_log = 0xd5,
        enable = 0xd8,
        disable = 0xd9,
        return_status = 0xda,
    };
    using Block = std::span<std::uint8_t, 512>;

    bool enabled() const { return enabled_; }
    void enable(bool on) { enabled_ = on; }
    void autosave(bool on) { autosave_ = on; }
    /// False: there is no such test.
    bool test(std::uint8_t which);
    static bool has_log(std::uint8_t address);
    void read_log(std::uint8_t address, Block) const;
    void read_data(Block) const;
    static void read_thresholds(Block);

private:
    static constexpr unsigned most_tests = 21;
    bool enabled_ = true, autosave_ = true;
    std::array<std::uint8_t, most_tests> tests_{};  // a ring
    unsigned last_ = 0;                             // counted from 1; 0: there was none
    unsigned kept_ = 0;
};

}  // namespace hw
