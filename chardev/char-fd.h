// SPDX-License-Identifier: GPL-2.0-or-later
//
// A back end over descriptors that stay the same for its life: a file, a pair of pipes, stdio.
#pragma once

#include <memory>
#include <vector>

#include "chardev/char.h"
#include "io/stream.h"

namespace chardev {

class FdChardev : public Chardev, protected io::Stream::Owner {
public:
    FdChardev(io::Context*, std::string label, std::string_view backend, UniqueFd in, UniqueFd out,
              io::Stream::Options);

    void accept_input() override { stream_->resume(); }
    void drain(int milliseconds) override { stream_->drain(milliseconds); }
    bool may_move() const override { return true; }
    void move_to(io::Context* loop) override { stream_->move_to(loop); }

protected:
    std::size_t put(std::span<const std::uint8_t>) override;
    std::size_t stream_room() override { return room(); }
    void stream_received(std::span<const std::uint8_t>, std::vector<UniqueFd>) override;
    void stream_closed() override { set_line_open(false); }
    void stream_input_ended() override { set_line_open(false); }
    void stream_writable() override { announce_writable(); }

    std::unique_ptr<io::Stream> stream_;
};

}  // namespace chardev
