// SPDX-License-Identifier: GPL-2.0-or-later
//
// PCI functions of some registers each: edu, pci-testdev, pci-serial-4x.
#include <gtest/gtest.h>

#include <string>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

constexpr std::uint64_t memory_bar = 0xe0000000;
constexpr std::uint16_t port_bar = 0xc000;

class Function {
public:
    explicit Function(std::string_view device)
        : vm(qtest::start_here("-machine pc -nodefaults -device " + std::string(device) +
                               ",addr=2")) {
        config(0x10, memory_bar);
        config(0x14, port_bar);
        config(0x04, 7);  // I/O, memory, bus master
    }
    void config(unsigned at, std::uint32_t value) {
        vm.outl(0xcf8, 0x80001000 | at);
        vm.outl(0xcfc, value);
    }
    std::uint32_t config(unsigned at) {
        vm.outl(0xcf8, 0x80001000 | at);
        return vm.inl(0xcfc);
    }
    bool interrupts() { return config(0x04) >> 19 & 1; }  // Interrupt Status

    qtest::Machine vm;
};

struct Edu : Function {
    Edu() : Function("edu,dma_mask=0xfffffff") {}
    std::uint32_t get(unsigned at) { return vm.readl(memory_bar + at); }
    void set(unsigned at, std::uint32_t value) { vm.writel(memory_bar + at, value); }
    void dma(std::uint64_t from, std::uint64_t to, std::uint64_t count, std::uint64_t command) {
        vm.writeq(memory_bar + 0x80, from);
        vm.writeq(memory_bar + 0x88, to);
        vm.writeq(memory_bar + 0x90, count);
        vm.writeq(memory_bar + 0x98, command);
    }
};

TEST(EduFunction, InvertsAndMultiplies) {
    Edu edu;
    EXPECT_EQ(edu.get(0), 0x010000edu);
    edu.set(4, 0x12345678);
    EXPECT_EQ(edu.get(4), 0xedcba987u);
    for (auto [n, factorial] : {std::pair{0u, 1u},
                                {1u, 1u},
                                {5u, 120u},
                                {12u, 479001600u},
                                {13u, 1932053504u},
                                {33u, 0x80000000u},
                                {34u, 0u},
                                {~0u, 0u}}) {
        edu.set(8, n);
        EXPECT_EQ(edu.get(8), factorial) << n;
    }
    EXPECT_FALSE(edu.interrupts());
    edu.set(0x20, 0x80);
    edu.set(8, 3);
    EXPECT_TRUE(edu.interrupts());
    EXPECT_EQ(edu.get(0x24), 1u);
    edu.set(0x64, 1);
    EXPECT_FALSE(edu.interrupts());
    EXPECT_EQ(edu.vm.readw(memory_bar), 0u) << "whole words only";
}

TEST(EduFunction, CopiesBothWaysInItsTime) {
    Edu edu;
    edu.vm.writeq(0x100000, 0x1122334455667788);
    edu.dma(0x100000, 0x40010, 8, 5);  // to the card, with an interrupt
    edu.vm.clock_step(99'000'000);
    EXPECT_EQ(edu.get(0x98), 5u);
    EXPECT_FALSE(edu.interrupts());
    edu.vm.clock_step(2'000'000);
    EXPECT_EQ(edu.get(0x98), 4u);
    EXPECT_TRUE(edu.interrupts());
    EXPECT_EQ(edu.get(0x24), 0x100u);
    edu.set(0x64, 0x100);
    edu.dma(0x40010, 0x200000, 8, 3);
    edu.vm.clock_step(101'000'000);
    EXPECT_EQ(edu.vm.readq(0x200000), 0x1122334455667788u);
    EXPECT_FALSE(edu.interrupts());
}

TEST(EduFunction, DmaThatMissesItsBufferDoesNothing) {
    Edu edu;
    edu.vm.writeq(0x200000, 0x55);
    for (auto [from, count] : {std::pair<std::uint64_t, std::uint64_t>{0x40ff9, 8},
                               {0x3ffff, 8},
                               {0x40000, ~std::uint64_t{0}},
                               {~std::uint64_t{0}, 1}}) {
        edu.dma(from, 0x200000, count, 3);
        edu.vm.clock_step(101'000'000);
        EXPECT_EQ(edu.get(0x98), 2u);
        EXPECT_EQ(edu.vm.readq(0x200000), 0x55u);
    }
}

TEST(EduFunction, InterruptsByMessage) {
    Edu edu;
    edu.config(0x44, 0x300000);
    edu.config(0x48, 0);
    edu.config(0x4c, 0x4321);
    edu.config(0x40, edu.config(0x40) | 1 << 16);
    edu.set(0x60, 2);
    EXPECT_EQ(edu.vm.readl(0x300000), 0x4321u);
    EXPECT_FALSE(edu.interrupts());
}

struct Testdev : Function {
    Testdev() : Function("pci-testdev") {}
    std::uint32_t count() { return vm.readl(memory_bar + 12); }
    std::string name() {
        std::string text;
        for (unsigned at = 16; const auto c = vm.readb(memory_bar + at); at++)
            text += static_cast<char>(c);
        return text;
    }
};

TEST(PciTestdev, CountsWhatItAskedFor) {
    Testdev dev;
    EXPECT_EQ(dev.vm.readl(memory_bar), 0u);
    dev.vm.writeb(memory_bar, 0);
    EXPECT_EQ(dev.name(), "mmio-no-eventfd");
    const auto at = memory_bar + dev.vm.readl(memory_bar + 4);
    const auto data = dev.vm.readb(memory_bar + 8);
    EXPECT_EQ(dev.vm.readb(memory_bar + 1), 1);  // bytes
    dev.vm.writeb(at, data);
    dev.vm.writeb(at, static_cast<std::uint8_t>(data + 1));
    EXPECT_EQ(dev.count(), 1u);
    dev.vm.writeb(memory_bar, 1);
    EXPECT_EQ(dev.count(), 0u);
    dev.vm.writeb(memory_bar + dev.vm.readl(memory_bar + 4), 1);
    EXPECT_EQ(dev.count(), 0u) << "an eventfd would have taken it";
    dev.vm.writeb(memory_bar, 3);
    EXPECT_EQ(dev.name(), "");
}

TEST(PciTestdev, HasPortsToo) {
    Testdev dev;
    dev.vm.outb(port_bar, 2);
    EXPECT_EQ(dev.name(), "portio-datamatch-eventfd");
    EXPECT_EQ(dev.vm.inl(port_bar + 4), 0x85u);
    dev.vm.outb(port_bar, 0);
    dev.vm.outb(port_bar + 0x83, 0xfa);
    EXPECT_EQ(dev.vm.inl(port_bar + 12), 1u);
}

TEST(PciMultiSerial, TheUartsAreApartButForThePin) {
    qtest::Machine vm = qtest::start_here(
        "-machine pc -nodefaults -chardev ringbuf,id=c,size=64 -device "
        "pci-serial-4x,addr=2,chardev3=c");
    auto config = [&](unsigned at, std::uint32_t value) {
        vm.outl(0xcf8, 0x80001000 | at);
        vm.outl(0xcfc, value);
    };
    auto interrupts = [&] {
        vm.outl(0xcf8, 0x80001004);
        return vm.inl(0xcfc) >> 19 & 1;
    };
    config(0x10, port_bar);
    config(0x04, 1);
    for (std::uint16_t n = 0; n < 4; n++)
        vm.outb(static_cast<std::uint16_t>(port_bar + 8 * n + 7),
                static_cast<std::uint8_t>(0x50 + n));
    for (std::uint16_t n = 0; n < 4; n++)
        EXPECT_EQ(vm.inb(static_cast<std::uint16_t>(port_bar + 8 * n + 7)), 0x50 + n);
    vm.outb(port_bar + 16, 'x');
    EXPECT_EQ(vm.qmp("ringbuf-read", {{"device", "c"}, {"size", 8}}), qapi::Json("x"));
    EXPECT_FALSE(interrupts());
    vm.outb(port_bar + 8 + 1, 2);  // the transmitter of two of them
    vm.outb(port_bar + 24 + 1, 2);
    EXPECT_TRUE(interrupts());
    vm.inb(port_bar + 8 + 2);
    EXPECT_TRUE(interrupts());
    vm.inb(port_bar + 24 + 2);
    EXPECT_FALSE(interrupts());
}

}  // namespace
