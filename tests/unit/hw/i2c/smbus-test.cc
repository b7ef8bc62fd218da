// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "hw/i2c/pm-smbus.h"
#include "hw/i2c/smbus-eeprom.h"
#include "tests/unit/hw/core/fake-platform.h"

using namespace hw;

namespace {

struct Host : hw::testing::FakePlatform {
    I2cBus bus{nullptr, "i2c"};
    PmSmbusState state;
    PmSmbus host{state, bus};
    SmbusEeprom* eeprom = nullptr;

    Host() {
        auto chip = std::make_unique<SmbusEeprom>(u8(0x50));
        std::array<u8, 256> contents{};
        contents[5] = 0x77;
        chip->set_contents(contents);
        eeprom = static_cast<SmbusEeprom*>(*bus.plug(std::move(chip), platform));
        eeprom->hold_reset();
    }
};

}  // namespace

TEST(PmSmbus, ReadsAByteOfAnEeprom) {
    Host h;
    EXPECT_FALSE(h.eeprom->needed());
    h.host.write(3, 5, 1);
    h.host.write(4, 0xa1, 1);
    h.host.write(2, 0x48, 1);
    EXPECT_EQ(h.host.read(0, 1), 0x01u);  // busy when first seen, as captured
    EXPECT_EQ(h.host.read(5, 1), 0x77u);
    EXPECT_EQ(h.state.smb_stat, 2);
    EXPECT_EQ(h.state.smb_ctl, 8);
    EXPECT_TRUE(h.state.op_done);
    EXPECT_TRUE(h.eeprom->needed());
    EXPECT_EQ(h.eeprom->state().offset, 6);
    EXPECT_EQ(h.eeprom->state().data_buf[0], 5);
}

TEST(PmSmbus, NobodyAtTheAddressIsAnError) {
    Host h;
    h.host.write(4, 0x21, 1);
    h.host.write(2, 0x48, 1);
    h.host.read(0, 1);
    EXPECT_EQ(h.host.read(0, 1), 0x04u);
    h.host.write(0, 0x04, 1);
    EXPECT_EQ(h.host.read(0, 1), 0u);
}

TEST(PmSmbus, WritesAWord) {
    Host h;
    h.host.write(3, 0x10, 1);
    h.host.write(4, 0xa0, 1);
    h.host.write(5, 0x34, 1);
    h.host.write(6, 0x12, 1);
    h.host.write(2, 0x4c, 1);
    h.host.read(0, 1);
    EXPECT_EQ(h.eeprom->state().data[0x10], 0x34);
    EXPECT_EQ(h.eeprom->state().data[0x11], 0x12);
}
