// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/ramfb.h"

#include "exec/address-space.h"
#include "hw/core/firmware-files.h"
#include "hw/display/pixels.h"
#include "qapi/context.h"

namespace hw {

namespace {

constexpr char rom[] = "vgabios-ramfb.bin";
// The file: address, fourcc, flags, width, height, stride; big endian.
constexpr std::size_t file_size = 28;
constexpr u32 longest_side = 16384;

constexpr u32 fourcc(const char (&name)[5]) {
    return u32(u8(name[0])) | u32(u8(name[1])) << 8 | u32(u8(name[2])) << 16 |
           u32(u8(name[3])) << 24;
}
struct Format {
    u32 fourcc;
    unsigned bytes;
    DrawPixels draw;
};
constexpr Format formats[] = {{fourcc("XR24"), 4, draw_32},
                              {fourcc("AR24"), 4, draw_32},
                              {fourcc("RG24"), 3, draw_24},
                              {fourcc("RG16"), 2, draw_16}};
const Format* find_format(u32 code) {
    for (const Format& f : formats)
        if (f.fourcc == code) return &f;
    return nullptr;
}

constexpr vmstate::Table table{.name = "ramfb"};

}  // namespace

const DeviceType Ramfb::device_type_{
    {.name = "ramfb", .parent = "sys-bus-device", .description = "a frame buffer in guest memory"},
    "",
    Category::Display,
    true,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<Ramfb>(); }};

Ramfb::~Ramfb() {
    if (consoles_) consoles_->remove(*this);
}

const vmstate::Table& Ramfb::vmstate() const {
    return table;
}

Result<void> Ramfb::realize(Platform& p) {
    auto* fw_cfg = p.services.find<FwCfg>();
    if (!fw_cfg || !fw_cfg->dma()) return fail("ramfb device requires fw_cfg with DMA");
    TRY(fw_cfg->add_writable_file(
        "etc/ramfb", FwCfg::Bytes(file_size),
        [this](const FwCfg::Bytes& b, std::size_t, std::size_t) { set_mode(b); }));
    if (auto* files = p.services.find<FirmwareFiles>())
        if (auto image = files->read_rom(rom))
            TRY(fw_cfg->add_file(std::string("vgaroms/") + rom, std::move(*image)));
    if ((consoles_ = p.services.find<ui::Consoles>())) consoles_->add(*this);
    return {};
}

/// A mode that cannot be shown is none.
void Ramfb::set_mode(const FwCfg::Bytes& b) {
    auto big = [&](std::size_t at, unsigned size) {
        u64 value = 0;
        for (unsigned i = 0; i < size; i++)
            value = value << 8 | b[at + i];
        return value;
    };
    Mode m{big(0, 8), u32(big(8, 4)), u32(big(16, 4)), u32(big(20, 4)), u32(big(24, 4))};
    mode_ = {};
    const Format* format = find_format(m.fourcc);
    if (!format || !m.width || !m.height || m.width > longest_side || m.height > longest_side)
        return platform().log.guest_error("ramfb: {}x{} of format {:#x} cannot be shown\n", m.width,
                                          m.height, m.fourcc);
    if (!m.stride) m.stride = m.width * format->bytes;
    mode_ = m;
}

ui::Image Ramfb::picture() {
    const Format* format = find_format(mode_.fourcc);
    if (!format) return shown_;
    shown_ = ui::Image(mode_.width, mode_.height);
    std::vector<u8> line(std::size_t{mode_.width} * format->bytes);
    for (unsigned y = 0; y < mode_.height; y++) {
        // Where there is no memory the picture is black.
        platform().memory_space.dma_read(mode_.address + u64{y} * mode_.stride, line);
        format->draw(shown_.row(y), mode_.width, line.data(), false);
    }
    return shown_;
}

}  // namespace hw
