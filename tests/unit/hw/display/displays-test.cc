// SPDX-License-Identifier: GPL-2.0-or-later
//
// The display adapters around the VGA core: monitors, the second screen, the display without a VGA,
// the ISA card and its odd section.
#include <numeric>

#include "hw/display/bochs-display.h"
#include "hw/display/i2c-ddc.h"
#include "hw/display/ramfb.h"
#include "hw/display/vga-isa.h"
#include "hw/display/vga-pci.h"
#include "tests/unit/hw/device-conformance.h"
#include "tests/unit/hw/isa-fixture.h"
#include "tests/unit/hw/pci/pc-chips.h"

namespace {

using namespace hw;

unsigned sum(const Edid& e, unsigned block) {
    return std::accumulate(e.begin() + block * 128, e.begin() + (block + 1) * 128, 0u) & 0xff;
}

TEST(Edid, BlocksAddUpToZero) {
    for (const Monitor& m : {Monitor{}, Monitor{640, 480}, Monitor{4096, 2160}, Monitor{1, 1}}) {
        const Edid e = make_edid(m);
        for (unsigned block = 0; block < 3; block++)
            EXPECT_EQ(sum(e, block), 0u) << m.xres << " block " << block;
    }
}

TEST(Edid, PrefersWhatTheUserSet) {
    // QEMU 7.2's descriptor for 1280x800: 107.3 MHz, 448 and 28 blank.
    const std::uint8_t timing[] = {0xea, 0x29, 0x00, 0xc0, 0x51, 0x20, 0x1c, 0x30, 0x40,
                                   0x26, 0x44, 0x40, 0x45, 0xcb, 0x10, 0x00, 0x00, 0x18};
    const Edid e = make_edid({});
    EXPECT_TRUE(std::equal(std::begin(timing), std::end(timing), e.begin() + 0x36));
    EXPECT_EQ(e[126], 1);
    // Too large for the base block.
    const Edid large = make_edid({.xres = 4096, .yres = 2160});
    EXPECT_EQ(large[0x36], 0);
    EXPECT_EQ(large[126], 2);
    EXPECT_EQ(large[256], 0x70);
    EXPECT_EQ(large[256 + 12] | large[256 + 13] << 8, 4095);
}

TEST(Edid, OffersNoLargerModesThanTheLimit) {
    const Edid all = make_edid({}), some = make_edid({.xmax = 1600, .ymax = 900});
    EXPECT_EQ(all[0x26], 0xe1);
    EXPECT_EQ(all[0x80 + 4], 0x46);
    EXPECT_EQ(some[0x26], 0x95);  // 1440x900
    EXPECT_EQ(some[0x28], 0x01);
    EXPECT_EQ(some[0x80 + 4], 0x40);
}

/// The first base goes last: a display that goes takes its console out of the list.
struct Screens {
    ui::Consoles consoles;
};

class PciDisplays : protected Screens, public hw::testing::PcChips {
protected:
    PciDisplays() { p.services.provide(consoles); }
};

TEST_F(PciDisplays, TheSecondScreenHasRegistersInMemoryOnly) {
    VgaPci& vga = plug(std::make_unique<VgaPci>(secondary_vga_type), 0x10);
    reset(system);
    set_config(0x10, 0x04, 3, 2);
    set_config(0x10, 0x10, 0xfd000000);
    set_config(0x10, 0x18, 0xfebf0000);
    EXPECT_EQ(config(0x10, 0x08), 0x03800002u);
    EXPECT_EQ(p.inb(0x3cc), 0xff);
    p.write(0xfebf0402, 1, 0x67);  // the miscellaneous output register
    EXPECT_EQ(p.read(0xfebf040c, 1), 0x67u);
    EXPECT_EQ(p.read(0xfebf0000, 4), 0xffffff00u);
    EXPECT_EQ(p.read(0xfebf0300, 4), 0xffffffffu);
    p.write(0xfebf0604, 4, 0xbebebebe);
    EXPECT_EQ(p.read(0xfebf0604, 4), 0xbebebebeu);
    EXPECT_TRUE(vga.state().vga.big_endian_fb);
    EXPECT_EQ(consoles.all(), std::vector<ui::Console*>{&vga});
    host->bus().unplug(vga);
    EXPECT_TRUE(consoles.all().empty());
}

TEST_F(PciDisplays, TheBochsDisplayShowsWhatFitsItsMemory) {
    BochsDisplay& display = plug(std::make_unique<BochsDisplay>(), 0x10);
    reset(system);
    set_config(0x10, 0x04, 3, 2);
    set_config(0x10, 0x10, 0xfd000000);
    set_config(0x10, 0x18, 0xfebf0000);
    auto vbe = [&](unsigned n, unsigned value) { p.write(0xfebf0500 + 2 * n, 2, value); };
    EXPECT_EQ(p.read(0xfebf0500, 2), 0xb0c5u);
    EXPECT_EQ(p.read(0xfebf0514, 2), 256u);
    EXPECT_EQ(display.picture().width, 640u);
    vbe(VBE_XRES, 320), vbe(VBE_YRES, 200), vbe(VBE_BPP, 32), vbe(VBE_ENABLE, 0x41);
    vbe(VBE_X_OFFSET, 1), vbe(VBE_Y_OFFSET, 1);
    p.write(0xfd000000 + (320 * 2 + 3) * 4, 4, 0x00123456);
    ui::Image image = display.picture();
    ASSERT_EQ(image.width, 320u);
    EXPECT_EQ(image.row(1)[2], 0x123456u);
    p.write(0xfebf0604, 4, 0xbebebebe);
    EXPECT_EQ(display.picture().row(1)[2], 0x341200u);
    // Beyond memory, too small, of no known depth: the last picture stays.
    vbe(VBE_Y_OFFSET, 65535), vbe(VBE_VIRT_WIDTH, 65535);
    EXPECT_EQ(display.picture().width, 320u);
    vbe(VBE_XRES, 20), vbe(VBE_Y_OFFSET, 0), vbe(VBE_BPP, 24);
    EXPECT_EQ(display.picture().width, 320u);
    const auto bytes = saved(display);
    reset(system);
    restore(display, bytes);
    EXPECT_EQ(saved(display), bytes);
    host->bus().unplug(display);
}

struct IsaDisplay : hw::testing::IsaFixture {
    VgaIsa& card = plug(std::make_unique<VgaIsa>());
};

TEST(VgaIsa, SavesWhatLies176BytesInFrontOfItsRegisters) {
    IsaDisplay d;
    VgaState& r = d.card.registers();
    r.ar_index = 0x20;
    r.ar[0] = 0x3f;
    r.ar_flip_flop = 1;
    r.cr_index = 0x0f;
    r.cr[0] = 0x5f, r.cr[24] = 0xff;
    r.msr = 0x67;
    r.palette[5] = 0x2a;
    const auto bytes = hw::testing::saved_bytes(d.card);
    // latch, sr_index, sr, gr_index, gr, ar_index, ar, ar_flip_flop, cr_index, cr, eleven bytes.
    const std::size_t cr = 4 + 1 + 8 + 1 + 16 + 1 + 21 + 4 + 1, palette = cr + 256 + 11;
    EXPECT_EQ(bytes.at(cr + 149), 0x20);
    EXPECT_EQ(bytes.at(cr + 150), 0x3f);
    EXPECT_EQ(bytes.at(cr + 171), 1);
    EXPECT_EQ(bytes.at(cr + 175), 0x0f);
    EXPECT_EQ(bytes.at(cr + 176), 0x5f);
    EXPECT_EQ(bytes.at(cr + 200), 0xff);
    EXPECT_EQ(bytes.at(palette + 161), 0x67);
    EXPECT_EQ(bytes.at(palette + 181), 0x2a);
}

TEST(VgaIsa, LosesLittleBetweenOneOfOursAndTheNext) {
    IsaDisplay d, other;
    VgaState& r = d.card.registers();
    for (unsigned n = 0; n < 8; n++)
        r.sr[n] = static_cast<std::uint8_t>(n + 1);
    for (unsigned n = 0; n < 9; n++)
        r.gr[n] = static_cast<std::uint8_t>(n + 11);
    for (unsigned n = 0; n < 25; n++)
        r.cr[n] = static_cast<std::uint8_t>(n + 21);
    for (unsigned n = 0; n < 758; n++)
        r.palette[n] = n % 64;
    r.cr[85] = 200;  // where the place in the DAC's three bytes is looked for
    r.dac_write_index = 7;
    const auto loaded = hw::testing::load_bytes(other.card, hw::testing::saved_bytes(d.card));
    ASSERT_TRUE(loaded) << loaded.error().description();
    const VgaState& s = other.card.registers();
    EXPECT_EQ(s.sr, r.sr);
    EXPECT_EQ(s.gr, r.gr);
    EXPECT_EQ(s.palette, r.palette);
    EXPECT_EQ(s.dac_write_index, 7);
    EXPECT_TRUE(std::equal(r.cr.begin(), r.cr.begin() + 25, s.cr.begin()));
}

struct GuestFrameBuffer : Screens, hw::testing::FakePlatform {
    exec::RamBlock* block = *map.allocate_ram("ram", 1 << 20);
    std::unique_ptr<exec::MemoryRegion> ram = exec::MemoryRegion::ram(map, "ram", *block);
    FwCfg fw_cfg;
    Ramfb display;

    GuestFrameBuffer() {
        memory_root->add_subregion(0, *ram);
        services.provide(consoles);
        services.provide(fw_cfg);
        if (!fw_cfg.bring_up(platform) || !display.bring_up(platform)) std::abort();
    }
    /// By DMA, as fw_cfg takes files: "etc/ramfb" is its only one.
    void set(u64 address, const char* fourcc, u32 width, u32 height, u32 stride) {
        const u64 words[] = {address >> 32,
                             address & 0xffffffff,
                             u64(u8(fourcc[0])) | u64(u8(fourcc[1])) << 8 |
                                 u64(u8(fourcc[2])) << 16 | u64(u8(fourcc[3])) << 24,
                             0,
                             width,
                             height,
                             stride};
        for (unsigned n = 0; n < std::size(words); n++)
            write(0x1000 + 4 * n, 4, __builtin_bswap32(u32(words[n])));
        // Select the first file and write it.
        write(0x2000, 4, __builtin_bswap32(0x20u << 16 | 0x08 | 0x10));
        write(0x2004, 4, __builtin_bswap32(28));
        write(0x2008, 8, __builtin_bswap64(0x1000));
        outl(0x514, 0);
        outl(0x518, __builtin_bswap32(0x2000));
    }
};

TEST(Ramfb, ShowsMemoryThatTheGuestNames) {
    GuestFrameBuffer g;
    EXPECT_EQ(g.display.picture().width, 640u);
    g.write(0x8000 + 100 + 4, 4, 0x00123456);
    g.set(0x8000, "XR24", 20, 10, 100);
    const ui::Image image = g.display.picture();
    ASSERT_EQ(image.width, 20u);
    ASSERT_EQ(image.height, 10u);
    EXPECT_EQ(image.row(1)[1], 0x123456u);
    // No such format, too large, beyond memory.
    g.set(0x8000, "ABCD", 20, 10, 100);
    g.set(0x8000, "XR24", 1 << 20, 10, 100);
    EXPECT_EQ(g.display.picture().width, 20u);
    g.set(~u64{0} - 8, "XR24", 30, 10, 0);
    EXPECT_EQ(g.display.picture().width, 30u);
    g.display.hold_reset();
    EXPECT_EQ(g.display.picture().width, 30u);
}

TEST(I2cDdc, IsAMemoryThatHoldsAnEdid) {
    hw::testing::FakePlatform p;
    I2cBus bus(nullptr, "i2c");
    auto device = std::make_unique<I2cDdc>();
    I2cDdc& ddc = *device;
    ASSERT_TRUE(bus.plug(std::move(device), p.platform));
    const u8 first = 0;
    ddc.write({&first, 1});
    u8 sum = 0;
    for (unsigned i = 0; i < 128; i++) {
        const u8 byte = ddc.read_byte();
        if (i < 8) {
            EXPECT_EQ(byte, i == 0 || i == 7 ? 0x00 : 0xff);
        }
        sum = u8(sum + byte);
    }
    EXPECT_EQ(sum, 0);
    const u8 product[] = {8, 0x55};  // what follows the address is not kept
    ddc.write(product);
    EXPECT_EQ(ddc.read_byte(), make_edid({})[8]);
}

}  // namespace
