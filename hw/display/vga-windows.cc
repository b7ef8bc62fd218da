// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/vga-windows.h"

namespace hw {

namespace {

using exec::MemoryRegion;
using W = VgaWindows;

constexpr exec::MemoryOps bytes{.impl = {1, 1}};
struct PortRange {
    std::uint16_t first, count;
    exec::MemoryOps ops;
};
template <unsigned Base>
consteval exec::MemoryOps ports() {
    return exec::memory_ops<&W::port_read<Base>, &W::port_write<Base>>(bytes);
}
constexpr PortRange port_ranges[] = {
    {0x3b4, 2, ports<0x3b4>()}, {0x3ba, 1, ports<0x3ba>()}, {0x3c0, 16, ports<0x3c0>()},
    {0x3d4, 2, ports<0x3d4>()}, {0x3da, 1, ports<0x3da>()},
};
constexpr exec::MemoryOps mmio_port_ops =
    exec::memory_ops<&W::port_read<0x3c0>, &W::port_write<0x3c0>>(
        {.valid = {1, 4, true}, .impl = {1, 1}});
constexpr auto low_ops = exec::memory_ops<&Vga::memory_read, &Vga::memory_write>(bytes);
constexpr auto vbe_ops =
    exec::memory_ops<&W::vbe_port_read, &W::vbe_port_write>({.impl = {1, 2, true}});
constexpr auto vbe_mmio_ops =
    exec::memory_ops<&W::vbe_mmio_read, &W::vbe_mmio_write>({.impl = {2, 2}});
constexpr auto extended_ops =
    exec::memory_ops<&W::extended_read, &W::extended_write>({.valid = {4, 4}, .impl = {4, 4}});

}  // namespace

void VgaWindows::add_legacy(exec::MemoryMap& map, MemoryRegion& memory, MemoryRegion& io) {
    exec::Transaction changes(map);
    low_ = MemoryRegion::io(map, "vga-lowmem", 0x20000, low_ops, &vga_);
    memory.add_subregion(0xa0000, *low_, 1);
    for (unsigned n = 0; n < std::size(port_ranges); n++) {
        ports_[n] = MemoryRegion::io(map, "vga", port_ranges[n].count, port_ranges[n].ops, this);
        io.add_subregion(port_ranges[n].first, *ports_[n]);
    }
    vbe_ = MemoryRegion::io(map, "vbe", 4, vbe_ops, this);
    io.add_subregion(0x1ce, *vbe_);
}

MemoryRegion& VgaWindows::add_mmio(exec::MemoryMap& map, const Mmio& what) {
    exec::Transaction changes(map);
    mmio_ = MemoryRegion::io(map, "vga.mmio", mmio_size, exec::floating_bus_ops, nullptr);
    mmio_ports_ =
        MemoryRegion::io(map, "vga ioports remapped", mmio_ports_size, mmio_port_ops, this);
    mmio_->add_subregion(mmio_ports_at, *mmio_ports_);
    mmio_vbe_ = MemoryRegion::io(map, "bochs dispi interface", mmio_vbe_size, vbe_mmio_ops, this);
    mmio_->add_subregion(mmio_vbe_at, *mmio_vbe_);
    if (what.extended) {
        mmio_extended_ =
            MemoryRegion::io(map, "qemu extended regs", mmio_extended_size, extended_ops, this);
        mmio_->add_subregion(mmio_extended_at, *mmio_extended_);
    }
    if (what.edid) edid_.attach(*mmio_, *what.edid);
    return *mmio_;
}

// Index at 0x1CE; data at 0x1CF, and at 0x1D0 for those who must not use odd word ports. They are
// words: nothing answers bytes.
std::uint64_t VgaWindows::vbe_port_read(exec::hwaddr offset, unsigned size) {
    if (size < 2) return 0xff;
    return offset == 0 ? vga_.vbe_index() : vga_.vbe_read();
}
void VgaWindows::vbe_port_write(exec::hwaddr offset, std::uint64_t value, unsigned size) {
    if (size < 2) return;
    if (offset == 0)
        vga_.set_vbe_index(static_cast<std::uint16_t>(value));
    else
        vga_.vbe_write(static_cast<std::uint16_t>(value));
}
std::uint64_t VgaWindows::vbe_mmio_read(exec::hwaddr offset, unsigned) {
    vga_.set_vbe_index(static_cast<std::uint16_t>(offset >> 1));
    return vga_.vbe_read();
}
void VgaWindows::vbe_mmio_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    vga_.set_vbe_index(static_cast<std::uint16_t>(offset >> 1));
    vga_.vbe_write(static_cast<std::uint16_t>(value));
}

std::uint64_t VgaWindows::extended_read(exec::hwaddr offset, unsigned) {
    if (offset == 0) return mmio_extended_size;
    return vga_.big_endian() ? order_big : order_little;
}
void VgaWindows::extended_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    if (offset == 4 && (value == order_little || value == order_big))
        vga_.set_big_endian(value == order_big);
}

}  // namespace hw
