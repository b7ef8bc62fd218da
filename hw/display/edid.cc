// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/edid.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

namespace hw {

namespace {

using Block = std::span<std::uint8_t, 128>;
constexpr unsigned descriptor_size = 18;

constexpr std::uint8_t low(std::uint64_t v) {
    return static_cast<std::uint8_t>(v);
}
void put16(std::span<std::uint8_t> at, std::uint64_t v) {
    at[0] = low(v);
    at[1] = low(v >> 8);
}
/// All bytes of a block, this one included, add up to zero.
std::uint8_t checksum(std::span<const std::uint8_t> bytes) {
    return low(0 - std::accumulate(bytes.begin(), bytes.end(), 0u));
}

struct Mode {
    unsigned xres, yres;
    std::uint8_t where, value;  // an offset or number, and the bit or bytes there
    std::uint8_t more = 0;
};
// Established Timings (section 3.8): byte and bit.
constexpr Mode established[] = {
    {640, 480, 0x23, 0x20}, {800, 600, 0x23, 0x01}, {1024, 768, 0x24, 0x08}};
// Standard Timings (section 3.9): width / 8 - 31, and aspect ratio with 60 Hz.
constexpr Mode standard[] = {
    {2048, 1152, 0, 0xe1, 0xc0}, {1920, 1080, 0, 0xd1, 0xc0}, {1920, 1200, 0, 0xd1, 0x00},
    {1600, 1200, 0, 0xa9, 0x40}, {1680, 1050, 0, 0xb3, 0x00}, {1440, 900, 0, 0x95, 0x00},
    {1280, 1024, 0, 0x81, 0x80}, {1280, 960, 0, 0x81, 0x40},
};
// Established Timings III (section 3.10.3.9): byte of the descriptor and bit.
constexpr Mode established3[] = {{1280, 768, 7, 0x40},   {1360, 768, 8, 0x80},
                                 {1400, 1050, 8, 0x02},  {1792, 1344, 10, 0x20},
                                 {1856, 1392, 10, 0x08}, {1920, 1440, 11, 0x20}};
// Video Identification Codes of CTA-861.
constexpr Mode cta[] = {{5120, 2160, 0, 125}, {4096, 2160, 0, 101}, {3840, 2160, 0, 96},
                        {2560, 1080, 0, 89},  {1920, 1080, 0, 31},  {3840, 2160, 0, 97}};

/// A timing with the blanking that a flat panel is content with.
struct Timing {
    unsigned xres, xfront, xsync, xblank, yres, yfront, ysync, yblank;
    std::uint64_t clock_10khz;
    explicit Timing(const Monitor& m)
        : xres(m.xres),
          xfront(xres * 25 / 100),
          xsync(xres * 3 / 100),
          xblank(xres * 35 / 100),
          yres(m.yres),
          yfront(yres * 5 / 1000),
          ysync(yres * 5 / 1000),
          yblank(yres * 35 / 1000),
          clock_10khz(std::uint64_t{m.refresh_millihertz ? m.refresh_millihertz : 75000} *
                      (xres + xblank) * (yres + yblank) / 10'000'000) {}
    bool fits_descriptor() const { return xres < 4096 && yres < 4096 && clock_10khz < 65536; }
};

/// Detailed Timing Descriptor (section 3.10.2).
void detailed_timing(std::span<std::uint8_t> d, const Timing& t) {
    put16(d, t.clock_10khz);
    d[2] = low(t.xres), d[3] = low(t.xblank);
    d[4] = low((t.xres >> 8 & 15) << 4 | (t.xblank >> 8 & 15));
    d[5] = low(t.yres), d[6] = low(t.yblank);
    d[7] = low((t.yres >> 8 & 15) << 4 | (t.yblank >> 8 & 15));
    d[8] = low(t.xfront), d[9] = low(t.xsync);
    d[10] = low((t.yfront & 15) << 4 | (t.ysync & 15));
    d[11] = low((t.xfront >> 8 & 3) << 6 | (t.xsync >> 8 & 3) << 4 | (t.yfront >> 4 & 3) << 2 |
                (t.ysync >> 4 & 3));
    const unsigned xmm = t.xres * 254 / 1000, ymm = t.yres * 254 / 1000;  // a hundred dots an inch
    d[12] = low(xmm), d[13] = low(ymm);
    d[14] = low((xmm >> 8 & 15) << 4 | (ymm >> 8 & 15));
    d[17] = 0x18;  // separate syncs
}

/// DisplayID's detailed timing, type I, wrapped as an extension of the EDID.
void display_id(Block b, const Timing& t) {
    b[0] = 0x70;
    auto section = b.subspan(1);
    const std::uint8_t head[] = {0x13, 23, 3, 0, 3, 0, 20};  // version, length; a block of 20 bytes
    std::ranges::copy(head, section.begin());
    auto d = section.subspan(std::size(head));
    put16(d, t.clock_10khz);
    d[2] = low(t.clock_10khz >> 16);
    d[3] = 0x88;  // preferred, 16:9
    const unsigned values[] = {t.xres, t.xblank, t.xfront, t.xsync,
                               t.yres, t.yblank, t.yfront, t.ysync};
    for (unsigned n = 0; n < std::size(values); n++)
        put16(d.subspan(4 + 2 * n), values[n] - 1);
    d[20] = checksum(section.first(std::size(head) + 20));
}

}  // namespace

Edid make_edid(const Monitor& m) {
    Edid edid{};
    const Block base(edid.data(), 128), extension(edid.data() + 128, 128),
        third(edid.data() + 256, 128);
    auto offered = [&](const Mode& mode) {
        return (!m.xmax || mode.xres <= m.xmax) && (!m.ymax || mode.yres <= m.ymax);
    };
    // Maker "RHT", product 1234h, week 42 of 2014, version 1.4; digital, 8 bits a color,
    // DisplayPort; gamma 2.2, sRGB, the first descriptor is preferred; sRGB's chromaticities.
    const std::uint8_t head[] = {0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x49,
                                 0x14, 0x34, 0x12, 0,    0,    0,    0,    42,   24,
                                 1,    4,    0xa5, 0,    0,    0x78, 0x06, 0xee, 0x91,
                                 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54};
    std::ranges::copy(head, base.begin());
    base[0x15] = low(std::uint64_t{m.xres} * 254 / 10000);  // centimeters
    base[0x16] = low(std::uint64_t{m.yres} * 254 / 10000);
    for (const Mode& mode : established)
        if (offered(mode)) base[mode.where] |= mode.value;
    auto entry = base.subspan(0x26, 16);
    std::ranges::fill(entry, 0x01);  // unused
    for (const Mode& mode : standard) {
        if (!offered(mode)) continue;
        entry[0] = mode.value;
        entry[1] = mode.more;
        entry = entry.subspan(2);
    }

    auto descriptors = base.subspan(0x36, 4 * descriptor_size);
    auto next = [&] { return std::exchange(descriptors, descriptors.subspan(descriptor_size)); };
    const Timing preferred(m);
    const bool large = !preferred.fits_descriptor();
    if (!large) detailed_timing(next(), preferred);
    auto d = next();
    d[3] = 0xf7;
    d[5] = 10;
    for (const Mode& mode : established3)
        if (offered(mode)) d[mode.where] |= mode.value;
    auto text = [](std::span<std::uint8_t> at, std::string_view words) {
        std::ranges::copy(words, at.begin());
    };
    d = next();
    d[3] = 0xfd;  // 50 to 125 Hz, 30 to 160 kHz, up to 2550 MHz; no formula
    text(d.subspan(5), std::string_view("\x32\x7d\x1e\xa0\xff\x01\n      ", 13));
    d = next();
    d[3] = 0xfc;
    text(d.subspan(5), "QEMU Monitor\n");
    if (large) next()[3] = 0x10;  // a dummy
    base[126] = large ? 2 : 1;
    base[127] = checksum(base);

    // CTA-861's extension, version 3: one data block of video codes, then dummies.
    extension[0] = 2, extension[1] = 3;
    unsigned codes = 0;
    for (const Mode& mode : cta)
        if (offered(mode)) extension[5 + codes++] = mode.value;
    extension[4] = low(0x40 | codes);
    extension[2] = low(5 + codes);
    for (unsigned at = 5 + codes; at + descriptor_size <= 127; at += descriptor_size)
        extension[at + 3] = 0x10;
    extension[127] = checksum(extension);

    if (large) {
        display_id(third, preferred);
        third[127] = checksum(third);
    }
    return edid;
}

void EdidWindow::attach(exec::MemoryRegion& registers, const Edid& edid) {
    static constexpr auto ops =
        exec::memory_ops<&EdidWindow::read, &EdidWindow::write>({.impl = {1, 1}});
    edid_ = edid;
    region_ = exec::MemoryRegion::io(registers.map(), "edid", edid_.size(), ops, this);
    registers.add_subregion(0, *region_);
}

}  // namespace hw
