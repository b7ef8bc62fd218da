// SPDX-License-Identifier: GPL-2.0-or-later
//
// Read off the files of a guest whose registers are known; in order of place:
//   cr[149] ar_index, [150] ar, [171] ar_flip_flop (little endian), [175] cr_index, [176] cr
//   msr ... dac_cache: cr[80] to cr[90]
//   palette[0] cr[95], [161] msr ... dac_cache, [176] palette
//   bank_offset: palette[592] to [595]
//
// The first 149 bytes of "cr", and the end of "ar", fall on parts of QEMU's tables that no index
// reaches. The end of the palette stands there, but for its last ten bytes, which do not fit: QEMU
// does not see it, and we lose nothing from one of ours to the next.
#include "hw/display/isa-section.h"

#include <algorithm>

#include "hw/core/firmware-files.h"
#include "hw/nvram/fw_cfg.h"
#include "qapi/context.h"

namespace hw {

namespace {

constexpr std::size_t shift = isa_section_shift, ar_at = 150, flip_flop_at = 171, cr_at = shift;
constexpr std::size_t palette_head = 592, palette_bank = 4, palette_tail = 149, palette_rest = 13,
                      rest_at = 8;

/// The eleven bytes between the CRTC's registers and the palette, in order.
template <class State>
auto misc(State& s) {
    return std::array{&s.msr,          &s.fcr,           &s.st00,           &s.st01,
                      &s.dac_state,    &s.dac_sub_index, &s.dac_read_index, &s.dac_write_index,
                      &s.dac_cache[0], &s.dac_cache[1],  &s.dac_cache[2]};
}

/// One list for both ways: `copy(registers, wire, length)`.
template <class Registers, class Wire, class Copy>
void pair_up(Registers& r, Wire& w, Copy copy) {
    copy(&r.ar_index, &w.cr[ar_at - 1], 1);
    copy(r.ar.data(), &w.cr[ar_at], r.ar.size());
    copy(&r.cr_index, &w.cr[cr_at - 1], 1);
    copy(r.cr.data(), &w.cr[cr_at], w.cr.size() - cr_at);
    const auto seen = misc(w);
    const auto kept = misc(r);
    for (std::size_t i = 0; i < seen.size(); i++) {
        copy(&r.cr[80 + i], seen[i], 1);
        copy(kept[i], &w.palette[161 + i], 1);
    }
    // 91 to 94 have no field; nothing is in the CRTC's registers there.
    copy(&r.cr[95], w.palette.data(), 161);
    copy(r.palette.data(), &w.palette[shift], palette_head);
    // Where nobody looks:
    copy(&r.palette[palette_head + palette_bank], w.cr.data(), palette_tail);
    copy(&r.palette[palette_head + palette_bank + palette_tail], &w.ar[rest_at], palette_rest);
}

}  // namespace

void to_isa_section(const VgaState& r, VgaState& w, std::uint64_t vram_size) {
    w.latch = static_cast<std::uint32_t>(vram_size);
    pair_up(r, w, [](const std::uint8_t* from, std::uint8_t* to, std::size_t n) {
        std::copy_n(from, n, to);
    });
    w.dac_sub_index %= 3;  // of a CRTC register that no VGA has; more than 2 would not load
    w.cr[flip_flop_at] = static_cast<std::uint8_t>(r.ar_flip_flop);
    std::uint32_t word = 0;
    for (unsigned i = 0; i < palette_bank; i++)
        word |= std::uint32_t{r.palette[palette_head + i]} << 8 * i;
    w.bank_offset = static_cast<std::int32_t>(word);
}

void from_isa_section(VgaState& r, const VgaState& w) {
    pair_up(r, w, [](std::uint8_t* to, const std::uint8_t* from, std::size_t n) {
        std::copy_n(from, n, to);
    });
    r.ar_flip_flop = w.cr[flip_flop_at] & 1;
    for (unsigned i = 0; i < palette_bank; i++)
        r.palette[palette_head + i] =
            static_cast<std::uint8_t>(static_cast<std::uint32_t>(w.bank_offset) >> 8 * i);
    r.dac_sub_index %= 3;
}

Result<void> offer_isa_rom(Platform& p, const char* file) {
    auto* files = p.services.find<FirmwareFiles>();
    auto* fw_cfg = p.services.find<FwCfg>();
    if (files && fw_cfg)
        if (auto image = files->read_rom(file))
            return fw_cfg->add_file(std::string("vgaroms/") + file, std::move(*image));
    return {};
}

}  // namespace hw
