// SPDX-License-Identifier: GPL-2.0-or-later
//
// The conformance suite over the ISA devices: one row a device, with what brings it far from reset.
#include "hw/audio/pcspk.h"
#include "hw/char/serial-isa.h"
#include "hw/dma/i8257.h"
#include "hw/input/i8042.h"
#include "hw/intc/i8259.h"
#include "hw/misc/port92.h"
#include "hw/rtc/mc146818rtc.h"
#include "hw/timer/i8254.h"
#include "tests/unit/hw/device-conformance.h"
#include "tests/unit/hw/isa-fixture.h"

namespace hw {
namespace {

struct Poke {
    std::uint16_t port;
    std::uint8_t value;
};

struct Row {
    const char* name;
    const DeviceType& type;
    std::vector<std::pair<std::string_view, std::string_view>> properties;
    std::vector<Poke> pokes;
    bool reset_clears_all = true;
};

class IsaSpecimen final : public testing::Specimen {
public:
    explicit IsaSpecimen(const Row& row) : row_(row) {
        auto made = row.type.create();
        for (auto [name, value] : row.properties)
            for (const qom::Property& p : row.type.properties)
                if (p.name == name) {
                    EXPECT_TRUE(qom::set_text(p, made->config(), row.type.name, value)) << name;
                }
        device_ = &fixture_.plug(std::move(made));
    }
    Device& device() override { return *device_; }
    void stir() override {
        for (Poke p : row_.pokes)
            fixture_.outb(p.port, p.value);
        fixture_.advance(12'345'678);
    }
    bool reset_clears_all() const override { return row_.reset_clears_all; }

private:
    const Row& row_;
    testing::IsaFixture fixture_;
    Device* device_;
};

const std::vector<Row>& rows() {
    static const std::vector<Row> all{
        {"I8254",
         IsaPit::device_type_,
         {{"iobase", "0x40"}},
         {{0x43, 0x34}, {0x40, 0x12}, {0x40, 0x34}, {0x43, 0xb6}, {0x42, 7}, {0x43, 0x80}},
         false},  // the counters run from the moment of reset
        {"I8259",
         I8259::device_type_,
         {{"iobase", "0x20"}, {"elcr_addr", "0x4d0"}, {"elcr_mask", "0xf8"}, {"master", "on"}},
         {{0x20, 0x11}, {0x21, 0x08}, {0x21, 0x04}, {0x21, 0x01}, {0x21, 0xa5}, {0x4d0, 0x38}},
         false},  // the edge/level register is cleared by power-on only
        {"Mc146818Rtc",
         Rtc::device_type_,
         {},
         {{0x70, 0x0a}, {0x71, 0x26}, {0x70, 0x0b}, {0x71, 0x42}, {0x70, 0x40}, {0x71, 0x99}},
         false},  // the memory has a battery
        {"I8257",
         I8257::device_type_,
         {{"base", "0"}, {"page-base", "0x80"}, {"dshift", "0"}},
         {{0x0b, 0x56}, {0x04, 0x34}, {0x04, 0x12}, {0x05, 0xff}, {0x81, 0x0a}, {0x0a, 0x02}},
         false},  // so are the addresses and counts
        {"IsaSerial",
         IsaSerial::device_type_,
         {{"index", "0"}},
         {{0x3fb, 0x83},
          {0x3f8, 12},
          {0x3f9, 0},
          {0x3fb, 3},
          {0x3fa, 1},
          {0x3fc, 0x1b},
          {0x3f9, 5}}},
        {"Port92", Port92::device_type_, {}, {{0x92, 0x02}}, false},  // the A20 gate stays
    };
    return all;
}

class IsaConformance : public ::testing::TestWithParam<std::size_t> {};

TEST_P(IsaConformance, Conforms) {
    const Row& row = rows()[GetParam()];
    testing::expect_conforming([&] { return std::make_unique<IsaSpecimen>(row); });
}

INSTANTIATE_TEST_SUITE_P(Devices, IsaConformance, ::testing::Range<std::size_t>(0, rows().size()),
                         [](const auto& row) { return rows()[row.param].name; });

}  // namespace
}  // namespace hw
