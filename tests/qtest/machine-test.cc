// SPDX-License-Identifier: GPL-2.0-or-later
//
// The machine as a whole: empty ones, memory back ends, the clock, interrupt lines, devices that
// come and go. Every test runs twice, on another process through its sockets and on an emulator in
// this one.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

using qapi::Json;

struct Way {
    const char* name;
    qtest::Machine (*start)(std::string_view options);
};

class AnyMachine : public testing::TestWithParam<Way> {
protected:
    qtest::Machine start(std::string_view options) { return GetParam().start(options); }
};
class None : public AnyMachine {};
class Pc : public AnyMachine {};

constexpr Way ways[] = {{"OverSockets", qtest::start}, {"InThisProcess", qtest::start_here}};
std::string name_of(const testing::TestParamInfo<Way>& info) {
    return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Machine, None, testing::ValuesIn(ways), name_of);
INSTANTIATE_TEST_SUITE_P(Machine, Pc, testing::ValuesIn(ways), name_of);

TEST_P(None, HasFloatingPortsAndNoMemory) {
    auto vm = start("-machine none");
    EXPECT_EQ(vm.inb(0x60), 0xff);
    EXPECT_EQ(vm.inl(0x300), 0xffffffffu);
    EXPECT_EQ(vm.readl(0x1000), 0u);
    EXPECT_EQ(vm.command("endianness"), "little");
    EXPECT_EQ(vm.qmp("query-status")["status"], Json("running"));
}

TEST_P(None, TheTestOwnsTheClock) {
    auto vm = start("-machine none");
    EXPECT_EQ(vm.clock_step(1000), 1000);
    EXPECT_EQ(vm.clock_set(5000), 5000);
    EXPECT_EQ(vm.clock_step(0), 5000);
}

TEST_P(None, WithMemoryKeepsWhatIsWritten) {
    auto vm = start("-machine none -m 4");
    vm.writeq(0x3ffff8, 0x1122334455667788);
    EXPECT_EQ(vm.readq(0x3ffff8), 0x1122334455667788u);
    EXPECT_EQ(vm.readl(0x400000), 0u);
    EXPECT_EQ(vm.qmp("query-memory-size-summary")["base-memory"], Json(4 << 20));
}

TEST_P(None, SavesMemoryAsTheGuestReadsIt) {
    auto vm = start("-machine none -m 1");
    vm.writeb(0xfffff, 'x');
    const std::string name = testing::TempDir() + "pmemsave-" + std::to_string(getpid());
    auto save = [&](std::int64_t size, const std::string& file) {
        return qapi::JsonObject{{"val", 0xffffe}, {"size", size}, {"filename", file}};
    };
    vm.qmp("pmemsave", save(4, name));  // behind the end is nothing, which reads as zeros
    std::ifstream file(name, std::ios::binary);
    const std::string saved{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(saved, std::string("\0x\0\0", 4));
    std::filesystem::remove(name);
    EXPECT_EQ(vm.qmp_error("pmemsave", save(4, "/nonexistent/x")),
              "Could not open '/nonexistent/x': No such file or directory");
    EXPECT_EQ(vm.qmp_error("pmemsave", save(-1, name)),
              "Parameter 'size' expects a number of bytes up to 2^52");
    EXPECT_EQ(vm.qmp_error("memsave", save(4, name)), "Parameter 'cpu-index' expects a CPU number");
}

TEST_P(Pc, RunsOnAMemoryBackend) {
    auto vm = start(
        "-machine pc,memory-backend=m -object memory-backend-memfd,id=m,size=32M -nodefaults");
    vm.writel(0x1f00000, 0xcafe);
    EXPECT_EQ(vm.readl(0x1f00000), 0xcafeu);
    EXPECT_EQ(vm.qmp("query-memdev")[std::size_t{0}]["share"], Json(true));
    EXPECT_EQ(vm.qmp_error("object-del", {{"id", "m"}}),
              "object 'm' is in use, can not be deleted");
}

TEST_P(Pc, PitInterruptReachesTheIoApic) {
    auto vm = start("-machine pc -nodefaults");
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

TEST_P(Pc, RefusesDevicesInKnownWords) {
    auto vm = start("-machine pc -nodefaults");
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

TEST_P(Pc, PamAndBaseAddressesMoveMemory) {
    auto vm = start("-machine pc -nodefaults");
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

TEST_P(Pc, ShowsItsMapAndItsDevicesAsQemuDoes) {
    auto vm = start("-machine pc -nodefaults");
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

TEST_P(Pc, QuitSaysSo) {
    auto vm = start("-machine pc -nodefaults");
    vm.qmp("quit");
    EXPECT_EQ(vm.event("SHUTDOWN")["reason"], Json("host-qmp-quit"));
}

TEST(InProcess, TwoMachinesKnowNothingOfEachOther) {
    auto one = qtest::start_here("-machine pc -nodefaults -name one");
    auto two = qtest::start_here("-machine pc -nodefaults -name two");
    one.writel(0x1000, 1);
    two.writel(0x1000, 2);
    EXPECT_EQ(one.readl(0x1000), 1u);
    EXPECT_EQ(one.clock_step(1000), 1000);
    EXPECT_EQ(two.clock_step(0), 0);
    EXPECT_EQ(one.qmp("query-name")["name"], Json("one"));
    EXPECT_EQ(two.qmp("query-name")["name"], Json("two"));
    one.qmp("stop");
    one.event("STOP");
    EXPECT_FALSE(two.saw_event("STOP"));
    EXPECT_EQ(two.qmp("query-status")["status"], Json("running"));
}

TEST(InProcess, TheTestLooksBehindTheScenes) {
    tests::LiveVm vm({"-machine", "pc", "-nodefaults", "-accel", "qtest"});
    auto machine = qtest::attach(vm);
    machine.writel(0x2000, 0xfeedface);
    const exec::RamBlock* ram = vm.foundation().memory.find_ram("pc.ram");
    ASSERT_TRUE(ram);
    EXPECT_EQ(ram->host()[0x2003], 0xfe);
    const auto saved = vm.saved();
    machine.outb(0x70, 0x0f);
    EXPECT_NE(vm.saved(), saved);
    ASSERT_TRUE(vm.load(saved));
    EXPECT_EQ(vm.saved(), saved);
}

TEST(InProcess, WhatCannotStartSaysWhy) {
    try {
        qtest::start_here("-machine nosuch");
        FAIL();
    } catch (const std::runtime_error& e) {
        EXPECT_STREQ(e.what(), "unsupported machine type");
    }
}

TEST(InProcess, GuestCodeRunsToo) {
    auto vm = qtest::start_here_plain("-accel tcg -machine pc -nodefaults -S");
    EXPECT_EQ(vm.qmp("query-status")["status"], Json("prelaunch"));
    vm.qmp("cont");
    vm.event("RESUME");
    vm.qmp("system_powerdown");
    vm.event("POWERDOWN");
    EXPECT_THROW(vm.clock_step(1), std::runtime_error);
}

}  // namespace
