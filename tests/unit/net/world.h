// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the tests of the network share: the network of a VM that is not there, and a card that
// records.
#pragma once

#include "migration/vmstate/registry.h"
#include "net/network.h"
#include "net/options.h"
#include "qapi/event.h"
#include "tests/unit/chardev/loop.h"
#include "util/log.h"
#include "util/timer.h"

namespace net::testing {

using Frame = std::vector<std::uint8_t>;

struct Sections final : vmstate::Registry {
    std::vector<vmstate::Owner*> owners;
    void add(std::string, vmstate::Owner& o, int, vmstate::Priority) override {
        owners.push_back(&o);
    }
    void remove(vmstate::Owner& o) override { std::erase(owners, &o); }
};

struct Events final : qapi::EventSink {
    std::vector<std::string> heard;
    void emit(std::string_view name, const qapi::Json& data) override {
        heard.push_back(fmt::format("{} {}", name, data.text()));
    }
};

struct World : chardev::testing::Set {
    ManualClock clock;
    Log log;
    Sections sections;
    Events events;
    Network network{{.loop = context,
                     .clock = clock,
                     .log = log,
                     .states = sections,
                     .chardevs = chardevs,
                     .descriptors = descriptors,
                     .events = events}};

    World() { network.set_running(true); }
    Result<Client*> try_add(std::string_view text) {
        auto argument = TRY(parse_netdev(text));
        const auto netdev = TRY(netdev_from(std::move(argument)));
        return network.add(netdev);
    }
    Client& add(std::string_view text) {
        auto made = try_add(text);
        EXPECT_TRUE(made) << text << ": " << (made ? "" : made.error().description());
        return **made;
    }
    std::string refusal(std::string_view text) {
        auto made = try_add(text);
        return made ? "not refused" : made.error().description();
    }
};

struct TestCard final : Card {
    explicit TestCard(Network* n, const std::string& netdev = {}, std::string mac = {}) {
        auto in = sign_in(n, "test", {}, mac, netdev);
        EXPECT_TRUE(in) << (in ? "" : in.error().description());
    }
    bool ready() override { return willing; }
    void receive(std::span<const std::uint8_t> f) override {
        got.emplace_back(f.begin(), f.end());
        if (on_receive) on_receive();
    }
    void link_changed(bool) override { link_changes++; }
    void drained() override { drains++; }

    bool willing = true;
    std::vector<Frame> got;
    std::function<void()> on_receive;
    int link_changes = 0, drains = 0;
};

}  // namespace net::testing
