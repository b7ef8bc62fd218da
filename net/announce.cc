// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/announce.h"

#include <algorithm>

#include "net/network.h"

namespace net {

namespace {

constexpr std::size_t shortest_frame = 60;  // without the check sequence
// An announcement that takes longer than this was not meant.
constexpr std::int64_t longest_pause = 100'000, most_rounds = 1000;

/// RFC 903, with the header of RFC 826: a request for the address of `mac`.
std::vector<std::uint8_t> reverse_arp_request(const MacAddress& mac) {
    constexpr std::uint8_t arp[] = {
        0x80, 0x35,  // EtherType
        0x00, 0x01,  // Ethernet
        0x08, 0x00,  // IPv4
        6,    4,     // lengths of the addresses
        0x00, 0x03,  // request reverse
    };
    constexpr std::uint8_t nobody[4] = {};
    std::vector<std::uint8_t> frame(mac.size(), 0xff);
    auto add = [&](const auto& bytes) {
        frame.insert(frame.end(), std::begin(bytes), std::end(bytes));
    };
    add(mac);
    add(arp);
    add(mac);
    add(nobody);
    add(mac);
    add(nobody);
    frame.resize(shortest_frame);
    return frame;
}

}  // namespace

Result<void> Announcements::start(qapi::AnnounceParameters what) {
    const struct {
        std::string_view name;
        std::int64_t value, most;
    } bounds[] = {{"initial", what.initial, longest_pause},
                  {"max", what.max, longest_pause},
                  {"rounds", what.rounds, most_rounds},
                  {"step", what.step, longest_pause}};
    for (const auto& b : bounds)
        if (b.value < 0 || b.value > b.most)
            return fail("Parameter '{}' expects a number from 0 to {}", b.name, b.most);
    const std::string id = what.id.value_or("");
    std::erase_if(runs_, [&](const auto& r) { return r->what.id.value_or("") == id; });
    runs_.push_back(std::make_unique<Run>());
    runs_.back()->what = std::move(what);
    round(*runs_.back());
    return {};
}

void Announcements::round(Run& run) {
    const auto& only = run.what.interfaces;
    for (Client* c : network_.clients())
        if (c->is_card() && (!only || std::ranges::find(*only, c->name()) != only->end()))
            c->send(reverse_arp_request(static_cast<Card*>(c)->mac()));
    run.sent++;
    if (run.sent >= run.what.rounds) {
        std::erase_if(runs_, [&](const auto& r) { return r.get() == &run; });
        return;
    }
    const auto pause = std::min(run.what.initial + (run.sent - 1) * run.what.step, run.what.max);
    run.next = io::Alarm(loop_, static_cast<unsigned>(pause), [this, &run] { round(run); });
}

}  // namespace net
