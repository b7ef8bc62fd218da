// SPDX-License-Identifier: GPL-2.0-or-later
//
// The VGA: registers, planar memory, Bochs' display interface ("VBE dispi"), and what the screen
// shows. The core knows no bus; vga-pci.cc gives it one.
// Specifications: IBM PS/2 Hardware Interface Technical Reference, video subsystem (1992); the
// Bochs VBE Display API, version 0xB0C5.
//
// In files: vga.cc registers, vga-memory.cc the window at A0000h; vga-scan.cc, vga-text.cc and
// vga-graphics.cc the picture.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "exec/memory.h"
#include "exec/ram-block.h"
#include "migration/vmstate/table.h"
#include "ui/console.h"

namespace hw {

/// Indices of the VBE registers.
enum Vbe : unsigned {
    VBE_ID,
    VBE_XRES,
    VBE_YRES,
    VBE_BPP,
    VBE_ENABLE,
    VBE_BANK,
    VBE_VIRT_WIDTH,
    VBE_VIRT_HEIGHT,
    VBE_X_OFFSET,
    VBE_Y_OFFSET,
    VBE_VIDEO_MEMORY_64K,
};

struct VgaState {
    std::uint32_t latch = 0;
    std::uint8_t sr_index = 0;
    std::array<std::uint8_t, 256> sr{};  // the VGA has the first 8; see cirrus.h
    std::uint8_t gr_index = 0;
    std::array<std::uint8_t, 256> gr{};  // the first 16
    std::uint8_t ar_index = 0;
    std::array<std::uint8_t, 21> ar{};
    std::int32_t ar_flip_flop = 0;
    std::uint8_t cr_index = 0;
    std::array<std::uint8_t, 256> cr{};
    std::uint8_t msr = 0, fcr = 0, st00 = 0, st01 = 0;
    std::uint8_t dac_state = 0, dac_sub_index = 0, dac_read_index = 0, dac_write_index = 0;
    std::array<std::uint8_t, 3> dac_cache{};
    std::array<std::uint8_t, 768> palette{};
    std::int32_t bank_offset = 0;
    std::uint8_t is_vbe = 1;
    std::uint16_t vbe_index = 0;
    std::array<std::uint16_t, 10> vbe_regs{0xb0c5};
    std::uint32_t vbe_start_addr = 0, vbe_line_offset = 0, vbe_bank_mask = 0;
    bool big_endian_fb = false;
};
/// "vga"
extern const vmstate::Table vga_table;

class Vga {
public:
    explicit Vga(VgaState& state) : state_(state) {}
    virtual ~Vga() = default;
    void connect(exec::RamBlock& vram) { vram_ = &vram; }
    std::uint64_t vram_size() const { return vram_->size(); }
    void reset();

    // Ports by number (0x3B4 ... 0x3DA), a byte each.
    virtual std::uint8_t port_read(unsigned port);
    virtual void port_write(unsigned port, std::uint8_t value);
    std::uint16_t vbe_index() const { return state_.vbe_index; }
    void set_vbe_index(std::uint16_t v) { state_.vbe_index = v; }
    std::uint16_t vbe_read() const;
    bool big_endian() const { return state_.big_endian_fb; }
    void set_big_endian(bool on) { state_.big_endian_fb = on; }
    void vbe_write(std::uint16_t value);

    // The 128 KiB at A0000h, a byte each.
    std::uint64_t memory_read(exec::hwaddr offset, unsigned size);
    void memory_write(exec::hwaddr offset, std::uint64_t value, unsigned size);

    /// `now_ns` decides what blinks.
    ui::Image picture(std::int64_t now_ns);
    ui::TextScreen text() const;

protected:
    struct Frame {
        unsigned characters;  // across, in graphics modes too: eight or nine dots
        unsigned dots;
        unsigned repeat = 1;  // a dot lasts two with half the clock
        unsigned height;
        unsigned line_offset;
        std::uint64_t start;
        unsigned line_compare = ~0u;  // below this line memory is shown from its beginning
        unsigned first_scan = 0, pan = 0;
        unsigned width() const { return characters * dots * repeat; }
    };
    virtual Frame frame() const;
    /// Of a linear mode; up to 4 when the VGA's own registers say how pixels are made.
    virtual unsigned bits_per_pixel() const;
    /// What lies over the picture of a graphics mode.
    virtual void draw_over(ui::Image&) const {}
    bool wrong_emulation(unsigned port) const;
    std::uint8_t* vram() const { return vram_->host(); }
    void touch(std::uint64_t offset, std::uint64_t length) { vram_->mark_dirty(offset, length); }

    VgaState& state_;

private:
    enum class Mode { Blank, Text, Graphics };
    Mode mode() const;
    bool vbe_enabled() const { return state_.vbe_regs[VBE_ENABLE] & 1; }
    /// Sequencer registers as the memory path sees them: VBE modes are linear whatever they hold.
    std::uint8_t sequencer(unsigned n) const;
    void write_attribute(std::uint8_t value);
    void write_crtc(std::uint8_t value);
    void fix_vbe_registers();
    void program_vga_for_vbe();
    bool window(exec::hwaddr& offset) const;

    std::uint32_t color(unsigned dac_index) const;
    std::array<std::uint32_t, 16> colors() const;
    /// A line of the screen: where it begins in memory, which line of its characters it is, how
    /// many dots are panned out on its left.
    struct Line {
        std::uint64_t address;
        unsigned scan, pan;
    };
    std::vector<Line> lines(const Frame&) const;
    ui::Image draw_text(const Frame&, std::int64_t now_ns) const;
    ui::Image draw_graphics(const Frame&) const;

    exec::RamBlock* vram_ = nullptr;
    ui::Image shown_{640, 480};
};

}  // namespace hw
