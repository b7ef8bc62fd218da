// SPDX-License-Identifier: GPL-2.0-or-later
//
// -netdev user: a network in this process that reaches the host's as an ordinary program does, by
// libslirp.
#pragma once

#include <memory>
#include <vector>

#include "net/forwards.h"
#include "net/network.h"
#include "net/slirp-config.h"
#include "net/slirp-poll.h"
#include "net/slirp-state.h"

namespace net {

class GuestForwardEnd;

class UserNet final : public UserNetwork {
public:
    UserNet(const Host&, std::string id, UserConfig);
    ~UserNet() override;

    std::string info() const override;
    void receive(std::span<const std::uint8_t> frame) override;
    void run_state_changed(bool running) override { poll_->set_running(running); }

    Result<void> add_forward(const HostForward&) override;
    bool remove_forward(const HostForward&) override;
    Result<void> add_guest_forward(const GuestForward&);
    std::string connections() const override;

private:
    friend class GuestForwardEnd;
    struct Callbacks;
    struct SlirpTimer;
    struct Cleanup {
        void operator()(Slirp*) const;
    };

    Slirp* make_scratch() const;

    Host host_;
    UserConfig config_;
    std::vector<std::unique_ptr<GuestForwardEnd>> guest_ends_;
    std::unique_ptr<Slirp, Cleanup> slirp_;
    std::unique_ptr<SlirpPoll> poll_;
    SlirpState state_;
};

}  // namespace net
