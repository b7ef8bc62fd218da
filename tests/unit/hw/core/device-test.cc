// SPDX-License-Identifier: GPL-2.0-or-later
//
// The life of a device on its bus.
#include "hw/core/device.h"

#include <gtest/gtest.h>

#include "fake-platform.h"
#include "hw/core/irq.h"
#include "hw/core/reset.h"
#include "hw/core/system-bus.h"

namespace hw {
namespace {

using hw::testing::FakePlatform;

struct ThingState {
    std::uint8_t value = 0;
};
constexpr vmstate::Table thing_table{.name = "thing"};
constexpr vmstate::Table unsaved_table{.name = "thing", .unmigratable = "nobody wrote it down"};
struct ThingConfig {
    std::uint8_t a = 0;
};
constexpr auto thing_properties = qom::properties(qom::property<&ThingConfig::a>("a"),
                                                  qom::property<&ThingConfig::a>("b").changeable());

std::string* story = nullptr;

class Thing final : public DeviceOf<ThingConfig, ThingState> {
public:
    Thing();
    ~Thing() override { *story += "~" + label + " "; }
    const vmstate::Table& vmstate() const override { return saved ? thing_table : unsaved_table; }
    void hold_reset() override { *story += "h:" + label + " "; }
    void leave_reset() override { *story += "l:" + label + " "; }
    std::span<const std::unique_ptr<Bus>> child_buses() const override { return buses; }
    void pin_set(int pin, int level) { *story += fmt::format("{}={} ", pin, level); }

    std::string label = "thing";
    bool refuse = false, saved = true;
    std::vector<std::unique_ptr<Bus>> buses;

protected:
    Result<void> realize(Platform&) override {
        if (refuse) return fail("{} will not", label);
        *story += "r:" + label + " ";
        return {};
    }
};
const DeviceType thing_type{{.name = "thing", .parent = "device", .properties = thing_properties},
                            "Slots"};
Thing::Thing() : DeviceOf(thing_type) {}

constexpr qom::Type slots_type{.name = "Slots", .parent = "bus"};
class Slots final : public Bus {
public:
    explicit Slots(std::string name = "slots.0", Device* parent = nullptr)
        : Bus(slots_type, std::move(name), parent) {}
    std::string_view kind() const override { return "Slots"; }
    Result<void> attach(Device& d) override {
        if (full) return fail("no slot free for {}", d.type_name());
        *story += "+ ";
        return {};
    }
    void detach(Device&) override { *story += "- "; }
    std::string device_path(const Device& d) const override {
        return static_cast<const Thing&>(d).label + "@slot";
    }
    bool full = false;
};

struct DeviceTest : ::testing::Test {
    DeviceTest() { story = &told; }
    FakePlatform fake;
    std::string told;

    static std::unique_ptr<Thing> thing(std::string label) {
        auto t = std::make_unique<Thing>();
        t->label = std::move(label);
        return t;
    }
};

TEST_F(DeviceTest, PluggingRealizesAndSignsIn) {
    {
        Slots bus;
        auto plugged = bus.plug(thing("a"), fake.platform);
        ASSERT_TRUE(plugged);
        EXPECT_EQ(told, "+ r:a ");
        EXPECT_TRUE((*plugged)->realized());
        EXPECT_EQ((*plugged)->parent_bus(), &bus);
        EXPECT_EQ((*plugged)->path(), "/unattached/device[0]");
        ASSERT_EQ(fake.registry.entries.size(), 1u);
        EXPECT_EQ(fake.registry.entries[0].path, "a@slot");
        EXPECT_EQ(fake.registry.entries[0].instance, -1);
        told.clear();
    }
    EXPECT_EQ(told, "~a ");
    EXPECT_TRUE(fake.registry.entries.empty());
}

TEST_F(DeviceTest, ADeviceThatFailsLeavesNothingBehind) {
    Slots bus;
    auto bad = thing("bad");
    bad->refuse = true;
    auto result = bus.plug(std::move(bad), fake.platform);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().description(), "bad will not");
    EXPECT_EQ(told, "+ - ~bad ");
    EXPECT_TRUE(bus.devices().empty());
    EXPECT_TRUE(fake.unattached.children().empty());
    bus.full = true;
    auto late = bus.plug(thing("late"), fake.platform);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().description(), "no slot free for thing");
}

TEST_F(DeviceTest, OnlyMigratableRefusesWhatCannotBeSaved) {
    Slots bus;
    auto unsaved = [] {
        auto t = thing("unsaved");
        t->saved = false;
        return t;
    };
    ASSERT_TRUE(bus.plug(unsaved(), fake.platform));
    fake.platform.only_migratable = true;
    ASSERT_TRUE(bus.plug(thing("saved"), fake.platform));
    auto refused = bus.plug(unsaved(), fake.platform);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().description(),
              "Device thing is not migratable, but --only-migratable was specified");
    EXPECT_EQ(bus.devices().size(), 2u);
}

TEST_F(DeviceTest, UnplugTakesOneOut) {
    Slots bus;
    Device& a = **bus.plug(thing("a"), fake.platform);
    ASSERT_TRUE(bus.plug(thing("b"), fake.platform));
    told.clear();
    ASSERT_TRUE(bus.request_unplug(a, [&](Device& d) { bus.unplug(d); }));
    EXPECT_EQ(told, "- ~a ");
    ASSERT_EQ(fake.registry.entries.size(), 1u);
    EXPECT_EQ(fake.registry.entries[0].path, "b@slot");
}

TEST_F(DeviceTest, ABusDestroysTheLastPluggedFirst) {
    {
        Slots bus;
        ASSERT_TRUE(bus.plug(thing("a"), fake.platform));
        ASSERT_TRUE(bus.plug(thing("b"), fake.platform));
        told.clear();
    }
    EXPECT_EQ(told, "~b ~a ");
}

TEST_F(DeviceTest, ResetGoesOverTheWholeTreeTwice) {
    Slots top;
    auto owner = thing("owner");
    owner->buses.push_back(std::make_unique<Slots>("inner.0", owner.get()));
    Bus& inner = *owner->buses[0];
    ASSERT_TRUE(top.plug(std::move(owner), fake.platform));
    EXPECT_EQ(inner.path(), "/unattached/device[0]/inner.0");
    ASSERT_TRUE(top.plug(thing("b"), fake.platform));
    ASSERT_TRUE(inner.plug(thing("leaf"), fake.platform));
    told.clear();
    reset(top);
    EXPECT_EQ(told, "h:leaf h:owner h:b l:leaf l:owner l:b ");
    told.clear();
    reset(inner);
    EXPECT_EQ(told, "h:leaf l:leaf ");
}

TEST_F(DeviceTest, HotpluggedDevicesStartReset) {
    Slots bus;
    fake.platform.machine_done = true;
    Device& a = **bus.plug(thing("a"), fake.platform);
    EXPECT_TRUE(a.hotplugged());
    EXPECT_EQ(told, "+ r:a h:a l:a ");
}

TEST_F(DeviceTest, RealizedDevicesKeepTheirProperties) {
    Slots bus;
    Device& a = **bus.plug(thing("a"), fake.platform);
    auto refused = a.may_set(thing_properties[0]);
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        refused.error().description(),
        "Attempt to set property 'a' on anonymous device (type 'thing') after it was realized");
    a.set_id("x");
    EXPECT_EQ(a.may_set(thing_properties[0]).error().description(),
              "Attempt to set property 'a' on device 'x' (type 'thing') after it was realized");
    EXPECT_TRUE(a.may_set(thing_properties[1]));
}

TEST(Irq, OutputsDriveInputsAndCanBeObserved) {
    struct Chip {
        std::string heard;
        void set(int pin, int level) { heard += fmt::format("{}={} ", pin, level); }
    } chip;
    IrqOut out;
    out.raise();  // not wired: nothing happens
    EXPECT_FALSE(out.connected());
    out.connect(irq_in<&Chip::set>(chip, 7));
    out.pulse();
    EXPECT_EQ(chip.heard, "7=1 7=0 ");
    out.observe([&](int level) { chip.heard += fmt::format("o{} ", level); });
    out.raise();
    EXPECT_EQ(chip.heard, "7=1 7=0 o1 7=1 ");
    out.observe({});
    out.lower();
    EXPECT_EQ(chip.heard, "7=1 7=0 o1 7=1 7=0 ");
}

TEST_F(DeviceTest, InputsCanBeObserved) {
    Thing device;
    const IrqIn pin = irq_in<&Thing::pin_set>(device, 3);
    pin.set(1);
    device.observe_inputs([&](int n, int level) { told += fmt::format("o{}={} ", n, level); });
    pin.set(0);
    device.observe_inputs({});
    pin.set(1);
    EXPECT_EQ(told, "3=1 o3=0 3=0 3=1 ");
}

}  // namespace
}  // namespace hw
