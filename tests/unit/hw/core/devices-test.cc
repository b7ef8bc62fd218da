// SPDX-License-Identifier: GPL-2.0-or-later
//
// device_add and its relatives, through their QMP handlers. The errors are QEMU 7.2's words.
#include "hw/core/devices.h"

#include <gtest/gtest.h>

#include "hw/core/bus.h"
#include "hw/core/machine.h"
#include "hw/core/types.h"
#include "qapi/event.h"
#include "qapi/json.h"
#include "qapi/keyval.h"
#include "qapi/qapi-commands-qdev.h"
#include "qapi/qapi-commands-qom.h"
#include "qom/type-table.h"
#include "qom/user-objects.h"
#include "tests/unit/hw/core/fake-platform.h"

namespace hw {
namespace {

struct Config {
    std::uint64_t dma_mask = 0xfffffff;
    bool mmio = true;
    std::string name;
};
constexpr auto properties = qom::properties(
    qom::property<&Config::dma_mask>("dma_mask").without_default(),
    qom::property<&Config::mmio>("mmio", "on/off"), qom::property<&Config::name>("name"));

class Edu final : public Device {
public:
    explicit Edu(const DeviceType& t) : Device(t) {}
    void* config() override { return &config_; }
    Config config_;

protected:
    Result<void> realize(Platform&) override { return {}; }
};

extern const DeviceType edu_type, chip_type;
const DeviceType edu_type{{.name = "edu", .parent = "device", .properties = properties},
                          "PCI",
                          Category::Misc,
                          true,
                          true,
                          [] { return std::unique_ptr<Device>(new Edu(edu_type)); }};
const DeviceType chip_type{
    {.name = "chip", .parent = "device"}, "PCI", Category::Misc, true, false, [] {
        return std::unique_ptr<Device>(new Edu(chip_type));
    }};
const DeviceType fixed_type{{.name = "fixed", .parent = "device"}, "PCI", Category::Misc, false};
const DeviceType usb_type{{.name = "usb-tablet", .parent = "device"}, "usb-bus"};

constexpr qom::Type slots_type{.name = "Slots", .parent = "bus"};
struct Slots final : Bus {
    Slots(std::string name, std::string_view kind)
        : Bus(slots_type, std::move(name), nullptr), kind_(kind) {}
    std::string_view kind() const override { return kind_; }
    bool hotplug() const override { return hotplug_; }
    bool full() const override { return full_; }
    Result<void> request_unplug(Device& d, std::function<void(Device&)> let_go) override {
        if (!guest_decides) return Bus::request_unplug(d, let_go);
        asked = [&d, let_go] { let_go(d); };
        return {};
    }
    std::string_view kind_;
    bool hotplug_ = true, full_ = false, guest_decides = false;
    std::function<void()> asked;
};

struct Events final : qapi::EventSink {
    std::string told;
    void emit(std::string_view name, const qapi::Json& data) override {
        told += fmt::format("{} {}\n", name, data.text());
    }
};

struct DevicesTest : ::testing::Test {
    hw::testing::FakePlatform fake;
    Events events;
    qom::TypeTable types;
    qom::Object machine{qom::container_type}, peripheral{qom::container_type},
        anon{qom::container_type};
    Slots pci{"pci.0", "PCI"}, isa{"isa.0", "ISA"};
    Devices devices{types, fake.platform, {peripheral, anon}, &events};
    qom::Tree tree{fake.root, types};

    DevicesTest() {
        types.add(core_types());
        static constexpr const DeviceType* list[] = {&edu_type, &chip_type, &fixed_type, &usb_type};
        types.add<DeviceType>(list);
        fake.root.add_child("machine", machine);
        machine.add_child("peripheral", peripheral);
        machine.add_child("peripheral-anon", anon);
        machine.add_child("pci.0", pci);
        machine.add_child("isa.0", isa);
        devices.set_buses([this] { return std::vector<Bus*>{&isa, &pci}; });
        fake.services.provide(devices);
        fake.services.provide(tree);
    }
    template <class R>
    static std::string error(const R& result) {
        return result ? "" : result.error().description();
    }
    std::string option(std::string_view text) {
        return error(devices.add(*qapi::parse_options_or_json(text, "driver")));
    }
    std::string device_add(std::string_view json) {
        return error(qmp_device_add(fake.services, *qapi::Json::parse(json)->object()));
    }
};

TEST_F(DevicesTest, AddsByOptionTextOrJson) {
    EXPECT_EQ(option("edu,id=a,dma_mask=0xff,mmio=off"), "");
    auto* a = dynamic_cast<Edu*>(fake.root.resolve("/machine/peripheral/a"));
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(a->config_.dma_mask, 0xffu);
    EXPECT_FALSE(a->config_.mmio);
    EXPECT_EQ(a->id(), "a");
    EXPECT_EQ(a->parent_bus(), &pci);
    EXPECT_EQ(option("{\"driver\": \"edu\", \"dma_mask\": 7}"), "");
    EXPECT_NE(fake.root.resolve("/machine/peripheral-anon/device[0]"), nullptr);
    EXPECT_EQ(device_add("{\"driver\": \"edu\", \"dma_mask\": 12, \"mmio\": false, \"id\": \"b\"}"),
              "");
    EXPECT_EQ(dynamic_cast<Edu*>(fake.root.resolve("b"))->config_.dma_mask, 12u);
}

TEST_F(DevicesTest, RefusesInKnownWords) {
    EXPECT_EQ(option("nosuch"), "'nosuch' is not a valid device model name");
    EXPECT_EQ(option("object"), "'object' is not a valid device model name");
    EXPECT_EQ(option("device"), "Parameter 'driver' expects a non-abstract device type");
    EXPECT_EQ(option("fixed"), "Parameter 'driver' expects a pluggable device type");
    EXPECT_EQ(option("id=x"), "Parameter 'driver' is missing");
    EXPECT_EQ(option("edu,nosuch=1"), "Property 'edu.nosuch' not found");
    EXPECT_EQ(option("edu,dma_mask=x"), "Parameter 'dma_mask' expects integer");
    EXPECT_EQ(option("{\"driver\": \"edu\", \"dma_mask\": \"x\"}"),
              "Parameter 'dma_mask' expects uint64");
    EXPECT_EQ(device_add("{\"driver\": \"edu\", \"dma_mask\": \"x\"}"),
              "Parameter 'dma_mask' expects integer");
    EXPECT_EQ(device_add("{\"driver\": \"edu\", \"mmio\": 7}"),
              "Parameter 'mmio' expects 'on' or 'off'");
    EXPECT_EQ(option("edu,id=1x"), "Parameter 'id' expects an identifier");
    EXPECT_EQ(option("edu,bus=nosuch"), "Bus 'nosuch' not found");
    EXPECT_EQ(option("edu,bus=isa.0"), "Device 'edu' can't go on ISA bus");
    EXPECT_EQ(option("usb-tablet"), "No 'usb-bus' bus found for device 'usb-tablet'");
    EXPECT_EQ(option("edu,id=a"), "");
    EXPECT_EQ(option("edu,id=a"), "Duplicate device ID 'a'");
    pci.full_ = true;
    EXPECT_EQ(option("edu,bus=pci.0"), "Bus 'pci.0' is full");
    EXPECT_EQ(option("edu"), "No 'PCI' bus found for device 'edu'");
    EXPECT_EQ(pci.devices().size(), 1u);
}

TEST_F(DevicesTest, HotplugNeedsATypeAndABusThatAllowIt) {
    fake.platform.machine_done = true;
    EXPECT_EQ(device_add("{\"driver\": \"chip\"}"),
              "Parameter 'driver' expects a pluggable device type");
    pci.hotplug_ = false;
    EXPECT_EQ(device_add("{\"driver\": \"edu\"}"), "Bus 'pci.0' does not support hotplugging");
}

TEST_F(DevicesTest, GlobalsChangeDefaultsAndTheUserWins) {
    const CompatProperty board[] = {{72, "edu", "dma_mask", "1"}, {72, "nosuch", "x", "1"}};
    const GlobalProperty user[] = {{"device", "mmio", "off"}, {"edu", "dma_mask", "2"}};
    devices.set_globals(board, user);
    auto made = devices.make("edu");
    ASSERT_TRUE(made) << error(made);
    EXPECT_EQ(dynamic_cast<Edu&>(**made).config_.dma_mask, 2u);
    EXPECT_FALSE(dynamic_cast<Edu&>(**made).config_.mmio);
    EXPECT_TRUE(user[1].used);
    EXPECT_EQ(option("edu,dma_mask=3,id=x"), "");
    EXPECT_EQ(dynamic_cast<Edu*>(fake.root.resolve("x"))->config_.dma_mask, 3u);
    const GlobalProperty wrong[] = {{"edu", "nosuch", "1"}};
    devices.set_globals({}, wrong);
    EXPECT_EQ(error(devices.make("edu")),
              "can't apply global edu.nosuch=1: Property 'edu.nosuch' not found");
}

TEST_F(DevicesTest, RemovesAtOnceAndTells) {
    ASSERT_EQ(option("edu,id=a"), "");
    EXPECT_TRUE(qmp_device_del(fake.services, {.id = "a"}));
    EXPECT_TRUE(pci.devices().empty());
    EXPECT_EQ(events.told,
              "DEVICE_DELETED {\"device\": \"a\", \"path\": \"/machine/peripheral/a\"}\n");
    EXPECT_EQ(option("edu,id=a"), "");
}

TEST_F(DevicesTest, WaitsForTheGuestToLetGo) {
    pci.guest_decides = true;
    ASSERT_EQ(option("edu,id=a"), "");
    EXPECT_TRUE(devices.remove("/machine/peripheral/a"));
    EXPECT_EQ(error(devices.remove("a")), "Device a is already in the process of unplug");
    EXPECT_EQ(events.told, "");
    pci.asked();
    EXPECT_TRUE(pci.devices().empty());
    EXPECT_NE(events.told, "");
}

TEST_F(DevicesTest, RemovalIsRefusedInKnownWords) {
    auto gone = devices.remove("nosuch");
    EXPECT_EQ(gone.error().error_class(), ErrorClass::DeviceNotFound);
    EXPECT_EQ(error(gone), "Device 'nosuch' not found");
    EXPECT_EQ(error(devices.remove("/machine")), "/machine is not a hotpluggable device");
    ASSERT_EQ(option("edu,id=a"), "");
    pci.hotplug_ = false;
    EXPECT_EQ(error(devices.remove("a")), "Bus 'pci.0' does not support hotplugging");
}

TEST_F(DevicesTest, ListsWhatDeviceAddTakes) {
    auto list = qmp_device_list_properties(fake.services, {.q_typename = "edu"});
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 3u);
    EXPECT_EQ((*list)[0].name, "dma_mask");
    EXPECT_FALSE((*list)[0].default_value);
    EXPECT_EQ((*list)[1].description, "on/off");
    EXPECT_EQ((*list)[1].default_value, qapi::Json(true));
    EXPECT_EQ(error(qmp_device_list_properties(fake.services, {.q_typename = "nosuch"})),
              "Device 'nosuch' not found");
    EXPECT_EQ(error(qmp_device_list_properties(fake.services, {.q_typename = "device"})),
              "Parameter 'typename' expects a non-abstract device type");
}

TEST_F(DevicesTest, QomCommandsSeeDevices) {
    ASSERT_EQ(option("edu,id=a"), "");
    auto& cx = fake.services;
    EXPECT_EQ(*qmp_qom_get(cx, {.path = "a", .property = "parent_bus"}),
              qapi::Json("/machine/pci.0"));
    EXPECT_EQ(*qmp_qom_get(cx, {.path = "a", .property = "realized"}), qapi::Json(true));
    EXPECT_EQ(error(qmp_qom_set(cx, {.path = "a", .property = "mmio", .value = false})),
              "Attempt to set property 'mmio' on device 'a' (type 'edu') after it was realized");
    EXPECT_EQ(error(qmp_qom_list(cx, {.path = "/machine/nosuch"})),
              "Device '/machine/nosuch' not found");
    EXPECT_EQ(error(qmp_qom_list(cx, {.path = ""})), "Path '' is ambiguous");
    EXPECT_EQ(qmp_qom_list(cx, {.path = "/"})->size(), 3u);
    auto found = qmp_qom_list_types(cx, {.implements = "device", .abstract = true});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), 6u);
    EXPECT_EQ(qmp_qom_list_types(cx, {.implements = "nosuch"})->size(), 0u);
    EXPECT_EQ(error(qmp_qom_list_properties(cx, {.q_typename = "nosuch"})),
              "Class 'nosuch' not found");
    EXPECT_EQ(qmp_qom_list_properties(cx, {.q_typename = "edu"})->size(), 7u);
}

}  // namespace
}  // namespace hw
