// SPDX-License-Identifier: GPL-2.0-or-later
//
// A platform for one device under test: empty memory and ports, a virtual clock that stands until
// moved, a log nobody reads, and a registry that only remembers who signed in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exec/address-space.h"
#include "exec/memory.h"
#include "exec/ram-block.h"
#include "hw/core/bus.h"
#include "hw/core/device.h"
#include "qapi/context.h"
#include "qom/object.h"
#include "util/bql.h"

namespace hw::testing {

class FakeRegistry final : public vmstate::Registry {
public:
    struct Entry {
        std::string path;
        vmstate::Owner* owner;
        int instance;
        vmstate::Priority priority;
    };
    std::vector<Entry> entries;

    void add(std::string path, vmstate::Owner& owner, int instance,
             vmstate::Priority priority) override {
        entries.push_back({std::move(path), &owner, instance, priority});
    }
    void remove(vmstate::Owner& owner) override {
        std::erase_if(entries, [&](const Entry& e) { return e.owner == &owner; });
    }
};

struct FakePlatform {
    BigLock lock;
    Bql bql{lock};
    Log log;
    ClockSet clocks;
    qapi::Context services;
    exec::MemoryMap map;
    std::unique_ptr<exec::MemoryRegion> memory_root =
        exec::MemoryRegion::container(map, "system", exec::MemoryRegion::whole);
    std::unique_ptr<exec::MemoryRegion> io_root =
        exec::MemoryRegion::io(map, "io", 0x10000, exec::floating_bus_ops, nullptr);
    exec::AddressSpace memory{map, *memory_root, "memory"};
    exec::AddressSpace io{map, *io_root, "I/O"};
    FakeRegistry registry;
    qom::Object root{qom::container_type}, unattached{qom::container_type};
    Platform platform{map,    *memory_root, *io_root, memory,   io,
                      clocks, log,          registry, services, &unattached};

    FakePlatform() { root.add_child("unattached", unattached); }

    /// Moves the virtual clock, running timers on the way at their own deadlines.
    void advance(std::int64_t ns) {
        VirtualClock& clock = clocks.virt;
        const std::int64_t end = clock.now_ns() + ns;
        for (std::int64_t next; (next = clock.next_deadline()) != -1 && next <= end;) {
            if (next > clock.now_ns()) clock.set_now(next);
            clock.run_timers();
        }
        clock.set_now(end);
    }

    std::uint8_t inb(std::uint16_t port) { return static_cast<std::uint8_t>(in(port, 1)); }
    std::uint16_t inw(std::uint16_t port) { return static_cast<std::uint16_t>(in(port, 2)); }
    std::uint32_t inl(std::uint16_t port) { return static_cast<std::uint32_t>(in(port, 4)); }
    void outb(std::uint16_t port, std::uint8_t value) { out(port, 1, value); }
    void outw(std::uint16_t port, std::uint16_t value) { out(port, 2, value); }
    void outl(std::uint16_t port, std::uint32_t value) { out(port, 4, value); }
    std::uint64_t read(std::uint64_t address, unsigned size) {
        std::uint64_t value = 0;
        (void)memory.load(bql, address, size, value);
        return value;
    }
    void write(std::uint64_t address, unsigned size, std::uint64_t value) {
        (void)memory.store(bql, address, size, value);
    }

private:
    std::uint64_t in(std::uint16_t port, unsigned size) {
        std::uint64_t value = 0;
        (void)io.load(bql, port, size, value);
        return value;
    }
    void out(std::uint16_t port, unsigned size, std::uint64_t value) {
        (void)io.store(bql, port, size, value);
    }
};

}  // namespace hw::testing
