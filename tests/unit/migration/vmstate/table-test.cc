// SPDX-License-Identifier: GPL-2.0-or-later
//
// Save, load and describe over tables that have one of everything.
#include <gtest/gtest.h>

#include <optional>

#include "migration/vmstate/fields.h"
#include "migration/vmstate/load.h"
#include "migration/vmstate/owner.h"
#include "migration/vmstate/save.h"

namespace {

using namespace vmstate;

struct Channel {
    std::uint8_t mode = 0;
    std::int16_t count = 0;
    bool operator==(const Channel&) const = default;
};
constexpr auto channel_fields =
    fields(field<&Channel::mode>("mode").within(0, 5), field<&Channel::count>("count"));
static_assert(covers<Channel>(channel_fields));
constexpr Table channel_table{.name = "chip channel", .fields = channel_fields};

struct Pair {
    std::uint16_t low = 0, high = 0;
};
constexpr auto pair_fields = fields(field<&Pair::low>("low"), field<&Pair::high>("high"));
constexpr Table pair_table{
    .name = "chip_pair", .version = 0, .minimum_version = 0, .fields = pair_fields};

enum class Power : std::uint8_t { Off, On };

struct State {
    bool on = false;
    Power power = Power::Off;
    std::uint8_t small = 0;  // four bytes on the wire
    std::int64_t deadline = -1;
    std::array<Channel, 3> channels;
    std::array<std::uint32_t, 2> icr{};
    std::array<std::uint8_t, 4> raw{};
    std::uint32_t queued = 0;
    std::vector<std::uint16_t> queue;
    std::uint32_t joined = 0;
    std::array<std::uint64_t, 2> map{};
    std::uint8_t lines = 4;
    std::uint32_t extra = 0;
    int cache = 0;
    bool operator==(const State&) const = default;
};

Pair split(const State& s) {
    return {std::uint16_t(s.joined), std::uint16_t(s.joined >> 16)};
}
Result<void> join(State& s, const Pair& p) {
    if (p.high > 0x7FFF) return fail("high half out of range");
    s.joined = p.low | std::uint32_t{p.high} << 16;
    return {};
}

constexpr auto state_fields =
    fields(field<&State::on>("on"), field<&State::power>("power"),
           field_as<std::uint32_t, &State::small>("small"), timer<&State::deadline>("timer"),
           structs<&State::channels>("channels", channel_table), field<&State::icr>("icr"),
           buffer<&State::raw>("raw"), unused(3), field<&State::queued>("queued"),
           counted<State, [](const State& s) { return s.queued; }>(field<&State::queue>("queue")),
           temporary<State, Pair, split, join, &State::joined>("tmp", pair_table),
           bitmap<State, &State::map, [](const State&) { return 70; }>("map"),
           field_equal<std::uint8_t, &State::lines>("lines"));
constexpr auto extra_fields = fields(field<&State::extra>("extra"));
constexpr Table extra_table{
    .name = "chip/extra",
    .fields = extra_fields,
    .needed = needed<State, [](const State& s) { return s.extra != 0; }>,
};
constexpr auto state_subsections = subsections(extra_table);
static_assert(covers<State>(state_fields, extra_fields, not_saved<&State::cache>()));
static_assert(!covers<State>(state_fields, extra_fields), "cache is in neither list");
static_assert(!covers<State>(state_fields, not_saved<&State::cache>()));
constexpr Table table{.name = "chip",
                      .version = 3,
                      .minimum_version = 2,
                      .fields = state_fields,
                      .subsections = state_subsections};

State sample() {
    State s;
    s.on = true;
    s.power = Power::On;
    s.small = 200;
    s.deadline = 123456789;
    s.channels = {{{1, -2}, {5, 300}, {0, 0}}};
    s.icr = {0x01020304, 0xFFFFFFFF};
    s.raw = {9, 8, 7, 6};
    s.queued = 2;
    s.queue = {10, 20};
    s.joined = 0x00120034;
    s.map = {0x8000000000000001, 0x21};
    s.extra = 77;
    return s;
}

std::vector<std::uint8_t> bytes_of(const State& s) {
    Writer w;
    save(table, &s, w);
    return {w.data().begin(), w.data().end()};
}

Result<void> load_into(State& s, std::span<const std::uint8_t> bytes, int version = 3,
                       LoadOptions options = {}) {
    Reader r(bytes);
    r.set_section("chip", 0);
    return load(table, &s, version, r, options);
}

TEST(VmState, LoadsWhatItSaved) {
    State s = sample(), t;
    ASSERT_TRUE(load_into(t, bytes_of(s)));
    EXPECT_EQ(s, t);
    EXPECT_EQ(bytes_of(s), bytes_of(t));
}

TEST(VmState, WritesBigEndianInTableOrder) {
    auto b = bytes_of(sample());
    const std::uint8_t start[] = {1, 1,    0,    0,    0,    200, 0,    0,   0,
                                  0, 0x07, 0x5B, 0xCD, 0x15, 1,   0xFF, 0xFE};
    EXPECT_TRUE(std::equal(std::begin(start), std::end(start), b.begin()));
    const std::string tail(
        "\x05\x0A"
        "chip/extra\0\0\0\1\0\0\0\x4D",
        20);
    EXPECT_EQ(std::string(b.end() - 20, b.end()), tail);
}

TEST(VmState, EveryTruncationNamesAFieldAndItsByte) {
    const auto b = bytes_of(sample());
    const std::size_t without_subsection = b.size() - 20;
    for (std::size_t n = 0; n < b.size(); n++) {
        State t;
        auto r = load_into(t, std::span(b).first(n));
        if (n == without_subsection) {
            EXPECT_TRUE(r);
            continue;
        }
        if (n > without_subsection && n < without_subsection + 12) {
            // The name itself is cut, so that it is no subsection: the section ends before it.
            EXPECT_TRUE(r) << n;
            continue;
        }
        ASSERT_FALSE(r) << n;
        EXPECT_NE(r.error().description().find("field "), std::string::npos);
        EXPECT_NE(r.error().description().find("the end of the file"), std::string::npos);
    }
    State t;
    auto r = load_into(t, std::span(b).first(16));
    EXPECT_EQ(r.error().description(),
              "Failed to load chip channel:count: section 'chip' instance 0, field "
              "channels[0].count, byte 15: expected int16 (2 bytes), found the end of the file "
              "after 1; the file is cut short");
}

TEST(VmState, RefusesANumberTheMemberCannotHold) {
    auto b = bytes_of(sample());
    b[4] = 1;  // small = 0x1C8
    State t;
    auto r = load_into(t, b);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().description(),
              "Failed to load chip:small: section 'chip' instance 0, field small, byte 2: expected "
              "uint32 that fits 8 bits, found 456");
}

TEST(VmState, RefusesAValueOutsideItsRangeAndOneThatMustBeEqual) {
    State s = sample();
    s.channels[1].mode = 6;
    State t;
    auto r = load_into(t, bytes_of(s));
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().description().find("channels[1].mode, byte 17: expected 0 to 5, found 6"),
              std::string::npos)
        << r.error().description();
    s = sample();
    s.lines = 5;
    r = load_into(t, bytes_of(s));
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().description().find("field lines"), std::string::npos);
    EXPECT_NE(r.error().description().find("expected 4, found 5"), std::string::npos);
}

TEST(VmState, RefusesACountBeyondTheFile) {
    auto b = bytes_of(sample());
    const std::size_t queued = 2 + 4 + 8 + 9 + 8 + 4 + 3;
    b[queued] = 0x7F;
    State t;
    auto r = load_into(t, b);
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().description().find("field queue,"), std::string::npos);
    EXPECT_TRUE(t.queue.empty());
}

TEST(VmState, ATemporaryMayRefuse) {
    State s = sample(), t;
    s.joined = 0x80000000;
    EXPECT_FALSE(load_into(t, bytes_of(s)));
}

TEST(VmState, UnknownDoubledAndWrongVersionSubsectionsAreRefused) {
    const auto good = bytes_of(sample());
    const std::size_t at = good.size() - 20;
    State t;
    auto junk = good;
    junk[at + 7] = 'X';  // "chip/Xxtra"
    auto r = load_into(t, junk);
    ASSERT_FALSE(r);
    EXPECT_NE(r.error().description().find("'chip/Xxtra'"), std::string::npos);
    auto twice = good;
    twice.insert(twice.end(), good.begin() + std::ptrdiff_t(at), good.end());
    EXPECT_FALSE(load_into(t, twice));
    auto newer = good;
    newer[at + 15] = 9;
    r = load_into(t, newer);
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().description().starts_with(
        "chip/extra: incoming version_id 9 is too new for local version_id 1"));
    auto foreign = good;
    foreign[at + 2] = 'k';  // not below "chip": left for whoever is around
    EXPECT_TRUE(load_into(t, foreign));
}

TEST(VmState, AnAbsentSubsectionMeansDefaults) {
    State s = sample(), t = sample();
    s.extra = 0;
    bool wants_blank = false;
    ASSERT_TRUE(load_into(t, bytes_of(s), 3, {.wants_blank = &wants_blank}));
    EXPECT_TRUE(wants_blank);
    State blank;
    t = sample();
    ASSERT_TRUE(load_into(t, bytes_of(s), 3, {.blank = &blank}));
    EXPECT_EQ(t.extra, 0u);
}

TEST(VmState, DescribesAsQemuDoes) {
    State s = sample();
    EXPECT_EQ(
        describe_section(table, &s, "chip", 0),
        R"({"name": "chip", "instance_id": 0, "vmsd_name": "chip", "version": 3, "fields": [)"
        R"({"name": "on", "type": "bool", "size": 1}, {"name": "power", "type": "uint8", "size": 1}, )"
        R"({"name": "small", "type": "uint32", "size": 4}, {"name": "timer", "type": "timer", "size": 8}, )"
        R"({"name": "channels", "array_len": 3, "type": "struct", "struct": {"vmsd_name": "chip channel", )"
        R"("version": 1, "fields": [{"name": "mode", "type": "uint8", "size": 1}, )"
        R"({"name": "count", "type": "int16", "size": 2}]}, "size": 3}, )"
        R"({"name": "icr", "array_len": 2, "type": "uint32", "size": 4}, )"
        R"({"name": "raw", "type": "buffer", "size": 4}, {"name": "unused", "type": "unused_buffer", "size": 3}, )"
        R"({"name": "queued", "type": "uint32", "size": 4}, )"
        R"({"name": "queue", "array_len": 2, "type": "uint16", "size": 2}, )"
        R"({"name": "tmp", "type": "tmp", "vmsd_name": "chip_pair", "version": 0, "fields": [)"
        R"({"name": "low", "type": "uint16", "size": 2}, {"name": "high", "type": "uint16", "size": 2}], "size": 4}, )"
        R"({"name": "map", "type": "bitmap", "size": 16}, {"name": "lines", "type": "uint8 equal", "size": 1}], )"
        R"("subsections": [{"vmsd_name": "chip/extra", "version": 1, "fields": [)"
        R"({"name": "extra", "type": "uint32", "size": 4}]}]})");
}

}  // namespace
