// SPDX-License-Identifier: GPL-2.0-or-later
//
// VMware's back door and its mouse, by the words a driver says. Answers as from QEMU 7.2.22.
#include "hw/i386/vmmouse.h"

#include <gtest/gtest.h>

#include "qapi/qapi-types-ui.h"
#include "tests/unit/hw/isa-fixture.h"

namespace {

using namespace hw;
using qapi::InputAxis;
using qapi::InputButton;

struct Processor final : CurrentCpuRegisters {
    Registers now;
    bool get(Registers& r) override {
        r = now;
        return true;
    }
    void set(const Registers& r) override { now = r; }
};

/// Outlives the devices.
struct Services {
    Processor cpu;
    ManualClock clock;
    ui::Input input{clock, [] { return true; }};
};

struct BackDoor : Services, hw::testing::IsaFixture {
    I8042* controller;
    Vmmouse* mouse;

    BackDoor() {
        services.provide<CurrentCpuRegisters>(cpu);
        services.provide(input);
        controller = &plug(std::make_unique<I8042>());
        Vmport& port = plug(std::make_unique<Vmport>());
        auto made = std::make_unique<Vmmouse>();
        made->connect(port, *controller);
        mouse = &plug(std::move(made));
    }
    /// What EAX becomes.
    u32 call(u16 command, u32 ebx = 0) {
        cpu.now = {.eax = 0x564d5868, .ebx = ebx, .ecx = command, .edx = 0x5658};
        return inl(0x5658);
    }
    u32 command(u32 what) { return call(41, what); }
    u32 status() { return call(40); }
    u32 data(u32 words) { return call(39, words); }
    static constexpr u32 read_id = 0x45414552, absolute = 0x53424152, disable = 0xf5;
};

}  // namespace

TEST(Vmmouse, IsFoundThroughTheBackDoor) {
    BackDoor d;
    EXPECT_EQ(d.call(10), 6u);
    EXPECT_EQ(d.cpu.now.ebx, 0x564d5868u);
    EXPECT_EQ(d.status(), 0xffff0000u);
    d.command(BackDoor::absolute);  // not before it said who it is
    EXPECT_EQ(d.status(), 0xffff0000u);
    d.command(BackDoor::read_id);
    EXPECT_EQ(d.status(), 1u);
    EXPECT_EQ(d.data(1), 0x3442554au);
    EXPECT_EQ(d.input.mouse(), d.mouse);
}

TEST(Vmmouse, TellsPlacesAndButtons) {
    BackDoor d;
    d.command(BackDoor::read_id), d.data(1);
    d.command(BackDoor::absolute);
    d.input.absolute(InputAxis::x, 0x1234);
    d.input.absolute(InputAxis::y, 0x7fff);
    d.input.button(InputButton::left, true);
    d.input.sync();
    EXPECT_EQ(d.status(), 4u);
    EXPECT_EQ(d.data(4), 0x20u);
    EXPECT_EQ(d.cpu.now.ebx, 0x2468u);
    EXPECT_EQ(d.cpu.now.ecx, 0xfffeu);
    EXPECT_EQ(d.cpu.now.edx, 0u);
    // The wheel has a packet of its own, and places stay.
    d.input.button(InputButton::wheel_down, true);
    d.input.sync();
    EXPECT_EQ(d.status(), 8u);
    d.data(4);
    EXPECT_EQ(d.cpu.now.ebx, 0x2468u);
    EXPECT_EQ(d.cpu.now.edx, 1u);
}

TEST(Vmmouse, AskingForMoreThanThereIsTurnsItOff) {
    BackDoor d;
    d.command(BackDoor::read_id);
    EXPECT_EQ(d.data(4), 0x564d5868u);
    EXPECT_EQ(d.status(), 0xffff0001u);
    EXPECT_NE(d.input.mouse(), d.mouse);
    d.command(BackDoor::read_id);
    d.command(BackDoor::disable);
    EXPECT_EQ(d.status() >> 16, 0xffffu);
    // No queue is endless.
    for (int n = 0; n < 2000; n++)
        d.command(BackDoor::read_id);
    EXPECT_EQ(d.status(), 1024u);
    d.input.relative(InputAxis::x, INT64_MAX);
    d.input.sync();
    EXPECT_EQ(d.status(), 1024u);
}
