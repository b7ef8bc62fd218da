// SPDX-License-Identifier: GPL-2.0-or-later
//
// Memory modules that come and go, as a guest's ACPI methods see them.
#include <gtest/gtest.h>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

using qapi::Json;

constexpr std::uint16_t block = 0xa00, gpe = 0xafe0, nvdimm_port = 0xa18;
constexpr std::uint16_t ost_event = 4, ost_status = 8, flags = 0x14;
constexpr std::uint8_t enabled = 1, inserting = 2, removing = 4, eject = 8;
constexpr std::uint64_t base = 0x100000000, mib = 1 << 20;

class Modules : public testing::Test {
protected:
    explicit Modules(std::string_view more = "")
        : vm(qtest::start_here("-machine pc,nvdimm=on -nodefaults -m 64,slots=2,maxmem=1G "
                               "-object memory-backend-ram,id=a,size=16M "
                               "-object memory-backend-ram,id=b,size=16M " +
                               std::string(more))) {}
    void add(const char* memdev) {
        vm.qmp("device_add", {{"driver", "pc-dimm"}, {"id", "module"}, {"memdev", memdev}});
    }
    std::uint64_t address() { return vm.inl(block) | std::uint64_t{vm.inl(block + 4)} << 32; }

    qtest::Machine vm;
};

TEST_F(Modules, OneComesWithItsMemory) {
    vm.writel(base, 0x12345678);
    EXPECT_NE(vm.readl(base), 0x12345678u);
    add("a");
    EXPECT_EQ(vm.inb(gpe) & 8, 8);
    EXPECT_EQ(vm.inb(block + flags), enabled | inserting);
    EXPECT_EQ(address(), base);
    EXPECT_EQ(vm.inl(block + 8), 16 * mib);
    vm.outb(block + flags, inserting);
    EXPECT_EQ(vm.inb(block + flags), enabled);
    vm.writel(base, 0x12345678);
    vm.writel(base + 16 * mib - 4, 1);
    EXPECT_EQ(vm.readl(base), 0x12345678u);
    EXPECT_EQ(vm.readl(base + 16 * mib - 4), 1u);
    EXPECT_EQ(vm.qmp("query-memory-size-summary")["plugged-memory"], Json(16 * mib));
}

TEST_F(Modules, OneGoesWhenTheGuestLetsIt) {
    add("a");
    vm.writel(base, 0x12345678);
    vm.qmp("device_del", {{"id", "module"}});
    EXPECT_EQ(vm.inb(block + flags) & removing, removing);
    EXPECT_EQ(vm.readl(base), 0x12345678u);
    EXPECT_EQ(vm.qmp_error("object-del", {{"id", "a"}}),
              "object 'a' is in use, can not be deleted");
    EXPECT_FALSE(vm.saw_event("DEVICE_DELETED"));
    vm.outb(block + flags, eject);
    EXPECT_EQ(vm.event("DEVICE_DELETED")["device"], Json("module"));
    EXPECT_NE(vm.readl(base), 0x12345678u);
    vm.qmp("object-del", {{"id", "a"}});
    add("b");  // and the place is free again
    EXPECT_EQ(address(), base);
}

TEST_F(Modules, WhatTheGuestSaysOfThemIsHeard) {
    add("a");
    vm.outl(block + ost_event, 0x103);
    vm.outl(block + ost_status, 0x80);
    const Json said = vm.event("ACPI_DEVICE_OST");
    EXPECT_EQ(said["info"]["device"], Json("module"));
    EXPECT_EQ(said["info"]["source"], Json(0x103));
    EXPECT_EQ(said["info"]["status"], Json(0x80));
    EXPECT_EQ(vm.qmp("query-acpi-ospm-status")[0], said["info"]);
}

TEST_F(Modules, LabelsOfANonvolatileOneAreReachedThroughAPage) {
    vm.qmp("device_add",
           {{"driver", "nvdimm"}, {"id", "n"}, {"memdev", "a"}, {"label-size", "128k"}});
    EXPECT_EQ(vm.inb(gpe), 0x10);
    constexpr std::uint64_t page = 0x10000;
    const auto ask = [&](std::initializer_list<std::uint32_t> words) {
        std::uint64_t at = page;
        for (const std::uint32_t w : words) {
            vm.writel(at, w);
            at += 4;
        }
        vm.outl(nvdimm_port, page);
    };
    ask({1, 1, 6, 8, 4, 0xcafe});  // write a label
    EXPECT_EQ(vm.readl(page + 4), 0u);
    ask({1, 1, 5, 0, 16});
    EXPECT_EQ(vm.readl(page), 24u);
    EXPECT_EQ(vm.readl(page + 8 + 8), 0xcafeu);
    ask({1, 1, 5, 0x1fff0, 17});
    EXPECT_EQ(vm.readl(page + 4), 3u) << "beyond the end";
    // They are the end of the back end, which the guest does not have as memory.
    EXPECT_EQ(vm.qmp("query-memory-devices")[0]["data"]["size"], Json(14 * mib));
}

TEST(ModulesAtTheStart, AreThereWithoutAnEvent) {
    qtest::Machine vm = qtest::start_here(
        "-machine pc -nodefaults -m 64,slots=2,maxmem=1G "
        "-object memory-backend-ram,id=a,size=16M -device pc-dimm,memdev=a,slot=1");
    EXPECT_EQ(vm.inb(gpe), 0);
    EXPECT_EQ(vm.inb(block + flags), 0);
    vm.outl(block, 1);
    EXPECT_EQ(vm.inb(block + flags), enabled);
    vm.writel(base, 7);
    EXPECT_EQ(vm.readl(base), 7u);
}

class Processors : public testing::Test {
protected:
    static constexpr std::uint16_t cpus = 0xaf00, cpu_flags = cpus + 4;
    Processors() : vm(qtest::start_here("-machine pc -nodefaults -smp 1,maxcpus=2")) {
        vm.outl(cpus, 0);  // the new form of the block
        vm.outl(cpus, 1);
    }
    void add() {
        vm.qmp("device_add", {{"driver", "qemu64-x86_64-cpu"},
                              {"id", "second"},
                              {"socket-id", 0},
                              {"core-id", 1},
                              {"thread-id", 0}});
    }
    std::size_t count() { return vm.qmp("query-cpus-fast").size(); }

    qtest::Machine vm;
};

TEST_F(Processors, OneComesAndGoes) {
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ(vm.inb(cpu_flags) & enabled, 0);
        EXPECT_EQ(count(), 1u);
        add();
        EXPECT_EQ(vm.inb(gpe), 4);
        EXPECT_EQ(vm.inb(cpu_flags), enabled | inserting);
        EXPECT_EQ(count(), 2u);
        vm.outb(cpu_flags, inserting);
        vm.qmp("device_del", {{"id", "second"}});
        EXPECT_EQ(vm.inb(cpu_flags), enabled | removing);
        vm.outb(cpu_flags, removing);
        vm.outb(cpu_flags, eject);
        EXPECT_EQ(vm.event("DEVICE_DELETED")["device"], Json("second"));
    }
    EXPECT_EQ(count(), 1u);
}

TEST_F(Processors, TheFirstOneStays) {
    EXPECT_EQ(vm.qmp_error("device_del", {{"id", "/machine/unattached/device[0]"}}),
              "Boot CPU is unpluggable");
    vm.outl(cpus, 0);
    vm.outb(cpu_flags, eject);
    EXPECT_EQ(vm.inb(cpu_flags), enabled);
    EXPECT_EQ(count(), 1u);
}

}  // namespace
