// SPDX-License-Identifier: GPL-2.0-or-later
//
// The GD5446: its hidden registers, windows and blitter, on either bus; and that no values of its
// registers reach beyond its memory.
#include <random>

#include "hw/display/cirrus-isa.h"
#include "hw/display/cirrus-pci.h"
#include "tests/unit/hw/device-conformance.h"
#include "tests/unit/hw/isa-fixture.h"
#include "tests/unit/hw/pci/pc-chips.h"

namespace {

using namespace hw;

constexpr u64 linear = 0xf0000000, mmio = 0xf4000000;

/// The first base goes last: a display that goes takes its console out of the list.
struct Screens {
    ui::Consoles consoles;
};

class CirrusPciTest : protected Screens, public hw::testing::PcChips {
protected:
    CirrusPciTest() {
        p.services.provide(consoles);
        card = &plug(std::make_unique<CirrusPci>(), 0x10);
        reset(system);
        set_config(0x10, 0x04, 3, 2);
        set_config(0x10, 0x10, linear);
        set_config(0x10, 0x14, mmio);
        p.outb(0x3c2, 0x67);
        set_sr(7, 1);
    }
    void set_sr(u8 n, u8 v) { p.outb(0x3c4, n), p.outb(0x3c5, v); }
    void set_gr(u8 n, u8 v) { p.outb(0x3ce, n), p.outb(0x3cf, v); }
    u8 gr(u8 n) {
        p.outb(0x3ce, n);
        return p.inb(0x3cf);
    }
    u8 pixel(u64 at) { return u8(p.read(linear + at, 1)); }
    struct Blit {
        u8 mode = 0, rop = 0x0d, extended = 0;
        unsigned width = 1, height = 1, dst_pitch = 640, src_pitch = 640;
        u32 dst = 0, src = 0;
    };
    void blit(const Blit& b) {
        auto words = [&](u8 first, u32 v, unsigned n) {
            for (unsigned i = 0; i < n; i++)
                set_gr(u8(first + i), u8(v >> 8 * i));
        };
        words(0x20, b.width - 1, 2), words(0x22, b.height - 1, 2);
        words(0x24, b.dst_pitch, 2), words(0x26, b.src_pitch, 2);
        words(0x28, b.dst, 3), words(0x2c, b.src, 3);
        set_gr(0x30, b.mode), set_gr(0x32, b.rop), set_gr(0x33, b.extended);
        set_gr(0x31, 0), set_gr(0x31, 2);
    }

    CirrusPci* card = nullptr;
};

TEST_F(CirrusPciTest, TheFifthAccessReachesTheHiddenDac) {
    p.inb(0x3c8);
    for (int i = 0; i < 4; i++)
        EXPECT_EQ(p.inb(0x3c6), 0xff);
    p.outb(0x3c6, 0xc1);
    for (int i = 0; i < 4; i++)
        EXPECT_EQ(p.inb(0x3c6), 0xff);
    EXPECT_EQ(p.inb(0x3c6), 0xc1);
    EXPECT_EQ(p.inb(0x3c6), 0xff);
}

TEST_F(CirrusPciTest, TheWindowHasTwoBanks) {
    set_gr(0x0b, 0x21);  // two of them, in steps of 16 KiB
    set_gr(0x09, 1), set_gr(0x0a, 8);
    p.write(0xa0010, 1, 0x11);
    p.write(0xa8010, 1, 0x22);
    EXPECT_EQ(pixel(0x4010), 0x11);
    EXPECT_EQ(pixel(0x20010), 0x22);
    // Memory ends 16 KiB after where the last bank begins.
    set_gr(0x0b, 0x20), set_gr(0x09, 0xff);
    p.write(0xa5000, 1, 0x33);
    EXPECT_EQ(p.read(0xa5000, 1), 0xffu);
}

TEST_F(CirrusPciTest, ExtendedWritesSpreadAByteOverEightPixels) {
    set_gr(0x05, 0x45), set_gr(0x0b, 0x06);
    set_gr(0x00, 0x30), set_gr(0x01, 0xf1);
    p.write(linear + 2, 1, 0xa0);
    set_gr(0x05, 0x40), set_gr(0x0b, 0);
    EXPECT_EQ(p.read(linear + 16, 4), 0x30f130f1u);
    EXPECT_EQ(p.read(linear + 20, 4), 0x30303030u);
}

TEST_F(CirrusPciTest, CopiesThatOverlapGoTheWayTheyAreTold) {
    for (unsigned i = 0; i < 8; i++)
        p.write(linear + i, 1, i + 1);
    blit({.mode = 1, .width = 8, .dst = 9, .src = 7});
    EXPECT_EQ(p.read(linear + 2, 8), 0x0807060504030201u);
    blit({.width = 8, .dst = 3, .src = 2});  // forwards, a byte runs through
    EXPECT_EQ(p.read(linear + 3, 8), 0x0101010101010101u);
}

TEST_F(CirrusPciTest, TheProcessorFeedsTheBlitter) {
    set_gr(0x01, 0xaa), set_gr(0x00, 0x55);
    blit({.mode = 0x84, .width = 8, .height = 2, .dst = 0x100});
    EXPECT_EQ(gr(0x31) & 0x03, 0x03);
    p.write(linear + 0x1000000, 1, 0xf0);
    p.write(linear + 0x40, 1, 0x0f);  // anywhere
    EXPECT_EQ(gr(0x31) & 0x03, 0);
    EXPECT_EQ(p.read(linear + 0x100, 8), 0x55555555aaaaaaaau);
    EXPECT_EQ(p.read(linear + 0x100 + 640, 8), 0xaaaaaaaa55555555u);
    EXPECT_EQ(pixel(0x40), 0);
    // Reset takes it back.
    blit({.mode = 0x04, .width = 8, .height = 2});
    set_gr(0x31, 4), set_gr(0x31, 0);
    p.write(linear + 0x40, 1, 0x77);
    EXPECT_EQ(pixel(0x40), 0x77);
}

TEST_F(CirrusPciTest, WhatLeavesMemoryIsNotDone) {
    p.write(linear + 0x3fffff, 1, 0x12);
    blit({.mode = 0xc0, .rop = 0x0e, .extended = 4, .width = 2, .dst = 0x3fffff});
    EXPECT_EQ(pixel(0x3fffff), 0x12);
    EXPECT_EQ(pixel(0), 0);
    blit({.mode = 0xc0, .rop = 0x0e, .extended = 4, .width = 1, .dst = 0x3fffff});
    EXPECT_EQ(pixel(0x3fffff), 0xff);
}

TEST_F(CirrusPciTest, MarksWhatTheBlitterWrote) {
    exec::RamBlock* vram = nullptr;
    for (const auto& block : p.map.ram_blocks())
        if (block->idstr().find("vga.vram") != std::string::npos) vram = block.get();
    ASSERT_TRUE(vram);
    vram->watch(exec::DirtyClient::Migration, true);
    blit({.mode = 0xc0,
          .rop = 0x0e,
          .extended = 4,
          .width = 16,
          .height = 3,
          .dst_pitch = 0x1000,
          .dst = 0x10010});
    EXPECT_FALSE(vram->dirty(exec::DirtyClient::Migration, 0x0f));
    for (unsigned page : {0x10, 0x11, 0x12})
        EXPECT_TRUE(vram->dirty(exec::DirtyClient::Migration, page)) << page;
    EXPECT_FALSE(vram->dirty(exec::DirtyClient::Migration, 0x13));
    vram->watch(exec::DirtyClient::Migration, false);
}

TEST_F(CirrusPciTest, NoValuesReachBeyondItsMemory) {
    std::mt19937 random(1);
    auto below = [&](unsigned n) { return random() % n; };
    for (int i = 0; i < 20'000; i++) {
        switch (below(6)) {
            case 0: p.outb(u16(0x3c0 + below(0x20)), u8(random())); break;
            case 1: set_gr(u8(below(0x40)), u8(random())); break;
            case 2:
                // Short lines, or it takes all day.
                set_gr(0x21, 0), set_gr(0x23, 0);
                p.write(mmio + below(0x1000), 1, random() & 0xff);
                break;
            case 3: p.write(linear + below(0x2000000), 1, random() & 0xff); break;
            case 4: p.write(0xa0000 + below(0x20000), 1, random() & 0xff); break;
            default: p.read(linear + below(0x2000000), 1);
        }
        if (i % 2000 == 0) card->picture();
    }
    const auto bytes = saved(*card);
    restore(*card, bytes);
    EXPECT_EQ(saved(*card), bytes);
}

TEST_F(CirrusPciTest, TheCursorLiesOverThePicture) {
    const std::initializer_list<u8> crtc = {0x5f, 0x4f, 0x50, 0x82, 0x54,
                                            0x80, 0x0b, 0x3e, 0,    0x40};
    p.outb(0x3d4, 0x11), p.outb(0x3d5, 0);
    for (u8 n = 0; const u8 v : crtc)
        p.outb(0x3d4, n++), p.outb(0x3d5, v);
    p.outb(0x3d4, 0x12), p.outb(0x3d5, 0xdf);
    p.outb(0x3d4, 0x13), p.outb(0x3d5, 80);
    set_gr(5, 0x40), set_gr(6, 5);
    p.inb(0x3da), p.outb(0x3c0, 0x20);
    set_sr(0x12, 2);  // its own colors
    p.outb(0x3c8, 15);
    for (int i = 0; i < 3; i++)
        p.outb(0x3c9, 0x3f);
    set_sr(0x12, 1);
    set_sr(0x10 | 3 << 5, 2), set_sr(0x11, 1);  // at 19, 8
    p.write(linear + 0x3fc000, 1, 0x80);        // its first dot inverts,
    p.write(linear + 0x3fc000 + 4, 1, 0x80);
    p.write(linear + 0x3fc000 + 128 + 4, 1, 0x80);  // and one below is foreground
    ui::Image image = card->picture();
    ASSERT_EQ(image.width, 640u);
    EXPECT_EQ(image.row(8)[19], 0xffffffu);
    EXPECT_EQ(image.row(9)[19], 0xffffffu);
    EXPECT_EQ(image.row(8)[20], 0u);
    // Its colors outlive a load, which QEMU's form has no place for.
    const auto bytes = saved(*card);
    reset(system);
    restore(*card, bytes);
    EXPECT_EQ(card->picture().row(9)[19], 0xffffffu);
}

struct IsaCirrus final : hw::testing::Specimen {
    hw::testing::IsaFixture f;
    CirrusIsa& card = f.plug(std::make_unique<CirrusIsa>());
    Device& device() override { return card; }
    void stir() override {
        f.outb(0x3c2, 0x67);
        for (u8 n = 0; n < 0x3a; n++)
            if (n != 0x31) f.outb(0x3ce, n), f.outb(0x3cf, u8(0xa0 + n));
        for (u8 n = 0; n < 0x20; n++)
            f.outb(0x3c4, n), f.outb(0x3c5, u8(0x55 + n));
        f.outb(0x3c6, 0), f.inb(0x3c6);
        f.outb(0x3c8, 200);
        for (u8 n = 0; n < 30; n++)
            f.outb(0x3c9, n);
    }
};

TEST(CirrusIsa, Conforms) {
    hw::testing::expect_conforming([] { return std::make_unique<IsaCirrus>(); });
}

TEST(CirrusIsa, LosesNothingBetweenOneOfOursAndTheNext) {
    IsaCirrus one, other;
    one.stir();
    const auto loaded = hw::testing::load_bytes(other.card, hw::testing::saved_bytes(one.card));
    ASSERT_TRUE(loaded) << loaded.error().description();
    for (u8 n = 0; n < 0x3a; n++) {
        one.f.outb(0x3ce, n), other.f.outb(0x3ce, n);
        EXPECT_EQ(other.f.inb(0x3cf), one.f.inb(0x3cf)) << int(n);
    }
    for (u8 n = 0; n < 0x20; n++) {
        one.f.outb(0x3c4, n), other.f.outb(0x3c4, n);
        EXPECT_EQ(other.f.inb(0x3c5), one.f.inb(0x3c5)) << int(n);
    }
    for (int n = 0; n < 8; n++)
        EXPECT_EQ(other.f.inb(0x3c6), one.f.inb(0x3c6)) << n;
}

}  // namespace
