// SPDX-License-Identifier: GPL-2.0-or-later
//
// A sound chip's end of an ISA DMA channel: it asks for bytes when its converter needs them, and
// gets what the controller has for it at that moment.
#pragma once

#include <functional>
#include <span>

#include "hw/isa/isa-bus.h"

namespace hw {

class SoundDma {
public:
    SoundDma() = default;
    SoundDma(const SoundDma&) = delete;

    /// Channel 0 to 7 of the bus; replaces an earlier one. False: the machine has none such.
    bool connect(IsaBus& bus, unsigned channel);
    /// Moves bytes between memory and `bytes`, in the direction that the controller is programmed
    /// for. Fewer than asked for when it is masked or has come to its terminal count; their number.
    std::size_t transfer(std::span<u8> bytes) { return transfer(bytes, false); }
    /// The same, but never beyond the terminal count, also when the channel starts over by itself.
    std::size_t transfer_once(std::span<u8> bytes) { return transfer(bytes, true); }
    /// Whether the last transfer came to the terminal count.
    bool ended() const { return ended_; }
    /// Whether the controller moves bytes into memory: the chip records.
    bool records() const;

private:
    std::size_t transfer(std::span<u8> bytes, bool once);
    static unsigned move(void* self, unsigned channel, unsigned position, unsigned size);

    IsaDma* dma_ = nullptr;
    unsigned channel_ = 0;
    std::span<u8> wanted_;
    std::size_t moved_ = 0;
    bool ended_ = false;
};

}  // namespace hw
