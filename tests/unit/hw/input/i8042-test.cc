// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/input/i8042.h"

#include <gtest/gtest.h>

#include "hw/input/keymap.h"
#include "qapi/qapi-types-ui.h"
#include "tests/unit/hw/isa-fixture.h"
#include "ui/keymap.h"

using namespace hw;
using qapi::InputAxis;
using qapi::InputButton;
using Key = qapi::QKeyCode;

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
    void press(Key key) { chip.keyboard().key_event(key, true); }
    void release(Key key) { chip.keyboard().key_event(key, false); }
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
    k.press(Key::shift), k.press(Key::a), k.release(Key::a), k.release(Key::shift);
    k.press(Key::up), k.release(Key::up);
    EXPECT_EQ(k.irq.level[1], 1);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x2a, 0x1e, 0x9e, 0xaa, 0xe0, 0x48, 0xe0, 0xc8}));
    EXPECT_EQ(k.irq.level[1], 0);
    k.press(Key::unmapped), k.release(Key::unmapped);
    EXPECT_TRUE(k.drain().empty());
}

TEST(I8042, UntranslatedSet2AndSet3) {
    Keyboard k;
    k.mode(0x01);
    k.press(Key::a);
    k.release(Key::a);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x1c, 0xf0, 0x1c}));
    k.outb(0x60, 0xf0);
    k.outb(0x60, 0x03);
    k.drain();
    k.press(Key::up);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x63}));
}

TEST(I8042, ADisabledInterfaceKeepsItsByte) {
    Keyboard k;
    k.outb(0x64, 0xad);
    k.press(Key::a);
    EXPECT_FALSE(k.inb(0x64) & 1);
    k.outb(0x64, 0xae);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x1c}));
}

TEST(I8042, MouseMovesAndBecomesAWheelMouse) {
    Keyboard k;
    k.mode(0x43);
    Ps2Mouse& mouse = k.chip.mouse();
    mouse.relative_event(InputAxis::x, 5);  // before it is enabled: nothing
    mouse.input_sync();
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
    mouse.button_event(InputButton::left, true);
    mouse.relative_event(InputAxis::x, 10);
    mouse.relative_event(InputAxis::y, -5);
    mouse.button_event(InputButton::wheel_down, true);
    mouse.input_sync();
    EXPECT_TRUE(k.inb(0x64) & 0x20);
    EXPECT_EQ(k.drain(), (Keyboard::V{0x09, 10, 5, 1}));
}

TEST(I8042, PrintScreenAndPauseMindTheModifiers) {
    Keyboard k;
    k.mode(0x41);
    k.press(Key::print), k.release(Key::print);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xe0, 0x2a, 0xe0, 0x37, 0xe0, 0xb7, 0xe0, 0xaa}));
    k.press(Key::pause), k.release(Key::pause);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5}));
    k.press(Key::ctrl);
    k.drain();
    k.press(Key::print);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xe0, 0x37}));
    k.press(Key::pause);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xe0, 0x46, 0xe0, 0xc6}));
    k.release(Key::ctrl), k.press(Key::alt_r);
    k.drain();
    k.press(Key::print), k.release(Key::print);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xe0, 0xb8, 0xe0, 0x38, 0x54, 0xd4, 0xe0, 0xb8, 0xe0, 0x38}));
}

TEST(I8042, AFullQueueDropsKeysWhole) {
    Keyboard k;
    k.mode(0x41);
    for (int n = 0; n < 20; n++)
        k.press(Key::up);
    EXPECT_EQ(k.drain().size(), 16u);
    for (int n = 0; n < 5; n++)
        k.press(Key::print);
    EXPECT_EQ(k.drain().size(), 16u);
}

TEST(I8042, LampsAndTheOutputPort) {
    Keyboard k;
    k.outb(0x60, 0xed);
    k.outb(0x60, Ps2Keyboard::num_lock | Ps2Keyboard::caps_lock);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xfa}));
    EXPECT_EQ(k.chip.keyboard().leds(), 6);
    k.outb(0x64, 0xd0);
    EXPECT_EQ(k.drain(), (Keyboard::V{0xcf}));
}

TEST(I8042, ALongWayIsSentInSteps) {
    Keyboard k;
    k.mode(0x43);
    for (const int v : {0xf3, 200, 0xf3, 200, 0xf3, 80, 0xf4})
        k.to_mouse(u8(v)), k.drain();
    Ps2Mouse& mouse = k.chip.mouse();
    mouse.button_event(InputButton::side, true);
    mouse.relative_event(InputAxis::x, 1'000'000'000);
    mouse.relative_event(InputAxis::x, 2'000'000'000);
    mouse.input_sync();
    EXPECT_EQ(k.drain().size(), 16u);  // what the queue takes; the rest of the way comes later
    EXPECT_EQ(mouse.state().mouse_dx, (1 << 30) - 4 * 127);
}

TEST(I8042, TheWheelGoesToTheSideToo) {
    Keyboard k;
    k.mode(0x43);
    for (const int v : {0xf3, 200, 0xf3, 200, 0xf3, 80, 0xf4})
        k.to_mouse(u8(v)), k.drain();
    Ps2Mouse& mouse = k.chip.mouse();
    mouse.button_event(InputButton::extra, true);
    mouse.button_event(InputButton::wheel_right, true);
    mouse.input_sync();
    EXPECT_EQ(k.drain(), (Keyboard::V{0x08, 0, 0, 0x7f}));
    mouse.button_event(InputButton::wheel_up, true);
    mouse.input_sync();
    EXPECT_EQ(k.drain(), (Keyboard::V{0x08, 0, 0, 0x2f}));
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

TEST(Keymap, NumbersAndSetsAgree) {
    EXPECT_EQ(scan_code(Key::ret, 1), 0x1c);
    EXPECT_EQ(scan_code(Key::kp_enter, 1), 0xe01c);
    EXPECT_EQ(ui::key_of_number(0x9c), Key::kp_enter);
    EXPECT_EQ(ui::key_of_number(0x7fff), Key::unmapped);
    EXPECT_EQ(scan_code(Key::again, 2), 0);
    EXPECT_EQ(translate_set2(0x1c), 0x1e);
    EXPECT_EQ(translate_set2(0x83), 0x41);
    // Whatever the translated set 2 has, set 1 has as the same code: guests rely on it.
    for (unsigned n = 1; n < 256; n++) {
        const Key key = ui::key_of_number(n);
        const u16 set2 = scan_code(key, 2);
        if (!set2 || key == Key::print || key == Key::pause) continue;
        const u16 translated = u16((set2 & 0xff00) | translate_set2(u8(set2)));
        // The hiragana key of Japanese keyboards is the one that is not so.
        EXPECT_EQ(translated, scan_code(key, 1)) << qapi::name(key);
    }
}
