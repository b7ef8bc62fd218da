// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a guest asks for that the manual does not allow (a transfer that leaves video memory, a key
// for pixels of three bytes) is not done, as on QEMU 7.2.
#include "hw/display/cirrus-blitter.h"

#include <algorithm>
#include <optional>

namespace hw {

namespace {

/// A line from the processor, with room to wrap in; longer ones are not taken.
constexpr std::uint32_t buffer_size = 8192;

/// Calls `f` with the raster operation of that code ("Raster Operation Register"), a function of a
/// byte of destination and one of source; not at all where nothing would change.
template <class F>
void with_operation(std::uint8_t code, F f) {
    using u8 = std::uint8_t;
    switch (code) {
        case 0x00: return f([](u8, u8) { return u8{0}; });
        case 0x05: return f([](u8 d, u8 s) { return u8(s & d); });
        case 0x09: return f([](u8 d, u8 s) { return u8(s & ~d); });
        case 0x0b: return f([](u8 d, u8) { return u8(~d); });
        case 0x0d: return f([](u8, u8 s) { return s; });
        case 0x0e: return f([](u8, u8) { return u8{0xff}; });
        case 0x50: return f([](u8 d, u8 s) { return u8(~s & d); });
        case 0x59: return f([](u8 d, u8 s) { return u8(s ^ d); });
        case 0x6d: return f([](u8 d, u8 s) { return u8(s | d); });
        case 0x90: return f([](u8 d, u8 s) { return u8(~s | ~d); });
        case 0x95: return f([](u8 d, u8 s) { return u8(~(s ^ d)); });
        case 0xad: return f([](u8 d, u8 s) { return u8(s | ~d); });
        case 0xd0: return f([](u8, u8 s) { return u8(~s); });
        case 0xd6: return f([](u8 d, u8 s) { return u8(~s | d); });
        case 0xda: return f([](u8 d, u8 s) { return u8(~s & ~d); });
        default: return;  // 06: destination as it is
    }
}

std::uint32_t little(const CirrusBlitter::Registers& gr, std::initializer_list<std::uint8_t> n) {
    std::uint32_t v = 0;
    unsigned shift = 0;
    for (const std::uint8_t i : n) {
        v |= std::uint32_t{gr[i]} << shift;
        shift += 8;
    }
    return v;
}

}  // namespace

std::pair<std::uint32_t, std::uint32_t> CirrusBlitter::written() {
    if (dirty_first_ >= dirty_end_) return {0, 0};
    const std::pair out(static_cast<std::uint32_t>(dirty_first_),
                        static_cast<std::uint32_t>(dirty_end_));
    dirty_first_ = ~std::uint64_t{0};
    dirty_end_ = 0;
    return out;
}

/// Takes note of the next `lines` lines of the destination.
void CirrusBlitter::note(std::uint32_t lines) {
    std::int64_t first = job_.dst & mask_, end = first + job_.width;
    if (job_.backwards) {
        end = first + 1;
        first = end - job_.width;
    }
    const std::int64_t moved = std::int64_t{job_.dst_pitch} * (lines - 1);
    (moved < 0 ? first : end) += moved;
    first -= 3, end += 3;                              // pixels stand on their own boundaries
    if (first < 0 || end > std::int64_t{mask_} + 1) {  // around the end of memory, or near it
        first = 0;
        end = std::int64_t{mask_} + 1;
    }
    dirty_first_ = std::min(dirty_first_, static_cast<std::uint64_t>(first));
    dirty_end_ = std::max(dirty_end_, static_cast<std::uint64_t>(end));
}

bool CirrusBlitter::leaves_memory(std::uint32_t at, std::int32_t pitch) const {
    if (!pitch) return true;
    const std::int64_t size = std::int64_t{mask_} + 1,
                       down = std::int64_t{pitch} * (job_.height - 1);
    if (pitch < 0) return at >= size || std::int64_t{at} + down - job_.width < -1;
    return std::int64_t{at} + down + job_.width > size;
}

bool CirrusBlitter::safe(bool source_too) const {
    return job_.width <= buffer_size && !leaves_memory(job_.dst & mask_, job_.dst_pitch) &&
           !(source_too && leaves_memory(job_.src & mask_, job_.src_pitch));
}

void CirrusBlitter::start(const Registers& gr) {
    abandon();
    const std::uint8_t mode = gr[0x30], extended = gr[0x33];
    job_ = {.kind = Kind::Copy,
            .rop = gr[0x32],
            .depth = (mode & blt_depth) / 0x10 + 1u,
            .width = little(gr, {0x20, 0x21}) + 1,
            .height = little(gr, {0x22, 0x23}) + 1,
            .dst_pitch = static_cast<std::int32_t>(little(gr, {0x24, 0x25})),
            .src_pitch = static_cast<std::int32_t>(little(gr, {0x26, 0x27})),
            .dst = little(gr, {0x28, 0x29, 0x2a}) & mask_,
            .src = little(gr, {0x2c, 0x2d, 0x2e}) & mask_,
            .foreground = little(gr, {0x01, 0x11, 0x13, 0x15}),
            .background = little(gr, {0x00, 0x10, 0x12, 0x14}),
            .key = static_cast<std::uint16_t>(little(gr, {0x34, 0x35}))};
    Job& j = job_;
    // GR2F leaves out pixels on the left; bytes, where a pixel has three and may be left out
    // itself.
    j.skip_pixels = gr[0x2f] & 7u;
    j.skip_bytes = j.skip_pixels * j.depth;
    if (const bool opaque = (mode & (blt_expand | blt_transparent)) == blt_expand;
        j.depth == 3 && !opaque) {
        j.skip_bytes = gr[0x2f] & 0x1fu;
        j.skip_pixels = j.skip_bytes / 3;
    }
    j.pattern_row = j.src & 7;
    if (mode & blt_to_processor) return;  // drivers read the frame buffer instead

    constexpr std::uint8_t expanded_pattern = blt_pattern | blt_expand;
    if (extended & blt_solid && !(mode & blt_transparent) &&
        (mode & expanded_pattern) == expanded_pattern) {
        j.kind = Kind::Fill;
        if (safe(false)) run({vram_, mask_, 0}, j.height);
        return;
    }
    j.transparent = mode & blt_transparent;
    if (mode & blt_expand) {
        j.kind = mode & blt_pattern ? Kind::MonochromePattern : Kind::Expand;
        j.inverted = j.transparent && extended & blt_inverted;
    } else if (mode & blt_pattern) {
        j.kind = Kind::Pattern;
    } else {
        if (j.transparent && j.depth > 2) return;  // a key has 16 bits
        if (mode & blt_backwards) {
            j.backwards = true;
            j.dst_pitch = -j.dst_pitch;
            j.src_pitch = -j.src_pitch;
        }
    }
    if (mode & blt_from_processor)
        from_processor(extended & blt_dword_lines);
    else if (mode & blt_pattern) {
        // The pattern stands on a boundary of its own size; the address below says which of its
        // eight lines is the first.
        const std::uint32_t size = j.kind == Kind::Pattern ? 8 * pattern_pitch() : 8;
        if (safe(false)) run({vram_, mask_, j.src & ~(size - 1)}, j.height);
    } else if (safe(true)) {
        run({vram_, mask_, j.src}, j.height);
    }
}

// ---- from the processor -----------------------------------------------------------------------

void CirrusBlitter::from_processor(bool dword_lines) {
    const Job& j = job_;
    std::uint32_t lines = j.height;
    switch (j.kind) {
        case Kind::MonochromePattern: line_length_ = 8; break;
        case Kind::Pattern: line_length_ = 64 * j.depth; break;
        case Kind::Expand: {
            const std::uint32_t bits = j.width / j.depth;
            line_length_ = dword_lines ? (bits + 31) / 32 * 4 : (bits + 7) / 8;
            break;
        }
        default: line_length_ = (j.width + 3) & ~3u; break;
    }
    if (j.kind == Kind::MonochromePattern || j.kind == Kind::Pattern) lines = 1;
    if (!line_length_ || line_length_ > buffer_size || !safe(false)) return;
    line_.clear();
    left_ = std::uint64_t{lines} * line_length_;
}

void CirrusBlitter::take(std::uint8_t byte) {
    line_.push_back(byte);
    left_--;
    if (line_.size() < line_length_) return;
    line_.resize(buffer_size);
    const Source sent{line_.data(), buffer_size - 1, 0};
    if (job_.kind == Kind::MonochromePattern || job_.kind == Kind::Pattern) {
        run(sent, job_.height);
    } else {
        run(sent, 1);
        job_.dst += static_cast<std::uint32_t>(job_.dst_pitch);
    }
    line_.clear();
}

// ---- the engine -------------------------------------------------------------------------------

void CirrusBlitter::run(const Source& source, std::uint32_t lines) {
    note(lines);
    with_operation(job_.rop, [&](auto op) { run_with(op, source, lines); });
}

template <class Op>
void CirrusBlitter::run_with(Op op, const Source& source, std::uint32_t lines) {
    const Job& j = job_;
    using Pixel = std::optional<std::uint32_t>;
    const std::uint32_t set = j.inverted ? j.background : j.foreground;
    const std::uint8_t flip = j.inverted ? 0xff : 0;
    auto expanded = [&](unsigned bit) -> Pixel {
        if (bit) return set;
        return j.transparent ? Pixel() : Pixel(j.background);
    };
    switch (j.kind) {
        case Kind::Fill:
            paint(op, lines, 0, [&](auto, auto, auto) -> Pixel { return j.foreground; });
            break;
        case Kind::Copy: copy(op, source, lines); break;
        case Kind::Expand: {
            // A bit a pixel, each line from a byte of its own.
            const unsigned first = std::min(j.skip_pixels, 8u);
            const std::uint32_t pixels =
                j.width > j.skip_bytes ? (j.width - j.skip_bytes + j.depth - 1) / j.depth : 0;
            const std::uint32_t bytes = pixels ? (first + pixels - 1) / 8 + 1 : 1;
            paint(op, lines, j.skip_bytes, [&](std::uint32_t y, std::uint32_t n, auto) {
                const std::uint32_t bit = first + n;
                return expanded((source[y * bytes + bit / 8] ^ flip) >> (7 - bit % 8) & 1u);
            });
            break;
        }
        case Kind::MonochromePattern:
            paint(op, lines, j.skip_bytes, [&](std::uint32_t y, std::uint32_t n, auto) {
                const std::uint8_t bits = source[(j.pattern_row + y) & 7] ^ flip;
                return expanded(bits >> ((7 - j.skip_pixels - n) & 7) & 1u);
            });
            break;
        case Kind::Pattern: {
            const unsigned pitch = pattern_pitch();
            paint(op, lines, j.skip_bytes, [&](std::uint32_t y, std::uint32_t n, auto) -> Pixel {
                const std::uint32_t row = ((j.pattern_row + y) & 7) * pitch;
                // Of three-byte pixels the register that counts bytes is used as a pixel's number.
                std::uint32_t column = (j.depth == 3 ? j.skip_bytes : j.skip_pixels) + n;
                if (n || j.depth != 3) column &= 7;
                std::uint32_t color = 0;
                for (unsigned b = 0; b < j.depth; b++)
                    color |= std::uint32_t{source[row + column * j.depth + b]} << 8 * b;
                return color;
            });
            break;
        }
    }
}

/// `color(line, pixel from the skipped ones on, byte in the line)`; none leaves the pixel.
template <class Op, class Color>
void CirrusBlitter::paint(Op op, std::uint32_t lines, unsigned skip, Color color) {
    const Job& j = job_;
    const std::uint32_t boundary = j.depth == 3 ? ~0u : ~(j.depth - 1);
    std::uint32_t line = j.dst;
    for (std::uint32_t y = 0; y < lines; y++, line += static_cast<std::uint32_t>(j.dst_pitch))
        for (std::uint32_t x = skip, n = 0; x < j.width; x += j.depth, n++)
            if (const auto c = color(y, n, x)) {
                const std::uint32_t pixel = (line + x) & boundary;
                for (unsigned b = 0; b < j.depth; b++) {
                    std::uint8_t& d = at(pixel + b);
                    d = op(d, static_cast<std::uint8_t>(*c >> 8 * b));
                }
            }
}

template <class Op>
void CirrusBlitter::copy(Op op, Source source, std::uint32_t lines) {
    const Job& j = job_;
    // Pitches that make lines overlap are not done.
    if (lines > 1 && !j.backwards &&
        (j.dst_pitch < std::int64_t{j.width} || j.src_pitch < std::int64_t{j.width}))
        return;
    const std::uint32_t step = j.backwards ? ~0u : 1;
    std::uint32_t line = j.dst;
    for (std::uint32_t y = 0; y < lines; y++) {
        if (j.transparent)
            copy_keyed(op, source, line);
        else
            for (std::uint32_t x = 0; x < j.width; x++) {
                std::uint8_t& d = at(line + x * step);
                d = op(d, source[x * step]);
            }
        line += static_cast<std::uint32_t>(j.dst_pitch);
        source.at += static_cast<std::uint32_t>(j.src_pitch);
    }
}

/// A line of pixels of one or two bytes, without those that come out as the key. The address of a
/// pixel is that of its byte met first.
template <class Op>
void CirrusBlitter::copy_keyed(Op op, const Source& source, std::uint32_t line) {
    const Job& j = job_;
    const std::uint32_t boundary = ~(j.depth - 1);
    const std::uint16_t key = j.depth == 1 ? j.key & 0xff : j.key;
    for (std::uint32_t x = 0; x < j.width; x += j.depth) {
        const std::uint32_t low = j.backwards ? 1 - x - j.depth : x;
        const std::uint32_t to = (line + low) & boundary,
                            from = ((source.at + low) & boundary) - source.at;
        std::uint8_t out[2]{};
        std::uint16_t pixel = 0;
        for (unsigned b = 0; b < j.depth; b++) {
            out[b] = op(at(to + b), source[from + b]);
            pixel = static_cast<std::uint16_t>(pixel | out[b] << 8 * b);
        }
        if (pixel == key) continue;
        for (unsigned b = 0; b < j.depth; b++)
            at(to + b) = out[b];
    }
}

}  // namespace hw
