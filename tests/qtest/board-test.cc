// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the boards have and have not: isapc, and the older versions of pc.
#include <gtest/gtest.h>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

TEST(Isapc, HasNoPciAndFirmwareThatCanBeWritten) {
    auto vm = qtest::start_here("-machine isapc -nodefaults");
    vm.outl(0xcf8, 0x80000000);
    EXPECT_EQ(vm.inl(0xcf8), 0xffffffffu);
    vm.writel(0xe8000, 0x12345678);
    EXPECT_EQ(vm.readl(0xe8000), 0x12345678u);
    EXPECT_EQ(vm.readl(0xfffe8000), 0x12345678u);
    EXPECT_EQ(vm.readb(0xffff0), 0xea);  // the reset vector's jump
}

TEST(Isapc, DiskAnswersWithAnInterrupt) {
    auto vm = qtest::start_here(
        "-machine isapc -nodefaults -blockdev driver=null-co,node-name=d,size=1M -device "
        "ide-hd,drive=d,bus=ide.1");
    vm.intercept_inputs("/machine/unattached/device[5]");  // the second PIC
    vm.outb(0x176, 0xa0);
    EXPECT_EQ(vm.inb(0x177), 0x50);  // DRDY, DSC
    vm.outb(0x177, 0xec);            // IDENTIFY DEVICE
    EXPECT_EQ(vm.inb(0x376), 0x58);  // and DRQ
    EXPECT_TRUE(vm.irq(7));
    vm.inw(0x170);
    EXPECT_EQ(vm.inb(0x177), 0x58);
    EXPECT_FALSE(vm.irq(7));      // reading the status acknowledged it
    EXPECT_EQ(vm.inb(0x1f7), 0);  // nobody on the first channel
}

TEST(OldPc, IsAsItWas) {
    auto vm = qtest::start_here("-machine pc-i440fx-2.4 -nodefaults");
    auto has_dma = [](qtest::Machine& m) {
        m.outw(0x510, 1);
        return (m.inb(0x511) & 2) != 0;
    };
    EXPECT_FALSE(has_dma(vm));
    EXPECT_EQ(vm.inl(0x514), 0xffffffffu);
    auto user = qtest::start_here(
        "-machine pc-i440fx-2.4 -nodefaults -global fw_cfg.dma_enabled=on -global "
        "isa-fdc.fallback=288");
    EXPECT_TRUE(has_dma(user));
    auto now = qtest::start_here("-machine pc -nodefaults");
    EXPECT_TRUE(has_dma(now));
    EXPECT_EQ(now.inl(0x514), 0x554d4551u);  // "QEMU", big endian
}

}  // namespace
