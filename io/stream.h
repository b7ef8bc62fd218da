// SPDX-License-Identifier: GPL-2.0-or-later
//
// A two-way byte stream over descriptors (a socket, a terminal, a pair of pipes, a file) that
// never blocks. Input comes as fast as its owner says it can take it; output that the other side
// does not take is held in a bounded queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "io/watch.h"
#include "util/unique-fd.h"

namespace io {

class Stream {
public:
    /// The owner. A callback may destroy the stream.
    class Owner {
    public:
        /// How many bytes it can take now. After 0 the stream stops reading until resume().
        virtual std::size_t stream_room() = 0;
        /// Up to that many bytes, with the descriptors that a socket's peer sent along with them.
        virtual void stream_received(std::span<const std::uint8_t> bytes,
                                     std::vector<UniqueFd> descriptors) = 0;
        /// The other side is gone. Comes once; nothing follows it.
        virtual void stream_closed() = 0;
        /// With Options::ignore_end_of_input: nothing more will be read; output goes on.
        virtual void stream_input_ended() {}
        /// There is room in the output queue again, after write() took less than it was given or
        /// ask_for_room().
        virtual void stream_writable() {}

    protected:
        ~Owner() = default;
    };

    struct Options {
        std::size_t queue_limit = 64 * 1024;
        /// A regular file or /dev/null: output only ends, it is no reason to close.
        bool output_only = false;
        /// Nothing more to read is not the end of the stream (a terminal's stdin, a pipe).
        bool ignore_end_of_input = false;
    };

    /// `out` may be the same descriptor as `in`: leave it empty then.
    Stream(Context*, Owner&, UniqueFd in, UniqueFd out, Options);
    ~Stream();
    Stream(const Stream&) = delete;

    /// Writes or queues as much as fits; returns how many bytes it took.
    std::size_t write(std::span<const std::uint8_t> bytes);
    /// Tells stream_writable() once half of the queue is free.
    void ask_for_room() { refused_output_ = true; }
    std::size_t queued() const { return queue_.size() - queue_start_; }
    /// Waits up to `milliseconds` for the queue to empty: for the last words before exit.
    void drain(int milliseconds);
    /// Reads again: the owner has room.
    void resume();
    /// Serves it from another thread's loop from now on. Both loops' threads must be here or idle.
    void move_to(Context*);

    int input_descriptor() const { return in_.get(); }
    int output_descriptor() const { return out_ ? out_.get() : in_.get(); }
    bool is_socket() const { return socket_; }

private:
    void watch();
    void input_ready(unsigned conditions);
    void output_ready();
    void close();
    std::ptrdiff_t send(std::span<const std::uint8_t>);
    std::ptrdiff_t receive(std::span<std::uint8_t>, std::vector<UniqueFd>& descriptors);

    Context* context_;
    Owner& owner_;
    UniqueFd in_, out_;
    Options options_;
    bool socket_ = false;
    bool closed_ = false;
    bool input_ended_ = false;
    bool refused_output_ = false;
    std::optional<int> in_flags_, out_flags_;  // to put back: they are shared with other processes
    std::vector<std::uint8_t> queue_;
    std::size_t queue_start_ = 0;
    Watch input_, output_;
    bool* destroyed_ = nullptr;  // set while a callback to the owner runs
};

}  // namespace io
