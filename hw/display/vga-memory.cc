// SPDX-License-Identifier: GPL-2.0-or-later
//
// The window at A0000h: chain-4, odd/even and planar access with the graphics controller's read and
// write modes. Video memory keeps the four planes' bytes of one address side by side.
#include <cstring>

#include "hw/display/vga.h"

namespace hw {

namespace {

constexpr std::uint32_t spread(std::uint8_t byte) {
    return byte * 0x01010101u;
}
/// A byte of ones for every set bit of a plane mask.
constexpr std::uint32_t planes(unsigned mask) {
    return (mask & 1 ? 0xffu : 0) | (mask & 2 ? 0xff00u : 0) | (mask & 4 ? 0xff0000u : 0) |
           (mask & 8 ? 0xff000000u : 0);
}
constexpr std::uint8_t plane(std::uint32_t v, unsigned n) {
    return static_cast<std::uint8_t>(v >> 8 * n);
}

}  // namespace

/// From an offset in the 128 KiB to one in the window that GR6 selects; false: outside of it.
bool Vga::window(exec::hwaddr& offset) const {
    switch (state_.gr[6] >> 2 & 3) {
        case 0: return true;
        case 1:
            if (offset >= 0x10000) return false;
            offset += static_cast<std::uint32_t>(state_.bank_offset);
            return true;
        case 2: offset -= 0x10000; return offset < 0x8000;
        default: offset -= 0x18000; return offset < 0x8000;
    }
}

std::uint64_t Vga::memory_read(exec::hwaddr offset, unsigned) {
    if (!window(offset)) return 0xff;
    if (sequencer(4) & 0x08) return offset < vram_size() ? vram()[offset] : 0xff;
    if (state_.gr[5] & 0x10) {
        const unsigned n = (state_.gr[4] & 2) | (offset & 1);
        const std::uint64_t at = (offset & ~1ull) << 1 | n;
        return at < vram_size() ? vram()[at] : 0xff;
    }
    if (offset * 4 >= vram_size()) return 0xff;
    std::memcpy(&state_.latch, vram() + offset * 4, 4);
    if (!(state_.gr[5] & 0x08)) return plane(state_.latch, state_.gr[4] & 3);
    // Read mode 1: which pixels have the color to compare with.
    std::uint32_t differ = (state_.latch ^ planes(state_.gr[2])) & planes(state_.gr[7]);
    differ |= differ >> 16;
    differ |= differ >> 8;
    return ~differ & 0xff;
}

void Vga::memory_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    auto v = static_cast<std::uint8_t>(value);
    if (!window(offset)) return;
    const std::uint8_t enabled = sequencer(2);
    if (sequencer(4) & 0x08) {
        if (!(enabled >> (offset & 3) & 1) || offset >= vram_size()) return;
        vram()[offset] = v;
        touch(offset, 1);
        return;
    }
    if (state_.gr[5] & 0x10) {
        const unsigned n = (state_.gr[4] & 2) | (offset & 1);
        const std::uint64_t at = (offset & ~1ull) << 1 | n;
        if (!(enabled >> n & 1) || at >= vram_size()) return;
        vram()[at] = v;
        touch(at, 1);
        return;
    }
    if (offset * 4 >= vram_size()) return;
    std::uint32_t bits = state_.gr[8];
    std::uint32_t out = 0;
    const unsigned rotate = state_.gr[3] & 7;
    const auto rotated = static_cast<std::uint8_t>(v >> rotate | v << (8 - rotate));
    switch (state_.gr[5] & 3) {
        case 0:
            out = spread(rotated);
            out = (out & ~planes(state_.gr[1])) | (planes(state_.gr[0]) & planes(state_.gr[1]));
            break;
        case 1: out = state_.latch; break;
        case 2: out = planes(v & 0x0f); break;
        default:
            bits &= rotated;
            out = planes(state_.gr[0]);
            break;
    }
    if ((state_.gr[5] & 3) != 1) {
        switch (state_.gr[3] >> 3 & 3) {
            case 1: out &= state_.latch; break;
            case 2: out |= state_.latch; break;
            case 3: out ^= state_.latch; break;
            default: break;
        }
        const std::uint32_t mask = spread(static_cast<std::uint8_t>(bits));
        out = (out & mask) | (state_.latch & ~mask);
    }
    std::uint32_t cell;
    std::memcpy(&cell, vram() + offset * 4, 4);
    const std::uint32_t write = planes(enabled & 0x0f);
    cell = (cell & ~write) | (out & write);
    std::memcpy(vram() + offset * 4, &cell, 4);
    touch(offset * 4, 4);
}

}  // namespace hw
