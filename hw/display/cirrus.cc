// SPDX-License-Identifier: GPL-2.0-or-later
//
// The registers that the GD5446 adds to the VGA's.
#include "hw/display/cirrus.h"

#include <algorithm>

#include "migration/vmstate/fields.h"

namespace hw {

namespace {

using S = CirrusState;
using V = VgaState;
using vmstate::buffer;
using vmstate::field;

constexpr auto fields = vmstate::fields(
    field<&S::vga, &V::latch>("vga.latch"), field<&S::vga, &V::sr_index>("vga.sr_index"),
    buffer<&S::vga, &V::sr>("vga.sr"), field<&S::vga, &V::gr_index>("vga.gr_index"),
    vmstate::element<0, &S::vga, &V::gr>("cirrus_shadow_gr0"),
    vmstate::element<1, &S::vga, &V::gr>("cirrus_shadow_gr1"),
    vmstate::buffer_part<2, 254, &S::vga, &V::gr>("vga.gr"),
    field<&S::vga, &V::ar_index>("vga.ar_index"), buffer<&S::vga, &V::ar>("vga.ar"),
    field<&S::vga, &V::ar_flip_flop>("vga.ar_flip_flop"),
    field<&S::vga, &V::cr_index>("vga.cr_index"), buffer<&S::vga, &V::cr>("vga.cr"),
    field<&S::vga, &V::msr>("vga.msr"), field<&S::vga, &V::fcr>("vga.fcr"),
    field<&S::vga, &V::st00>("vga.st00"), field<&S::vga, &V::st01>("vga.st01"),
    field<&S::vga, &V::dac_state>("vga.dac_state"),
    field<&S::vga, &V::dac_sub_index>("vga.dac_sub_index").within(0, 2),
    field<&S::vga, &V::dac_read_index>("vga.dac_read_index"),
    field<&S::vga, &V::dac_write_index>("vga.dac_write_index"),
    buffer<&S::vga, &V::dac_cache>("vga.dac_cache"), buffer<&S::vga, &V::palette>("vga.palette"),
    field<&S::vga, &V::bank_offset>("vga.bank_offset"),
    field<&S::hidden_dac_lockindex>("cirrus_hidden_dac_lockindex"),
    field<&S::hidden_dac_data>("cirrus_hidden_dac_data"), field<&S::hw_cursor_x>("vga.hw_cursor_x"),
    field<&S::hw_cursor_y>("vga.hw_cursor_y"));
static_assert(vmstate::covers<S>(fields));

/// The bits that the sequencer's first registers have; all bits of those up to 1Fh.
constexpr std::uint8_t sr_mask[] = {0x03, 0x3d, 0x0f, 0x3f, 0x0e, 0x00};
constexpr unsigned sr_count = 0x20;
/// Of the graphics controller's.
constexpr std::uint8_t gr_mask[] = {
    0xff, 0xff, 0x0f, 0x1f, 0x03, 0x7f, 0x0f, 0x0f, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00,
    0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0xff, 0x1f, 0xff, 0x1f, 0xff, 0x1f, 0xff, 0x1f, 0xff, 0xff, 0x3f, 0x00, 0xff,
    0xff, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0xff, 0xff,
};
constexpr unsigned cr_last_written = 0x1d;

enum Sr : std::uint8_t { SR_UNLOCK = 0x06, SR_MODE = 0x07, SR_CURSOR_X = 0x10, SR_CURSOR_Y = 0x11 };
constexpr std::uint8_t sr6_key = 0x12, sr6_locked = 0x0f;
constexpr std::uint8_t sr12_hidden_palette = 0x02;
constexpr std::uint8_t sr17_strapped = 0x38;
constexpr std::uint8_t nothing = 0xff;

}  // namespace

constinit const vmstate::Table cirrus_table{
    .name = "cirrus_vga", .version = 2, .minimum_version = 1, .fields = fields};

constinit const CirrusCard cirrus_pci_card{.memory = 4 << 20,
                                           .sr0f = 0x98,
                                           .sr15 = 0x04,
                                           .sr17 = 0x20,
                                           .sr1f = 0x2d,
                                           .gr18 = 0x0f,
                                           .cr27 = 0xb8};
constinit const CirrusCard cirrus_isa_card{.memory = 2 << 20,
                                           .sr0f = 0x18,
                                           .sr15 = 0x03,
                                           .sr17 = 0x38,
                                           .sr1f = 0x22,
                                           .gr18 = 0x00,
                                           .cr27 = 0xa0};

Result<void> Cirrus::check(std::uint32_t mb) {
    if (mb == 4 || mb == 8 || mb == 16) return {};
    return fail("Invalid cirrus_vga ram size '{}': 4, 8 and 16 MiB are there", mb);
}

void Cirrus::reset() {
    chip_ = {};
    VgaState& v = chip_.vga;
    v.sr[SR_UNLOCK] = sr6_locked;
    v.sr[0x0f] = card_.sr0f;
    v.sr[0x15] = card_.sr15;
    v.sr[0x17] = card_.sr17;
    v.sr[0x1f] = card_.sr1f;
    v.gr[0x18] = card_.gr18;
    v.cr[0x27] = card_.cr27;
    blitter_.abandon();
    update_mapping();
}

void Cirrus::loaded() {
    // A transfer from the processor that was under way is not in the section.
    blitter_.abandon();
    update_mapping();
}

std::uint8_t Cirrus::port_read(unsigned port) {
    if (wrong_emulation(port)) return nothing;
    switch (port) {
        case 0x3c5: return read_sequencer();
        case 0x3c6:
            // Behind the pixel mask hides a register that the fifth access reaches.
            if (++chip_.hidden_dac_lockindex != 5) return nothing;
            chip_.hidden_dac_lockindex = 0;
            return chip_.hidden_dac_data;
        case 0x3c8: chip_.hidden_dac_lockindex = 0; return Vga::port_read(port);
        case 0x3c9: return read_palette();
        case 0x3cf: return read_graphics(chip_.vga.gr_index);
        case 0x3b5:
        case 0x3d5: return read_crtc();
        default: return Vga::port_read(port);
    }
}

void Cirrus::port_write(unsigned port, std::uint8_t v) {
    if (wrong_emulation(port)) return;
    switch (port) {
        case 0x3c4: chip_.vga.sr_index = v; break;
        case 0x3c5: write_sequencer(v); break;
        case 0x3c6:
            if (chip_.hidden_dac_lockindex == 4) chip_.hidden_dac_data = v;
            chip_.hidden_dac_lockindex = 0;
            break;
        case 0x3c9: write_palette(v); break;
        case 0x3ce: chip_.vga.gr_index = v; break;
        case 0x3cf: write_graphics(chip_.vga.gr_index, v); break;
        case 0x3b5:
        case 0x3d5:
            if (chip_.vga.cr_index <= cr_last_written) Vga::port_write(port, v);
            break;
        default: Vga::port_write(port, v);
    }
}

// ---- sequencer --------------------------------------------------------------------------------

std::uint8_t Cirrus::read_sequencer() const {
    const VgaState& v = chip_.vga;
    const unsigned n = v.sr_index;
    if (n < sr_count) return v.sr[n];
    // The cursor's registers stand in every row.
    const unsigned low = n & 0x1f;
    return low == SR_CURSOR_X || low == SR_CURSOR_Y ? v.sr[low] : nothing;
}

void Cirrus::write_sequencer(std::uint8_t value) {
    VgaState& v = chip_.vga;
    const unsigned n = v.sr_index, low = n & 0x1f;
    if (low == SR_CURSOR_X || low == SR_CURSOR_Y) {
        // The index brings the three low bits of the position.
        v.sr[low] = value;
        (low == SR_CURSOR_X ? chip_.hw_cursor_x : chip_.hw_cursor_y) = value << 3u | n >> 5;
        return;
    }
    if (n >= sr_count) return;
    if (n < std::size(sr_mask))
        v.sr[n] = value & sr_mask[n];
    else if (n == SR_UNLOCK)
        v.sr[n] = (value & 0x17) == sr6_key ? sr6_key : sr6_locked;
    else if (n == 0x17)
        v.sr[n] = static_cast<std::uint8_t>((v.sr[n] & sr17_strapped) | (value & ~sr17_strapped));
    else
        v.sr[n] = value;
    if (n == SR_MODE || n == 0x17) update_mapping();
}

// ---- graphics controller ----------------------------------------------------------------------

std::uint8_t Cirrus::read_graphics(unsigned n) const {
    return n < std::size(gr_mask) ? chip_.vga.gr[n] : nothing;
}

void Cirrus::write_graphics(unsigned n, std::uint8_t value) {
    if (n >= std::size(gr_mask)) return;
    auto& gr = chip_.vga.gr;
    if (n == 0x31) {
        control_blitter(value);
        return;
    }
    if (gr_mask[n]) gr[n] = value & gr_mask[n];
    if (n == 0x05 || n == 0x0b)
        update_mapping();
    else if (n == 0x2a && gr[0x31] & blt_auto_start)
        start_blitter();
}

void Cirrus::control_blitter(std::uint8_t value) {
    auto& status = chip_.vga.gr[0x31];
    const std::uint8_t before = status;
    status = value;
    if (before & blt_reset && !(value & blt_reset))
        end_blit();
    else if (!(before & blt_start) && value & blt_start)
        start_blitter();
}

void Cirrus::start_blitter() {
    auto& gr = chip_.vga.gr;
    gr[0x31] |= blt_busy;
    if (blits_) {
        blitter_.start(gr);
        if (const auto [first, end] = blitter_.written(); first != end) touch(first, end - first);
    }
    if (blitter_.waiting())
        update_mapping();
    else
        end_blit();
}

void Cirrus::feed_blitter(std::uint8_t value) {
    blitter_.take(value);
    if (const auto [first, end] = blitter_.written(); first != end) touch(first, end - first);
    if (!blitter_.waiting()) end_blit();
}

void Cirrus::end_blit() {
    blitter_.abandon();
    chip_.vga.gr[0x31] &= static_cast<std::uint8_t>(~(blt_start | blt_busy | blt_buffered));
    update_mapping();
}

// ---- CRT controller, DAC ----------------------------------------------------------------------

std::uint8_t Cirrus::read_crtc() const {
    const VgaState& v = chip_.vga;
    switch (v.cr_index) {
        case 0x22: return v.cr[0x22];  // the latches' readback, which nobody has asked for
        case 0x24: return static_cast<std::uint8_t>(v.ar_flip_flop << 7);
        case 0x25: return v.cr[0x25];
        case 0x26: return v.ar_index & 0x3f;
        case 0x27: return v.cr[0x27];
        default: return v.cr_index <= cr_last_written ? v.cr[v.cr_index] : nothing;
    }
}

std::uint8_t Cirrus::read_palette() {
    VgaState& v = chip_.vga;
    if (!(v.sr[0x12] & sr12_hidden_palette)) return Vga::port_read(0x3c9);
    const std::uint8_t value = cursor_dac((v.dac_read_index & 15) * 3u + v.dac_sub_index);
    if (++v.dac_sub_index == 3) {
        v.dac_sub_index = 0;
        v.dac_read_index++;
    }
    return value;
}

void Cirrus::write_palette(std::uint8_t value) {
    VgaState& v = chip_.vga;
    if (!(v.sr[0x12] & sr12_hidden_palette)) return Vga::port_write(0x3c9, value);
    v.dac_cache[v.dac_sub_index] = value;
    if (++v.dac_sub_index < 3) return;
    std::copy(v.dac_cache.begin(), v.dac_cache.end(), &cursor_dac((v.dac_write_index & 15) * 3u));
    v.dac_sub_index = 0;
    v.dac_write_index++;
}

}  // namespace hw
