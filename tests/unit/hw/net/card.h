// SPDX-License-Identifier: GPL-2.0-or-later
//
// A network card on the PC's bus, between guest memory and a cable.
#pragma once

#include "tests/unit/hw/net/wire.h"
#include "tests/unit/hw/pci/pc-chips.h"

namespace hw::testing {

/// `bar` is the configuration register of the card's window of memory.
template <class Card, class Config, u8 bar = 0x14>
class CardTest : public PcChips {
protected:
    static constexpr u64 base = 0xfeb80000;

    explicit CardTest(std::unique_ptr<Card> card = std::make_unique<Card>()) {
        static_cast<Config*>(card->config())->mac = "52:54:00:12:34:56";
        EXPECT_TRUE(net::Client::connect(card->card(), wire));
        nic = &plug(std::move(card), 0x18);
        reset(system);
        set_config(0x18, bar, base);
        set_config(0x18, 0x04, 7, 2);
    }
    ~CardTest() override { host->bus().unplug(*nic); }

    void put(u64 at, const Frame& f) {
        for (std::size_t i = 0; i < f.size(); i++)
            p.write(at + i, 1, f[i]);
    }
    Frame memory(u64 at, std::size_t n) {
        Frame f(n);
        for (std::size_t i = 0; i < n; i++)
            f[i] = u8(p.read(at + i, 1));
        return f;
    }
    bool pin() { return config(0x18, 0x06, 2) & 8; }

    Wire wire;
    Card* nic = nullptr;
};

}  // namespace hw::testing
