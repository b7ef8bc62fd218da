// SPDX-License-Identifier: GPL-2.0-or-later
#include "migration/global-state.h"

#include <cstring>

#include "migration/vmstate/fields.h"
#include "qapi/qapi-types-run-state.h"

namespace migration {

namespace {

using namespace vmstate;

constexpr auto global_fields = fields(field<&GlobalStateData::size>("size").within(0, 100),
                                      buffer<&GlobalStateData::runstate>("runstate"));
static_assert(covers<GlobalStateData>(global_fields));
constexpr Table global_table{.name = "globalstate", .fields = global_fields};

std::string text_of(const GlobalStateData& s) {
    return {reinterpret_cast<const char*>(s.runstate.data()),
            strnlen(reinterpret_cast<const char*>(s.runstate.data()), s.runstate.size())};
}

}  // namespace

const Table& GlobalState::vmstate() const {
    return global_table;
}

void GlobalState::pre_save(GlobalStateData& s) {
    constexpr std::string_view always = "running";
    s = {.size = always.size() + 1};
    std::memcpy(s.runstate.data(), always.data(), always.size());
}

Result<void> GlobalState::check_state(const GlobalStateData& s, int) const {
    const std::string text = text_of(s);
    if (text.size() == s.runstate.size())
        return fail("runstate: expected the name of a run state, found {} bytes without an end",
                    text.size());
    if (!qapi::parse_enum<qapi::RunState>(text))
        return fail(
            "invalid parameter value: {}: runstate: expected the name of a run state, "
            "found '{}'",
            text, text);
    return {};
}

void GlobalState::post_load(int) {
    received_ = text_of(state_);
}

}  // namespace migration
