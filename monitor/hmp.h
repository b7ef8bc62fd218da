// SPDX-License-Identifier: GPL-2.0-or-later
//
// The human monitor without its terminal: a line in, text out. Every command is a row of the tables
// in hmp-commands.cc and hmp-info.cc and a view on QMP: it asks the command table, never a device.
#pragma once

#include <fmt/core.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/hmp-args.h"
#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/json.h"

namespace monitor {

class Hmp;

struct HmpCommand {
    std::string_view name;  // "quit|q"
    std::span<const HmpArg> arguments;
    std::string_view parameters, help;  // as help shows them
    std::string_view needs;  // the QMP command it stands on; it is there only if that one is
    Result<void> (*run)(Hmp&, const HmpArguments&);
};

/// All of them, by name: the tables of the hmp-*.cc joined.
std::span<const HmpCommand> hmp_commands();
std::span<const HmpCommand> hmp_debug_commands();
std::span<const HmpCommand> hmp_ui_commands();
/// The subcommands of info.
std::span<const HmpCommand> hmp_info_commands();

class Hmp {
public:
    Hmp(const qapi::CommandTable& commands, qapi::Context& services)
        : commands_(commands), services_(services) {}

    /// What the command printed, its error included, lines ended by CR LF.
    std::string run(std::string_view line);
    /// The completions of the last word of a line, whole words; `from` is where that word starts.
    struct Completions {
        std::size_t from;
        std::vector<std::string> words;
    };
    Completions complete(std::string_view line);

    // For the commands.
    template <class... A>
    void print(fmt::format_string<A...> format, A&&... args) {
        output_ += fmt::format(format, std::forward<A>(args)...);
    }
    void print_text(std::string_view text) { output_ += text; }
    Result<qapi::Json> qmp(std::string_view command, qapi::JsonObject arguments = {});
    qapi::Context& services() { return services_; }
    bool available(const HmpCommand&) const;
    void print_help(std::string_view topic);
    Result<void> select_cpu(std::int64_t index);
    std::int64_t selected_cpu() const { return cpu_; }
    /// With what was not said taken from the format used before.
    HmpFormat complete_format(HmpFormat);
    /// The lines typed so far, for `info history`.
    std::vector<std::string> history;

private:
    static const HmpCommand* find(std::span<const HmpCommand>, std::string_view name);
    void print_help(const HmpCommand&, std::string_view prefix);
    void print_error(const Error&);
    std::vector<std::string> candidates(Complete, std::string_view typed);

    const qapi::CommandTable& commands_;
    qapi::Context& services_;
    std::string output_;
    std::int64_t cpu_ = 0;
    HmpFormat format_{.count = 1, .letter = 'x', .size = 4};
};

}  // namespace monitor
