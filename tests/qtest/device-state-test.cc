// SPDX-License-Identifier: GPL-2.0-or-later
//
// What device state commands do to guest memory: the log of devices' writes, and snapshots that
// take memory back.
#include <gtest/gtest.h>

#include "exec/ram-block.h"
#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

using exec::page_size;

struct DeviceState : testing::Test {
    tests::LiveVm vm{{"-M", "pc", "-nodefaults", "-m", "16", "-accel", "qtest"}};
    qtest::Machine machine = qtest::attach(vm);
    exec::RamBlock& ram = *vm.foundation().memory.find_ram("pc.ram");

    std::vector<std::uint64_t> dirty_pages() const {
        std::vector<std::uint64_t> pages;
        for (std::uint64_t page = 0; page < ram.pages(); page++)
            if (ram.dirty(exec::DirtyClient::Migration, page)) pages.push_back(page);
        return pages;
    }
    /// fw_cfg's DMA interface (QEMU, docs/specs/fw_cfg.rst): reads the signature, `length` bytes of
    /// it, to an address. The request lies at 0x1000.
    void dma(std::uint64_t to, std::uint32_t length) {
        constexpr std::uint32_t select = 8, read = 2;
        auto big_endian = [&](std::uint64_t at, std::uint32_t v) {
            machine.writel(at, __builtin_bswap32(v));
        };
        big_endian(0x1000, 0 << 16 | select | read);
        big_endian(0x1004, length);
        big_endian(0x1008, static_cast<std::uint32_t>(to >> 32));
        big_endian(0x100c, static_cast<std::uint32_t>(to));
        machine.outl(0x514, 0);
        machine.outl(0x518, __builtin_bswap32(0x1000));
        ASSERT_EQ(machine.readl(0x1000), 0u);
    }
    void log(bool enable) { machine.qmp("xen-set-global-dirty-log", {{"enable", enable}}); }
    std::vector<std::uint8_t> memory() { return {ram.host(), ram.host() + ram.size()}; }
};

TEST_F(DeviceState, TheDirtyLogNamesThePagesThatADeviceWrote) {
    dma(0x20000, 4);
    log(true);
    EXPECT_TRUE(dirty_pages().empty());
    dma(0x30ffe, 4);
    // The request is marked as done by the device, too.
    EXPECT_EQ(dirty_pages(), (std::vector<std::uint64_t>{0x1, 0x30, 0x31}));
    EXPECT_EQ(machine.readl(0x30ffe), 0x554d4551u);  // "QEMU"
    log(true);
    EXPECT_EQ(dirty_pages().size(), 3u);
    log(false);
    dma(0x40000, 4);
    log(true);
    EXPECT_TRUE(dirty_pages().empty());
    dma(0x50000, 4);
    EXPECT_EQ(dirty_pages(), (std::vector<std::uint64_t>{0x1, 0x50}));
    log(false);
}

TEST_F(DeviceState, ASnapshotTakesMemoryBackPageByPage) {
    machine.qmp("stop");
    for (std::uint64_t page : {1u, 63u, 64u, 65u, 127u, 200u, 1000u, 4095u})
        machine.writeq(page * page_size + 8, 0x1111111111111111 * (page % 15));
    const auto first = memory();
    machine.qmp("x-device-state-snapshot", {{"name", "first"}, {"ram", true}});
    machine.writeq(64 * page_size + 8, 1);
    machine.writeq(900 * page_size, 2);
    dma(200 * page_size, 4);
    machine.outb(0x70, 0x0f);
    machine.outb(0x71, 0x5a);
    const auto second = memory();
    ASSERT_NE(second, first);
    machine.qmp("x-device-state-snapshot", {{"name", "second"}, {"ram", true}});
    machine.writeq(65 * page_size, 3);
    machine.writeq(64 * page_size + 8, 4);

    for (int i = 0; i < 3; i++) {
        machine.qmp("x-device-state-revert", {{"name", "second"}});
        EXPECT_EQ(memory(), second);
        EXPECT_EQ(machine.inb(0x71), 0x5a);
        machine.writeq(i * 100 * page_size, 5);
        machine.qmp("x-device-state-revert", {{"name", "first"}});
        EXPECT_EQ(memory(), first);
    }
    machine.qmp("x-device-state-snapshot", {{"name", "first"}, {"delete", true}});
    machine.qmp("x-device-state-revert", {{"name", "second"}});
    EXPECT_EQ(memory(), second);
}

}  // namespace
