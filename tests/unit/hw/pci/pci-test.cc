// SPDX-License-Identifier: GPL-2.0-or-later
//
// The PCI bus, the 440FX host bridge and the PIIX3 ISA bridge. The expected configuration bytes
// were captured from QEMU 7.2.22.
#include <gtest/gtest.h>

#include "hw/core/reset.h"
#include "hw/core/system-bus.h"
#include "hw/core/system-requests.h"
#include "hw/isa/piix3.h"
#include "hw/pci-host/i440fx.h"
#include "hw/pci/pci-properties.h"
#include "migration/vmstate/fields.h"
#include "migration/vmstate/load.h"
#include "migration/vmstate/save.h"
#include "migration/vmstate/stream.h"
#include "tests/unit/hw/core/fake-platform.h"

namespace {

using namespace hw;
using hw::testing::FakePlatform;

struct ProbeState {
    PciState dev;
};
constexpr auto probe_fields =
    vmstate::fields(vmstate::structs<&ProbeState::dev>("dev", pci_device_table));
constexpr vmstate::Table probe_table{.name = "probe", .fields = probe_fields};
extern const PciDeviceType probe_type;

/// A function with a memory BAR of 4 KiB, an I/O BAR of 32 ports, INTA# and two MSI vectors.
class Probe final : public PciDeviceOf<PciConfig, ProbeState> {
public:
    Probe() : PciDeviceOf(probe_type) {}
    const vmstate::Table& vmstate() const override { return probe_table; }
    std::uint64_t read(exec::hwaddr offset, unsigned) { return 0x40 + offset; }
    void write(exec::hwaddr, std::uint64_t v, unsigned) { last = v; }
    std::uint64_t last = 0;

protected:
    Result<void> realize_chip(Platform& p) override {
        static constexpr auto ops = exec::memory_ops<&Probe::read, &Probe::write>();
        state_.dev.config[pci::interrupt_pin] = 1;
        memory_ = exec::MemoryRegion::io(p.memory, "probe-mem", 4096, ops, this);
        ports_ = exec::MemoryRegion::io(p.memory, "probe-io", 32, ops, this);
        add_bar(0, pci::bar_memory, *memory_);
        add_bar(1, pci::bar_io, *ports_);
        add_msi(0x40, 2, true, true);
        return {};
    }

private:
    std::unique_ptr<exec::MemoryRegion> memory_, ports_;
};
const PciDeviceType probe_type{
    {{.name = "probe", .parent = "pci-device"}, "PCI"}, 0x1234, 0x5678, 0x01, 0x00ff};

struct Requests final : SystemRequests {
    int resets = 0;
    void request_reset(qapi::ShutdownCause) override { resets++; }
    void request_shutdown(qapi::ShutdownCause) override {}
    void request_exit(int) override {}
    void request_suspend() override {}
    void request_wakeup(WakeupReason) override {}
    void guest_panicked() override {}
    void guest_crash_loaded() override {}
    void watchdog_expired() override {}
    void request_standstill(std::function<void()> work) override { work(); }
    void io_error_stop() override {}
};

class Pci : public ::testing::Test {
protected:
    static constexpr std::uint64_t ram_size = 128 << 20;

    Pci() {
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
        for (int n = 0; n < 16; n++)
            bridge->isa_irq(static_cast<unsigned>(n))
                .connect(IrqIn(
                    [](void* t, int pin, int level) { static_cast<Pci*>(t)->irq[pin] = level; },
                    this, n));
        EXPECT_TRUE(host->bus().plug(std::move(bridge), p.platform));
        reset(system);
    }

    Probe& add_probe(int devfn = -1) {
        auto d = std::make_unique<Probe>();
        Probe* raw = d.get();
        d->pci_config().addr.devfn = devfn;
        auto plugged = host->bus().plug(std::move(d), p.platform);
        EXPECT_TRUE(plugged) << plugged.error().description();
        return *raw;
    }
    std::uint32_t config(unsigned devfn, unsigned at, unsigned size = 4) {
        p.outl(0xcf8, 0x80000000 | devfn << 8 | (at & 0xfc));
        const auto port = static_cast<std::uint16_t>(0xcfc + (at & 3));
        return size == 4 ? p.inl(port) : size == 2 ? p.inw(port) : p.inb(port);
    }
    void set_config(unsigned devfn, unsigned at, std::uint32_t v, unsigned size = 4) {
        p.outl(0xcf8, 0x80000000 | devfn << 8 | (at & 0xfc));
        const auto port = static_cast<std::uint16_t>(0xcfc + (at & 3));
        if (size == 4)
            p.outl(port, v);
        else if (size == 2)
            p.outw(port, static_cast<std::uint16_t>(v));
        else
            p.outb(port, static_cast<std::uint8_t>(v));
    }

    FakePlatform p;
    Requests requests;
    exec::RamBlock* ram_block = nullptr;
    std::unique_ptr<exec::MemoryRegion> ram, low;
    int irq[16] = {};
    SystemBus system;
    I440fxHost* host = nullptr;
    Piix3* piix3 = nullptr;
};

TEST_F(Pci, BridgesShowTheCapturedConfigurationSpace) {
    EXPECT_EQ(config(0, 0x00), 0x12378086u);
    EXPECT_EQ(config(0, 0x04), 0u);
    EXPECT_EQ(config(0, 0x08), 0x06000002u);
    EXPECT_EQ(config(0, 0x2c), 0x11001af4u);
    EXPECT_EQ(config(0, 0x54), 0x10000000u);
    EXPECT_EQ(config(0, 0x70), 0x00020000u);
    EXPECT_EQ(config(8, 0x00), 0x70008086u);
    EXPECT_EQ(config(8, 0x04), 0x02000000u);
    EXPECT_EQ(config(8, 0x0c), 0x00800000u);
    EXPECT_EQ(config(8, 0x4c), 0x0003004du);
    EXPECT_EQ(config(8, 0x60), 0x80808080u);
    EXPECT_EQ(config(8, 0x74), 0x0c0c0000u);
    EXPECT_EQ(config(8, 0xa8), 0x0000000fu);
}

TEST_F(Pci, AnEmptySlotReadsAllOnes) {
    EXPECT_EQ(config(0x88, 0), 0xffffffffu);
    p.outl(0xcf8, 0);  // not enabled
    EXPECT_EQ(p.inl(0xcfc), 0xffffffffu);
}

TEST_F(Pci, OnlyWritableHeaderBitsTakeWhatIsWritten) {
    add_probe(0x10);
    set_config(0x10, 0x04, 0xffff, 2);
    EXPECT_EQ(config(0x10, 0x04, 2), 0x0507u);
    set_config(0x10, 0x00, 0xffffffff);
    EXPECT_EQ(config(0x10, 0x00), 0x56781234u);
    set_config(0x10, 0x3c, 0xffff, 2);
    EXPECT_EQ(config(0x10, 0x3c, 2), 0x01ffu);
}

TEST_F(Pci, BaseAddressesAreSizedMappedAndUnmapped) {
    add_probe(0x10);
    set_config(0x10, 0x10, 0xffffffff);
    set_config(0x10, 0x14, 0xffffffff);
    EXPECT_EQ(config(0x10, 0x10), 0xfffff000u);
    EXPECT_EQ(config(0x10, 0x14), 0xffffffe1u);
    set_config(0x10, 0x10, 0xfebf0000);
    set_config(0x10, 0x14, 0xc001);
    EXPECT_EQ(p.read(0xfebf0004, 1), 0u);
    set_config(0x10, 0x04, 3, 2);
    EXPECT_EQ(p.read(0xfebf0004, 1), 0x44u);
    EXPECT_EQ(p.inb(0xc010), 0x50);
    set_config(0x10, 0x10, 0xfebe0000);
    EXPECT_EQ(p.read(0xfebf0004, 1), 0u);
    EXPECT_EQ(p.read(0xfebe0004, 1), 0x44u);
    set_config(0x10, 0x04, 0, 2);
    EXPECT_EQ(p.inb(0xc010), 0xff);
}

TEST_F(Pci, SlotsAreGivenOutAndRefused) {
    EXPECT_EQ(add_probe().devfn(), 0x10u);
    EXPECT_EQ(add_probe().devfn(), 0x18u);
    auto d = std::make_unique<Probe>();
    d->pci_config().addr.devfn = 0x10;
    auto taken = host->bus().plug(std::move(d), p.platform);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().description(),
              "PCI: slot 2 function 0 not available for probe, in use by probe");
    d = std::make_unique<Probe>();
    d->pci_config().addr.devfn = 0x11;
    taken = host->bus().plug(std::move(d), p.platform);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().description(),
              "PCI: single function device can't be populated in function 2.1");
}

TEST_F(Pci, PinsReachTheRoutedIsaInterrupt) {
    Probe& a = add_probe(0x10);  // slot 2 pin A: PIRQB
    Probe& b = add_probe(0x30);  // slot 6 pin A: PIRQB too
    set_config(8, 0x61, 0x0b, 1);
    a.set_intx(1);
    EXPECT_EQ(irq[11], 1);
    EXPECT_EQ(config(0x10, 0x06, 2) & 8, 8u);
    b.set_intx(1);
    a.set_intx(0);
    EXPECT_EQ(irq[11], 1);
    set_config(8, 0x61, 0x0a, 1);
    EXPECT_EQ(irq[11], 0);
    EXPECT_EQ(irq[10], 1);
    b.set_intx(0);
    EXPECT_EQ(irq[10], 0);
}

TEST_F(Pci, ADisabledPinIsSilentAndSpeaksWhenEnabled) {
    Probe& a = add_probe(0x10);
    set_config(8, 0x61, 0x0b, 1);
    set_config(0x10, 0x04, 0x400, 2);
    a.set_intx(1);
    EXPECT_EQ(irq[11], 0);
    set_config(0x10, 0x04, 0, 2);
    EXPECT_EQ(irq[11], 1);
    reset(a);
    EXPECT_EQ(irq[11], 0);
}

TEST_F(Pci, MsiIsAWriteToMemoryByABusMaster) {
    Probe& a = add_probe(0x10);
    set_config(0x10, 0x44, 0x1000);
    set_config(0x10, 0x48, 0);
    set_config(0x10, 0x4c, 0x4130, 2);
    set_config(0x10, 0x42, 0x0011, 2);  // enabled, two vectors
    EXPECT_TRUE(a.msi_enabled());
    a.msi_notify(1);
    EXPECT_EQ(p.read(0x1000, 4), 0u);  // not a master yet
    set_config(0x10, 0x04, 6, 2);
    a.msi_notify(1);
    EXPECT_EQ(p.read(0x1000, 4), 0x4131u);
    set_config(0x10, 0x50, 1);  // mask vector 0
    p.write(0x1000, 4, 0);
    a.msi_notify(0);
    EXPECT_EQ(p.read(0x1000, 4), 0u);
    set_config(0x10, 0x50, 0);
    EXPECT_EQ(p.read(0x1000, 4), 0x4130u);
}

TEST_F(Pci, ShadowRamFollowsItsRegisters) {
    // A board has firmware on the bus's side here; a hole would let RAM show through.
    auto* rom = *p.map.allocate_ram("pc.bios", 0x40000);
    auto bios = exec::MemoryRegion::rom(p.map, "pc.bios", *rom);
    host->pci_memory().add_subregion(0xc0000, *bios, 1);
    ram_block->host()[0xf0000] = 0x5a;
    EXPECT_EQ(p.read(0xf0000, 1), 0u);  // PCI: nothing there
    set_config(0, 0x59, 0x10, 1);       // read RAM, write PCI
    EXPECT_EQ(p.read(0xf0000, 1), 0x5au);
    p.write(0xf0000, 1, 0x11);
    EXPECT_EQ(p.read(0xf0000, 1), 0x5au);
    set_config(0, 0x59, 0x30, 1);
    p.write(0xf0000, 1, 0x11);
    EXPECT_EQ(p.read(0xf0000, 1), 0x11u);
    set_config(0, 0x5a, 0x30, 1);
    p.write(0xc4000, 1, 0x22);
    EXPECT_EQ(ram_block->host()[0xc4000], 0x22);
    reset(system);  // which QEMU 7.2's bridge keeps its shadow through
    EXPECT_EQ(p.read(0xf0000, 1), 0x11u);
}

TEST_F(Pci, ResetControlAsksForAResetAndKeepsItsKind) {
    EXPECT_EQ(p.inb(0xcf9), 0);
    p.outb(0xcf9, 2);
    EXPECT_EQ(p.inb(0xcf9), 2);
    EXPECT_EQ(requests.resets, 0);
    p.outb(0xcf9, 6);
    EXPECT_EQ(requests.resets, 1);
}

TEST_F(Pci, TheHostAndItsBusSignInBeforeTheFunctions) {
    ASSERT_GE(p.registry.entries.size(), 4u);
    EXPECT_EQ(p.registry.entries[0].owner->vmstate().name, "PCIHost");
    EXPECT_EQ(p.registry.entries[1].owner->vmstate().name, "PCIBUS");
    EXPECT_EQ(p.registry.entries[2].owner->vmstate().name, "I440FX");
    EXPECT_EQ(p.registry.entries[2].path, "0000:00:00.0");
    EXPECT_EQ(p.registry.entries[3].path, "0000:00:01.0");
}

TEST_F(Pci, SavedStateComesBackWithItsMappingsAndNoOneElses) {
    Probe& a = add_probe(0x10);
    set_config(0x10, 0x10, 0xfebf0000);
    set_config(0x10, 0x04, 2, 2);
    vmstate::Writer w;
    vmstate::save(a.vmstate(), a.state_for_saving(), w);
    EXPECT_EQ(w.size(), 4u + 256 + 16);
    reset(a);
    EXPECT_EQ(p.read(0xfebf0004, 1), 0u);
    {
        vmstate::Reader r(w.data());
        auto staged = a.stage();
        ASSERT_TRUE(vmstate::load(a.vmstate(), staged->data(), 1, r));
        ASSERT_TRUE(staged->check(1));
        staged->commit(1);
    }
    EXPECT_EQ(p.read(0xfebf0004, 1), 0x44u);

    std::vector<std::uint8_t> other(w.data().begin(), w.data().end());
    other[4] ^= 1;  // vendor
    vmstate::Reader r(other);
    auto staged = a.stage();
    ASSERT_TRUE(vmstate::load(a.vmstate(), staged->data(), 1, r));
    auto refused = staged->check(1);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().description().find("configuration byte 0x00"), std::string::npos);
}

TEST(PciAddress, IsSlotAndFunctionInHexadecimal) {
    EXPECT_EQ(*parse_pci_address("3"), 0x18);
    EXPECT_EQ(*parse_pci_address("1f.7"), 0xff);
    EXPECT_EQ(*parse_pci_address("0x2.1"), 0x11);
    EXPECT_FALSE(parse_pci_address("20"));
    EXPECT_FALSE(parse_pci_address("1.8"));
    EXPECT_FALSE(parse_pci_address("x"));
    EXPECT_EQ(format_pci_address(0x19), "03.1");
}

}  // namespace
