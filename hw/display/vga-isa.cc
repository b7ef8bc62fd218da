// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/vga-isa.h"

#include <algorithm>
#include <bit>

#include "hw/core/firmware-files.h"
#include "hw/nvram/fw_cfg.h"
#include "qapi/context.h"
#include "qom/property.h"

namespace hw {

namespace {

constexpr auto properties = qom::properties(qom::property<&VgaIsaConfig::vgamem_mb>("vgamem_mb"));

constexpr exec::hwaddr linear_at = 0xe0000000;
constexpr char rom[] = "vgabios.bin";

// ---- the section ------------------------------------------------------------------------------
// QEMU 7.2 writes the section of this device from a place in its memory 176 bytes before the
// registers: each field of the file holds what lay that far in front of it. So CR0 stands in byte
// 176 of "cr", the palette begins in byte 176 of "palette", and what lay elsewhere (the sequencer's
// and the graphics controller's registers, the end of the palette) is not in the file at all, and
// lost to QEMU's own guests.
// Read off the files of a guest whose registers are known; in order of place:
//   cr[149] ar_index, [150] ar, [171] ar_flip_flop (little endian), [175] cr_index, [176] cr
//   msr ... dac_cache: cr[80] to cr[90]
//   palette[0] cr[95], [161] msr ... dac_cache, [176] palette
//   bank_offset: palette[592] to [595]
//
// The first 149 bytes of "cr", and "gr" and "ar", fall on parts of QEMU's tables that no index
// reaches. What is missing stands there, but for the last ten bytes of the palette, which do not
// fit: QEMU does not see it, and we lose nothing from one of ours to the next.
constexpr std::size_t shift = 176, ar_at = 150, cr_at = shift, cr_end = 256;
constexpr std::size_t palette_head = 592, palette_bank = 4, palette_tail = 149, palette_rest = 13;

/// The eleven bytes between the CRTC's registers and the palette, in order.
std::array<std::uint8_t*, 11> misc(VgaState& s) {
    return {&s.msr,          &s.fcr,           &s.st00,           &s.st01,
            &s.dac_state,    &s.dac_sub_index, &s.dac_read_index, &s.dac_write_index,
            &s.dac_cache[0], &s.dac_cache[1],  &s.dac_cache[2]};
}

/// One list for both ways: `copy(registers, wire, length)`.
template <class Copy>
void pair_up(VgaState& r, VgaState& w, Copy copy) {
    copy(&r.ar_index, &w.cr[149], 1);
    copy(r.ar.data(), &w.cr[ar_at], r.ar.size());
    copy(&r.cr_index, &w.cr[175], 1);
    copy(r.cr.data(), &w.cr[cr_at], cr_end - cr_at);
    const auto seen = misc(w), kept = misc(r);
    for (std::size_t i = 0; i < seen.size(); i++) {
        copy(&r.cr[80 + i], seen[i], 1);
        copy(kept[i], &w.palette[161 + i], 1);
    }
    // 91 to 94 have no field; nothing is in the CRTC's registers from 19h on.
    copy(&r.cr[95], w.palette.data(), 161);
    copy(r.palette.data(), &w.palette[shift], palette_head);
    // Where nobody looks:
    copy(r.gr.data(), w.gr.data(), r.gr.size());
    copy(r.sr.data(), w.ar.data(), r.sr.size());
    copy(&r.palette[palette_head + palette_bank], w.cr.data(), palette_tail);
    copy(&r.palette[palette_head + palette_bank + palette_tail], &w.ar[r.sr.size()], palette_rest);
}

}  // namespace

const DeviceType VgaIsa::device_type_ =
    isa_type<VgaIsa>("isa-vga", properties, Category::Display, true);

VgaIsa::VgaIsa() : DeviceOf(device_type_) {
    state_.is_vbe = 0;
}

VgaIsa::~VgaIsa() {
    if (consoles_) consoles_->remove(*this);
    vram_.reset();
    if (vram_block_) platform().memory.release_ram(*vram_block_);
}

Result<void> VgaIsa::realize(Platform& p) {
    if (config_.vgamem_mb < 1 || config_.vgamem_mb > 512)
        return fail("Invalid video memory size: {} MiB; it is from 1 to 512", config_.vgamem_mb);
    const std::uint64_t size = std::bit_ceil(std::uint64_t{config_.vgamem_mb} << 20);
    vram_block_ = TRY(p.memory.allocate_ram("vga.vram", size));
    vga_.connect(*vram_block_);
    vram_ = exec::MemoryRegion::ram(p.memory, "vga.vram", *vram_block_);
    const IsaBus& bus = isa_bus(*this);
    bus.memory().add_subregion(linear_at, *vram_);
    windows_.add_legacy(p.memory, bus.memory(), bus.io());

    auto* files = p.services.find<FirmwareFiles>();
    auto* fw_cfg = p.services.find<FwCfg>();
    if (files && fw_cfg)
        if (auto image = files->read_rom(rom))
            TRY(fw_cfg->add_file(std::string("vgaroms/") + rom, std::move(*image)));
    if ((consoles_ = p.services.find<ui::Consoles>())) consoles_->add(*this);
    return {};
}

ui::Image VgaIsa::picture() {
    return vga_.picture(platform().clocks.virt.now_ns());
}

void VgaIsa::pre_save(VgaState& w) {
    w = {};
    w.is_vbe = 0;
    w.vbe_regs = {};
    w.latch = static_cast<std::uint32_t>(vga_.vram_size());
    pair_up(registers_, w,
            [](const std::uint8_t* r, std::uint8_t* to, std::size_t n) { std::copy_n(r, n, to); });
    w.dac_sub_index %= 3;  // of a CRTC register that no VGA has; more than 2 would not load
    w.cr[171] = static_cast<std::uint8_t>(registers_.ar_flip_flop);
    std::uint32_t word = 0;
    for (unsigned i = 0; i < palette_bank; i++)
        word |= std::uint32_t{registers_.palette[palette_head + i]} << 8 * i;
    w.bank_offset = static_cast<std::int32_t>(word);
}

void VgaIsa::post_load(int) {
    pair_up(registers_, state_, [](std::uint8_t* r, const std::uint8_t* from, std::size_t n) {
        std::copy_n(from, n, r);
    });
    registers_.ar_flip_flop = state_.cr[171] & 1;
    for (unsigned i = 0; i < palette_bank; i++)
        registers_.palette[palette_head + i] =
            static_cast<std::uint8_t>(static_cast<std::uint32_t>(state_.bank_offset) >> 8 * i);
    registers_.dac_sub_index %= 3;
}

}  // namespace hw
