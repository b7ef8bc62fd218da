// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/isa-dma.h"

#include <algorithm>
#include <utility>

namespace hw {

bool SoundDma::connect(IsaBus& bus, unsigned channel) {
    if (dma_) dma_->register_channel(channel_, nullptr, nullptr);
    dma_ = bus.dma(channel);
    channel_ = channel % 4;
    if (dma_) dma_->register_channel(channel_, move, this);
    return dma_;
}

bool SoundDma::records() const {
    return dma_ && dma_->direction(channel_) == IsaDma::Direction::ToMemory;
}

std::size_t SoundDma::transfer(std::span<u8> bytes, bool once) {
    ended_ = false;
    if (!dma_) return 0;
    wanted_ = bytes;
    moved_ = 0;
    // One round ends at the terminal count, after which an auto-initialising channel goes on.
    for (std::size_t before = 0; moved_ < bytes.size(); before = moved_) {
        dma_->set_request(channel_, true);
        if (moved_ == before || (once && ended_)) break;
    }
    dma_->set_request(channel_, false);
    wanted_ = {};
    return std::exchange(moved_, 0);
}

unsigned SoundDma::move(void* self, unsigned channel, unsigned position, unsigned size) {
    auto& d = *static_cast<SoundDma*>(self);
    // A program can make the controller ask (its request register): nothing is wanted then.
    const auto n =
        std::min<std::size_t>(d.wanted_.size() - d.moved_, size - std::min(position, size));
    if (n == 0) return position;
    const auto piece = d.wanted_.subspan(d.moved_, n);
    if (d.records())
        d.dma_->write_memory(channel, piece, position);
    else
        d.dma_->read_memory(channel, piece, position);
    d.moved_ += n;
    d.ended_ = position + n == size;
    return position + unsigned(n);
}

}  // namespace hw
