// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/core/qtree.h"

#include <gtest/gtest.h>

#include "hw/core/system-bus.h"
#include "hw/core/types.h"
#include "qapi/json.h"
#include "qom/tree-text.h"
#include "qom/type-table.h"
#include "tests/unit/hw/core/fake-platform.h"

namespace hw {
namespace {

struct Slot {
    unsigned number = 11;
};
constexpr qom::CustomProperty slot{
    [](void*, const qapi::Json&) -> Result<void> { return {}; },
    [](const void* s) { return qapi::Json(static_cast<const Slot*>(s)->number); },
    [](const void* s) { return fmt::format("{:02x}.0", static_cast<const Slot*>(s)->number); }};
struct Config {
    std::uint8_t timers = 3;
    bool msi = false;
    std::string drive;
    std::uint64_t hole = 2147483648;
    qom::OnOffAuto lazy = qom::OnOffAuto::Auto;
    Slot addr;
    int hidden = 1;
};
constexpr auto base_properties =
    qom::properties(qom::custom_property<&Config::addr>("addr", "int32", slot));
constexpr auto properties = qom::properties(
    qom::property<&Config::timers>("timers"), qom::property<&Config::msi>("msi"),
    qom::property<&Config::drive>("drive"),
    qom::property<&Config::hole>("hole").as("size", qom::PropertyKind::Size),
    qom::property<&Config::lazy>("lazy"), qom::property<&Config::hidden>("hidden").of_object());
constexpr qom::Type base_type{
    .name = "slotted", .parent = "sys-bus-device", .abstract = true, .properties = base_properties};
const DeviceType chip_type{{.name = "chip", .parent = "slotted", .properties = properties},
                           "System"};

class Chip final : public Device, public MapsRegisters {
public:
    Chip() : Device(chip_type) {}
    void* config() override { return &config_; }
    std::vector<Pins> pins() const override { return {{"", 2, 1}, {"sysbus-irq", 0, 32}}; }
    std::vector<Window> register_windows() const override { return {{0xfed00000, 0x400}}; }
    std::span<const std::unique_ptr<Bus>> child_buses() const override { return buses; }
    std::vector<std::unique_ptr<Bus>> buses;

protected:
    Result<void> realize(Platform&) override { return {}; }

private:
    Config config_;
};

constexpr qom::Type i2c_type{.name = "i2c-bus", .parent = "bus"};
struct I2c final : Bus {
    explicit I2c(Device* parent) : Bus(i2c_type, "i2c", parent) {}
    std::string_view kind() const override { return "i2c-bus"; }
};

TEST(Qtree, ShowsBusesDevicesPinsPropertiesAndPlaces) {
    testing::FakePlatform fake;
    qom::TypeTable types;
    types.add(core_types());
    static constexpr const qom::Type* plain[] = {&base_type};
    static constexpr const DeviceType* devices[] = {&chip_type};
    types.add<qom::Type>(plain);
    types.add<DeviceType>(devices);
    SystemBus bus;
    auto first = std::make_unique<Chip>();
    first->buses.push_back(std::make_unique<I2c>(first.get()));
    auto second = std::make_unique<Chip>();
    second->set_id("x");
    ASSERT_TRUE(bus.plug(std::move(first), fake.platform));
    ASSERT_TRUE(bus.plug(std::move(second), fake.platform));
    const std::string common =
        "    gpio-in \"\" 2\n"
        "    gpio-out \"\" 1\n"
        "    gpio-out \"sysbus-irq\" 32\n"
        "    timers = 3 (0x3)\n"
        "    msi = false\n"
        "    drive = \"\"\n"
        "    hole = 2147483648 (2 GiB)\n"
        "    lazy = \"auto\"\n"
        "    addr = 0b.0\n"
        "    mmio 00000000fed00000/0000000000000400\n";
    EXPECT_EQ(qtree(types, bus),
              "bus: main-system-bus\n"
              "  type System\n"
              "  dev: chip, id \"x\"\n" +
                  common + "  dev: chip, id \"\"\n" + common +
                  "    bus: i2c\n"
                  "      type i2c-bus\n");
    EXPECT_EQ(qom::tree_text(fake.unattached),
              "/unattached (container)\n"
              "  /device[0] (chip)\n"
              "    /i2c (i2c-bus)\n"
              "  /device[1] (chip)\n");
}

}  // namespace
}  // namespace hw
