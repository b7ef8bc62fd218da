// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/cirrus-isa.h"

#include <algorithm>

#include "hw/display/isa-section.h"
#include "qom/property.h"

namespace hw {

namespace {

using P = CirrusIsaConfig;
constexpr auto properties = qom::properties(qom::property<&P::vgamem_mb>("vgamem_mb"),
                                            qom::property<&P::blitter>("blitter"));

/// What the shifted fields show of the sequencer's and the graphics controller's registers.
constexpr std::size_t shift = isa_section_shift, seen = 256 - shift;

/// One list for both ways: `copy(registers, wire, length)`. The first bytes of "sr" are of no
/// register; there stands what the chip has beside the VGA, in a form that is 0 after a reset as
/// QEMU's is.
template <class Registers, class Wire, class Copy>
void pair_up(Registers& r, Wire& w, Copy copy) {
    copy(&r.sr_index, &w.sr[shift - 1], 1);
    copy(r.sr.data(), &w.sr[shift], seen);
    copy(&r.gr_index, &w.gr[shift - 1], 1);
    copy(r.gr.data(), &w.gr[shift], seen);
}
enum Beside {
    lock_at,
    dac_at,
    cursor_x_at,
    cursor_y_at = cursor_x_at + 2,
    gr_at = cursor_y_at + 2,  // of GR0 and GR1 the shifted fields show what the VGA has
};
constexpr std::uint8_t vga_color = 0x0f;
constexpr std::uint8_t lock_at_reset = CirrusState{}.hidden_dac_lockindex;

}  // namespace

const DeviceType CirrusIsa::device_type_ =
    isa_type<CirrusIsa>("isa-cirrus-vga", properties, Category::Display, true);

CirrusIsa::CirrusIsa() : DeviceOf(device_type_) {}

Result<void> CirrusIsa::realize(Platform& p) {
    TRY(chip_.check(config_.vgamem_mb));
    TRY(vram_.allocate_mb(p, "vga.vram", "vga.vram", config_.vgamem_mb));
    if (!config_.blitter) chip_.disable_blitter();
    const IsaBus& bus = isa_bus(*this);
    chip_.add_legacy(p.memory, vram_, bus.memory(), bus.io());
    TRY(offer_isa_rom(p, "vgabios-cirrus.bin"));
    vram_.show(p, *this);
    return {};
}

void CirrusIsa::pre_save(CirrusState& w) {
    const CirrusState& r = registers_;
    w = {};
    w.hidden_dac_lockindex = 0;
    to_isa_section(r.vga, w.vga, chip_.vram_size());
    pair_up(r.vga, w.vga, [](const std::uint8_t* from, std::uint8_t* to, std::size_t n) {
        std::copy_n(from, n, to);
    });
    auto& beside = w.vga.sr;
    for (unsigned n = 0; n < 2; n++) {
        beside[gr_at + n] = r.vga.gr[n];
        w.vga.gr[shift + n] &= vga_color;
    }
    beside[lock_at] = r.hidden_dac_lockindex ^ lock_at_reset;
    beside[dac_at] = r.hidden_dac_data;
    for (unsigned n = 0; n < 2; n++) {
        beside[cursor_x_at + n] = static_cast<std::uint8_t>(r.hw_cursor_x >> 8 * n);
        beside[cursor_y_at + n] = static_cast<std::uint8_t>(r.hw_cursor_y >> 8 * n);
    }
}

void CirrusIsa::post_load(int) {
    CirrusState& r = registers_;
    from_isa_section(r.vga, state_.vga);
    pair_up(r.vga, state_.vga, [](std::uint8_t* to, const std::uint8_t* from, std::size_t n) {
        std::copy_n(from, n, to);
    });
    const auto& beside = state_.vga.sr;
    for (unsigned n = 0; n < 2; n++)
        if (r.vga.gr[n] == (beside[gr_at + n] & vga_color)) r.vga.gr[n] = beside[gr_at + n];
    r.hidden_dac_lockindex = beside[lock_at] ^ lock_at_reset;
    r.hidden_dac_data = beside[dac_at];
    auto half = [&](unsigned n) { return std::uint32_t{beside[n]} | beside[n + 1] << 8; };
    r.hw_cursor_x = half(cursor_x_at);
    r.hw_cursor_y = half(cursor_y_at);
    chip_.loaded();
}

}  // namespace hw
