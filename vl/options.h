// SPDX-License-Identifier: GPL-2.0-or-later
//
// The options, as tables: one row holds the name, its help and what it does to the Settings.
// `-help`, the manual page and query-command-line-options come from the same rows.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "util/result.h"
#include "vl/settings.h"

namespace vl {

/// One key of an option, as query-command-line-options tells it.
struct OptionKey {
    enum class Type { String, Boolean, Number, Size };
    std::string_view name;
    Type type = Type::String;
};

struct Option {
    std::string_view name;      // without the dash
    std::string_view argument;  // as the help shows it; empty: takes none
    std::string_view help;
    Result<void> (*apply)(Settings&, std::string_view argument);
    /// Group name and keys for query-command-line-options; empty: not listed there.
    std::string_view group{};
    std::span<const OptionKey> keys{};
};

struct OptionGroup {
    std::string_view title;
    std::span<const Option> options;
};

/// Every option there is, grouped as the help prints them.
std::span<const OptionGroup> option_groups();

/// `arguments` is argv without the program's name. Errors read as QEMU's: "-m bogus: Parameter
/// ...".
Result<Settings> parse(std::span<const char* const> arguments);

std::string help_text();
std::string version_text();

/// The error for an option of QEMU that this program does not have.
Error unsupported_option(std::string_view name);

}  // namespace vl
