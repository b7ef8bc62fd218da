// SPDX-License-Identifier: GPL-2.0-or-later
//
// VGA registers and the Bochs display interface.
#include "hw/display/vga.h"

#include <algorithm>
#include <cstring>

#include "migration/vmstate/fields.h"

namespace hw {

namespace {

using S = VgaState;
using vmstate::buffer;
using vmstate::field;

constexpr auto endian_fields = vmstate::fields(field<&S::big_endian_fb>("big_endian_fb"));
constexpr vmstate::Table endian_table{
    .name = "vga.endian",
    .fields = endian_fields,
    .needed = vmstate::needed<S, [](const S& s) { return s.big_endian_fb; }>};
constexpr auto subsections = vmstate::subsections(endian_table);
constexpr auto fields = vmstate::fields(
    field<&S::latch>("latch"), field<&S::sr_index>("sr_index"),
    vmstate::buffer_part<0, 8, &S::sr>("sr"), field<&S::gr_index>("gr_index").within(0, 15),
    vmstate::buffer_part<0, 16, &S::gr>("gr"), field<&S::ar_index>("ar_index"),
    buffer<&S::ar>("ar"), field<&S::ar_flip_flop>("ar_flip_flop"), field<&S::cr_index>("cr_index"),
    buffer<&S::cr>("cr"), field<&S::msr>("msr"), field<&S::fcr>("fcr"), field<&S::st00>("st00"),
    field<&S::st01>("st01"), field<&S::dac_state>("dac_state"),
    field<&S::dac_sub_index>("dac_sub_index").within(0, 2),
    field<&S::dac_read_index>("dac_read_index"), field<&S::dac_write_index>("dac_write_index"),
    buffer<&S::dac_cache>("dac_cache"), buffer<&S::palette>("palette"),
    field<&S::bank_offset>("bank_offset"),
    vmstate::field_equal<std::uint8_t, &S::is_vbe>("is_vbe_vmstate"),
    field<&S::vbe_index>("vbe_index"), field<&S::vbe_regs>("vbe_regs"),
    field<&S::vbe_start_addr>("vbe_start_addr"), field<&S::vbe_line_offset>("vbe_line_offset"),
    field<&S::vbe_bank_mask>("vbe_bank_mask"));
static_assert(vmstate::covers<S>(fields, endian_fields));

/// The bits each register has.
constexpr std::uint8_t sr_mask[8] = {0x03, 0x3d, 0x0f, 0x3f, 0x0e, 0x00, 0x00, 0xff};
constexpr std::uint8_t gr_mask[16] = {0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff};

constexpr std::uint8_t msr_color = 0x01;
constexpr std::uint8_t st01_display_disabled = 0x01, st01_vertical_retrace = 0x08;

// VBE.
constexpr std::uint16_t vbe_max_id = 0xb0c5, vbe_min_id = 0xb0c0;
constexpr std::uint16_t vbe_enabled_bit = 0x01, vbe_get_caps = 0x02, vbe_no_clear = 0x80;
constexpr unsigned vbe_max_xres = 16000, vbe_max_yres = 12000, vbe_max_bpp = 32;

}  // namespace

constinit const vmstate::Table vga_table{.name = "vga",
                                         .version = 2,
                                         .minimum_version = 2,
                                         .fields = fields,
                                         .subsections = subsections};

void Vga::reset() {
    state_ = {};
    state_.vbe_bank_mask = static_cast<std::uint32_t>((vram_size() >> 16) - 1);
}

std::uint8_t Vga::sequencer(unsigned n) const {
    if (vbe_enabled()) {
        const bool planar = state_.vbe_regs[VBE_BPP] == 4;
        if (n == 2) return 0x0f;
        if (n == 4) return planar ? state_.sr[4] & 0xf7 : state_.sr[4] | 0x08;
    }
    return state_.sr[n];
}

/// The CRTC answers at 3Bx in monochrome emulation and at 3Dx in color.
bool Vga::wrong_emulation(unsigned port) const {
    if (state_.msr & msr_color) return port >= 0x3b0 && port <= 0x3bf;
    return port >= 0x3d0 && port <= 0x3df;
}

std::uint8_t Vga::port_read(unsigned port) {
    VgaState& s = state_;
    if (wrong_emulation(port)) return 0xff;
    switch (port) {
        case 0x3c0: return s.ar_flip_flop == 0 ? s.ar_index : 0;
        case 0x3c1: {
            const unsigned n = s.ar_index & 0x1f;
            return n < s.ar.size() ? s.ar[n] : 0;
        }
        case 0x3c2: return s.st00;
        case 0x3c4: return s.sr_index;
        case 0x3c5: return s.sr[s.sr_index & 7];
        case 0x3c7: return s.dac_state;
        case 0x3c8: return s.dac_write_index;
        case 0x3c9: {
            const std::uint8_t v = s.palette[s.dac_read_index * 3u + s.dac_sub_index];
            if (++s.dac_sub_index == 3) {
                s.dac_sub_index = 0;
                s.dac_read_index++;
            }
            return v;
        }
        case 0x3ca: return s.fcr;
        case 0x3cc: return s.msr;
        case 0x3ce: return s.gr_index;
        case 0x3cf: return s.gr[s.gr_index & 15];
        case 0x3b4:
        case 0x3d4: return s.cr_index;
        case 0x3b5:
        case 0x3d5: return s.cr[s.cr_index];
        case 0x3ba:
        case 0x3da:
            // Programs wait for retrace to begin and end; each look sees the other.
            s.st01 ^= st01_vertical_retrace | st01_display_disabled;
            s.ar_flip_flop = 0;
            return s.st01;
        default: return 0;
    }
}

void Vga::port_write(unsigned port, std::uint8_t v) {
    VgaState& s = state_;
    if (wrong_emulation(port)) return;
    switch (port) {
        case 0x3c0:
            if (s.ar_flip_flop == 0)
                s.ar_index = v & 0x3f;
            else
                write_attribute(v);
            s.ar_flip_flop ^= 1;
            break;
        case 0x3c2: s.msr = v & 0xef; break;
        case 0x3c4: s.sr_index = v & 7; break;
        case 0x3c5:
            s.sr[s.sr_index & 7] = v & sr_mask[s.sr_index & 7];
            program_vga_for_vbe();
            break;
        case 0x3c7:
            s.dac_read_index = v;
            s.dac_sub_index = 0;
            s.dac_state = 3;
            break;
        case 0x3c8:
            s.dac_write_index = v;
            s.dac_sub_index = 0;
            s.dac_state = 0;
            break;
        case 0x3c9:
            s.dac_cache[s.dac_sub_index] = v;
            if (++s.dac_sub_index == 3) {
                std::copy(s.dac_cache.begin(), s.dac_cache.end(),
                          s.palette.begin() + s.dac_write_index * 3);
                s.dac_sub_index = 0;
                s.dac_write_index++;
            }
            break;
        case 0x3ce: s.gr_index = v & 15; break;
        case 0x3cf:
            s.gr[s.gr_index & 15] = v & gr_mask[s.gr_index & 15];
            program_vga_for_vbe();
            break;
        case 0x3b4:
        case 0x3d4: s.cr_index = v; break;
        case 0x3b5:
        case 0x3d5:
            write_crtc(v);
            program_vga_for_vbe();
            break;
        case 0x3ba:
        case 0x3da: s.fcr = v & 0x10; break;
        default: break;
    }
}

void Vga::write_attribute(std::uint8_t v) {
    const unsigned n = state_.ar_index & 0x1f;
    if (n < 0x10)
        state_.ar[n] = v & 0x3f;
    else if (n == 0x10)
        state_.ar[n] = v & 0xef;
    else if (n == 0x11)
        state_.ar[n] = v;
    else if (n == 0x12)
        state_.ar[n] = v & 0x3f;
    else if (n < state_.ar.size())
        state_.ar[n] = v & 0x0f;
}

void Vga::write_crtc(std::uint8_t v) {
    const unsigned n = state_.cr_index;
    // Bit 7 of CR11 protects the timing registers, but for bit 8 of the line compare.
    if (state_.cr[0x11] & 0x80 && n <= 7) {
        if (n == 7) state_.cr[7] = static_cast<std::uint8_t>((state_.cr[7] & ~0x10) | (v & 0x10));
        return;
    }
    state_.cr[n] = v;
}

// ---- Bochs display interface ------------------------------------------------------------------

std::uint16_t Vga::vbe_read() const {
    const unsigned n = state_.vbe_index;
    if (n < state_.vbe_regs.size()) {
        if (state_.vbe_regs[VBE_ENABLE] & vbe_get_caps) {
            if (n == VBE_XRES) return vbe_max_xres;
            if (n == VBE_YRES) return vbe_max_yres;
            if (n == VBE_BPP) return vbe_max_bpp;
        }
        return state_.vbe_regs[n];
    }
    return n == VBE_VIDEO_MEMORY_64K ? static_cast<std::uint16_t>(vram_size() >> 16) : 0;
}

void Vga::vbe_write(std::uint16_t v) {
    const unsigned n = state_.vbe_index;
    auto& r = state_.vbe_regs;
    switch (n) {
        case VBE_ID:
            if (v >= vbe_min_id && v <= vbe_max_id) r[VBE_ID] = v;
            break;
        case VBE_XRES:
        case VBE_YRES:
        case VBE_BPP:
        case VBE_VIRT_WIDTH:
        case VBE_X_OFFSET:
        case VBE_Y_OFFSET:
            r[n] = v;
            fix_vbe_registers();
            program_vga_for_vbe();
            break;
        case VBE_BANK:
            r[VBE_BANK] = static_cast<std::uint16_t>(v & state_.vbe_bank_mask);
            state_.bank_offset = r[VBE_BANK] << 16;
            break;
        case VBE_ENABLE:
            if (v & vbe_enabled_bit && !(r[VBE_ENABLE] & vbe_enabled_bit)) {
                r[VBE_VIRT_WIDTH] = r[VBE_X_OFFSET] = r[VBE_Y_OFFSET] = 0;
                r[VBE_ENABLE] |= vbe_enabled_bit;
                fix_vbe_registers();
                program_vga_for_vbe();
                if (!(v & vbe_no_clear)) {
                    const auto length = std::min<std::uint64_t>(
                        std::uint64_t{r[VBE_YRES]} * state_.vbe_line_offset, vram_size());
                    std::memset(vram(), 0, length);
                    touch(0, length);
                }
            } else if (!(v & vbe_enabled_bit)) {
                state_.bank_offset = 0;
            }
            r[VBE_ENABLE] = v;
            break;
        default: break;
    }
}

/// Brings what the guest asked for into what the memory can hold.
void Vga::fix_vbe_registers() {
    auto& r = state_.vbe_regs;
    if (!(r[VBE_ENABLE] & vbe_enabled_bit)) return;
    unsigned bits = 8;
    switch (r[VBE_BPP]) {
        case 4:
        case 8:
        case 16:
        case 24:
        case 32: bits = r[VBE_BPP]; break;
        case 15: bits = 16; break;
        default: r[VBE_BPP] = 8;
    }
    r[VBE_XRES] &= 0xfff8;
    r[VBE_XRES] = std::clamp<std::uint16_t>(r[VBE_XRES], 8, vbe_max_xres);
    r[VBE_YRES] = std::clamp<std::uint16_t>(r[VBE_YRES], 1, vbe_max_yres);
    r[VBE_VIRT_WIDTH] &= 0xfff8;
    r[VBE_VIRT_WIDTH] =
        std::clamp<std::uint16_t>(r[VBE_VIRT_WIDTH], r[VBE_XRES], vbe_max_xres / 8 * 8);
    const std::uint64_t line = std::uint64_t{r[VBE_VIRT_WIDTH]} * bits / 8;
    const std::uint64_t most = vram_size() / line;
    r[VBE_YRES] = static_cast<std::uint16_t>(std::min<std::uint64_t>(r[VBE_YRES], most));
    r[VBE_VIRT_HEIGHT] = static_cast<std::uint16_t>(most);  // its low bits, when it is that many
    // A start so late that memory ends before the screen does is not taken.
    r[VBE_X_OFFSET] = std::min<std::uint16_t>(r[VBE_X_OFFSET], vbe_max_xres);
    r[VBE_Y_OFFSET] = std::min<std::uint16_t>(r[VBE_Y_OFFSET], vbe_max_yres);
    auto start = [&] { return r[VBE_Y_OFFSET] * line + std::uint64_t{r[VBE_X_OFFSET]} * bits / 8; };
    for (const Vbe offset : {VBE_Y_OFFSET, VBE_X_OFFSET})
        if (start() + r[VBE_YRES] * line > vram_size()) r[offset] = 0;
    state_.vbe_line_offset = static_cast<std::uint32_t>(line);
    state_.vbe_start_addr = static_cast<std::uint32_t>(start() / 4);
}

/// A VBE mode shows in the VGA's own registers too, whatever is written to them meanwhile: X
/// servers and BIOSes read them back.
void Vga::program_vga_for_vbe() {
    auto& r = state_.vbe_regs;
    if (!(r[VBE_ENABLE] & vbe_enabled_bit)) return;
    auto& cr = state_.cr;
    const unsigned last = r[VBE_YRES] - 1u;
    state_.gr[6] = static_cast<std::uint8_t>((state_.gr[6] & ~0x0c) | 0x04 | 0x01);
    cr[0x17] |= 3;
    cr[0x13] = static_cast<std::uint8_t>(state_.vbe_line_offset >> 3);
    cr[0x01] = static_cast<std::uint8_t>((r[VBE_XRES] >> 3) - 1);
    cr[0x12] = static_cast<std::uint8_t>(last);
    cr[0x07] =
        static_cast<std::uint8_t>((cr[0x07] & ~0x42) | (last >> 7 & 0x02) | (last >> 3 & 0x40));
    // No split screen.
    cr[0x18] = 0xff;
    cr[0x07] |= 0x10;
    cr[0x09] |= 0x40;
    const unsigned shift = r[VBE_BPP] == 4 ? 0 : 2;
    cr[0x09] &= static_cast<std::uint8_t>(~0x9f);
    state_.gr[5] = static_cast<std::uint8_t>((state_.gr[5] & ~0x60) | shift << 5);
}

}  // namespace hw
