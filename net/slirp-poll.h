// SPDX-License-Identifier: GPL-2.0-or-later
//
// Serves a libslirp instance from a GLib loop. Its sockets stand in an epoll set, of which the loop
// sees one descriptor, so nothing is gone through when the loop turns for other reasons.
#pragma once

#include <unordered_map>
#include <vector>

#include "io/watch.h"
#include "util/unique-fd.h"

struct Slirp;

namespace net {

class SlirpPoll {
public:
    /// Not running until told.
    SlirpPoll(io::Context*, Slirp&);
    SlirpPoll(const SlirpPoll&) = delete;
    ~SlirpPoll();

    /// While not running no socket is looked at and no time passes in its protocols.
    void set_running(bool);
    /// Something was done to the instance: what it waits for may have changed. From any thread that
    /// holds the big lock.
    void changed();
    /// A frame came in, which may have been what others waited for: an answer to ARP lets those go
    /// out that were held back for the address. They go when the loop turns.
    void frame_came();
    /// libslirp is about to close it.
    void forget(int fd);

private:
    struct GlibSource;
    struct Interest {
        unsigned events = 0, ready = 0;
        bool wanted = false;
    };
    void ask();
    void serve();
    bool due() const;

    Slirp& slirp_;
    io::Context* context_;
    GlibSource* source_;
    UniqueFd epoll_;
    std::unordered_map<int, Interest> interests_;
    std::vector<int> polled_;  // descriptors by the index that libslirp knows
    bool running_ = false, changed_ = true, serving_ = false, frame_came_ = false;
};

}  // namespace net
