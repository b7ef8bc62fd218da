// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "hw/acpi/cpu-hotplug.h"
#include "hw/acpi/pci-hotplug.h"

using namespace hw;

TEST(CpuHotplug, StartsAsABitmapAndSwitchesForGood) {
    CpuHotplugState state;
    CpuHotplug block(state, {{0, true}, {9, true}, {10, false}}, [] {}, {});
    EXPECT_EQ(block.legacy_read(0, 1), 0x01u);
    EXPECT_EQ(block.legacy_read(1, 1), 0x02u);
    EXPECT_FALSE(block.modern());
    block.legacy_write(0, 0, 1);
    EXPECT_TRUE(block.modern());
}

TEST(CpuHotplug, AGuestFindsAndAcceptsANewProcessor) {
    CpuHotplugState state;
    int gpes = 0;
    CpuHotplug block(state, {{0, true}, {1, false}, {2, false}}, [&] { gpes++; }, {});
    block.plugged(2);
    EXPECT_EQ(gpes, 1);
    block.write(0, 0, 4);
    block.write(5, 0, 1);  // next with event
    EXPECT_EQ(block.read(8, 4), 2u);
    EXPECT_EQ(block.read(4, 1), 0x03u);
    block.write(4, 2, 1);
    EXPECT_EQ(block.read(4, 1), 0x01u);
    block.write(5, 3, 1);
    EXPECT_EQ(block.read(8, 4), 2u);  // APIC ID
    block.write(5, 2, 1);
    block.write(8, 0x55, 4);
    EXPECT_EQ(state.devs[2].ost_status, 0x55u);
}

TEST(CpuHotplug, NonsenseSelectorsAreIgnored) {
    CpuHotplugState state;
    CpuHotplug block(state, {{0, true}}, [] {}, {});
    block.write(0, 77, 4);
    EXPECT_EQ(state.selector, 0u);
}

TEST(PciHotplug, InsertionIsToldOnceAndEjectionCarriedOut) {
    PciHotplugState state;
    std::vector<unsigned> ejected;
    int gpes = 0;
    PciHotplug block(state,
                     {.removable = [](unsigned) { return 0xfffffff8u; },
                      .eject = [&](unsigned, unsigned slot) { ejected.push_back(slot); },
                      .acpi_index = {}},
                     [&] { gpes++; });
    block.write(0x10, 0, 4);
    block.plugged(0, 5);
    EXPECT_EQ(block.read(0x00, 4), 0x20u);
    EXPECT_EQ(block.read(0x00, 4), 0u);
    block.request_unplug(0, 5);
    EXPECT_EQ(block.read(0x04, 4), 0x20u);
    block.write(0x08, 0x20, 4);
    EXPECT_EQ(ejected, std::vector<unsigned>{5});
    EXPECT_EQ(block.read(0x04, 4), 0u);
    EXPECT_EQ(block.read(0x0c, 4), 0xfffffff8u);
    EXPECT_EQ(gpes, 2);
    block.write(0x10, 9999, 4);
    EXPECT_EQ(block.read(0x00, 4), 0u);
}
