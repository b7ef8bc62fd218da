// SPDX-License-Identifier: GPL-2.0-or-later
//
// The standard VGA: registers as captured from QEMU 7.2.22 after the same accesses, the memory
// window, and the picture.
#include "hw/display/vga-pci.h"
#include "tests/unit/hw/pci/pc-chips.h"

namespace {

using namespace hw;

/// The first base goes last: a display that goes takes its console out of the list.
struct Screens {
    ui::Consoles consoles;
};

class VgaTest : protected Screens, public hw::testing::PcChips {
protected:
    VgaTest() {
        p.services.provide(consoles);
        vga = &plug(std::make_unique<VgaPci>(vga_pci_type), 0x10);
        reset(system);
        set_config(0x10, 0x04, 3, 2);
        set_config(0x10, 0x10, 0xfd000000);
        set_config(0x10, 0x18, 0xfebf0000);
    }
    // The services it uses are this class's members, and go first.
    ~VgaTest() override { host->bus().unplug(*vga); }
    void index_write(std::uint16_t port, int index, int value) {
        p.outb(port, static_cast<std::uint8_t>(index));
        p.outb(static_cast<std::uint16_t>(port + 1), static_cast<std::uint8_t>(value));
    }
    void attribute(int index, int value) {
        p.inb(0x3da);
        p.outb(0x3c0, static_cast<std::uint8_t>(index));
        p.outb(0x3c0, static_cast<std::uint8_t>(value));
    }
    void vbe(int index, int value) {
        p.outw(0x1ce, static_cast<std::uint16_t>(index));
        p.outw(0x1cf, static_cast<std::uint16_t>(value));
    }
    /// 80 x 25 characters of 9 x 16 dots, as a BIOS sets it up.
    void text_mode() {
        p.outb(0x3c2, 0x67);
        index_write(0x3c4, 1, 0);
        index_write(0x3c4, 2, 3);
        index_write(0x3c4, 3, 0);
        index_write(0x3ce, 5, 0x10);
        index_write(0x3ce, 6, 0x0e);
        const std::pair<int, int> crtc[] = {{0x11, 0},    {1, 79},      {7, 0x1f},    {9, 0x4f},
                                            {0x0a, 0x20}, {0x12, 0x8f}, {0x13, 0x28}, {0x17, 0xa3}};
        for (auto [n, v] : crtc)
            index_write(0x3d4, n, v);
        for (int n = 0; n < 16; n++)
            attribute(n, n);
        attribute(0x10, 0x0c);
        attribute(0x13, 8);
        p.inb(0x3da);
        p.outb(0x3c0, 0x20);
        p.outb(0x3c8, 7);
        for (int n = 0; n < 3; n++)
            p.outb(0x3c9, 0x2a);
    }

    VgaPci* vga = nullptr;
};

TEST_F(VgaTest, ResetStateIsTheCapturedOne) {
    EXPECT_EQ(config(0x10, 0x00), 0x11111234u);
    EXPECT_EQ(config(0x10, 0x08), 0x03000002u);
    EXPECT_EQ(saved(*vga).size(), 1407u);
    EXPECT_EQ(p.inb(0x3d4), 0xff);
    EXPECT_EQ(p.inb(0x3c0), 0);
    p.outw(0x1ce, 0);
    EXPECT_EQ(p.inw(0x1cf), 0xb0c5);
    p.outw(0x1ce, 10);
    EXPECT_EQ(p.inw(0x1cf), 256);
    EXPECT_EQ(vga->state().vga.vbe_bank_mask, 255u);
}

TEST_F(VgaTest, RegistersEndUpAsQemusAfterTheSameAccesses) {
    p.outb(0x3c2, 0x67);
    index_write(0x3c4, 2, 0x0f);
    index_write(0x3d4, 0x11, 0x0e);
    p.outb(0x3c8, 0x10);
    p.outb(0x3c9, 0x3f);
    p.outb(0x3c9, 0x15);
    EXPECT_EQ(p.inb(0x3da), 9);
    p.outb(0x3c0, 0x10);
    vbe(1, 640);
    vbe(2, 480);
    vbe(3, 32);
    vbe(4, 0x41);
    const VgaState& s = vga->state().vga;
    EXPECT_EQ(s.gr[5], 0x40);
    EXPECT_EQ(s.gr[6], 0x05);
    EXPECT_EQ(s.ar_index, 16);
    EXPECT_EQ(s.ar_flip_flop, 1);
    const std::uint8_t crtc[25] = {0, 0x4f, 0, 0, 0,    0,    0,    0x12, 0, 0x40, 0,    0,   0,
                                   0, 0,    0, 0, 0x0e, 0xdf, 0x40, 0,    0, 0,    0x03, 0xff};
    for (unsigned n = 0; n < 25; n++)
        EXPECT_EQ(s.cr[n], crtc[n]) << "CR" << n;
    EXPECT_EQ(s.msr, 103);
    EXPECT_EQ(s.dac_sub_index, 2);
    EXPECT_EQ(s.dac_write_index, 16);
    const std::uint16_t regs[10] = {0xb0c5, 640, 480, 32, 65, 0, 640, 0x1999, 0, 0};
    for (unsigned n = 0; n < 10; n++)
        EXPECT_EQ(s.vbe_regs[n], regs[n]) << "VBE " << n;
    EXPECT_EQ(s.vbe_line_offset, 0xa00u);
}

TEST_F(VgaTest, ShowsTextInTheGuestsFont) {
    text_mode();
    p.write(0xb8000, 2, 0x0741);  // A, grey on black
    p.write(0xb8002, 2, 0x0742);
    EXPECT_EQ(vga->text().plain().substr(0, 3), "AB\n");
    // The glyph of A: one full line, its third.
    p.write(0xfd000000 + (0x41 * 32 + 2) * 4 + 2, 1, 0xf0);
    const ui::Image image = vga->picture();
    ASSERT_EQ(image.width, 720u);
    ASSERT_EQ(image.height, 400u);
    EXPECT_EQ(image.row(2)[0], 0xa8a8a8u);
    EXPECT_EQ(image.row(2)[3], 0xa8a8a8u);
    EXPECT_EQ(image.row(2)[4], 0u);
    EXPECT_EQ(image.row(1)[0], 0u);
}

TEST_F(VgaTest, ShowsALinearMode) {
    p.outb(0x3c0, 0x20);  // the palette is on
    vbe(1, 64);
    vbe(2, 48);
    vbe(3, 32);
    vbe(4, 0x41);
    p.write(0xfd000000 + (5 * 64 + 7) * 4, 4, 0x00123456);
    const ui::Image image = vga->picture();
    ASSERT_EQ(image.width, 64u);
    ASSERT_EQ(image.height, 48u);
    EXPECT_EQ(image.row(5)[7], 0x123456u);
    EXPECT_EQ(p.read(0xfebf0500 + 2, 2), 64u);  // the same registers in BAR 2
    vbe(1, 640);
    vbe(2, 20000);
    EXPECT_EQ(vga->state().vga.vbe_regs[2], 16384 * 1024 / (640 * 4));
}

TEST_F(VgaTest, WritesPlanesThroughTheLatch) {
    p.outb(0x3c2, 0x67);
    index_write(0x3c4, 2, 0x0f);
    index_write(0x3ce, 6, 0x05);
    index_write(0x3ce, 8, 0xff);
    index_write(0x3ce, 5, 0x02);  // write mode 2: a color
    p.write(0xa0000, 1, 0x05);
    EXPECT_EQ(p.read(0xfd000000, 4), 0x00ff00ffu);
    index_write(0x3ce, 5, 0x01);  // write mode 1: the latch
    p.read(0xa0000, 1);
    p.write(0xa0001, 1, 0);
    EXPECT_EQ(p.read(0xfd000004, 4), 0x00ff00ffu);
    index_write(0x3ce, 5, 0x08);  // read mode 1: compare
    index_write(0x3ce, 2, 0x05);
    index_write(0x3ce, 7, 0x0f);
    EXPECT_EQ(p.read(0xa0000, 1), 0xffu);
    index_write(0x3ce, 2, 0x04);
    EXPECT_EQ(p.read(0xa0000, 1), 0x00u);
}

TEST_F(VgaTest, SavedStateComesBack) {
    text_mode();
    vbe(1, 800);
    const auto bytes = saved(*vga);
    reset(system);
    EXPECT_NE(saved(*vga), bytes);
    restore(*vga, bytes);
    EXPECT_EQ(saved(*vga), bytes);
    ASSERT_EQ(consoles.all().size(), 1u);
}

}  // namespace
