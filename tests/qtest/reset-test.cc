// SPDX-License-Identifier: GPL-2.0-or-later
//
// A machine that was reset is the machine that was started: the same saved bytes, whatever asked
// for the reset and how often, and whatever the guest had done to the chips before.
#include <gtest/gtest.h>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

struct Board {
    const char* name;
    std::vector<const char*> options;
};
const Board boards[] = {
    {"Pc",
     {"-M", "pc", "-nodefaults", "-device", "VGA", "-device", "i6300esb", "-device", "edu",
      "-device", "pvpanic-pci", "-chardev", "null,id=c", "-device", "isa-serial,chardev=c",
      "-blockdev", "driver=null-co,node-name=d,size=1048576", "-device", "ide-hd,drive=d"}},
    {"TwoProcessors", {"-M", "pc", "-nodefaults", "-smp", "2"}},
    {"OldPc", {"-M", "pc-i440fx-2.4", "-nodefaults"}},
    {"Isapc", {"-M", "isapc", "-nodefaults"}},
};

class Reset : public testing::TestWithParam<Board> {
protected:
    Reset() : vm(arguments(GetParam())), machine(qtest::attach(vm)), at_start(vm.saved()) {}
    static std::vector<const char*> arguments(const Board& board) {
        std::vector<const char*> all{"-accel", "qtest", "-rtc",
                                     "base=2022-01-01T00:00:00,clock=vm"};
        all.insert(all.end(), board.options.begin(), board.options.end());
        return all;
    }
    /// What a guest leaves behind; nothing that a reset keeps on QEMU 7.2: CMOS
    /// RAM, shadow RAM, port 92h's A20, the speaker's data, the base of
    /// the power management ports.
    void disturb() {
        for (auto [port, value] : {std::pair{0x21, 0x5a},
                                   {0x20, 0x11},
                                   {0x21, 0x40},
                                   {0xa1, 0x77},
                                   {0x4d0, 0x28},
                                   {0x43, 0x34},
                                   {0x40, 0x12},
                                   {0x0b, 0x45},
                                   {0x0a, 0x02},
                                   {0x87, 0x5c},
                                   {0x64, 0x60},
                                   {0x60, 0x61},
                                   {0x1f6, 0xb0},
                                   {0x1f2, 0x7},
                                   {0x3fb, 0x83},
                                   {0x3f8, 0x42},
                                   {0x3f2, 0x1c},
                                   {0xb2, 0x33}})
            machine.outb(static_cast<std::uint16_t>(port), static_cast<std::uint8_t>(value));
        machine.outw(0x510, 5);
        for (auto [address, value] : {std::pair{0x80000860u, 0x0b0a0b05u},
                                      {0x80000b80u, 1u},
                                      {0x80001004u, 7u},
                                      {0x80001010u, 0xe0000000u},
                                      {0x80001804u, 7u}}) {
            machine.outl(0xcf8, address);
            machine.outl(0xcfc, value);
        }
        machine.writel(0xfec00000, 0x12);
        machine.writel(0xfec00010, 0x31);
        machine.writel(0xfed00010, 1);
        machine.writel(0xfee000f0, 0x1ff);
        machine.writel(0xfee00320, 0x20030);
    }
    void expect_fresh(const char* by) {
        EXPECT_EQ(machine.event("RESET")["guest"], qapi::Json(std::string_view(by) != "QMP")) << by;
        EXPECT_EQ(vm.saved(), at_start) << by;
    }

    tests::LiveVm vm;
    qtest::Machine machine;
    const std::vector<std::uint8_t> at_start;
};
INSTANTIATE_TEST_SUITE_P(All, Reset, testing::ValuesIn(boards),
                         [](const auto& board) { return board.param.name; });

TEST_P(Reset, TenTimesGivesTheSameState) {
    for (int i = 0; i < 10; i++) {
        disturb();
        ASSERT_NE(vm.saved(), at_start);
        machine.qmp("system_reset");
        expect_fresh("QMP");
    }
}

TEST_P(Reset, ByAnyOfTheGuestsWays) {
    disturb();
    machine.outb(0x64, 0xfe);  // the keyboard controller's pulse
    expect_fresh("keyboard controller");
    disturb();
    machine.outb(0x92, 0x01);  // the fast reset of PS/2
    expect_fresh("port 92h");
    if (std::string_view(GetParam().options[1]) == "isapc") return;
    disturb();
    machine.outb(0xcf9, 0x06);
    expect_fresh("reset control register");
}

}  // namespace
