// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/input/i8042.h"

#include <gtest/gtest.h>

#include "hw/input/keymap.h"
#include "tests/unit/hw/isa-fixture.h"

using namespace hw;

namespace {

struct Keyboard : hw::testing::IsaFixture {
    I8042& chip = plug(std::make_unique<I8042>());
    int resets = 0;

    Keyboard() {
        chip.reset_request().connect(
            IrqIn([](void* n, int, int level) { *static_cast<int*>(n) += level; }, &resets, 0));
    }
    std::vector<int> drain() {
        std::vector<int> bytes;
        while (inb(0x64) & 1)
            bytes.push_back(inb(0x60));
        return bytes;
    }
    void mode(u8 value) {
        outb(0x64, 0x60);
        outb(0x60, value);
    }
    void to_mouse(u8 value) {
        outb(0x64, 0xd4);
        outb(0x60, value);
    }
    using V = std::vector<int>;
};

}  // namespace

TEST(I8042, SelfTestAndIdentification) {
    Keyboard k;
    k.outb(0x64, 0xaa);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x55}));
    EXPECT_TRUE(k.inb(0x64) & 0x04);
    k.outb(0x60, 0xff);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xfa, 0xaa}));
    k.outb(0x60, 0xf2);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xfa, 0xab, 0x83}));
    k.mode(0x41);
    k.outb(0x60, 0xf2);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xfa, 0xab, 0x41}));
}

// What QEMU 7.2.22 had queued after the same keys.
TEST(I8042, KeysComeAsCaptured) {
    Keyboard k;
    k.mode(0x61);
    auto press = [&](std::string_view key) { EXPECT_TRUE(k.chip.keyboard().key(key, true)); };
    auto release = [&](std::string_view key) { EXPECT_TRUE(k.chip.keyboard().key(key, false)); };
    press("shift"), press("a"), release("a"), release("shift");
    press("up"), release("up");
    EXPECT_EQ(k.irq.level[1], 1);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x2a, 0x1e, 0x9e, 0xaa, 0xe0, 0x48, 0xe0, 0xc8}));
    EXPECT_EQ(k.irq.level[1], 0);
    EXPECT_FALSE(k.chip.keyboard().key("nosuch", true));
}

TEST(I8042, UntranslatedSet2AndSet3) {
    Keyboard k;
    k.mode(0x01);
    k.chip.keyboard().key("a", true);
    k.chip.keyboard().key("a", false);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x1c, 0xf0, 0x1c}));
    k.outb(0x60, 0xf0);
    k.outb(0x60, 0x03);
    k.drain();
    k.chip.keyboard().key("up", true);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x63}));
}

TEST(I8042, ADisabledInterfaceKeepsItsByte) {
    Keyboard k;
    k.outb(0x64, 0xad);
    k.chip.keyboard().key("a", true);
    EXPECT_FALSE(k.inb(0x64) & 1);
    k.outb(0x64, 0xae);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x1c}));
}

TEST(I8042, MouseMovesAndBecomesAWheelMouse) {
    Keyboard k;
    k.mode(0x43);
    k.chip.mouse().move(5, 5, 0);  // before it is enabled: nothing
    k.chip.mouse().sync();
    EXPECT_TRUE(k.drain().empty());
    for (const int rate : {200, 100, 80}) {
        k.to_mouse(0xf3);
        k.to_mouse(u8(rate));
    }
    k.drain();
    k.to_mouse(0xf2);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xfa, 0x03}));
    k.to_mouse(0xf4);
    EXPECT_EQ(k.irq.level[12], 1);
    k.drain();
    k.chip.mouse().button(Ps2Mouse::left, true);
    k.chip.mouse().move(10, -5, 1);
    k.chip.mouse().sync();
    EXPECT_TRUE(k.inb(0x64) & 0x20);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x09, 10, 5, 1}));
}

TEST(I8042, PulsesTheResetLineAndOpensA20) {
    Keyboard k;
    k.outb(0x64, 0xfe);
    EXPECT_EQ(k.resets, 1);
    k.outb(0x64, 0xd1);
    k.outb(0x60, 0x01);
    EXPECT_EQ(k.chip.a20().level(), 0);
    k.outb(0x64, 0xdf);
    EXPECT_EQ(k.chip.a20().level(), 1);
}

TEST(Keymap, NamesNumbersAndSetsAgree) {
    EXPECT_EQ(find_key("ret")->set1, 0x1c);
    EXPECT_EQ(find_key("kp_enter")->set1, 0xe01c);
    EXPECT_EQ(find_key_by_number(0x9c)->qcode, "kp_enter");
    EXPECT_EQ(translate_set2(0x1c), 0x1e);
    EXPECT_EQ(translate_set2(0x83), 0x41);
    EXPECT_EQ(find_key("zzz"), nullptr);
}
