// SPDX-License-Identifier: GPL-2.0-or-later
//
// Setting and reading properties, and the words of refusal, which are QEMU 7.2's (observed with
// -device, device_add, qom-set).
#include "qom/property.h"

#include <gtest/gtest.h>

#include "qapi/json.h"
#include "qom/access.h"
#include "qom/object.h"
#include "qom/type-table.h"

namespace qom {
namespace {

using qapi::Json;

enum class Policy : std::uint8_t { report, ignore, stop };
constexpr std::string_view policy_words[] = {"report", "ignore", "stop"};
constexpr EnumTable policy_table{"Policy", policy_words};

struct Slot {
    int number = -1;
};
constexpr CustomProperty slot_property{
    [](void* member, const Json& value) -> Result<void> {
        auto* text = value.string();
        if (!text || text->size() != 1) return fail("");
        static_cast<Slot*>(member)->number = (*text)[0] - '0';
        return {};
    },
    [](const void* member) { return Json(static_cast<const Slot*>(member)->number); }};

struct Config {
    bool on = false;
    std::uint8_t u8 = 1;
    std::uint16_t ioport = 0x505;
    std::int32_t bootindex = -1;
    std::uint64_t mask = 0;
    std::uint64_t size = 0;
    std::string serial;
    OnOffAuto lazy = OnOffAuto::Auto;
    Policy policy = Policy::report;
    Slot slot;
};
constexpr auto table =
    properties(property<&Config::on>("mmio"), property<&Config::u8>("level").between(1, 9),
               property<&Config::ioport>("ioport"), property<&Config::bootindex>("bootindex"),
               property<&Config::mask>("dma_mask"),
               property<&Config::size>("size").as("size", PropertyKind::Size).changeable(),
               property<&Config::serial>("serial"), property<&Config::lazy>("lazy"),
               enum_property<&Config::policy>("rerror", policy_table),
               custom_property<&Config::slot>("addr", "int32", slot_property));

struct PropertyTest : testing::Test {
    Config config;

    static const Property& named(std::string_view name) {
        for (const Property& p : table)
            if (p.name == name) return p;
        ADD_FAILURE() << name;
        return table[0];
    }
    /// "" or the error.
    std::string text(std::string_view name, std::string_view value) {
        auto done = set_text(named(name), &config, "chip", value);
        return done ? "" : done.error().description();
    }
    std::string json(std::string_view name, const Json& value) {
        auto done = set(named(name), &config, "chip", value);
        return done ? "" : done.error().description();
    }
    Json value(std::string_view name) { return get(named(name), &config); }
};

TEST_F(PropertyTest, TextIsParsedForTheType) {
    EXPECT_EQ(text("mmio", "on"), "");
    EXPECT_EQ(value("mmio"), Json(true));
    EXPECT_EQ(text("mmio", "no"), "");
    EXPECT_EQ(value("mmio"), Json(false));
    EXPECT_EQ(text("ioport", "0x1f0"), "");
    EXPECT_EQ(config.ioport, 0x1f0);
    EXPECT_EQ(text("bootindex", "-1"), "");
    EXPECT_EQ(value("bootindex"), Json(-1));
    EXPECT_EQ(text("dma_mask", "-1"), "");
    EXPECT_EQ(config.mask, ~std::uint64_t{0});
    EXPECT_EQ(value("dma_mask"), Json(~std::uint64_t{0}));
    EXPECT_EQ(text("dma_mask", "18446744073709551615"), "");
    EXPECT_EQ(text("size", "64M"), "");
    EXPECT_EQ(config.size, 64u << 20);
    EXPECT_EQ(text("serial", "a b"), "");
    EXPECT_EQ(value("serial"), Json("a b"));
    EXPECT_EQ(text("lazy", "off"), "");
    EXPECT_EQ(config.lazy, OnOffAuto::Off);
    EXPECT_EQ(text("rerror", "stop"), "");
    EXPECT_EQ(config.policy, Policy::stop);
    EXPECT_EQ(value("rerror"), Json("stop"));
    EXPECT_EQ(text("addr", "7"), "");
    EXPECT_EQ(value("addr"), Json(7));
}

TEST_F(PropertyTest, BadTextIsRefusedInKnownWords) {
    EXPECT_EQ(text("dma_mask", "x"), "Parameter 'dma_mask' expects integer");
    EXPECT_EQ(text("ioport", ""), "Parameter 'ioport' expects integer");
    EXPECT_EQ(text("ioport", "5x"), "Parameter 'ioport' expects integer");
    EXPECT_EQ(text("ioport", "70000"), "Parameter 'ioport' expects uint16_t");
    EXPECT_EQ(text("ioport", "-1"), "Parameter 'ioport' expects uint16_t");
    EXPECT_EQ(text("bootindex", "9999999999999"), "Parameter 'bootindex' expects int32_t");
    EXPECT_EQ(text("mmio", "maybe"), "Parameter 'mmio' expects 'on' or 'off'");
    EXPECT_EQ(text("lazy", "perhaps"), "Parameter 'lazy' does not accept value 'perhaps'");
    EXPECT_EQ(text("rerror", "foo"), "Parameter 'rerror' does not accept value 'foo'");
    EXPECT_EQ(text("size", "x"), "Parameter 'size' expects a size value");
    EXPECT_EQ(text("addr", "52:54"), "Property 'chip.addr' doesn't take value '52:54'");
    EXPECT_EQ(text("level", "10"),
              "Property chip.level doesn't take value 10 (minimum: 1, maximum: 9)");
    EXPECT_EQ(text("level", "0"),
              "Property chip.level doesn't take value 0 (minimum: 1, maximum: 9)");
    EXPECT_EQ(config.ioport, 0x505);
    EXPECT_EQ(config.u8, 1);
}

TEST_F(PropertyTest, JsonMustHaveTheRightType) {
    EXPECT_EQ(json("dma_mask", "x"), "Parameter 'dma_mask' expects uint64");
    EXPECT_EQ(json("dma_mask", true), "Parameter 'dma_mask' expects uint64");
    EXPECT_EQ(json("dma_mask", 1.5), "Parameter 'dma_mask' expects uint64");
    EXPECT_EQ(json("ioport", 70000), "Parameter 'ioport' expects uint16_t");
    EXPECT_EQ(json("ioport", -7), "Parameter 'ioport' expects uint16_t");
    EXPECT_EQ(json("mmio", "on"), "Invalid parameter type for 'mmio', expected: boolean");
    EXPECT_EQ(json("rerror", "foo"), "Parameter 'rerror' does not accept value 'foo'");
    EXPECT_EQ(json("rerror", 2), "Invalid parameter type for 'rerror', expected: string");
    EXPECT_EQ(json("serial", 3), "Invalid parameter type for 'serial', expected: string");
    EXPECT_EQ(json("bootindex", 3.5), "Invalid parameter type for 'bootindex', expected: integer");
    EXPECT_EQ(json("bootindex", 99999999999), "Parameter 'bootindex' expects int32_t");
    EXPECT_EQ(json("addr", 20), "Property 'chip.addr' doesn't take value '20'");
    EXPECT_EQ(json("ioport", 0x300), "");
    EXPECT_EQ(json("bootindex", -3), "");
    EXPECT_EQ(value("bootindex"), Json(-3));
    EXPECT_EQ(json("size", 4096), "");
    EXPECT_EQ(json("mmio", true), "");
    EXPECT_TRUE(config.on);
}

constexpr Computed chip_computed[] = {
    {"temperature", "int", [](const Object&, std::string_view) { return Json(21); }},
};
constexpr Type base_type{.name = "base-chip", .abstract = true, .computed = chip_computed};
constexpr Type chip_type{.name = "chip", .parent = "base-chip", .properties = table};

class Chip final : public Object {
public:
    Chip() : Object(chip_type) {}
    void* config() override { return &config_; }
    Result<void> may_set(const Property& p) const override {
        if (p.run_time || !locked) return {};
        return fail("too late for {}", p.name);
    }
    void property_changed(const Property& p) override { changed += p.name; }
    Config config_;
    bool locked = false;
    std::string changed;
};

struct AccessTest : testing::Test {
    AccessTest() {
        static constexpr const Type* list[] = {&base_type, &chip_type};
        types.add<Type>(list);
        root.add_child("chip", chip);
    }
    TypeTable types;
    Object root{container_type};
    Chip chip;

    template <class R>
    static std::string error(const R& result) {
        return result ? "none" : result.error().description();
    }
};

TEST_F(AccessTest, ReadsWhateverHoldsTheValue) {
    Object pin(container_type);
    chip.add_child("pin", pin);
    chip.set_link("friend", "container", &root);
    EXPECT_EQ(*get(types, chip, "type"), Json("chip"));
    EXPECT_EQ(*get(types, chip, "ioport"), Json(0x505));
    EXPECT_EQ(*get(types, chip, "temperature"), Json(21));
    EXPECT_EQ(*get(types, chip, "pin"), Json("/chip/pin"));
    EXPECT_EQ(*get(types, chip, "friend"), Json("/"));
    EXPECT_EQ(error(get(types, chip, "nosuch")), "Property 'chip.nosuch' not found");
}

TEST_F(AccessTest, SetsOnlyWhatMayBeSet) {
    Object pin(container_type);
    chip.add_child("pin", pin);
    chip.set_link("friend", "container", &root);
    EXPECT_EQ(error(set(types, chip, "ioport", 5)), "none");
    EXPECT_EQ(chip.config_.ioport, 5);
    EXPECT_EQ(error(set_text(types, chip, "size", "1k")), "none");
    EXPECT_EQ(chip.changed, "ioportsize");
    chip.locked = true;
    EXPECT_EQ(error(set(types, chip, "ioport", 6)), "too late for ioport");
    EXPECT_EQ(error(set(types, chip, "size", 6)), "none");
    for (const char* name : {"type", "temperature", "pin", "friend"})
        EXPECT_EQ(error(set(types, chip, name, 1)),
                  fmt::format("Property 'chip.{}' is not writable", name));
    EXPECT_EQ(error(set_text(types, chip, "nosuch", "1")), "Property 'chip.nosuch' not found");
}

TEST_F(AccessTest, ListsTypeFirstThenOwnThenChildren) {
    Object pin(container_type);
    chip.add_child("pin", pin);
    chip.set_link("friend", "container", &root);
    std::string names;
    for (const PropertyInfo& p : list_properties(types, chip))
        names += p.name + ":" + p.type + " ";
    EXPECT_EQ(names,
              "type:string temperature:int mmio:bool level:uint8 ioport:uint16 bootindex:int32 "
              "dma_mask:uint64 size:size serial:str lazy:OnOffAuto rerror:Policy addr:int32 "
              "friend:link<container> pin:child<container> ");
    EXPECT_EQ(list_properties(types, chip_type).size(), table.size() + 2);
}

}  // namespace
}  // namespace qom
