// SPDX-License-Identifier: GPL-2.0-or-later
//
// The machine as a whole through its sockets: empty ones, memory back ends, the clock, interrupt
// lines, devices that come and go.
#include <gtest/gtest.h>

#include "tests/qtest/libqtest.h"

namespace {

using qapi::Json;

TEST(None, HasFloatingPortsAndNoMemory) {
    auto vm = qtest::start("-machine none");
    EXPECT_EQ(vm.inb(0x60), 0xff);
    EXPECT_EQ(vm.inl(0x300), 0xffffffffu);
    EXPECT_EQ(vm.readl(0x1000), 0u);
    EXPECT_EQ(vm.command("endianness"), "little");
    EXPECT_EQ(vm.qmp("query-status")["status"], Json("running"));
}

TEST(None, TheTestOwnsTheClock) {
    auto vm = qtest::start("-machine none");
    EXPECT_EQ(vm.clock_step(1000), 1000);
    EXPECT_EQ(vm.clock_set(5000), 5000);
    EXPECT_EQ(vm.clock_step(0), 5000);
}

TEST(None, WithMemoryKeepsWhatIsWritten) {
    auto vm = qtest::start("-machine none -m 4");
    vm.writeq(0x3ffff8, 0x1122334455667788);
    EXPECT_EQ(vm.readq(0x3ffff8), 0x1122334455667788u);
    EXPECT_EQ(vm.readl(0x400000), 0u);
    EXPECT_EQ(vm.qmp("query-memory-size-summary")["base-memory"], Json(4 << 20));
}

TEST(Pc, RunsOnAMemoryBackend) {
    auto vm = qtest::start(
        "-machine pc,memory-backend=m -object memory-backend-memfd,id=m,size=32M -nodefaults");
    vm.writel(0x1f00000, 0xcafe);
    EXPECT_EQ(vm.readl(0x1f00000), 0xcafeu);
    EXPECT_EQ(vm.qmp("query-memdev")[std::size_t{0}]["share"], Json(true));
    EXPECT_EQ(vm.qmp_error("object-del", {{"id", "m"}}),
              "object 'm' is in use, can not be deleted");
}

TEST(Pc, PitInterruptReachesTheIoApic) {
    auto vm = qtest::start("-machine pc -nodefaults");
    vm.intercept_inputs("/machine/i440fx/ioapic");
    EXPECT_FALSE(vm.irq(0));
    vm.outb(0x43, 0x30);  // counter 0, mode 0: up when it reaches zero
    vm.outb(0x40, 0xa9);
    vm.outb(0x40, 0x04);  // 1193 clocks, one millisecond
    vm.clock_step(900'000);
    EXPECT_FALSE(vm.irq(0));
    vm.clock_step(200'000);
    EXPECT_TRUE(vm.irq(0));
}

TEST(Pc, RefusesDevicesInKnownWords) {
    auto vm = qtest::start("-machine pc -nodefaults");
    EXPECT_EQ(vm.qmp_error("device_add", {{"driver", "nosuch"}}),
              "'nosuch' is not a valid device model name");
    EXPECT_EQ(vm.qmp_error("device_add", {{"driver", "device"}}),
              "Parameter 'driver' expects a non-abstract device type");
    EXPECT_EQ(vm.qmp_error("device_del", {{"id", "nosuch"}}), "Device 'nosuch' not found");
    EXPECT_EQ(vm.qmp_error("device_del", {{"id", "/machine"}}),
              "/machine is not a hotpluggable device");
    EXPECT_EQ(vm.qmp("qom-get", {{"path", "/machine/i440fx/pci.0"}, {"property", "type"}}),
              Json("PCI"));
}

TEST(Pc, PamAndBaseAddressesMoveMemory) {
    auto vm = qtest::start("-machine pc -nodefaults");
    // PAM6: RAM at 0xe8000, then ROM again (the 440FX data sheet, register 5Fh).
    auto pam6 = [&](std::uint8_t value) {
        vm.outl(0xcf8, 0x8000005c);
        vm.outb(0xcff, value);
    };
    const std::uint32_t rom = vm.readl(0xe8000);
    vm.writel(0xe8000, ~rom);
    EXPECT_EQ(vm.readl(0xe8000), rom);
    pam6(0x03);
    vm.writel(0xe8000, 0x12345678);
    EXPECT_EQ(vm.readl(0xe8000), 0x12345678u);
    pam6(0x01);  // reads from RAM, writes to the bus
    vm.writel(0xe8000, 0);
    EXPECT_EQ(vm.readl(0xe8000), 0x12345678u);
    pam6(0x00);
    EXPECT_EQ(vm.readl(0xe8000), rom);
}

TEST(Pc, ShowsItsMapAndItsDevicesAsQemuDoes) {
    auto vm = qtest::start("-machine pc -nodefaults");
    auto info = [&](const char* what) {
        const Json text =
            vm.qmp("human-monitor-command", {{"command-line", std::string("info ") + what}});
        std::string shown = *text.string();
        std::erase(shown, '\r');
        return shown;
    };
    auto expect_in = [](const std::string& text, const char* part) {
        EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
    };
    expect_in(info("mtree -f"),
              "  00000000000c0000-00000000000dffff (prio 1, rom): pc.rom\n"
              "  00000000000e0000-00000000000fffff (prio 0, rom): pc.bios @0000000000020000\n");
    expect_in(info("mtree"),
              "    00000000000c0000-00000000000c3fff (prio 1, i/o): alias pam-pci @pci "
              "00000000000c0000-00000000000c3fff\n");
    const std::string tree = info("qtree");
    EXPECT_TRUE(tree.starts_with("bus: main-system-bus\n  type System\n"));
    expect_in(tree,
              "      dev: piix3-ide, id \"\"\n"
              "        addr = 01.1\n");
    expect_in(tree,
              "        class IDE controller, addr 00:01.1, pci id 8086:7010 (sub 1af4:1100)\n"
              "        bar 4: i/o at 0xffffffffffffffff [0xe]\n");
    expect_in(info("qom-tree"), "  /peripheral-anon (container)\n");
}

TEST(Pc, QuitSaysSo) {
    auto vm = qtest::start("-machine pc -nodefaults");
    vm.qmp("quit");
    EXPECT_EQ(vm.event("SHUTDOWN")["reason"], Json("host-qmp-quit"));
}

}  // namespace
