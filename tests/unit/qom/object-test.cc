// SPDX-License-Identifier: GPL-2.0-or-later
#include "qom/object.h"

#include <gtest/gtest.h>

#include "qom/type-table.h"

namespace qom {
namespace {

constexpr Type chip_type{.name = "chip"};

struct ObjectTest : testing::Test {
    Object root{container_type}, machine{chip_type}, peripheral{container_type};
    ObjectTest() {
        root.add_child("machine", machine);
        machine.add_child("peripheral", peripheral);
    }
};

TEST_F(ObjectTest, PathsLeadToObjects) {
    Object a(chip_type);
    EXPECT_EQ(a.path(), "/");
    peripheral.add_child("a", a);
    EXPECT_EQ(a.path(), "/machine/peripheral/a");
    EXPECT_EQ(root.resolve("/machine/peripheral/a"), &a);
    EXPECT_EQ(machine.resolve("/machine/peripheral/a"), &a);
    EXPECT_EQ(root.resolve("/machine//peripheral/"), &peripheral);
    EXPECT_EQ(root.resolve("/"), &root);
    EXPECT_EQ(root.resolve("/nosuch/a"), nullptr);
}

TEST_F(ObjectTest, PartialPathMustBeUnique) {
    Object a(chip_type), box(container_type), other(chip_type);
    peripheral.add_child("a", a);
    machine.add_child("box", box);
    bool ambiguous = true;
    EXPECT_EQ(root.resolve("a", &ambiguous), &a);
    EXPECT_FALSE(ambiguous);
    EXPECT_EQ(root.resolve("peripheral/a"), &a);
    box.add_child("a", other);
    EXPECT_EQ(root.resolve("a", &ambiguous), nullptr);
    EXPECT_TRUE(ambiguous);
    EXPECT_EQ(root.resolve("box/a", &ambiguous), &other);
    EXPECT_FALSE(ambiguous);
    EXPECT_EQ(root.resolve("nosuch", &ambiguous), nullptr);
    EXPECT_FALSE(ambiguous);
    EXPECT_EQ(root.resolve(""), nullptr);
}

TEST_F(ObjectTest, StarTakesTheFirstFreeNumber) {
    Object a(chip_type), b(chip_type), c(chip_type);
    peripheral.add_child("device[*]", a);
    peripheral.add_child("device[*]", b);
    EXPECT_EQ(b.name(), "device[1]");
    a.leave_tree();
    EXPECT_EQ(a.parent(), nullptr);
    peripheral.add_child("device[*]", c);
    EXPECT_EQ(c.name(), "device[0]");
}

TEST_F(ObjectTest, ADyingObjectLeavesItsParentAndItsChildren) {
    Object leaf(chip_type);
    {
        Object box(container_type);
        peripheral.add_child("box", box);
        box.add_child("leaf", leaf);
    }
    EXPECT_TRUE(peripheral.children().empty());
    EXPECT_EQ(leaf.parent(), nullptr);
}

TEST_F(ObjectTest, LinksAreFollowedAndCutWhenTheirTargetDies) {
    Object from(chip_type);
    machine.add_child("from", from);
    {
        Object target(chip_type);
        peripheral.add_child("target", target);
        from.set_link("to", "chip", &target);
        from.set_link("also", "chip", &target);
        EXPECT_EQ(root.resolve("/machine/from/to"), &target);
        from.set_link("to", "chip", nullptr);
        EXPECT_EQ(root.resolve("/machine/from/to"), nullptr);
    }
    EXPECT_EQ(from.links().size(), 2u);
    EXPECT_EQ(from.links()[1].target, nullptr);
}

TEST_F(ObjectTest, ALinksOwnerMayDieFirst) {
    Object target(chip_type);
    {
        Object from(chip_type);
        from.set_link("to", "chip", &target);
        from.set_link("self", "chip", &from);
    }
}

struct SpecialType : Type {
    int special = 0;
};
constexpr Type base_type{.name = "base", .abstract = true};
constexpr SpecialType one_type{{.name = "one", .parent = "base"}, 1};

TEST(TypeTable, FindsTypesAndTheirAncestors) {
    TypeTable table;
    static constexpr const Type* plain[] = {&base_type};
    static constexpr const SpecialType* special[] = {&one_type};
    table.add<Type>(plain);
    table.add<SpecialType>(special);
    ASSERT_EQ(table.find("one"), &one_type);
    EXPECT_EQ(table.find("two"), nullptr);
    EXPECT_EQ(table.parent(one_type), &base_type);
    EXPECT_TRUE(table.is_a(one_type, "object"));
    EXPECT_TRUE(table.is_a(one_type, "one"));
    EXPECT_FALSE(table.is_a(base_type, "one"));
    EXPECT_EQ(table.lineage(one_type),
              (std::vector<const Type*>{&object_type, &base_type, &one_type}));
    EXPECT_EQ(table.all(),
              (std::vector<const Type*>{&base_type, &container_type, &object_type, &one_type}));
}

TEST(TypeTable, KnowsWhatKindAnEntryIs) {
    TypeTable table;
    static constexpr const Type* plain[] = {&base_type};
    static constexpr const SpecialType* special[] = {&one_type};
    table.add<Type>(plain);
    table.add<SpecialType>(special);
    ASSERT_NE(table.find_as<SpecialType>("one"), nullptr);
    EXPECT_EQ(table.find_as<SpecialType>("one")->special, 1);
    EXPECT_EQ(table.find_as<SpecialType>("base"), nullptr);
    EXPECT_EQ(table.find_as<SpecialType>("nosuch"), nullptr);
    EXPECT_EQ(table.all_of<SpecialType>().size(), 1u);
}

}  // namespace
}  // namespace qom
