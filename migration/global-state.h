// SPDX-License-Identifier: GPL-2.0-or-later
//
// The "globalstate" section: what the sender was doing, so that the receiver goes on with it. A
// device-state file always says "running", whatever the VM does while it is written.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "migration/savevm.h"
#include "migration/vmstate/owner.h"

namespace migration {

struct GlobalStateData {
    std::uint32_t size = 0;  // with the terminating 0
    std::array<std::uint8_t, 100> runstate{};
};

class GlobalState final : public vmstate::Stateful<GlobalStateData> {
public:
    explicit GlobalState(const Switches& switches) : switches_(switches) {}
    const vmstate::Table& vmstate() const override;
    bool needed() const override { return switches_.store_global_state; }
    /// Old senders are told to leave it out.
    bool required() const override { return false; }

    /// What the latest load brought: "running", "paused", ...; empty when none did.
    const std::string& received() const { return received_; }
    void forget_received() { received_.clear(); }

private:
    void pre_save(GlobalStateData&) override;
    Result<void> check_state(const GlobalStateData&, int version) const override;
    void post_load(int version) override;

    const Switches& switches_;
    std::string received_;
};

}  // namespace migration
