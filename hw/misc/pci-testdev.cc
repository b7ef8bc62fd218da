// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/pci-testdev.h"

#include <bit>

#include "migration/vmstate/fields.h"
#include "qom/property.h"

namespace hw {
namespace {

struct Test {
    std::string_view name;
    u32 offset;
    u8 data;
    bool matches;   // other data is no hit
    bool by_event;  // a hit is the host's to count, by an eventfd, and does not reach the device
};
constexpr u32 memory_tests = 0x800, port_tests = 0x80;
constexpr u8 wanted = 0xfa, any = 0xce;
constexpr Test tests[PciTestdev::no_test] = {
    {"mmio-no-eventfd", memory_tests + 0, wanted, true, false},
    {"mmio-wildcard-eventfd", memory_tests + 1, any, false, true},
    {"mmio-datamatch-eventfd", memory_tests + 2, wanted, true, true},
    {"portio-no-eventfd", port_tests + 3, wanted, true, false},
    {"portio-wildcard-eventfd", port_tests + 4, any, false, true},
    {"portio-datamatch-eventfd", port_tests + 5, wanted, true, true},
};
constexpr u64 name_offset = 16;

constexpr auto properties = qom::properties(
    qom::property<&PciTestdevConfig::membar>("membar").as("size", qom::PropertyKind::Size));

using S = PciTestdevState;
constexpr auto fields = vmstate::fields(vmstate::structs<&S::dev>("dev", pci_device_table));
constexpr vmstate::Table table{.name = "pci-testdev", .fields = fields};

constexpr auto memory_ops = exec::memory_ops<&PciTestdev::read, &PciTestdev::write<0>>();
constexpr auto port_ops =
    exec::memory_ops<&PciTestdev::read, &PciTestdev::write<PciTestdev::tests_per_bar>>();

}  // namespace

constinit const PciDeviceType pci_testdev_type = [] {
    PciDeviceType t{};
    t.name = "pci-testdev";
    t.parent = "pci-device";
    t.properties = properties;
    t.description = "PCI Test Device";
    t.bus = "PCI";
    t.category = Category::Misc;
    t.create = []() -> std::unique_ptr<Device> { return std::make_unique<PciTestdev>(); };
    t.vendor = 0x1b36;
    t.device = 0x0005;
    t.device_class = 0x00ff;
    return t;
}();

PciTestdev::PciTestdev() : PciDeviceOf(pci_testdev_type) {}

const vmstate::Table& PciTestdev::vmstate() const {
    return table;
}

Result<void> PciTestdev::realize_chip(Platform& p) {
    memory_ = exec::MemoryRegion::io(p.memory, "pci-testdev-mmio", 4096, memory_ops, this);
    ports_ = exec::MemoryRegion::io(p.memory, "pci-testdev-portio", 256, port_ops, this);
    add_bar(0, pci::bar_memory, *memory_);
    add_bar(1, pci::bar_io, *ports_);
    if (config_.membar) {
        if (!std::has_single_bit(config_.membar) || config_.membar < 16)
            return fail("pci-testdev: membar={} is no power of two from 16", config_.membar);
        large_ = exec::MemoryRegion::container(p.memory, "pci-testdev-membar", config_.membar);
        add_bar(2, pci::bar_memory | pci::bar_prefetchable | pci::bar_64bit, *large_);
    }
    return {};
}

void PciTestdev::chip_reset() {
    state_.test = no_test;
    state_.count = 0;
}

u8 PciTestdev::header_byte(u64 offset) const {
    if (state_.test >= no_test) return 0;
    const Test& t = tests[state_.test];
    auto byte_of = [&](u32 word) { return static_cast<u8>(word >> 8 * (offset % 4)); };
    switch (offset / 4) {
        case 0: return byte_of(state_.test | 1 << 8);  // bytes are written
        case 1: return byte_of(t.offset);
        case 2: return byte_of(t.data);
        case 3: return byte_of(state_.count);
        default: return offset - name_offset < t.name.size() ? t.name[offset - name_offset] : 0;
    }
}

u64 PciTestdev::read(u64 offset, unsigned size) {
    u64 value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= u64{header_byte(offset + i)} << 8 * i;
    return value;
}

void PciTestdev::write_to(unsigned first_test, u64 offset, u64 value, unsigned size) {
    if (offset == 0) {
        const u64 chosen = value & 0xff;
        state_.test = chosen < tests_per_bar ? first_test + static_cast<u32>(chosen) : no_test;
        state_.count = 0;
        return;
    }
    if (state_.test >= no_test) return;
    const Test& t = tests[state_.test];
    if (offset != t.offset || (t.matches && (value & 0xff) != t.data)) return;
    if (!(t.by_event && size == 1)) state_.count++;
}

}  // namespace hw
