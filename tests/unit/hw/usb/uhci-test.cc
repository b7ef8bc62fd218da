// SPDX-License-Identifier: GPL-2.0-or-later
//
// The UHCI between lists in guest memory and a device on its bus. What it does where no device is
// was seen on QEMU 7.2.22.
#include "hw/usb/uhci.h"

#include <random>

#include "hw/pci/pci-bus.h"
#include "tests/unit/hw/pci/pc-chips.h"

namespace {

using namespace hw;

struct NoState {};

/// Answers IN with what it has, takes OUT, and stalls endpoint 3.
class Echo final : public UsbDevice {
public:
    static const DeviceType device_type_;
    Echo() : UsbDevice(device_type_) {}
    bool low_speed() const override { return false; }
    u8 usb_address() const override { return address; }
    void port_reset() override { resets++; }
    UsbAnswer handle(const UsbPacket& p) override {
        if (p.endpoint == 3) return {UsbAnswer::Stall};
        if (p.endpoint == 2) return {UsbAnswer::Nak};
        if (p.pid != UsbPacket::In) {
            got.assign(p.data.begin(), p.data.end());
            return {UsbAnswer::Ok};
        }
        const std::size_t n = std::min(p.data.size(), give.size());
        std::copy_n(give.begin(), n, p.data.begin());
        return {UsbAnswer::Ok, n};
    }
    u8 address = 0;
    int resets = 0;
    std::vector<u8> got, give;

protected:
    Result<void> realize(Platform&) override { return {}; }
};
const DeviceType Echo::device_type_{
    {.name = "usb-echo", .parent = "device"},
    "usb-bus",
    Category::Misc,
    false,
    true,
    []() -> std::unique_ptr<Device> { return std::make_unique<Echo>(); }};

constexpr u64 frames = 0x20000, queue = 0x30000, transfers = 0x40000, data_at = 0x50000;
constexpr u32 active = 1 << 23, interrupt = 1 << 24, short_detect = 1 << 29, three_errors = 3 << 27;
constexpr u32 in = 0x69, out = 0xe1;

class UhciTest : public hw::testing::PcChips {
protected:
    static constexpr u16 base = 0xc040;
    UhciTest() {
        uhci = &plug(std::make_unique<Uhci>(piix3_uhci_type), 0x10);
        reset(system);
        set_config(0x10, 0x20, base);
        set_config(0x10, 0x04, 7, 2);
    }
    ~UhciTest() override { host->bus().unplug(*uhci); }
    unsigned r(unsigned n) { return p.inw(u16(base + n)); }
    void w(unsigned n, unsigned v) { p.outw(u16(base + n), u16(v)); }
    Echo& attach() {
        auto d = std::make_unique<Echo>();
        Echo& echo = *d;
        EXPECT_TRUE(uhci->child_buses()[0]->plug(std::move(d), p.platform));
        w(0x10, 0x000e);  // changes seen, enabled
        return echo;
    }
    static u32 token(u32 pid, u32 size, u32 endpoint = 1, u32 address = 0) {
        return pid | address << 8 | endpoint << 15 | ((size - 1) & 0x7ff) << 21;
    }
    void transfer(unsigned n, u32 link, u32 control, u32 tok, u64 buffer = data_at) {
        const u32 words[] = {link, control, tok, u32(buffer)};
        for (unsigned i = 0; i < 4; i++)
            p.write(transfers + 16 * n + 4 * i, 4, words[i]);
    }
    u32 control(unsigned n) { return u32(p.read(transfers + 16 * n + 4, 4)); }
    /// Every frame has the one queue, whose first transfer is number 0.
    void start() {
        for (unsigned n = 0; n < 1024; n++)
            p.write(frames + 4 * n, 4, queue | 2);
        p.write(queue, 4, 1);
        p.write(queue + 4, 4, transfers);
        w(0x08, frames & 0xffff), w(0x0a, frames >> 16);
        w(0x04, 0xf);
        w(0x00, 1);
    }
    void frame() { p.advance(1'000'000); }

    Uhci* uhci = nullptr;
};

TEST_F(UhciTest, AnEmptyPortIsNotEnabled) {
    EXPECT_EQ(config(0x10, 0x08), 0x0c030001u);
    EXPECT_EQ(r(0x10), 0x80u);
    w(0x10, 0xffff);
    EXPECT_EQ(r(0x10), 0xfec0u);
    EXPECT_EQ(r(0x14), 0xff7fu);
    EXPECT_EQ(r(0x02), 0x20u);
}

TEST_F(UhciTest, FramesPassWhileItRuns) {
    start();
    EXPECT_EQ(r(0x02) & 0x20, 0u);
    p.write(queue + 4, 4, 1);
    for (int n = 0; n < 5; n++)
        frame();
    EXPECT_EQ(r(0x06), 5u);
    w(0x00, 0);
    EXPECT_EQ(r(0x02), 0x20u);
    frame();
    EXPECT_EQ(r(0x06), 5u);
}

TEST_F(UhciTest, WhereNoDeviceIsTransfersTimeOut) {
    transfer(0, transfers + 16, active | three_errors | interrupt, token(in, 8));
    transfer(1, 1, active | three_errors, token(in, 8));
    start();
    frame();
    EXPECT_EQ(control(0), interrupt | 0x40000u);
    EXPECT_EQ(control(1), active | three_errors);
    EXPECT_EQ(r(0x02), 0x02u);
    EXPECT_EQ(config(0x10, 0x06, 2) & 8, 8u);
    frame();
    EXPECT_EQ(r(0x02), 0x03u);
    w(0x02, 0x03);
    EXPECT_EQ(config(0x10, 0x06, 2) & 8, 0u);
}

TEST_F(UhciTest, AQueueMovesOneTransferAfterTheOther) {
    Echo& echo = attach();
    EXPECT_EQ(r(0x10), 0x85u);
    echo.give = {1, 2, 3, 4};
    p.write(data_at, 4, 0x44332211);
    transfer(0, (transfers + 16) | 4, active, token(out, 4));
    transfer(1, transfers + 32, active | interrupt, token(in, 4), data_at + 0x100);
    transfer(2, 1, active, token(in, 4), data_at + 0x200);
    start();
    frame();
    // The first asked for depth; the second did not.
    EXPECT_EQ(echo.got, (std::vector<u8>{0x11, 0x22, 0x33, 0x44}));
    EXPECT_EQ(control(0), 3u);
    EXPECT_EQ(control(1), interrupt | 3u);
    EXPECT_EQ(p.read(data_at + 0x100, 4), 0x04030201u);
    EXPECT_EQ(control(2), active);
    EXPECT_EQ(p.read(queue + 4, 4), transfers + 32);
    frame();
    EXPECT_EQ(r(0x02), 0x01u);
    EXPECT_EQ(control(2), 3u);
    EXPECT_EQ(p.read(queue + 4, 4), 1u);
}

TEST_F(UhciTest, ShortAndStalledTransfersStopTheirQueue) {
    Echo& echo = attach();
    echo.give = {7};
    transfer(0, transfers + 16, active | short_detect, token(in, 8));
    transfer(1, 1, active, token(in, 8));
    start();
    frame();
    EXPECT_EQ(control(0), short_detect | 0u);
    EXPECT_EQ(p.read(queue + 4, 4), transfers);
    frame();
    EXPECT_EQ(r(0x02), 0x01u);
    EXPECT_EQ(control(1), active);
    w(0x00, 0);
    transfer(0, 1, active, token(in, 8, 3));
    start();
    frame();
    EXPECT_EQ(control(0), 1u << 22);
    w(0x00, 0);
    transfer(0, 1, active, token(in, 8, 2));
    start();
    frame();
    EXPECT_EQ(control(0), active | 1u << 19) << "NAK: once more in the next frame";
}

TEST_F(UhciTest, ARingOfQueuesEndsWithTheFrame) {
    p.write(queue, 4, (queue + 16) | 2);
    p.write(queue + 16, 4, queue | 2);
    p.write(queue + 20, 4, 1);
    start();
    p.write(queue, 4, (queue + 16) | 2);
    p.write(queue + 4, 4, 1);
    frame();
    EXPECT_EQ(r(0x06), 1u);
}

TEST_F(UhciTest, AnUnknownPacketHaltsIt) {
    transfer(0, 1, active, token(0x33, 8));
    start();
    frame();
    EXPECT_EQ(r(0x00), 0u);
    EXPECT_EQ(r(0x02), 0x30u);
    EXPECT_EQ(control(0), active);
}

TEST_F(UhciTest, ItsStateSurvivesALoad) {
    attach();
    start();
    frame();
    const auto bytes = saved(*uhci);
    reset(system);
    EXPECT_NE(saved(*uhci), bytes);
    restore(*uhci, bytes);
    EXPECT_EQ(saved(*uhci), bytes);
    set_config(0x10, 0x20, base);
    frame();
    EXPECT_EQ(r(0x06), 2u);
}

TEST_F(UhciTest, DevicesComeAndGo) {
    Echo& echo = attach();
    w(0x10, 0x0200);
    w(0x10, 0x0200);
    EXPECT_EQ(echo.resets, 1);
    w(0x10, 0x0004);
    uhci->child_buses()[0]->unplug(echo);
    EXPECT_EQ(r(0x10), 0x8au);
    std::unique_ptr<Device> more;
    for (int n = 0; n < 2; n++)
        EXPECT_TRUE(uhci->child_buses()[0]->plug(std::make_unique<Echo>(), p.platform));
    EXPECT_FALSE(uhci->child_buses()[0]->plug(std::make_unique<Echo>(), p.platform));
}

TEST_F(UhciTest, NonsenseInMemoryEndsEachFrame) {
    attach();
    std::mt19937 random(1);
    for (int round = 0; round < 200; round++) {
        for (u64 at : {frames, queue, transfers})
            for (unsigned n = 0; n < 64; n++) {
                // Links that mostly hit something.
                const u32 to = u32(random() % 2 ? queue : transfers) + (random() % 16) * 16;
                p.write(at + 4 * n, 4, random() % 4 ? to | random() % 8 : random());
            }
        w(0x08, frames & 0xffff), w(0x0a, frames >> 16);
        w(0x06, random() % 64);
        w(0x00, 1);
        for (int n = 0; n < 8; n++)
            frame();
        w(0x00, 0);
    }
}

}  // namespace
