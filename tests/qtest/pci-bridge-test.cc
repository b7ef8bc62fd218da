// SPDX-License-Identifier: GPL-2.0-or-later
//
// PCI-to-PCI bridges: what is behind them is reached by bus number, through the windows, and pulls
// the wires in front; the hot-plug controller of "pci-bridge" switches slots off.
#include <gtest/gtest.h>

#include <string>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

constexpr std::uint64_t bridge_bar = 0xe0000000, window = 0xe1000000, card_bar = 0xe1200000;
constexpr std::uint32_t nothing = 0;  // what memory reads as where nobody answers
constexpr unsigned bridge_devfn = 2 << 3;

struct Bridged {
    explicit Bridged(std::string_view more)
        : vm(qtest::start_here(
              "-machine pc -nodefaults -device pci-bridge,chassis_nr=1,id=b,addr=2 " +
              std::string(more))) {}

    void select(unsigned bus, unsigned devfn, unsigned at) {
        vm.outl(0xcf8, 0x80000000 | bus << 16 | devfn << 8 | (at & 0xfc));
    }
    std::uint32_t config(unsigned bus, unsigned devfn, unsigned at) {
        select(bus, devfn, at);
        return vm.inl(0xcfc);
    }
    void set_config(unsigned bus, unsigned devfn, unsigned at, std::uint32_t value) {
        select(bus, devfn, at);
        vm.outl(0xcfc, value);
    }
    /// Bus numbers, a memory window from `window` to 0xe13fffff, ports 0xc000 to 0xcfff.
    void open(unsigned devfn = bridge_devfn, unsigned bus = 0, unsigned secondary = 1,
              unsigned subordinate = 1) {
        set_config(bus, devfn, 0x18, subordinate << 16 | secondary << 8 | bus);
        set_config(bus, devfn, 0x1c, 0xc0c0);
        set_config(bus, devfn, 0x20, 0xe130e100);
        set_config(bus, devfn, 0x24, 0x0000fff0);  // closed
        set_config(bus, devfn, 0x04, 0x7);
    }
    void place_card(unsigned bus, unsigned devfn) {
        set_config(bus, devfn, 0x10, card_bar);
        set_config(bus, devfn, 0x04, 0x6);
    }
    /// The line's level at the interrupt controller.
    bool irq10() {
        vm.outb(0x4d1, 1 << 2);
        vm.outb(0xa0, 0x0a);
        return vm.inb(0xa0) & 1 << 2;
    }
    std::uint32_t shpc(unsigned at) { return vm.readl(bridge_bar + at); }
    void open_shpc() {
        set_config(0, bridge_devfn, 0x10, bridge_bar);
        set_config(0, bridge_devfn, 0x04, 0x7);
    }
    std::uint16_t command(unsigned code, unsigned slot) {
        vm.writew(bridge_bar + 0x14, static_cast<std::uint16_t>(slot << 8 | code));
        return vm.readw(bridge_bar + 0x16);
    }

    qtest::Machine vm;
};

TEST(PciBridge, PassesConfigurationCyclesOfItsRange) {
    Bridged m("-device edu,bus=b,addr=3");
    constexpr std::uint32_t edu = 0x11e81234, nobody = 0xffffffff;
    EXPECT_EQ(m.config(1, 3 << 3, 0), nobody) << "no number yet";
    m.open();
    EXPECT_EQ(m.config(1, 3 << 3, 0), edu);
    EXPECT_EQ(m.config(1, 4 << 3, 0), nobody);
    EXPECT_EQ(m.config(2, 3 << 3, 0), nobody) << "beyond the subordinate bus";
    m.set_config(0, bridge_devfn, 0x18, 9 << 16 | 7 << 8);
    EXPECT_EQ(m.config(1, 3 << 3, 0), nobody);
    EXPECT_EQ(m.config(7, 3 << 3, 0), edu);
}

TEST(PciBridge, BridgesBehindBridges) {
    Bridged m("-device pci-bridge,chassis_nr=2,bus=b,id=c,addr=1 -device edu,bus=c,addr=3");
    m.open(bridge_devfn, 0, 1, 2);
    m.open(1 << 3, 1, 2, 2);
    EXPECT_EQ(m.config(2, 3 << 3, 0), 0x11e81234u);
    m.place_card(2, 3 << 3);
    EXPECT_EQ(m.vm.readl(card_bar), 0x010000edu);
    m.set_config(1, 1 << 3, 0x04, 0);  // the inner one closes
    EXPECT_EQ(m.vm.readl(card_bar), nothing);
}

TEST(PciBridge, WindowsOpenOnlyWhatTheySay) {
    Bridged m(
        "-device edu,bus=b,addr=3 -chardev null,id=c -device pci-serial,bus=b,addr=4,chardev=c");
    m.open();
    m.place_card(1, 3 << 3);
    EXPECT_EQ(m.vm.readl(card_bar), 0x010000edu);
    m.set_config(0, bridge_devfn, 0x20, 0xe110e100);  // ends below the card
    EXPECT_EQ(m.vm.readl(card_bar), nothing);
    m.set_config(0, bridge_devfn, 0x24, 0xe120e120);  // the prefetchable one
    EXPECT_EQ(m.vm.readl(card_bar), 0x010000edu);
    m.set_config(0, bridge_devfn, 0x28, 1);  // 4 GiB up, above its own end
    EXPECT_EQ(m.vm.readl(card_bar), nothing);
    m.set_config(0, bridge_devfn, 0x20, 0xe120e120);
    EXPECT_EQ(m.vm.readl(card_bar), 0x010000edu);

    m.set_config(1, 4 << 3, 0x10, 0xc100);
    m.set_config(1, 4 << 3, 0x04, 0x1);
    m.vm.outb(0xc107, 0x5a);
    EXPECT_EQ(m.vm.inb(0xc107), 0x5a);
    m.set_config(0, bridge_devfn, 0x04, 0x6);  // no ports any more
    EXPECT_EQ(m.vm.inb(0xc107), 0xff);
}

TEST(PciBridge, VgaEnablePassesWhatVgaHas) {
    Bridged m("-device VGA,bus=b,addr=3");
    m.open();
    m.set_config(1, 3 << 3, 0x04, 0x3);
    EXPECT_EQ(m.vm.inb(0x3cc), 0xff);
    m.set_config(0, bridge_devfn, 0x3c, 0x00080000);
    m.vm.outb(0x3c2, 0x63);
    EXPECT_EQ(m.vm.inb(0x3cc), 0x63);
}

TEST(PciBridge, PinsTurnWithTheSlot) {
    // Slot 3's A is pin D of slot 2, which the board wires to PIRQ A.
    Bridged m("-device edu,bus=b,addr=3");
    m.open();
    m.place_card(1, 3 << 3);
    m.set_config(0, 1 << 3, 0x60, 0x8080800a);
    EXPECT_FALSE(m.irq10());
    m.vm.writel(card_bar + 0x60, 1);
    EXPECT_TRUE(m.irq10());
    m.vm.writel(card_bar + 0x64, 1);
    EXPECT_FALSE(m.irq10());
}

TEST(PciBridge, ItsResetBitResetsTheBusBehind) {
    Bridged m("-device edu,bus=b,addr=3");
    m.open();
    m.place_card(1, 3 << 3);
    m.set_config(0, bridge_devfn, 0x3c, 0x00400000);
    EXPECT_EQ(m.config(1, 3 << 3, 0x10), 0u);
    EXPECT_EQ(m.config(1, 3 << 3, 0x04) & 0xffff, 0u);
    EXPECT_EQ(m.config(0, bridge_devfn, 0x04) & 0xffff, 7u) << "but not itself";
}

TEST(PciBridge, TheViewShowsTheTree) {
    Bridged m("-device edu,bus=b,addr=3,id=card");
    m.open();
    const qapi::Json buses = m.vm.qmp("query-pci");
    ASSERT_EQ(buses.size(), 1u);
    const qapi::Json& devices = buses[0]["devices"];
    const qapi::Json& bridge = devices[devices.size() - 1];
    EXPECT_EQ(bridge["qdev_id"], qapi::Json("b"));
    const qapi::Json& bus = bridge["pci_bridge"]["bus"];
    EXPECT_EQ(bus["secondary"], qapi::Json(1));
    EXPECT_EQ(bus["memory_range"]["base"], qapi::Json(std::int64_t{window}));
    EXPECT_EQ(bus["memory_range"]["limit"], qapi::Json(std::int64_t{0xe13fffff}));
    EXPECT_EQ(bridge["pci_bridge"]["devices"][std::size_t{0}]["qdev_id"], qapi::Json("card"));
}

TEST(Shpc, TellsOfItsSlots) {
    Bridged m("-device edu,bus=b,addr=3");
    m.open_shpc();
    EXPECT_EQ(m.shpc(0x0c), 0xe001011fu);
    EXPECT_EQ(m.shpc(0x24), 0x7f000d0fu) << "empty";
    EXPECT_EQ(m.shpc(0x24 + 4 * 2), 0x7f000006u) << "slot 3 is device 3";
    // The same through configuration space.
    m.select(0, bridge_devfn, 0x40);
    m.vm.outb(0xcfe, 3);
    EXPECT_EQ(m.config(0, bridge_devfn, 0x44), 0xe001011fu);
}

TEST(Shpc, ASlotThatIsSwitchedOffLosesItsCard) {
    Bridged m("-device edu,bus=b,addr=3,id=card");
    m.open_shpc();
    EXPECT_EQ(m.command(0x02, 1), 1u << 1) << "nothing there: the latch is open";
    EXPECT_EQ(m.command(0x02, 0), 1u << 2) << "no such slot";
    EXPECT_EQ(m.command(0x41, 0), 1u << 3) << "66 MHz";
    EXPECT_EQ(m.command(0x01, 3), 1u << 2) << "an enabled slot cannot be made 'powered only'";
    EXPECT_EQ(m.command(0x0f, 3), 0u);
    m.vm.clock_step(1);
    EXPECT_EQ(m.vm.event("DEVICE_DELETED")["device"], qapi::Json("card"));
    EXPECT_EQ(m.shpc(0x24 + 4 * 2), 0x7f090d0fu);
    // Unmasked, the change of presence interrupts; written as one, the event goes.
    m.vm.writeb(bridge_bar + 0x24 + 4 * 2 + 3, 0x7e);
    EXPECT_EQ(m.shpc(0x18), 1u << 3);
    m.vm.writeb(bridge_bar + 0x24 + 4 * 2 + 2, 0x1f);
    EXPECT_EQ(m.shpc(0x18), 0u);
}

TEST(Shpc, TheEndOfACommandInterrupts) {
    Bridged m("");
    m.open_shpc();
    m.set_config(0, 1 << 3, 0x60, 0x80800a80);  // slot 2's A is PIRQ B
    m.vm.writeb(bridge_bar + 0x20, 0x0a);
    m.command(0x40, 0);
    EXPECT_EQ(m.shpc(0x18), 1u);
    EXPECT_TRUE(m.irq10());
    m.vm.writeb(bridge_bar + 0x22, 1);
    EXPECT_FALSE(m.irq10());
}

TEST(PciBridge, NeedsAChassis) {
    EXPECT_THROW(qtest::start_here("-machine pc -nodefaults -device pci-bridge"),
                 std::runtime_error);
}

}  // namespace
