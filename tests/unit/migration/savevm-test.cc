// SPDX-License-Identifier: GPL-2.0-or-later
//
// The device-state file of a small VM: its bytes, and what happens to each kind of damage.
#include "migration/savevm.h"

#include <gtest/gtest.h>

#include "migration/migration.h"
#include "migration/vmstate/fields.h"

namespace {

using namespace migration;

struct PitState {
    std::uint8_t mode = 0;
    std::uint32_t count = 0;
    std::uint32_t extra = 0;
};
constexpr auto pit_fields =
    vmstate::fields(vmstate::field<&PitState::mode>("mode").within(0, 5),
                    vmstate::field<&PitState::count>("count").from_version(2));
constexpr auto extra_fields = vmstate::fields(vmstate::field<&PitState::extra>("extra"));
constexpr vmstate::Table extra_table{
    .name = "pit/extra",
    .fields = extra_fields,
    .needed = vmstate::needed<PitState, [](const PitState& s) { return s.extra != 0; }>};
constexpr auto pit_subsections = vmstate::subsections(extra_table);
constexpr vmstate::Table pit_table{.name = "pit",
                                   .version = 2,
                                   .minimum_version = 1,
                                   .fields = pit_fields,
                                   .subsections = pit_subsections};

class Pit final : public vmstate::Stateful<PitState> {
public:
    const vmstate::Table& vmstate() const override { return pit_table; }
    PitState& mine() { return state_; }
    int loads = 0;

private:
    Result<void> check_state(const PitState& s, int) const override {
        if (s.count == 13) return fail("count 13 brings bad luck");
        return {};
    }
    void post_load(int) override { loads++; }
};

struct NvmeState {};
constexpr vmstate::Table nvme_table{.name = "nvme", .unmigratable = "it has no saved layout"};
class Nvme final : public vmstate::Stateful<NvmeState> {
    const vmstate::Table& vmstate() const override { return nvme_table; }
};

class SaveVmTest : public testing::Test {
protected:
    SaveVmTest() {
        m.savevm().add({}, a, vmstate::Registry::next_instance, vmstate::Priority::Default);
        m.register_live();
        m.savevm().add("0000:00:01.0", b, vmstate::Registry::next_instance,
                       vmstate::Priority::Default);
        m.savevm().add({}, c, vmstate::Registry::next_instance, vmstate::Priority::Default);
        m.savevm().add({}, bridge, vmstate::Registry::next_instance, vmstate::Priority::PciBus);
        m.register_global_state();
        a.mine() = {.mode = 1, .count = 100};
        b.mine() = {.mode = 2, .count = 200, .extra = 7};
        c.mine() = {.mode = 3, .count = 300};
    }
    std::vector<std::uint8_t> saved() {
        auto bytes = m.save();
        EXPECT_TRUE(bytes);
        return {bytes->begin(), bytes->end()};
    }
    Result<void> load(std::span<const std::uint8_t> bytes, bool allow_missing = false) {
        return m.load(bytes, allow_missing);
    }
    /// Refused, for a reason that has the words in it; and the VM is as it was.
    void expect_refused(std::span<const std::uint8_t> bytes, std::string_view words) {
        const auto before = saved();
        auto r = load(bytes);
        ASSERT_FALSE(r) << "wanted: " << words;
        EXPECT_NE(r.error().description().find(words), std::string::npos)
            << r.error().description();
        EXPECT_EQ(saved(), before);
    }

    Migration m{{"pc-i440fx-7.2", "pc"}};
    Pit a, b, c, bridge;
};

TEST_F(SaveVmTest, OrderIdsAndInstances) {
    std::vector<std::string> seen;
    for (const SaveStateEntry& e : m.savevm().entries())
        seen.push_back(fmt::format("{} {}/{}{}", e.section_id, e.idstr, e.instance_id,
                                   e.is_ram ? " ram" : ""));
    EXPECT_EQ(seen, (std::vector<std::string>{"6 pit/2", "0 pit/0", "1 block/0 ram", "2 ram/0 ram",
                                              "3 dirty-bitmap/0 ram", "4 0000:00:01.0/pit/0",
                                              "5 pit/1", "7 globalstate/0"}));
}

TEST_F(SaveVmTest, FileIsHeaderSectionsFootersEnd) {
    m.savevm().remove(bridge);
    m.savevm().remove(b);
    m.savevm().remove(c);
    m.savevm().switches().store_global_state = false;
    const std::string want("QEVM\0\0\0\3\4\0\0\0\0\3pit\0\0\0\0\0\0\0\2\1\0\0\0\x64\x7E\0\0\0\0\0",
                           36);
    auto bytes = saved();
    EXPECT_EQ(std::string(bytes.begin(), bytes.end()), want);
    m.savevm().switches().send_section_footer = false;
    bytes = saved();
    EXPECT_EQ(std::string(bytes.begin(), bytes.end()), want.substr(0, 30) + '\0');
}

TEST_F(SaveVmTest, LoadsAnyNumberOfTimesWithAndWithoutFooters) {
    const auto with = saved();
    m.savevm().switches().send_section_footer = false;
    const auto without = saved();
    EXPECT_EQ(with.size(), without.size() + 5 * 5);
    for (int i = 0; i < 3; i++) {
        a.mine().count = 0;
        b.mine() = {};
        ASSERT_TRUE(load(i % 2 ? with : without));
        EXPECT_EQ(a.state().count, 100u);
        EXPECT_EQ(b.state().extra, 7u);
        EXPECT_EQ(a.loads, i + 1);
    }
    EXPECT_EQ(m.global_state().received(), "running");
}

TEST_F(SaveVmTest, WhatTheFileLeavesOutOfADeviceIsAsAfterReset) {
    b.mine().extra = 0;
    const auto file = saved();
    b.mine().extra = 9;
    ASSERT_TRUE(load(file));
    EXPECT_EQ(b.state().extra, 0u);
    EXPECT_EQ(saved(), file);
}

TEST_F(SaveVmTest, EveryTruncationIsRefusedAndChangesNothing) {
    for (bool footers : {true, false}) {
        m.savevm().switches().send_section_footer = footers;
        const auto file = saved();
        for (std::size_t n = 0; n < file.size(); n++)
            expect_refused(std::span(file).first(n), "byte ");
    }
}

TEST_F(SaveVmTest, EveryFlippedBitLoadsOrIsRefusedWithoutATrace) {
    const auto file = saved();
    for (std::size_t bit = 0; bit < file.size() * 8; bit++) {
        auto damaged = file;
        damaged[bit / 8] ^= std::uint8_t(1 << bit % 8);
        const auto before = saved();
        if (!load(damaged)) {
            EXPECT_EQ(saved(), before) << bit;
        }
    }
}

TEST_F(SaveVmTest, DamageIsNamed) {
    const auto good = saved();
    auto at = [&](std::string_view text, std::size_t nth = 0) {
        auto p = good.begin() - 1;
        for (std::size_t i = 0; i <= nth; i++)
            p = std::search(p + 1, good.end(), text.begin(), text.end());
        return std::size_t(p - good.begin());
    };
    auto with = [&](std::size_t offset, std::uint8_t value) {
        auto f = good;
        f[offset] = value;
        return f;
    };
    const std::size_t pit = at("pit");  // the first section is the bridge's: instance 2
    expect_refused(with(0, 'X'), "Not a migration stream: byte 0: expected the magic number QEVM");
    expect_refused(with(7, 2), "SaveVM v2 format is obsolete");
    expect_refused(with(7, 4),
                   "Unsupported migration stream version: byte 4: expected version 3, "
                   "found 4");
    expect_refused(with(8, 0x55), "Unknown savevm section type 85: byte 8");
    expect_refused(with(8, 3), "Unknown savevm section 6");
    expect_refused(with(pit, 'q'), "Unknown savevm section or instance 'qit' 2. Make sure that");
    expect_refused(with(pit + 6, 9),
                   "section 'pit' instance 9, byte 14: expected instance 2, 0, 1, "
                   "found 'pit' instance 9");
    expect_refused(with(pit + 10, 3), "savevm: unsupported version 3 for 'pit' v2");
    expect_refused(with(pit + 10, 0),
                   "incoming version_id 0 is too old for local minimum "
                   "version_id  1");
    expect_refused(with(pit + 11, 6),
                   "section 'pit' instance 2, field mode, byte 25: expected 0 "
                   "to 5, found 6");
    expect_refused(with(pit + 15, 13),
                   "error while loading state for instance 0x2 of device 'pit': up to byte 30: "
                   "count 13 brings bad luck");
    expect_refused(with(pit + 16, 0x55), "Missing section footer for pit");
    expect_refused(with(pit + 20, 1),
                   "Mismatched section id in footer for pit - read 0x1 expected "
                   "0x6");
    expect_refused(with(at("running"), 'X'), "invalid parameter value: Xunning");
    auto longer = good;
    longer.push_back('g');
    expect_refused(longer, "expected the end of the file, found 1 more byte");

    // Whole sections: one away, one twice, one of RAM.
    const std::size_t first_end = pit + 21;
    auto missing = good;
    missing.erase(missing.begin() + 8, missing.begin() + std::ptrdiff_t(first_end));
    expect_refused(missing, "Missing section 'pit' 2");
    EXPECT_TRUE(load(missing, true));
    auto twice = good;
    twice.insert(twice.begin() + 8, good.begin() + 8, good.begin() + std::ptrdiff_t(first_end));
    expect_refused(twice, "expected each device once, found 'pit' instance 2 again");
    auto ram = good;
    const std::string ram_section("\4\0\0\0\2\3ram\0\0\0\0\0\0\0\4", 17);
    ram.insert(ram.begin() + 8, ram_section.begin(), ram_section.end());
    expect_refused(ram, "'ram', which holds RAM or disks");
}

TEST_F(SaveVmTest, ConfigurationMustBeOfThisMachine) {
    auto with = [&](std::string name) {
        auto f = saved();
        std::string section("\7\0\0\0", 4);
        section += char(name.size());
        section += name;
        f.insert(f.begin() + 8, section.begin(), section.end());
        return f;
    };
    EXPECT_TRUE(load(with("pc")));
    EXPECT_TRUE(load(with("pc-i440fx-7.2")));
    expect_refused(with("pc-q35-7.2"),
                   "Machine type received is 'pc-q35-7.2' and local is 'pc-i440fx-7.2'");
}

TEST_F(SaveVmTest, TrailingDescriptionIsSkipped) {
    auto f = saved();
    f.insert(f.end(), {6, 0, 0, 0, 2, '{', '}'});
    EXPECT_TRUE(load(f));
    f.pop_back();
    expect_refused(f, "the description");
}

TEST_F(SaveVmTest, ADeviceThatCannotBeSavedIsNamed) {
    Nvme nvme;
    m.savevm().add("0000:00:02.0", nvme, vmstate::Registry::next_instance,
                   vmstate::Priority::Default);
    auto r = m.save();
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().description().starts_with(
        "State blocked by non-migratable device '0000:00:02.0/nvme'"));
    m.savevm().remove(nvme);
}

TEST_F(SaveVmTest, SnapshotsGoBackAsOftenAsWanted) {
    const auto before = saved();
    ASSERT_TRUE(m.snapshots().take("s", nullptr));
    for (int i = 0; i < 3; i++) {
        a.mine().count = 55;
        b.mine().extra = 0;
        ASSERT_TRUE(m.snapshots().revert("s"));
        EXPECT_EQ(saved(), before);
    }
    EXPECT_FALSE(m.snapshots().revert("t"));
    EXPECT_TRUE(m.snapshots().forget("s"));
    EXPECT_FALSE(m.snapshots().revert("s"));
}

}  // namespace
