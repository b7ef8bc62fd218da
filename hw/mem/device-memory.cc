// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/mem/device-memory.h"

#include <algorithm>

#include "hw/mem/memory-module.h"
#include "qapi/context.h"

namespace hw {

namespace {

constexpr std::uint64_t gib = std::uint64_t{1} << 30;

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

std::string name_of(const MemoryModule& d) {
    return d.id().empty() ? d.path() : d.id();
}

}  // namespace

DeviceMemory::Plan DeviceMemory::plan(std::uint64_t end_of_ram, std::uint64_t room, unsigned slots,
                                      bool slack_for_alignment) {
    Plan p{.slots = slots};
    if (!room) return p;
    p.base = round_up(end_of_ram, gib);
    p.size = room + (slack_for_alignment ? slots * gib : 0);
    p.room = room;
    return p;
}

DeviceMemory::DeviceMemory(Platform& platform, const Plan& plan)
    : platform_(platform), plan_(plan) {
    platform_.services.provide(*this);
    if (!plan_.size) return;
    region_ = exec::MemoryRegion::container(platform.memory, "device-memory", plan_.size);
    platform.system_memory.add_subregion(plan_.base, *region_);
}

DeviceMemory::~DeviceMemory() {
    platform_.services.withdraw<DeviceMemory>();
}

MemoryModule* DeviceMemory::in_slot(unsigned slot) const {
    for (MemoryModule* d : modules_)
        if (d->slot() == slot) return d;
    return nullptr;
}

std::uint64_t DeviceMemory::plugged_size() const {
    std::uint64_t sum = 0;
    for (const MemoryModule* d : modules_)
        sum += d->size();
    return sum;
}

Result<int> DeviceMemory::choose_slot(int wanted) const {
    if (!plan_.slots) return fail("no slots where allocated, please specify the 'slots' option");
    if (wanted != -1) {
        if (wanted < 0 || static_cast<unsigned>(wanted) >= plan_.slots)
            return fail("invalid slot number {}, valid range is [0-{}]", wanted, plan_.slots - 1);
        if (in_slot(static_cast<unsigned>(wanted))) return fail("slot {} is busy", wanted);
        return wanted;
    }
    for (unsigned slot = 0; slot < plan_.slots; slot++)
        if (!in_slot(slot)) return static_cast<int>(slot);
    return fail("no free slots available");
}

Result<std::uint64_t> DeviceMemory::choose_address(std::uint64_t wanted, std::uint64_t size,
                                                   std::uint64_t alignment) const {
    const std::uint64_t used = plugged_size();
    if (size > plan_.room || used > plan_.room - size)
        return fail(
            "not enough space, currently {:#x} in use of total space for memory devices {:#x}",
            used, plan_.room);
    if (wanted % alignment) return fail("address must be aligned to {:#x} bytes", alignment);
    if (size % alignment) return fail("backend memory size must be multiple of {:#x}", alignment);
    if (wanted) {
        if (wanted < plan_.base || wanted > end() || size > end() - wanted)
            return fail(
                "can't add memory device [{:#x}:{:#x}], usable range for memory devices "
                "[{:#x}:{:#x}]",
                wanted, size, plan_.base, plan_.size);
        for (const MemoryModule* d : modules_)
            if (wanted < d->address() + d->size() && d->address() < wanted + size)
                return fail("address range conflicts with memory device id='{}'", name_of(*d));
        return wanted;
    }
    std::uint64_t at = round_up(plan_.base, alignment);
    for (const MemoryModule* d : modules_) {
        if (d->address() >= at && d->address() - at >= size) break;
        at = std::max(at, round_up(d->address() + d->size(), alignment));
    }
    if (at > end() || size > end() - at)
        return fail(
            "could not find position in guest address space for memory device - memory "
            "fragmented due to alignments");
    return at;
}

void DeviceMemory::add(MemoryModule& d) {
    region_->add_subregion(d.address() - plan_.base, d.memory());
    modules_.insert(std::ranges::upper_bound(modules_, d.address(), {}, &MemoryModule::address),
                    &d);
}

void DeviceMemory::remove(MemoryModule& d) {
    region_->remove_subregion(d.memory());
    std::erase(modules_, &d);
}

}  // namespace hw
