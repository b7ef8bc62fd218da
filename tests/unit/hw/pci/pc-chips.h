// SPDX-License-Identifier: GPL-2.0-or-later
//
// A PCI bus with the PIIX3 on it, for the tests of what else sits there.
#pragma once

#include <gtest/gtest.h>

#include "hw/core/reset.h"
#include "hw/core/system-bus.h"
#include "hw/core/system-requests.h"
#include "hw/isa/piix3.h"
#include "hw/pci-host/i440fx.h"
#include "migration/vmstate/load.h"
#include "migration/vmstate/save.h"
#include "migration/vmstate/stream.h"
#include "tests/unit/hw/core/fake-platform.h"

namespace hw::testing {

struct FakeRequests final : SystemRequests {
    int resets = 0, shutdowns = 0, suspends = 0, panics = 0;
    void request_reset(qapi::ShutdownCause) override { resets++; }
    void request_shutdown(qapi::ShutdownCause) override { shutdowns++; }
    void request_exit(int) override {}
    void request_suspend() override { suspends++; }
    void request_wakeup(WakeupReason) override {}
    void guest_panicked() override { panics++; }
    void guest_crash_loaded() override {}
    void watchdog_expired() override {}
    void request_standstill(std::function<void()> work) override { work(); }
    void io_error_stop() override {}
};

class PcChips : public ::testing::Test {
protected:
    static constexpr std::uint64_t ram_size = 16 << 20;

    PcChips() {
        p.services.provide<SystemRequests>(requests);
        ram_block = *p.map.allocate_ram("pc.ram", ram_size);
        ram = exec::MemoryRegion::ram(p.map, "pc.ram", *ram_block);
        low = exec::MemoryRegion::alias(p.map, "ram-below-4g", *ram, 0, ram_size);
        p.memory_root->add_subregion(0, *low);
        auto h = std::make_unique<I440fxHost>();
        host = h.get();
        host->connect_ram(*ram, ram_size);
        EXPECT_TRUE(system.plug(std::move(h), p.platform));
        auto bridge = std::make_unique<Piix3>();
        piix3 = bridge.get();
        bridge->pci_config().addr.devfn = 8;
        EXPECT_TRUE(host->bus().plug(std::move(bridge), p.platform));
    }

    template <class D>
    D& plug(std::unique_ptr<D> device, int devfn) {
        D& d = *device;
        d.pci_config().addr.devfn = devfn;
        auto plugged = host->bus().plug(std::move(device), p.platform);
        EXPECT_TRUE(plugged) << plugged.error().description();
        return d;
    }
    std::uint32_t config(unsigned devfn, unsigned at, unsigned size = 4) {
        return host->bus().config_read(devfn, at, size);
    }
    void set_config(unsigned devfn, unsigned at, std::uint32_t v, unsigned size = 4) {
        host->bus().config_write(devfn, at, v, size);
    }
    IrqIn line(int n) {
        return IrqIn(
            [](void* t, int pin, int level) { static_cast<PcChips*>(t)->irq[pin] = level; }, this,
            n);
    }
    static std::vector<std::uint8_t> saved(vmstate::Owner& owner) {
        vmstate::Writer w;
        vmstate::save(owner.vmstate(), owner.state_for_saving(), w);
        return {w.data().begin(), w.data().end()};
    }
    static void restore(vmstate::Owner& owner, std::span<const std::uint8_t> bytes) {
        vmstate::Reader r(bytes);
        auto staged = owner.stage();
        const int version = owner.vmstate().version;
        const auto blank = owner.blank();
        auto loaded =
            vmstate::load(owner.vmstate(), staged->data(), version, r, {.blank = blank->data()});
        ASSERT_TRUE(loaded) << loaded.error().description();
        auto checked = staged->check(version);
        ASSERT_TRUE(checked) << checked.error().description();
        staged->commit(version);
    }

    FakePlatform p;
    FakeRequests requests;
    exec::RamBlock* ram_block = nullptr;
    std::unique_ptr<exec::MemoryRegion> ram, low;
    int irq[16] = {};
    SystemBus system;
    I440fxHost* host = nullptr;
    Piix3* piix3 = nullptr;
};

}  // namespace hw::testing
