// SPDX-License-Identifier: GPL-2.0-or-later
//
// ACPI as a guest sees it: PCI devices that come and go, sleep states, the power button.
#include <gtest/gtest.h>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

using qapi::Json;

constexpr std::uint16_t hotplug = 0xae00, up = 0, down = 4, eject = 8, removable = 12;
constexpr std::uint16_t gpe = 0xafe0, pm = 0x600;
constexpr std::uint32_t slot3 = 1 << 3;

class Acpi : public testing::Test {
protected:
    Acpi() : vm(qtest::start_here("-machine pc -nodefaults")) {
        vm.outl(0xcf8, 0x80000b40);  // where firmware puts the registers
        vm.outl(0xcfc, pm | 1);
        vm.outl(0xcf8, 0x80000b80);
        vm.outb(0xcfc, 1);
    }
    std::uint32_t vendor_of_slot3() {
        vm.outl(0xcf8, 0x80001800);
        return vm.inw(0xcfc);
    }
    void add() { vm.qmp("device_add", {{"driver", "edu"}, {"id", "card"}, {"addr", "3"}}); }

    qtest::Machine vm;
};

TEST_F(Acpi, ACardComesAndTheGuestHearsOfIt) {
    EXPECT_EQ(vendor_of_slot3(), 0xffffu);
    add();
    EXPECT_EQ(vendor_of_slot3(), 0x1234u);
    EXPECT_EQ(vm.inb(gpe) & 2, 2);
    EXPECT_EQ(vm.inl(hotplug + up), slot3);
    EXPECT_EQ(vm.inl(hotplug + up), 0u) << "told once";
    EXPECT_EQ(vm.inl(hotplug + removable) & 0xf, slot3 | 0x4) << "all but what is soldered on";
    EXPECT_EQ(vm.qmp("qom-get", {{"path", "card"}, {"property", "hotplugged"}}), Json(true));
}

TEST_F(Acpi, ACardGoesWhenTheGuestLetsIt) {
    add();
    vm.outb(gpe, 2);
    vm.qmp("device_del", {{"id", "card"}});
    EXPECT_EQ(vm.inb(gpe) & 2, 2);
    EXPECT_EQ(vm.inl(hotplug + down), slot3);
    EXPECT_EQ(vendor_of_slot3(), 0x1234u);
    EXPECT_EQ(vm.qmp_error("device_del", {{"id", "card"}}),
              "Device card is already in the process of unplug");
    EXPECT_FALSE(vm.saw_event("DEVICE_DELETED"));
    vm.outl(hotplug + eject, slot3);
    const Json gone = vm.event("DEVICE_DELETED");
    EXPECT_EQ(gone["device"], Json("card"));
    EXPECT_EQ(gone["path"], Json("/machine/peripheral/card"));
    EXPECT_EQ(vendor_of_slot3(), 0xffffu);
    EXPECT_EQ(vm.inl(hotplug + down), 0u);
    add();  // the id and the slot are free again
    EXPECT_EQ(vendor_of_slot3(), 0x1234u);
}

TEST_F(Acpi, AResetEndsTheWaitForTheGuest) {
    add();
    vm.qmp("device_del", {{"id", "card"}});
    vm.qmp("system_reset");
    EXPECT_EQ(vm.event("DEVICE_DELETED")["device"], Json("card"));
    EXPECT_EQ(vendor_of_slot3(), 0xffffu);
}

TEST_F(Acpi, WhatIsSolderedOnStays) {
    vm.outl(hotplug + eject, 0xffffffff);
    vm.outl(0xcf8, 0x80000800);
    EXPECT_EQ(vm.inl(0xcfc), 0x70008086u);
    vm.outl(hotplug + 0x10, 1);  // there is no second bus
    vm.outl(hotplug + eject, 0xffffffff);
    EXPECT_EQ(vm.inl(hotplug + removable), 0u);
}

TEST(WithoutAcpi, NothingIsHotplugged) {
    auto vm = qtest::start_here("-machine pc,acpi=off -nodefaults");
    EXPECT_EQ(vm.qmp_error("device_add", {{"driver", "edu"}}),
              "Bus 'pci.0' does not support hotplugging");
}

TEST_F(Acpi, SleepsAndWakesUp) {
    vm.outw(pm + 4, 1 << 13 | 1 << 10);  // SLP_EN, S3 is type 1
    vm.event("SUSPEND");
    EXPECT_EQ(vm.qmp("query-status")["status"], Json("suspended"));
    vm.qmp("system_wakeup");
    vm.event("WAKEUP");
    EXPECT_EQ(vm.qmp("query-status")["status"], Json("running"));
}

TEST_F(Acpi, SwitchesItselfOffAfterItSavedItself) {
    vm.outw(pm + 4, 1 << 13 | 2 << 10);
    vm.event("SUSPEND_DISK");
    EXPECT_EQ(vm.event("SHUTDOWN")["reason"], Json("guest-shutdown"));
}

TEST_F(Acpi, PowerButtonIsAnEventOfTheGuest) {
    vm.outw(pm + 2, 1 << 8);  // PWRBTN_EN
    EXPECT_EQ(vm.inw(pm) & 1 << 8, 0);
    vm.qmp("system_powerdown");
    vm.event("POWERDOWN");
    EXPECT_EQ(vm.inw(pm) & 1 << 8, 1 << 8);
    vm.outw(pm, 1 << 8);
    EXPECT_EQ(vm.inw(pm) & 1 << 8, 0);
}

}  // namespace
