// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the files of option tables share.
#pragma once

#include "vl/options.h"

namespace vl {

std::span<const Option> machine_options();
std::span<const Option> device_options();
std::span<const Option> process_options();

/// Which of qapi/keyval.h's two forms an option takes beside JSON.
enum class Form { Keyval, Options };
Result<qapi::Argument> argument(std::string_view text, std::string_view implied_key,
                                Form = Form::Options);
/// The members alone.
Result<qapi::JsonObject> structured(std::string_view text, std::string_view implied_key);
/// The text of a scalar, whether it came as JSON or as key=value.
std::string word(const qapi::Json&);
/// Later keys replace earlier ones, as a repeated option does.
void merge(qapi::JsonObject& into, const qapi::JsonObject& from);
Result<void> merge_structured(qapi::JsonObject& into, std::string_view text,
                              std::string_view implied_key);
/// The same for an option whose keys are known: others are refused, and so is a value that is not
/// of its key's type.
Result<qapi::JsonObject> checked(std::string_view text, std::string_view implied_key,
                                 std::span<const OptionKey>);
Result<void> merge_checked(qapi::JsonObject& into, std::string_view text,
                           std::string_view implied_key, std::span<const OptionKey>);

/// -readconfig: `[group "id"]` sections of `key = "value"` lines, each applied as the option it
/// stands for.
Result<void> read_config(Settings&, std::string_view file);

template <class T>
Result<void> assign(T& to, auto&& value) {
    to = T(value);
    return {};
}

}  // namespace vl
