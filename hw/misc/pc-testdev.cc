// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/pc-testdev.h"

namespace hw {
namespace {

constexpr u64 lines = 24, memory_address = 0xff000000;

constexpr vmstate::Table table{.name = "pc-testdev"};
constexpr exec::MemoryOps any{.valid = {1, 4, true}, .impl = {1, 4, true}};
constexpr auto port_ops = exec::memory_ops<&PcTestdev::port_read, &PcTestdev::port_write>(any);
constexpr auto byte_ops = exec::memory_ops<&PcTestdev::port_read, &PcTestdev::port_write>(
    {.valid = {1, 4, true}, .impl = {1, 1, true}});
constexpr auto flush_ops = exec::memory_ops<&PcTestdev::flush_read, &PcTestdev::flush_write>(any);
constexpr auto line_ops = exec::memory_ops<&PcTestdev::line_read, &PcTestdev::line_write>(
    {.valid = {1, 1, false}, .impl = {1, 1, false}});
constexpr auto memory_ops =
    exec::memory_ops<&PcTestdev::memory_read, &PcTestdev::memory_write>(any);

}  // namespace

const DeviceType PcTestdev::device_type_ =
    isa_type<PcTestdev>("pc-testdev", {}, Category::Misc, true);

const vmstate::Table& PcTestdev::vmstate() const {
    return table;
}

Result<void> PcTestdev::realize(Platform&) {
    const IsaBus& bus = isa_bus(*this);
    bytes_.resize(memory_size);
    regions_[0] = bus.add_io(0xe0, "pc-testdev-ioport", 4, port_ops, this);
    regions_[1] = bus.add_io(0xe4, "pc-testdev-flush-page", 4, flush_ops, this);
    regions_[2] = bus.add_io(0x2000, "pc-testdev-irq-line", lines, line_ops, this);
    regions_[3] = exec::MemoryRegion::io(bus.memory().map(), "pc-testdev-iomem", memory_size,
                                         memory_ops, this);
    bus.memory().add_subregion(memory_address, *regions_[3]);
    regions_[4] = bus.add_io(0xe8, "pc-testdev-ioport-byte", 4, byte_ops, this);
    return {};
}

u64 PcTestdev::port_read(u64 offset, unsigned size) {
    return port_ >> 8 * offset & (~u64{0} >> (64 - 8 * size));
}

void PcTestdev::port_write(u64 offset, u64 value, unsigned size) {
    const u32 mask = u32((~u64{0} >> (64 - 8 * size)) << 8 * offset);
    port_ = (port_ & ~mask) | (u32(value << 8 * offset) & mask);
}

void PcTestdev::line_write(u64 line, u64 value, unsigned) {
    isa_bus(*this).irq(unsigned(line)).set(value != 0);
}

u64 PcTestdev::memory_read(u64 offset, unsigned size) {
    u64 value = 0;
    for (unsigned i = 0; i < size && offset + i < memory_size; i++)
        value |= u64(bytes_[offset + i]) << 8 * i;
    return value;
}

void PcTestdev::memory_write(u64 offset, u64 value, unsigned size) {
    for (unsigned i = 0; i < size && offset + i < memory_size; i++)
        bytes_[offset + i] = u8(value >> 8 * i);
}

}  // namespace hw
