// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/vga-isa.h"

#include <algorithm>

#include "hw/display/isa-section.h"
#include "qom/property.h"

namespace hw {

namespace {

constexpr auto properties = qom::properties(qom::property<&VgaIsaConfig::vgamem_mb>("vgamem_mb"));

constexpr exec::hwaddr linear_at = 0xe0000000;
constexpr std::size_t sr_count = 8, gr_count = 16;

}  // namespace

const DeviceType VgaIsa::device_type_ =
    isa_type<VgaIsa>("isa-vga", properties, Category::Display, true);

VgaIsa::VgaIsa() : DeviceOf(device_type_) {
    state_.is_vbe = 0;
}

Result<void> VgaIsa::realize(Platform& p) {
    TRY(vram_.allocate_mb(p, "vga.vram", "vga.vram", config_.vgamem_mb));
    vga_.connect(vram_.block());
    const IsaBus& bus = isa_bus(*this);
    bus.memory().add_subregion(linear_at, vram_.region());
    windows_.add_legacy(p.memory, bus.memory(), bus.io());

    TRY(offer_isa_rom(p, "vgabios.bin"));
    vram_.show(p, *this);
    return {};
}

ui::Image VgaIsa::picture() {
    return vga_.picture(platform().clocks.virt.now_ns());
}

void VgaIsa::pre_save(VgaState& w) {
    w = {};
    w.is_vbe = 0;
    w.vbe_regs = {};
    to_isa_section(registers_, w, vga_.vram_size());
    // Where nobody looks: QEMU's own files have none of these registers.
    std::copy_n(registers_.gr.begin(), gr_count, w.gr.begin());
    std::copy_n(registers_.sr.begin(), sr_count, w.ar.begin());
}

void VgaIsa::post_load(int) {
    from_isa_section(registers_, state_);
    std::copy_n(state_.gr.begin(), gr_count, registers_.gr.begin());
    std::copy_n(state_.ar.begin(), sr_count, registers_.sr.begin());
}

}  // namespace hw
