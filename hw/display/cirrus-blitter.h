// SPDX-License-Identifier: GPL-2.0-or-later
//
// The bit block transfer engine of the Cirrus Logic GD5446: fills, copies, patterns and color
// expansion with one of sixteen raster operations, within video memory or from the processor.
// Data sheet: CL-GD5446 Technical Reference Manual (1996), chapter 9, "BitBLT Engine".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace hw {

class CirrusBlitter {
public:
    using Registers = std::array<std::uint8_t, 256>;  // the graphics controller's

    /// A power of two of bytes, in which all addresses wrap.
    void connect(std::span<std::uint8_t> vram) {
        vram_ = vram.data();
        mask_ = static_cast<std::uint32_t>(vram.size() - 1);
    }
    /// What the registers describe, done at once; or, when the processor is the source, begun.
    void start(const Registers&);
    /// The engine waits for bytes.
    bool waiting() const { return left_ > 0; }
    void take(std::uint8_t byte);
    void abandon() { left_ = 0; }

    /// Writes of video memory since the last call, [first, second); empty when first == second.
    std::pair<std::uint32_t, std::uint32_t> written();

private:
    enum class Kind : std::uint8_t { Fill, Copy, Expand, Pattern, MonochromePattern };
    struct Job {
        Kind kind;
        bool backwards = false, transparent = false, inverted = false;
        std::uint8_t rop = 0;
        unsigned depth = 1;  // bytes a pixel
        std::uint32_t width = 1, height = 1;
        std::int32_t dst_pitch = 0, src_pitch = 0;
        std::uint32_t dst = 0, src = 0;
        std::uint32_t foreground = 0, background = 0;
        std::uint16_t key = 0;                     // what transparent copies leave out
        unsigned skip_bytes = 0, skip_pixels = 0;  // on the left of each line
        unsigned pattern_row = 0;
    };
    /// Where the source's bytes come from: video memory, or what the processor sent.
    struct Source {
        const std::uint8_t* bytes;
        std::uint32_t mask, at;
        std::uint8_t operator[](std::uint32_t n) const { return bytes[(at + n) & mask]; }
    };

    /// Of eight pixels; lines of three bytes a pixel have room for four.
    unsigned pattern_pitch() const { return 8 * (job_.depth == 3 ? 4 : job_.depth); }
    bool leaves_memory(std::uint32_t at, std::int32_t pitch) const;
    bool safe(bool source_too) const;
    void from_processor(bool dword_lines);
    void run(const Source&, std::uint32_t lines);
    template <class Op>
    void run_with(Op, const Source&, std::uint32_t lines);
    template <class Op>
    void copy(Op, Source, std::uint32_t lines);
    template <class Op>
    void copy_keyed(Op, const Source&, std::uint32_t line);
    template <class Op, class Color>
    void paint(Op, std::uint32_t lines, unsigned skip, Color);
    std::uint8_t& at(std::uint32_t address) { return vram_[address & mask_]; }
    void note(std::uint32_t lines);

    std::uint8_t* vram_ = nullptr;
    std::uint32_t mask_ = 0;
    Job job_{};
    // From the processor: the bytes of a line, and how many are still to come.
    std::vector<std::uint8_t> line_;
    std::size_t line_length_ = 0;
    std::uint64_t left_ = 0;
    std::uint64_t dirty_first_ = ~std::uint64_t{0}, dirty_end_ = 0;
};

// BLT mode (GR30) and mode extensions (GR33).
inline constexpr std::uint8_t blt_backwards = 0x01, blt_to_processor = 0x02,
                              blt_from_processor = 0x04, blt_transparent = 0x08, blt_depth = 0x30,
                              blt_pattern = 0x40, blt_expand = 0x80;
inline constexpr std::uint8_t blt_dword_lines = 0x01, blt_inverted = 0x02, blt_solid = 0x04;
// BLT start and status (GR31).
inline constexpr std::uint8_t blt_busy = 0x01, blt_start = 0x02, blt_reset = 0x04,
                              blt_buffered = 0x10, blt_auto_start = 0x80;

}  // namespace hw
