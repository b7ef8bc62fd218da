// SPDX-License-Identifier: GPL-2.0-or-later
//
// What firmware reads in fw_cfg's "bootorder". The texts are those of QEMU 7.2.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

std::string file_of(qtest::Machine& vm, std::string_view wanted) {
    auto bytes = [&](std::size_t n) {
        std::string s(n, 0);
        for (char& c : s)
            c = static_cast<char>(vm.inb(0x511));
        return s;
    };
    auto number = [](const std::string& s) {
        unsigned n = 0;
        for (const char c : s)
            n = n << 8 | static_cast<std::uint8_t>(c);
        return n;
    };
    vm.outw(0x510, 0x19);  // the directory
    const unsigned files = number(bytes(4));
    for (unsigned i = 0; i < files; i++) {
        const unsigned size = number(bytes(4)), key = number(bytes(4)) >> 16;
        const std::string name = bytes(56);
        if (name.c_str() != wanted) continue;
        vm.outw(0x510, static_cast<std::uint16_t>(key));
        return bytes(size);
    }
    throw std::runtime_error("no such file");
}
std::string order_of(qtest::Machine& vm) {
    return file_of(vm, "bootorder");
}

std::string order_with(const std::string& options) {
    qtest::Machine vm = qtest::start_here(
        "-nodefaults -blockdev null-co,node-name=d,size=1048576 -blockdev "
        "null-co,node-name=c,size=1048576,read-only=on -netdev hubport,hubid=0,id=n " +
        options);
    return order_of(vm);
}

std::string lines(std::string text) {
    text.push_back(0);
    return text;
}

TEST(BootOrder, IsEmptyWhereNobodyAsked) {
    EXPECT_EQ(order_with("-machine pc -device ide-hd,drive=d"), "");
    EXPECT_EQ(order_with("-machine pc -boot strict=on"), "");
}

TEST(BootOrder, SortsByIndexAndNamesTheWay) {
    EXPECT_EQ(order_with("-machine pc -device ide-hd,drive=d,bootindex=2,bus=ide.0,unit=1 -device "
                         "ide-cd,drive=c,bootindex=7,bus=ide.1 -device "
                         "e1000,netdev=n,bootindex=1 -global isa-fdc.bootindexA=0"),
              lines("/pci@i0cf8/isa@1/fdc@03f0/floppy@0\n"
                    "/pci@i0cf8/ethernet@2/ethernet-phy@0\n"
                    "/pci@i0cf8/ide@1,1/drive@0/disk@1\n"
                    "/pci@i0cf8/ide@1,1/drive@1/disk@0"));
}

TEST(BootOrder, GoesThroughBridgesAndEndsWhereToldTo) {
    EXPECT_EQ(order_with("-machine pc -boot strict=on -device pci-bridge,chassis_nr=1,id=b,addr=5 "
                         "-device e1000,bus=b,addr=3,bootindex=3 -device "
                         "e1000,addr=6.1,bootindex=2,multifunction=on"),
              lines("/pci@i0cf8/ethernet@6,1/ethernet-phy@0\n"
                    "/pci@i0cf8/pci-bridge@5/ethernet@3/ethernet-phy@0\n"
                    "HALT"));
}

TEST(BootOrder, NamesIsaDevicesByTheirPorts) {
    EXPECT_EQ(order_with("-machine isapc -device ide-hd,drive=d,bootindex=3 -global "
                         "isa-fdc.bootindexB=4"),
              lines("/isa/ide@0170/drive@0/disk@0\n/isa/fdc@03f0/floppy@1"));
    EXPECT_EQ(
        order_with("-machine pc -device isa-ide -device ide-hd,drive=d,bootindex=1,bus=ide.2"),
        lines("/pci@i0cf8/isa@1/ide@01f0/drive@0/disk@0"));
}

TEST(BootOrder, AnIndexIsForOne) {
    EXPECT_THROW(order_with("-machine pc -device ide-hd,drive=d,bootindex=2 -device "
                            "ide-cd,drive=c,bootindex=2"),
                 std::runtime_error);
}

TEST(BootOrder, WhatIsPluggedCountsFromTheNextReset) {
    qtest::Machine vm = qtest::start_here("-machine pc -nodefaults");
    vm.qmp("device_add", {{"driver", "e1000"}, {"addr", "4"}, {"bootindex", 1}});
    EXPECT_EQ(order_of(vm), "");
    vm.qmp("system_reset");
    vm.event("RESET");
    EXPECT_EQ(order_of(vm), lines("/pci@i0cf8/ethernet@4/ethernet-phy@0"));
}

TEST(Boot, TheMenuWaitsAsLongAsToldAndShowsAPicture) {
    char name[] = "/tmp/boot-splash-XXXXXX";
    const int fd = mkstemp(name);
    ASSERT_GE(fd, 0);
    const std::string jpeg = "\xff\xd8 picture", text = "no picture";
    auto write = [&](const std::string& bytes) {
        return pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
    };
    ASSERT_TRUE(write(jpeg));
    const std::string options = fmt::format("-machine pc -nodefaults -boot splash={}", name);
    {
        qtest::Machine vm = qtest::start_here(options + ",splash-time=300");
        EXPECT_EQ(file_of(vm, "bootsplash.jpg"), jpeg);
        EXPECT_EQ(file_of(vm, "etc/boot-menu-wait"), std::string("\x2c\x01"));
    }
    ASSERT_TRUE(write(text));
    EXPECT_THROW(qtest::start_here(options), std::runtime_error);
    close(fd);
    unlink(name);
}

TEST(Boot, ThreeLettersAtTheMost) {
    EXPECT_THROW(qtest::start_here("-machine pc -nodefaults -boot order=acdn"), std::runtime_error);
}

}  // namespace
