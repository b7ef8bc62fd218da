// SPDX-License-Identifier: GPL-2.0-or-later
//
// Taking turns.
#include "monitor/dispatcher.h"

#include <algorithm>

namespace monitor {

void Dispatcher::remove(Client& client) {
    const auto found = std::ranges::find(clients_, &client);
    if (found == clients_.end()) return;
    if (turn_ > static_cast<std::size_t>(found - clients_.begin())) turn_--;
    clients_.erase(found);
}

void Dispatcher::run() {
    if (running_) return;
    running_ = true;
    // Until a whole round finds nothing. A command may add and remove clients.
    for (std::size_t idle = 0; idle < clients_.size();) {
        if (turn_ >= clients_.size()) turn_ = 0;
        Client& client = *clients_[turn_++];
        idle = client.run_one() ? 0 : idle + 1;
    }
    running_ = false;
}

void Dispatcher::run_soon() {
    if (posted_.exchange(true)) return;
    post_([this] {
        posted_ = false;
        run();
    });
}

}  // namespace monitor
