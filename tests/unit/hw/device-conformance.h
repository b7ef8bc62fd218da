// SPDX-License-Identifier: GPL-2.0-or-later
//
// What every device must do, whatever it is. One line in the device's own test:
//
//     TEST(I8254, Conforms) {
//         hw::testing::expect_conforming([] { return std::make_unique<PitSpecimen>(); });
//     }
//
// - reset gives one state, from whatever state, and a second reset changes nothing
// - what is saved can be loaded into a fresh device, which then saves the same bytes
// - a stream cut short anywhere is refused by an error that names the section and the place, and
//   leaves the device as it was
// - the description accounts for the bytes that were saved
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hw/core/device.h"
#include "hw/core/reset.h"
#include "migration/vmstate/load.h"
#include "migration/vmstate/save.h"
#include "qapi/json.h"

namespace hw::testing {

/// A realized device on a platform of its own, made the same way each time.
class Specimen {
public:
    virtual ~Specimen() = default;
    virtual Device& device() = 0;
    /// Brings the device into a state that is far from the one after reset: registers written,
    /// timers running, half a command sent.
    virtual void stir() = 0;
    /// Whether reset undoes stir() (battery-backed memory, for one, outlives it).
    virtual bool reset_clears_all() const { return true; }
};

using MakeSpecimen = std::function<std::unique_ptr<Specimen>()>;
using Bytes = std::vector<std::uint8_t>;

inline Bytes saved_bytes(vmstate::Owner& owner) {
    vmstate::Writer writer;
    vmstate::save(owner.vmstate(), owner.state_for_saving(), writer);
    return {writer.data().begin(), writer.data().end()};
}

/// Stages, checks, and commits only what is right to the last byte.
inline Result<void> load_bytes(vmstate::Owner& owner, std::span<const std::uint8_t> bytes) {
    const vmstate::Table& table = owner.vmstate();
    auto staged = owner.stage();
    const auto blank = owner.blank();
    vmstate::Reader reader(bytes);
    reader.set_section(table.name, 0);
    TRY(vmstate::load(table, staged->data(), table.version, reader, {.blank = blank->data()}));
    TRY(staged->check(table.version));
    staged->commit(table.version);
    return {};
}

inline void expect_reset_is_stable(const MakeSpecimen& make) {
    auto fresh = make(), used = make();
    vmstate::Owner* owner = fresh->device().saved_state();
    reset(fresh->device());
    const Bytes after_one = owner ? saved_bytes(*owner) : Bytes();
    reset(fresh->device());
    if (!owner) return;
    EXPECT_EQ(saved_bytes(*owner), after_one) << "a second reset changed the state";
    reset(used->device());
    used->stir();
    vmstate::Owner& used_owner = *used->device().saved_state();
    EXPECT_NE(saved_bytes(used_owner), after_one) << "stir() has not changed what is saved";
    reset(used->device());
    if (used->reset_clears_all()) {
        EXPECT_EQ(saved_bytes(used_owner), after_one) << "reset left something behind";
    }
}

inline void expect_state_survives(const MakeSpecimen& make) {
    auto source = make(), target = make();
    if (!source->device().saved_state()) return;
    reset(source->device());
    reset(target->device());
    source->stir();
    const Bytes saved = saved_bytes(*source->device().saved_state());
    EXPECT_EQ(saved_bytes(*source->device().saved_state()), saved) << "saving changed the state";
    auto loaded = load_bytes(*target->device().saved_state(), saved);
    ASSERT_TRUE(loaded) << loaded.error().description();
    EXPECT_EQ(saved_bytes(*target->device().saved_state()), saved)
        << "the loaded device saves other bytes";
}

inline std::size_t subsections_of(const vmstate::Table& table) {
    std::size_t n = table.subsections.size();
    for (const vmstate::Table* sub : table.subsections)
        n += subsections_of(*sub);
    for (const vmstate::Field& field : table.fields)
        if (field.table) n += subsections_of(*field.table);
    return n;
}

inline void expect_short_streams_refused(const MakeSpecimen& make) {
    auto source = make(), target = make();
    if (!source->device().saved_state()) return;
    reset(source->device());
    reset(target->device());
    source->stir();
    const Bytes saved = saved_bytes(*source->device().saved_state());
    const Bytes before = saved_bytes(*target->device().saved_state());
    std::size_t accepted = 0;
    // Large sections are cut at every byte near both ends and at a prime stride between.
    for (std::size_t length = 0; length < saved.size();
         length += length < 512 || saved.size() - length < 512 ? 1 : 251) {
        vmstate::Owner& owner = *target->device().saved_state();
        auto loaded = load_bytes(owner, std::span(saved).first(length));
        if (loaded) {
            // A cut right before a subsection is a whole stream without it.
            accepted++;
            target = make();
            reset(target->device());
            continue;
        }
        EXPECT_NE(loaded.error().description().find(owner.vmstate().name), std::string::npos)
            << loaded.error().description();
        EXPECT_EQ(saved_bytes(owner), before) << "a refused stream changed the device";
    }
    EXPECT_LE(accepted, subsections_of(target->device().saved_state()->vmstate()));
}

inline void expect_description_fits(const MakeSpecimen& make) {
    auto specimen = make();
    vmstate::Owner* owner = specimen->device().saved_state();
    if (!owner) return;
    reset(specimen->device());
    specimen->stir();
    vmstate::Writer writer;
    std::string json = "{";
    vmstate::save_and_describe(owner->vmstate(), owner->state_for_saving(), writer, json);
    auto parsed = qapi::Json::parse(json + "}");
    ASSERT_TRUE(parsed) << json;
    EXPECT_EQ((*parsed)["vmsd_name"], qapi::Json(owner->vmstate().name));
    EXPECT_EQ(writer.size(), saved_bytes(*owner).size());
}

inline void expect_conforming(const MakeSpecimen& make) {
    {
        SCOPED_TRACE("reset");
        expect_reset_is_stable(make);
    }
    {
        SCOPED_TRACE("save and load");
        expect_state_survives(make);
    }
    {
        SCOPED_TRACE("streams cut short");
        expect_short_streams_refused(make);
    }
    {
        SCOPED_TRACE("description");
        expect_description_fits(make);
    }
}

}  // namespace hw::testing
