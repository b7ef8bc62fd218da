// SPDX-License-Identifier: GPL-2.0-or-later
//
// The NE2000 on both buses: its PROM, remote DMA, the transmit page and the receive ring.
#include "hw/net/ne2000.h"

#include <random>

#include "tests/unit/hw/device-conformance.h"
#include "tests/unit/hw/isa-fixture.h"
#include "tests/unit/hw/net/wire.h"
#include "tests/unit/hw/pci/pc-chips.h"

namespace {

using namespace hw;
using hw::testing::everyone;
using hw::testing::first_mac;
using hw::testing::Frame;
using hw::testing::frame_to;
using hw::testing::Wire;

constexpr u16 base = 0x300;

struct Card {
    Wire wire;
    hw::testing::IsaFixture f;
    Ne2kIsa* nic = nullptr;

    Card() {
        auto d = std::make_unique<Ne2kIsa>();
        static_cast<Ne2kIsaConfig*>(d->config())->mac = "52:54:00:12:34:56";
        if (!net::Client::connect(d->card(), wire)) std::abort();
        nic = &f.plug(std::move(d));
    }
    void w(unsigned n, unsigned v) { f.outb(u16(base + n), u8(v)); }
    unsigned r(unsigned n) { return f.inb(u16(base + n)); }
    /// What a driver does first: words, a ring from 46h to 80h, its address, interrupts.
    void start(u8 mode = 0x04) {
        w(0x00, 0x21);
        w(0x0e, 0x49);
        w(0x0c, mode), w(0x0d, 0);
        w(0x01, 0x46), w(0x02, 0x80), w(0x03, 0x46);
        w(0x07, 0xff), w(0x0f, 0x3f);
        w(0x00, 0x61);
        for (unsigned n = 0; n < 6; n++)
            w(0x01 + n, first_mac[n]);
        w(0x07, 0x47);
        w(0x00, 0x22);
    }
    void remote(unsigned address, unsigned count, u8 command) {
        w(0x08, address & 0xff), w(0x09, address >> 8);
        w(0x0a, count & 0xff), w(0x0b, count >> 8);
        w(0x00, command);
    }
    Frame read(unsigned address, unsigned count) {
        remote(address, count, 0x0a);
        Frame bytes;
        for (unsigned n = 0; n < count; n += 2) {
            const unsigned word = f.inw(base + 0x10);
            bytes.push_back(u8(word)), bytes.push_back(u8(word >> 8));
        }
        return bytes;
    }
    void write(unsigned address, const Frame& bytes) {
        remote(address, unsigned(bytes.size()), 0x12);
        for (std::size_t n = 0; n + 1 < bytes.size(); n += 2)
            f.outw(base + 0x10, u16(bytes[n] | bytes[n + 1] << 8));
    }
};

TEST(Ne2000, ThePromHoldsTheAddressTwice) {
    Card c;
    EXPECT_EQ(c.r(7), 0x80u);
    c.start();
    const Frame prom = c.read(0, 32);
    for (unsigned n = 0; n < 6; n++) {
        EXPECT_EQ(prom[2 * n], first_mac[n]);
        EXPECT_EQ(prom[2 * n + 1], first_mac[n]);
    }
    EXPECT_EQ(prom[28], 0x57);
    EXPECT_EQ(c.r(7) & 0x40, 0x40u) << "remote DMA complete";
}

TEST(Ne2000, SendsThePageItIsPointedAt) {
    Card c;
    c.start();
    const Frame frame = frame_to(everyone, 100);
    c.write(0x4000, frame);
    c.w(0x07, 0xff);
    c.w(0x04, 0x40), c.w(0x05, 100), c.w(0x06, 0);
    c.w(0x00, 0x26);
    ASSERT_EQ(c.wire.got.size(), 1u);
    EXPECT_EQ(c.wire.got[0], frame);
    EXPECT_EQ(c.r(0) & 0x04, 0u);
    EXPECT_EQ(c.r(7), 0x02u);
    EXPECT_EQ(c.f.irq.level[9], 1);
    c.w(0x07, 0x02);
    EXPECT_EQ(c.f.irq.level[9], 0);
}

TEST(Ne2000, ReceivesAroundTheEndOfTheRing) {
    Card c;
    c.start();
    const Frame frame = frame_to(first_mac, 1514);
    for (unsigned page = 0x47, n = 0; n < 30; n++) {
        ASSERT_TRUE(c.wire.send(frame));
        ASSERT_EQ(c.r(7) & 1, 1u);
        const Frame header = c.read(page << 8, 4);
        EXPECT_EQ(header[0], 0x01);
        EXPECT_EQ(header[2] | header[3] << 8, 1518);
        // The driver reads across the end in one go, or in two: the chip wraps.
        const Frame got = c.read((page << 8) + 4, 1514);
        EXPECT_EQ(got, frame) << n;
        page = header[1];
        c.w(0x03, page == 0x46 ? 0x7f : page - 1);
        c.w(0x07, 0x01);
    }
}

TEST(Ne2000, AFullRingKeepsFramesWaiting) {
    Card c;
    c.start();
    c.w(0x0f, 0);  // polled
    const Frame frame = frame_to(everyone, 1514);
    for (int n = 0; n < 12; n++)
        c.wire.send(frame);
    c.w(0x00, 0x62);
    const unsigned current = c.r(7);
    c.w(0x00, 0x22);
    EXPECT_LT(current, 0x80u);
    c.w(0x03, current - 1);
    c.w(0x00, 0x62);
    EXPECT_NE(c.r(7), current);
}

TEST(Ne2000, TheNextFrameComesWhenTheLastIsAcknowledged) {
    Card c;
    c.start();
    auto current = [&] {
        c.w(0x00, 0x62);
        const unsigned page = c.r(7);
        c.w(0x00, 0x22);
        return page;
    };
    for (int n = 0; n < 3; n++)
        c.wire.send(frame_to(everyone, 60));
    EXPECT_EQ(current(), 0x48u);
    for (const unsigned page : {0x49u, 0x4au}) {
        c.w(0x07, 0x01);
        EXPECT_EQ(c.r(7) & 1, 1u);
        EXPECT_EQ(current(), page);
    }
    c.w(0x07, 0x01);
    EXPECT_EQ(c.r(7) & 1, 0u);
}

TEST(Ne2000, TakesWhatItsFilterLetsThrough) {
    Card c;
    auto taken = [&](const Frame& f) {
        c.w(0x07, 0xff);
        c.wire.send(f);
        return (c.r(7) & 1) != 0;
    };
    const Frame mine = frame_to(first_mac, 60), all = frame_to(everyone, 60),
                other = frame_to({0x52, 0x54, 0, 1, 2, 3}, 60),
                group = frame_to({0x01, 0x00, 0x5e, 0x00, 0x00, 0x01}, 60);
    c.start(0);
    EXPECT_TRUE(taken(mine));
    EXPECT_FALSE(taken(all) || taken(other) || taken(group));
    c.start(0x04);
    EXPECT_TRUE(taken(all));
    c.start(0x08);
    EXPECT_FALSE(taken(group));
    // 01:00:5e:00:00:01 is bit 31 of the hash (Linux, ether_crc >> 26).
    c.w(0x00, 0x62), c.w(0x08 + 31 / 8, 1 << 31 % 8), c.w(0x00, 0x22);
    EXPECT_TRUE(taken(group));
    c.start(0x10);
    EXPECT_TRUE(taken(other));
}

TEST(Ne2000, NoValuesReachBeyondItsMemory) {
    Card c;
    std::mt19937 random(1);
    for (int i = 0; i < 50'000; i++) {
        const u16 port = u16(base + random() % 32);
        switch (random() % 6) {
            case 0: c.f.inb(port); break;
            case 1: c.f.inw(port); break;
            case 2: c.f.outw(base + 0x10, u16(random())); break;
            case 3:
                c.wire.send(frame_to(random() % 2 ? everyone : first_mac, 14 + random() % 1500));
                break;
            default: c.f.outb(port, u8(random()));
        }
    }
}

struct Specimen final : hw::testing::Specimen {
    Card c;
    Device& device() override { return *c.nic; }
    void stir() override {
        c.start();
        c.wire.send(frame_to(everyone, 200));
    }
};
TEST(Ne2000, Conforms) {
    hw::testing::expect_conforming([] { return std::make_unique<Specimen>(); });
}

class Ne2kPciTest : public hw::testing::PcChips {};
TEST_F(Ne2kPciTest, RaisesThePinThatItsConfigurationShows) {
    Ne2kPci& nic = plug(std::make_unique<Ne2kPci>(), 0x18);
    reset(system);
    EXPECT_EQ(config(0x18, 0), 0x802910ecu);
    set_config(0x18, 0x10, 0xc000);
    set_config(0x18, 0x04, 7, 2);
    p.outb(0xc00f, 0x40);
    EXPECT_EQ(config(0x18, 0x06, 2) & 8, 0u);
    p.outb(0xc000, 0x0a);  // a read of no bytes is complete
    EXPECT_EQ(config(0x18, 0x06, 2) & 8, 8u);
    // The bit is in the file, as QEMU's.
    const auto bytes = saved(nic);
    EXPECT_EQ(bytes.at(4 + 6), 0x08);
    p.outb(0xc007, 0x40);
    EXPECT_EQ(config(0x18, 0x06, 2) & 8, 0u);
    restore(nic, bytes);
    EXPECT_EQ(config(0x18, 0x06, 2) & 8, 8u);
    host->bus().unplug(nic);
}

}  // namespace
