// SPDX-License-Identifier: GPL-2.0-or-later
//
// The PM function as firmware and an ACPI operating system drive it. Expected values were captured
// from QEMU 7.2.22.
#include "hw/acpi/piix4.h"

#include "hw/i2c/smbus-eeprom.h"
#include "tests/unit/hw/pci/pc-chips.h"

namespace {

using namespace hw;

class Piix4 : public hw::testing::PcChips {
protected:
    Piix4() {
        auto d = std::make_unique<Piix4Pm>();
        d->connect_sci(line(9));
        d->settings().smm_enabled = true;
        d->connect_processors({{0, true}});
        d->smi().connect(line(15));
        pm = &plug(std::move(d), devfn);
        EXPECT_TRUE(pm->smbus().plug(std::make_unique<SmbusEeprom>(0x50), p.platform));
        reset(system);
    }
    void open_io() {
        set_config(devfn, 0x40, 0x601);
        set_config(devfn, 0x80, 1, 1);
    }
    static constexpr unsigned devfn = 11;
    Piix4Pm* pm = nullptr;
};

TEST_F(Piix4, ShowsTheCapturedConfigurationSpace) {
    EXPECT_EQ(config(devfn, 0x00), 0x71138086u);
    EXPECT_EQ(config(devfn, 0x04), 0x02800000u);
    EXPECT_EQ(config(devfn, 0x08), 0x06800003u);
    EXPECT_EQ(config(devfn, 0x3c), 0x00000100u);
    EXPECT_EQ(config(devfn, 0x40), 0x00000001u);
    EXPECT_EQ(config(devfn, 0x5c), 0x10000000u);
    EXPECT_EQ(config(devfn, 0x60), 0x60000000u);
    EXPECT_EQ(config(devfn, 0x90), 0x0000b101u);
    EXPECT_EQ(config(devfn, 0xd0), 0x00090000u);
}

TEST_F(Piix4, SavesAsManyBytesAsQemu) {
    const auto old_form = saved(*pm);
    EXPECT_EQ(old_form.size(), 2432u);
    restore(*pm, old_form);
    EXPECT_EQ(saved(*pm), old_form);
    p.outb(0xaf00, 0);  // the CPU hotplug block in its new form: one more subsection
    EXPECT_EQ(saved(*pm).size(), 2467u);
    const auto bytes = saved(*pm);
    reset(system);
    EXPECT_EQ(saved(*pm).size(), 2467u) << "for good";
    restore(*pm, bytes);
    EXPECT_EQ(saved(*pm), bytes);
    restore(*pm, old_form);
    EXPECT_EQ(saved(*pm), old_form);
}

TEST_F(Piix4, RegistersAppearWhereFirmwarePutsThem) {
    EXPECT_EQ(p.inw(0x604), 0xffff);
    open_io();
    EXPECT_EQ(p.inw(0x604), 0);
    p.outb(0xb2, 0xf1);
    EXPECT_EQ(p.inw(0x604), 1);
    p.outb(0xb2, 0xf0);
    EXPECT_EQ(p.inw(0x604), 0);
}

TEST_F(Piix4, TheTimerCountsAndInterruptsWhenItsTopBitChanges) {
    open_io();
    p.outw(0x600, 1);
    EXPECT_EQ(p.inw(0x600) & 1, 0);
    p.outw(0x602, 1);
    p.advance(1'000'000'000);
    EXPECT_EQ(p.inl(0x608), 3579545u);
    EXPECT_EQ(irq[9], 0);
    p.advance(1'400'000'000);
    EXPECT_EQ(irq[9], 1);
    EXPECT_EQ(p.inw(0x600) & 1, 1);
    p.outw(0x600, 1);
    EXPECT_EQ(irq[9], 0);
}

TEST_F(Piix4, SleepingAsksTheMachine) {
    open_io();
    p.outw(0x604, 0x2000);
    EXPECT_EQ(requests.shutdowns, 1);
    p.outw(0x604, 0x2400);
    EXPECT_EQ(requests.suspends, 1);
}

TEST_F(Piix4, AnSmiFollowsApmcOnceFirmwareEnabledIt) {
    p.outb(0xb2, 0x55);
    EXPECT_EQ(irq[15], 0);
    set_config(devfn, 0x58, 1u << 25);
    p.outb(0xb2, 0x55);
    EXPECT_EQ(irq[15], 1);
    EXPECT_EQ(p.inb(0xb2), 0x55);
}

TEST_F(Piix4, ReadsAnEepromOverTheSmbus) {
    p.outb(0xb103, 5);
    p.outb(0xb104, 0xa1);
    p.outb(0xb102, 0x48);
    EXPECT_EQ(p.inb(0xb100), 1);
    EXPECT_EQ(p.inb(0xb100), 2);
    EXPECT_EQ(p.inb(0xb105), 0);
}

TEST_F(Piix4, SaysWhichProcessorsAndSlotsThereAre) {
    EXPECT_EQ(p.inb(0xaf00), 1);
    // Slots 0 and 1 hold the chip set.
    EXPECT_EQ(p.inl(0xae0c) & 7, 4u);
}

}  // namespace
