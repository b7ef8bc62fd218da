// SPDX-License-Identifier: GPL-2.0-or-later
//
// Tells switches where a guest's cards are now: a reverse ARP request (RFC 903) from each, several
// times, since frames get lost while a network settles.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/watch.h"
#include "qapi/qapi-types-net.h"
#include "util/result.h"

namespace net {

class Network;

class Announcements {
public:
    Announcements(io::Context* loop, Network& network) : loop_(loop), network_(network) {}

    /// The first round is sent now. Replaces one of the same id, or changes the cards of it.
    Result<void> start(qapi::AnnounceParameters);

private:
    struct Run {
        qapi::AnnounceParameters what;
        std::int64_t sent = 0;
        io::Alarm next;
    };
    void round(Run&);

    io::Context* loop_;
    Network& network_;
    std::vector<std::unique_ptr<Run>> runs_;
};

}  // namespace net
