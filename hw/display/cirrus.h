// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cirrus Logic GD5446: a VGA with more registers in each of its files, linear modes of 8 to 32 bits
// a pixel, two movable windows onto its memory, a hardware cursor and a blitter.
// Data sheet: CL-GD5446 Technical Reference Manual (1996). Where it leaves a choice (what a
// register that is not there reads as) the answer is QEMU 7.2's.
//
// In files: cirrus.cc registers, cirrus-memory.cc the windows, cirrus-picture.cc modes and cursor,
// cirrus-blitter.cc the blitter; cirrus-pci.cc and cirrus-isa.cc the cards.
#pragma once

#include <memory>

#include "hw/display/cirrus-blitter.h"
#include "hw/display/vga.h"
#include "hw/display/video-memory.h"

namespace hw {

/// The chip's share of a section. Of "sr" the chip has 32; from 20h on it keeps the cursor's share
/// of the DAC, for which QEMU's form has no place, and which its own guests lose.
struct CirrusState {
    VgaState vga;
    std::uint8_t hidden_dac_lockindex = 5, hidden_dac_data = 0;
    std::uint32_t hw_cursor_x = 0, hw_cursor_y = 0;
};
/// "cirrus_vga"
extern const vmstate::Table cirrus_table;

/// What differs between the cards: the straps, and what their BIOS would have set.
struct CirrusCard {
    std::uint32_t memory;                 // that the chip drives; a card may have more
    std::uint8_t sr0f, sr15, sr17, sr1f;  // DRAM control, memory size, bus, memory clock
    std::uint8_t gr18, cr27;              // extended DRAM controls; chip identification
};
extern const CirrusCard cirrus_pci_card, cirrus_isa_card;

class Cirrus final : public Vga {
public:
    Cirrus(CirrusState& state, const CirrusCard& card)
        : Vga(state.vga), chip_(state), card_(card) {}

    /// Whether a card with so much memory exists.
    static Result<void> check(std::uint32_t vgamem_mb);
    /// Maps ports 3B0h to 3DFh and the window at A0000h.
    void add_legacy(exec::MemoryMap&, VideoMemory&, exec::MemoryRegion& memory,
                    exec::MemoryRegion& io);
    /// The two BARs of a PCI card.
    exec::MemoryRegion& add_linear(exec::MemoryMap&);
    exec::MemoryRegion& add_mmio(exec::MemoryMap&);
    /// The blitter ignores what it is told (the property "blitter").
    void disable_blitter() { blits_ = false; }

    void reset();
    /// After a load, or a change of registers from outside.
    void loaded();

    std::uint8_t port_read(unsigned port) override;
    void port_write(unsigned port, std::uint8_t value) override;

    // A byte each.
    std::uint64_t bus_port_read(exec::hwaddr offset, unsigned size);
    void bus_port_write(exec::hwaddr offset, std::uint64_t value, unsigned size);
    std::uint64_t low_read(exec::hwaddr offset, unsigned size);
    void low_write(exec::hwaddr offset, std::uint64_t value, unsigned size);
    std::uint64_t linear_read(exec::hwaddr offset, unsigned size);
    void linear_write(exec::hwaddr offset, std::uint64_t value, unsigned size);
    std::uint64_t blt_read(exec::hwaddr, unsigned) { return 0xff; }
    void blt_write(exec::hwaddr offset, std::uint64_t value, unsigned size);
    std::uint64_t mmio_read(exec::hwaddr offset, unsigned size);
    void mmio_write(exec::hwaddr offset, std::uint64_t value, unsigned size);

private:
    Frame frame() const override;
    unsigned bits_per_pixel() const override;
    void draw_over(ui::Image&) const override;

    std::uint8_t read_sequencer() const;
    void write_sequencer(std::uint8_t value);
    std::uint8_t read_graphics(unsigned n) const;
    void write_graphics(unsigned n, std::uint8_t value);
    std::uint8_t read_crtc() const;
    void write_palette(std::uint8_t value);
    std::uint8_t read_palette();
    void control_blitter(std::uint8_t value);
    std::uint8_t& cursor_dac(unsigned n) const { return chip_.vga.sr[0x20 + n]; }
    void start_blitter();
    void end_blit();
    void feed_blitter(std::uint8_t value);

    // cirrus-memory.cc
    bool window(exec::hwaddr& offset) const;
    bool extended() const { return chip_.vga.sr[7] & 1; }
    std::uint32_t scaled(std::uint64_t offset) const;
    bool registers_in_memory(exec::hwaddr offset) const;
    std::uint8_t register_read(unsigned offset) const;
    void register_write(unsigned offset, std::uint8_t value);
    std::uint8_t video_read(std::uint64_t offset) const;
    void video_write(std::uint64_t offset, std::uint8_t value);
    void update_mapping();
    std::uint32_t mask() const { return card_.memory - 1; }

    CirrusState& chip_;
    const CirrusCard& card_;
    CirrusBlitter blitter_;
    bool blits_ = true;
    VideoMemory* video_ = nullptr;
    std::unique_ptr<exec::MemoryRegion> low_, ports_, bar0_, linear_, blt_, mmio_;
};

}  // namespace hw
