// SPDX-License-Identifier: GPL-2.0-or-later
//
// The ways to the GD5446's memory: the VGA's window, which two banks share in extended modes, and
// the linear frame buffer of a PCI card; with "extended write modes", where a byte means eight
// pixels, and the blitter's registers in memory.
#include "hw/display/cirrus.h"

namespace hw {

namespace {

using exec::MemoryRegion;

constexpr exec::MemoryOps bytes{.impl = {1, 1}};
constexpr auto port_ops = exec::memory_ops<&Cirrus::bus_port_read, &Cirrus::bus_port_write>(bytes);
constexpr auto low_ops = exec::memory_ops<&Cirrus::low_read, &Cirrus::low_write>(bytes);
constexpr auto linear_ops = exec::memory_ops<&Cirrus::linear_read, &Cirrus::linear_write>(bytes);
constexpr auto blt_ops = exec::memory_ops<&Cirrus::blt_read, &Cirrus::blt_write>(bytes);
constexpr auto mmio_ops = exec::memory_ops<&Cirrus::mmio_read, &Cirrus::mmio_write>(bytes);

constexpr unsigned first_port = 0x3b0, mmio_first_port = 0x3c0;
constexpr exec::hwaddr blt_at = 0x1000000;
constexpr std::uint64_t bar0_size = 0x2000000, blt_size = 0x400000, mmio_size = 0x1000;

// GR0B.
constexpr std::uint8_t two_banks = 0x01, by_8 = 0x02, extended_writes = 0x04, banks_of_16k = 0x20,
                       by_16 = 0x14;

/// The blitter's registers as memory shows them, and the graphics controller's that they are
/// ("Memory-Mapped I/O"); 0xff: there is none.
constexpr auto register_map = [] {
    std::array<std::uint8_t, 0x41> map{};
    map.fill(0xff);
    struct Run {
        std::uint8_t at;
        std::initializer_list<std::uint8_t> registers;
    };
    for (const Run& run :
         {Run{0x00, {0x00, 0x10, 0x12, 0x14}}, Run{0x04, {0x01, 0x11, 0x13, 0x15}},
          Run{0x08, {0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27}},
          Run{0x10, {0x28, 0x29, 0x2a}}, Run{0x14, {0x2c, 0x2d, 0x2e, 0x2f, 0x30}},
          Run{0x1a, {0x32, 0x33, 0x34, 0x35}}, Run{0x20, {0x38, 0x39}}, Run{0x40, {0x31}}})
        std::copy(run.registers.begin(), run.registers.end(), map.begin() + run.at);
    return map;
}();

}  // namespace

void Cirrus::add_legacy(exec::MemoryMap& map, VideoMemory& video, MemoryRegion& memory,
                        MemoryRegion& io) {
    exec::Transaction changes(map);
    video_ = &video;
    connect(video.block());
    blitter_.connect({vram(), card_.memory});
    low_ = MemoryRegion::io(map, "cirrus-low-memory", 0x20000, low_ops, this);
    memory.add_subregion(0xa0000, *low_, 1);
    ports_ = MemoryRegion::io(map, "cirrus-io", 0x30, port_ops, this);
    io.add_subregion(first_port, *ports_);
}

MemoryRegion& Cirrus::add_linear(exec::MemoryMap& map) {
    exec::Transaction changes(map);
    bar0_ = MemoryRegion::container(map, "cirrus-pci-bar0", bar0_size);
    linear_ = MemoryRegion::io(map, "cirrus-linear-io", vram_size(), linear_ops, this);
    bar0_->add_subregion(0, *linear_);
    bar0_->add_subregion(0, video_->region(), 1);
    blt_ = MemoryRegion::io(map, "cirrus-bitblt-mmio", blt_size, blt_ops, this);
    bar0_->add_subregion(blt_at, *blt_);
    update_mapping();
    return *bar0_;
}

MemoryRegion& Cirrus::add_mmio(exec::MemoryMap& map) {
    mmio_ = MemoryRegion::io(map, "cirrus-mmio", mmio_size, mmio_ops, this);
    return *mmio_;
}

/// While a byte written is a byte stored, the processor reaches memory itself.
void Cirrus::update_mapping() {
    if (!linear_) return;
    const VgaState& v = chip_.vga;
    const unsigned mode = v.gr[5] & 7;
    const bool special = (v.sr[0x17] & 0x44) == 0x44 || blitter_.waiting() ||
                         (v.gr[0x0b] & by_16) == by_16 || v.gr[0x0b] & by_8 ||
                         ((mode == 4 || mode == 5) && v.gr[0x0b] & extended_writes);
    // A card may have more memory than the chip drives; beyond, addresses begin again.
    const bool whole = vram_size() == card_.memory;
    if (video_->region().enabled() != (whole && !special))
        video_->region().set_enabled(whole && !special);
}

std::uint64_t Cirrus::bus_port_read(exec::hwaddr offset, unsigned) {
    return port_read(first_port + static_cast<unsigned>(offset));
}
void Cirrus::bus_port_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    port_write(first_port + static_cast<unsigned>(offset), static_cast<std::uint8_t>(value));
}

// ---- the blitter's registers ------------------------------------------------------------------

std::uint8_t Cirrus::register_read(unsigned offset) const {
    return offset < register_map.size() ? read_graphics(register_map[offset]) : 0xff;
}

void Cirrus::register_write(unsigned offset, std::uint8_t value) {
    if (offset < register_map.size()) write_graphics(register_map[offset], value);
}

std::uint64_t Cirrus::mmio_read(exec::hwaddr offset, unsigned) {
    const auto at = static_cast<unsigned>(offset);
    return at < 0x100 ? port_read(mmio_first_port + at) : register_read(at - 0x100);
}

void Cirrus::mmio_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    const auto at = static_cast<unsigned>(offset);
    const auto byte = static_cast<std::uint8_t>(value);
    if (at < 0x100)
        port_write(mmio_first_port + at, byte);
    else
        register_write(at - 0x100, byte);
}

/// SR17 puts them into the last 256 bytes of the linear frame buffer.
bool Cirrus::registers_in_memory(exec::hwaddr offset) const {
    const std::uint64_t last_256 = card_.memory - 256;
    return (chip_.vga.sr[0x17] & 0x44) == 0x44 && (offset & last_256) == last_256;
}

void Cirrus::blt_write(exec::hwaddr, std::uint64_t value, unsigned) {
    if (blitter_.waiting()) feed_blitter(static_cast<std::uint8_t>(value));
}

// ---- memory -----------------------------------------------------------------------------------

/// Where an address of a window is in memory: with 8 or 16 pixels, or bytes, to an address.
std::uint32_t Cirrus::scaled(std::uint64_t offset) const {
    const std::uint8_t gr0b = chip_.vga.gr[0x0b];
    const unsigned shift = (gr0b & by_16) == by_16 ? 4 : gr0b & by_8 ? 3 : 0;
    return static_cast<std::uint32_t>(offset << shift) & mask();
}

std::uint8_t Cirrus::video_read(std::uint64_t offset) const {
    return vram()[scaled(offset)];
}

void Cirrus::video_write(std::uint64_t offset, std::uint8_t value) {
    const VgaState& v = chip_.vga;
    const std::uint32_t at = scaled(offset);
    const unsigned mode = v.gr[5] & 7;
    if ((mode != 4 && mode != 5) || !(v.gr[0x0b] & extended_writes)) {
        vram()[at] = value;
        touch(at, 1);
        return;
    }
    // A bit a pixel: the foreground where it is set; elsewhere nothing (mode 4) or the background.
    const unsigned depth = (v.gr[0x0b] & by_16) == by_16 ? 2 : 1;
    for (unsigned n = 0; n < 8; n++) {
        const bool set = value >> (7 - n) & 1;
        if (!set && mode == 4) continue;
        const std::uint8_t color[] = {v.gr[set], v.gr[0x10 + set]};
        for (unsigned b = 0; b < depth; b++) {
            const std::uint32_t to = (at + n * depth + b) & mask();
            vram()[to] = color[b];
            touch(to, 1);
        }
    }
}

std::uint64_t Cirrus::linear_read(exec::hwaddr offset, unsigned) {
    if (registers_in_memory(offset)) return register_read(offset & 0xff);
    return video_read(offset & mask());
}

void Cirrus::linear_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    const auto byte = static_cast<std::uint8_t>(value);
    if (registers_in_memory(offset))
        register_write(offset & 0xff, byte);
    else if (blitter_.waiting())
        feed_blitter(byte);
    else
        video_write(offset & mask(), byte);
}

/// From an offset in A0000h to AFFFFh to one in memory; false: the bank has no memory there.
bool Cirrus::window(exec::hwaddr& offset) const {
    const VgaState& v = chip_.vga;
    const unsigned bank = offset >> 15 & 1;
    const bool two = v.gr[0x0b] & two_banks;
    std::uint64_t base = std::uint64_t{v.gr[two ? 9 + bank : 9]}
                         << (v.gr[0x0b] & banks_of_16k ? 14 : 12);
    if (!two) base += bank * 0x8000;
    offset = base + (offset & 0x7fff);
    return offset < card_.memory;
}

std::uint64_t Cirrus::low_read(exec::hwaddr offset, unsigned size) {
    if (!extended()) return memory_read(offset, size);
    if (offset < 0x10000) return window(offset) ? video_read(offset) : 0xff;
    if (offset >= 0x18000 && offset < 0x18100 && (chip_.vga.sr[0x17] & 0x44) == 0x04)
        return register_read(offset & 0xff);
    return 0xff;
}

void Cirrus::low_write(exec::hwaddr offset, std::uint64_t value, unsigned size) {
    const auto byte = static_cast<std::uint8_t>(value);
    if (!extended()) {
        memory_write(offset, value, size);
    } else if (offset < 0x10000) {
        if (blitter_.waiting())
            feed_blitter(byte);
        else if (window(offset))
            video_write(offset, byte);
    } else if (offset >= 0x18000 && offset < 0x18100 && (chip_.vga.sr[0x17] & 0x44) == 0x04) {
        register_write(offset & 0xff, byte);
    }
}

}  // namespace hw
