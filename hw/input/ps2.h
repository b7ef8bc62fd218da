// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a PS/2 keyboard and mouse share: the bytes on their way through the cable to the i8042.
#pragma once

#include <array>
#include <initializer_list>
#include <span>

#include "hw/core/int.h"
#include "hw/core/irq.h"
#include "migration/vmstate/table.h"

namespace hw {

/// The bytes on their way to the controller. Replies to commands go in front of what the user
/// typed; a new reply takes the place of one that was not read.
struct Ps2CommonState {
    static constexpr i32 buffer_size = 256;
    static constexpr i32 queue_size = 16;  // of what the user typed
    i32 write_cmd = -1;                    // the command whose parameter is due
    i32 rptr = 0;
    i32 wptr = 0;
    i32 count = 0;
    std::array<u8, buffer_size> data{};
    i32 cwptr = -1;  // end of the reply at the front; -1 = none
};

/// "PS2 Common State"
extern const vmstate::Table ps2_common_table;

class Ps2Queue {
public:
    explicit Ps2Queue(Ps2CommonState& state) : s_(state) {}

    /// Lines up behind the rest; dropped as a whole when there is no room.
    void queue(std::span<const u8> bytes);
    void queue(std::initializer_list<u8> bytes) { queue(std::span(bytes.begin(), bytes.end())); }
    void reply(std::initializer_list<u8> bytes);
    /// The next byte; the last one again when there is none (EMM386 needs it).
    u8 read();
    void clear();
    i32 room() const { return Ps2CommonState::queue_size - s_.count; }

    /// There is something to read.
    IrqOut irq;

private:
    void drop_reply();
    Ps2CommonState& s_;
};

}  // namespace hw
