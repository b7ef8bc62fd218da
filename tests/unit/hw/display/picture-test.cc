// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the screen shows for registers set as a BIOS sets them: the modes, and what can be done to a
// picture without drawing it anew. The same programs were run on QEMU 7.2.22, whose screendump
// showed the same.
#include <gtest/gtest.h>

#include <random>

#include "exec/ram-block.h"
#include "hw/display/vga.h"

namespace {

using namespace hw;

class Adapter {
public:
    Adapter() {
        vga.connect(*vram_);
        vga.reset();
    }
    struct Mode {
        int misc;
        std::vector<int> sr, cr, gr, ar;  // from the first register on
    };
    void set(const Mode& m) {
        out(0x3c2, m.misc);
        each(0x3c4, m.sr);
        index(0x3d4, 0x11, 0);
        each(0x3d4, m.cr);
        each(0x3ce, m.gr);
        for (unsigned n = 0; n < m.ar.size(); n++)
            attribute(static_cast<int>(n), m.ar[n]);
        in(0x3da);
        out(0x3c0, 0x20);
    }
    void index(unsigned port, int n, int value) {
        out(port, n);
        out(port + 1, value);
    }
    void attribute(int n, int value) {
        in(0x3da);
        out(0x3c0, n | 0x20);
        out(0x3c0, value);
        in(0x3da);
    }
    void dac(int n, int r, int g, int b) {
        out(0x3c8, n);
        for (int v : {r, g, b})
            out(0x3c9, v);
    }
    void vbe(int n, int value) {
        vga.set_vbe_index(static_cast<std::uint16_t>(n));
        vga.vbe_write(static_cast<std::uint16_t>(value));
    }
    void linear(int width, int height, int bpp) {
        in(0x3da), in(0x3ba);
        out(0x3c0, 0x20);
        vbe(VBE_ENABLE, 0);
        vbe(VBE_XRES, width);
        vbe(VBE_YRES, height);
        vbe(VBE_BPP, bpp);
        vbe(VBE_ENABLE, 0x41);
    }
    void out(unsigned port, int value) { vga.port_write(port, static_cast<std::uint8_t>(value)); }
    int in(unsigned port) { return vga.port_read(port); }
    std::uint8_t* memory() { return vram_->host(); }
    std::uint64_t size() const { return vram_->size(); }
    /// A row of the picture as one number a dot.
    std::vector<std::uint32_t> row(unsigned y, unsigned from, unsigned count,
                                   std::int64_t now_ns = 0) {
        const ui::Image image = vga.picture(now_ns);
        EXPECT_LT(y, image.height);
        return {image.row(y) + from, image.row(y) + from + count};
    }

private:
    void each(unsigned port, const std::vector<int>& values) {
        for (unsigned n = 0; n < values.size(); n++)
            index(port, static_cast<int>(n), values[n]);
    }
    exec::MemoryMap map_;
    exec::RamBlock* vram_ = *map_.allocate_ram("vram", 1 << 20);
    VgaState state_;

public:
    Vga vga{state_};
};

// The modes of an IBM VGA's BIOS (Hardware Interface Technical Reference, "Video Subsystem").
const Adapter::Mode text_80x25{
    0x67,
    {3, 0, 3, 0, 2},
    {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0,
     0,    0,    0,    0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff},
    {0, 0, 0, 0, 0, 0x10, 0x0e, 0x0f, 0xff},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x0c, 0, 0x0f, 8, 0}};
const Adapter::Mode cga_320x200{
    0x63,
    {3, 9, 3, 0, 2},
    {0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0x00, 0xc1, 0,    0,   0,
     0,    0,    0,    0x9c, 0x8e, 0x8f, 0x14, 0x00, 0x96, 0xb9, 0xa2, 0xff},
    {0, 0, 0, 0, 0, 0x30, 0x0f, 0x0f, 0xff},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x01, 0, 0x03, 0, 0}};
const Adapter::Mode planar_640x480{
    0xe3,
    {3, 1, 15, 0, 6},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0b, 0x3e, 0x00, 0x40, 0,    0,   0,
     0,    0,    0,    0xea, 0x8c, 0xdf, 0x28, 0x00, 0xe7, 0x04, 0xe3, 0xff},
    {0, 0, 0, 0, 0, 0, 5, 0x0f, 0xff},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x01, 0, 0x0f, 0, 0}};
const Adapter::Mode chained_320x200{
    0x63,
    {3, 1, 15, 0, 14},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0x00, 0x41, 0,    0,   0,
     0,    0,    0,    0x9c, 0x8e, 0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff},
    {0, 0, 0, 0, 0, 0x40, 5, 0x0f, 0xff},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0, 0x0f, 0, 0}};

using Dots = std::vector<std::uint32_t>;
constexpr std::uint32_t grey = 0xa8a8a8, white = 0xffffff, blue = 0x0000a8;

class TextPicture : public ::testing::Test, protected Adapter {
protected:
    TextPicture() {
        set(text_80x25);
        index(0x3d4, 0x0a, 0x20);
        dac(7, 0x2a, 0x2a, 0x2a);
        dac(15, 0x3f, 0x3f, 0x3f);
        dac(1, 0, 0, 0x2a);
        for (int n = 0; n < 32; n++)
            glyph('A', n, 0x81), glyph(0xc4, n, 0xff), glyph(0xb2, n, 0xff);
    }
    void put(int cell, int character, int attribute) {
        memory()[cell * 4] = static_cast<std::uint8_t>(character);
        memory()[cell * 4 + 1] = static_cast<std::uint8_t>(attribute);
    }
    void glyph(int character, int line, int dots, int font = 0) {
        memory()[(font + character * 32 + line) * 4 + 2] = static_cast<std::uint8_t>(dots);
    }
};

TEST_F(TextPicture, TheNinthDotIsForLineDrawing) {
    put(0, 'A', 0x17);
    put(1, 0xc4, 0x17);
    put(2, 0xb2, 0x17);
    EXPECT_EQ(row(0, 0, 9), (Dots{grey, blue, blue, blue, blue, blue, blue, grey, blue}));
    EXPECT_EQ(row(0, 9, 9), Dots(9, grey));
    EXPECT_EQ(row(0, 26, 1), Dots{blue});
    attribute(0x10, 0x08);  // no line graphics
    EXPECT_EQ(row(0, 17, 1), Dots{blue});
    index(0x3c4, 1, 1);  // eight dots
    EXPECT_EQ(vga.picture(0).width, 640u);
    index(0x3c4, 1, 9);  // of half the clock: forty columns
    index(0x3d4, 0x11, 0), index(0x3d4, 1, 39);
    EXPECT_EQ(vga.picture(0).width, 640u);
    EXPECT_EQ(row(0, 0, 3), (Dots{grey, grey, blue}));
}

TEST_F(TextPicture, TheCursorAndCharactersBlink) {
    put(0, ' ', 0x97);
    put(80, ' ', 0x07);
    index(0x3d4, 0x0e, 0), index(0x3d4, 0x0f, 80);
    index(0x3d4, 0x0a, 13), index(0x3d4, 0x0b, 14);
    const std::int64_t field = 1'000'000'000 / 70;
    EXPECT_EQ(row(16 + 12, 0, 1), Dots{0});
    EXPECT_EQ(row(16 + 13, 0, 9), Dots(9, grey));
    EXPECT_EQ(row(16 + 14, 0, 9), Dots(9, grey));
    EXPECT_EQ(row(16 + 15, 0, 1), Dots{0});
    EXPECT_EQ(row(16 + 13, 0, 1, 8 * field), Dots{0});
    put(0, 'A', 0x97);
    EXPECT_EQ(row(0, 0, 2), (Dots{grey, blue}));
    EXPECT_EQ(row(0, 0, 2, 16 * field), (Dots{blue, blue}));
    attribute(0x10, 0x04);  // bright backgrounds instead
    dac(9, 0x3f, 0x3f, 0x3f);
    EXPECT_EQ(row(0, 0, 2, 16 * field), (Dots{grey, white}));
}

TEST_F(TextPicture, AttributeBit3ChoosesTheFont) {
    index(0x3c4, 3, 0x20);  // map A: the fifth font; map B: the first
    glyph('A', 0, 0xff, 0x2000);
    put(0, 'A', 0x17), put(1, 'A', 0x1f);
    EXPECT_EQ(row(0, 0, 3), (Dots{grey, blue, blue}));
    EXPECT_EQ(row(0, 9, 3), (Dots{white, white, white}));
}

TEST_F(TextPicture, PansByDotsAndLinesAndSplits) {
    glyph('B', 0, 0xff), glyph('B', 1, 0x00);
    for (int n = 0; n < 4000; n++)
        put(n, ' ', 0x07);
    put(80, 'A', 0x17);
    put(160, 'B', 0x17);
    put(0, 'B', 0x0f);
    index(0x3d4, 0x0d, 80);
    index(0x3d4, 0x08, 4);  // from the fifth line of the first row on
    attribute(0x13, 1);     // two dots to the left
    EXPECT_EQ(row(0, 0, 7), (Dots{blue, blue, blue, blue, blue, grey, blue}));
    EXPECT_EQ(row(11, 0, 1), Dots{blue});
    EXPECT_EQ(row(12, 0, 7), (Dots{grey, grey, grey, grey, grey, grey, blue}));
    EXPECT_EQ(row(13, 0, 1), Dots{blue});
    // Below line 99 the beginning of memory stands still.
    index(0x3d4, 0x18, 99), index(0x3d4, 7, 0x0f), index(0x3d4, 9, 0x0f);
    EXPECT_EQ(row(99, 0, 1), Dots{0});
    EXPECT_EQ(row(100, 0, 7), (Dots{white, white, white, white, white, white, 0}));
    EXPECT_EQ(row(101, 0, 1), Dots{0});
    const ui::TextScreen text = vga.text();
    EXPECT_EQ(text.at(0, 0).character, U'A');
    EXPECT_EQ(text.at(0, 1).character, U'B');
}

TEST_F(TextPicture, CharactersComeWithColorsAndCursor) {
    put(82, 'A', 0x9f);
    index(0x3d4, 0x0f, 82), index(0x3d4, 0x0a, 0);
    const ui::TextScreen text = vga.text();
    EXPECT_EQ(text.columns, 80u);
    EXPECT_EQ(text.rows, 25u);
    EXPECT_EQ(text.at(2, 1), (ui::TextScreen::Cell{U'A', 15, 1, true}));
    ASSERT_TRUE(text.cursor);
    EXPECT_EQ(text.cursor->column, 2u);
    EXPECT_EQ(text.cursor->row, 1u);
}

TEST(GraphicsPicture, Planar) {
    Adapter a;
    a.set(planar_640x480);
    for (int n = 0; n < 16; n++)
        a.dac(n, n, n, n);
    for (int n = 0; n < 4; n++)
        a.memory()[80 * 4 + n] = static_cast<std::uint8_t>(0x80 >> n);
    EXPECT_EQ(a.vga.picture(0).height, 480u);
    EXPECT_EQ(a.row(1, 0, 5), (Dots{0x070707, 0x080808, 0x101010, 0x202020, 0}));
    a.attribute(0x12, 0x0b);  // without the third plane
    EXPECT_EQ(a.row(1, 0, 5), (Dots{0x070707, 0x080808, 0, 0x202020, 0}));
    a.attribute(0x13, 2);
    EXPECT_EQ(a.row(1, 0, 2), (Dots{0, 0x202020}));
}

TEST(GraphicsPicture, CgaIsInterleaved) {
    Adapter a;
    a.set(cga_320x200);
    for (int n = 0; n < 4; n++)
        a.dac(n, n * 16, 0, 0);
    a.memory()[0] = 0x1b;       // line 0: the four colors
    a.memory()[0x4001] = 0xe4;  // line 1, pixels 4 to 7
    const Dots up{0, 0, 0x400000, 0x400000, 0x800000, 0x800000, 0xc30000, 0xc30000};
    const ui::Image image = a.vga.picture(0);
    ASSERT_EQ(image.width, 640u);
    ASSERT_EQ(image.height, 400u);
    EXPECT_EQ(a.row(0, 0, 6), (Dots{0, 0, 0x400000, 0x400000, 0x800000, 0x800000}));
    EXPECT_EQ(a.row(1, 2, 1), Dots{0x400000});
    EXPECT_EQ(a.row(2, 2, 1), Dots{0});
    EXPECT_EQ(a.row(2, 10, 2), (Dots{0x800000, 0x800000}));
    EXPECT_EQ(a.row(4, 2, 1), Dots{0});
}

TEST(GraphicsPicture, TwoHundredFiftySixColors) {
    Adapter a;
    a.set(chained_320x200);
    a.dac(200, 0x3f, 0, 0x15);
    a.memory()[320] = 200;
    EXPECT_EQ(a.row(2, 0, 3), (Dots{0xff0057, 0xff0057, 0}));
    EXPECT_EQ(a.row(3, 0, 1), Dots{0xff0057});
    EXPECT_EQ(a.row(4, 0, 1), Dots{0});
    // The screen wraps around the end of memory.
    a.memory()[a.size() - 1] = 200;
    a.index(0x3d4, 0x0c, 0xff), a.index(0x3d4, 0x0d, 0xff);
    a.memory()[0xffff * 4 + 3] = 200;
    EXPECT_EQ(a.row(0, 6, 2), Dots(2, 0xff0057));
}

TEST(GraphicsPicture, LinearFormats) {
    Adapter a;
    auto pixel = [&](int bpp, std::uint32_t value) {
        a.linear(64, 48, bpp);
        for (unsigned n = 0; n < 4; n++)
            a.memory()[n] = static_cast<std::uint8_t>(value >> 8 * n);
        return a.row(0, 0, 1)[0];
    };
    EXPECT_EQ(pixel(15, 0x7c01), 0xff0008u);
    EXPECT_EQ(pixel(16, 0xf821), 0xff0408u);
    EXPECT_EQ(pixel(24, 0x123456), 0x123456u);
    EXPECT_EQ(pixel(32, 0xff123456), 0x123456u);
    a.dac(0x56, 1, 2, 0x3f);
    EXPECT_EQ(pixel(8, 0x56), 0x0708ffu);
    a.vbe(VBE_ENABLE, 0xe1);  // eight bits in the DAC
    EXPECT_EQ(a.row(0, 0, 1)[0], 0x01023fu);
}

TEST(GraphicsPicture, AVirtualScreenIsLookedAtThroughAWindow) {
    Adapter a;
    a.linear(64, 48, 32);
    a.vbe(VBE_VIRT_WIDTH, 128);
    a.vbe(VBE_X_OFFSET, 3);
    a.vbe(VBE_Y_OFFSET, 5);
    a.memory()[(6 * 128 + 4) * 4] = 0xff;
    EXPECT_EQ(a.row(1, 0, 3), (Dots{0, 0xff, 0}));
    EXPECT_EQ(a.vga.picture(0).width, 64u);
    a.vbe(VBE_Y_OFFSET, 65535);  // beyond the end: from the first line
    EXPECT_EQ(a.row(6, 1, 1), Dots{0xff});
}

TEST(Picture, IsBlackWhileThePaletteIsOff) {
    Adapter a;
    a.set(text_80x25);
    a.dac(0, 0x3f, 0x3f, 0x3f);
    EXPECT_EQ(a.row(0, 0, 1), Dots{white});
    a.in(0x3da);
    a.out(0x3c0, 0);
    const ui::Image image = a.vga.picture(0);
    EXPECT_EQ(image.width, 720u);
    EXPECT_EQ(image.row(0)[0], 0u);
    EXPECT_TRUE(a.vga.text().empty());
}

// Whatever the registers hold, a picture is made of memory that is there. Run under the sanitizers
// it means something.
TEST(Picture, SurvivesAnyRegisters) {
    Adapter a;
    std::minstd_rand random(1);
    auto number = [&](unsigned below) {
        return static_cast<int>(random() >> 8) % static_cast<int>(below);
    };
    for (std::uint64_t n = 0; n < a.size(); n++)
        a.memory()[n] = static_cast<std::uint8_t>(random() >> 8);
    for (int round = 0; round < 300; round++) {
        for (int n = 0; n < 100; n++) {
            const unsigned ports[] = {0x3c4, 0x3ce, 0x3d4, 0x3b4};
            switch (number(8)) {
                case 0: a.attribute(number(0x20), number(256)); break;
                case 1: a.out(0x3c2, number(256)); break;
                case 2: a.out(static_cast<unsigned>(0x3c0 + number(16)), number(256)); break;
                case 3: a.vbe(number(16), number(4) ? number(2048) : number(65536)); break;
                case 4:
                    a.vga.memory_write(static_cast<unsigned>(number(0x20000)),
                                       static_cast<unsigned>(number(256)), 1);
                    a.vga.memory_read(static_cast<unsigned>(number(0x20000)), 1);
                    break;
                default: a.index(ports[number(4)], number(32), number(256)); break;
            }
        }
        a.vga.picture(round * 1'000'000'000LL);
        a.vga.text();
    }
}

}  // namespace
