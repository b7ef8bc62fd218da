// SPDX-License-Identifier: GPL-2.0-or-later
//
// Finding, running and completing HMP commands.
#include "monitor/hmp.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "chardev/chardevs.h"
#include "monitor/hmp-machine.h"
#include "util/log.h"

namespace monitor {

using qapi::Json;
using qapi::JsonObject;

namespace {

/// Calls `visit` with each of the names in "quit|q" until one says true.
template <class Visit>
bool any_name(std::string_view names, Visit&& visit) {
    for (;;) {
        const auto bar = names.find('|');
        if (visit(names.substr(0, bar))) return true;
        if (bar == names.npos) return false;
        names.remove_prefix(bar + 1);
    }
}

/// The first word of a line as a command's name: a format may stand right behind it (x/4xw).
std::string_view take_name(std::string_view& line) {
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t'))
        line.remove_prefix(1);
    const auto end = std::min(line.find_first_of(" \t/"), line.size());
    const auto name = line.substr(0, end);
    line.remove_prefix(end);
    return name;
}

std::string with_carriage_returns(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

std::vector<std::string> file_names(std::string_view typed) {
    const auto slash = typed.rfind('/');
    const std::string directory(slash == typed.npos ? "" : typed.substr(0, slash + 1));
    const std::string_view start = slash == typed.npos ? typed : typed.substr(slash + 1);
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(
        opendir(directory.empty() ? "." : directory.c_str()), closedir);
    if (!dir) return names;
    while (const dirent* entry = readdir(dir.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == ".." || !name.starts_with(start)) continue;
        std::string whole = directory + entry->d_name;
        struct stat status {};
        if (stat(whole.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) whole += '/';
        names.push_back(std::move(whole));
    }
    return names;
}

}  // namespace

const HmpCommand* Hmp::find(std::span<const HmpCommand> table, std::string_view name) {
    for (const HmpCommand& command : table)
        if (any_name(command.name, [&](std::string_view n) { return n == name; })) return &command;
    return nullptr;
}

bool Hmp::available(const HmpCommand& command) const {
    const auto* entry = command.needs.empty() ? nullptr : commands_.find(command.needs);
    return command.needs.empty() || (entry && entry->enabled);
}

Result<Json> Hmp::qmp(std::string_view command, JsonObject arguments) {
    return commands_.run(services_, command, arguments);
}

Result<void> Hmp::select_cpu(std::int64_t index) {
    if (commands_.find("query-cpus-fast")) {
        const Json cpus = TRY(qmp("query-cpus-fast"));
        for (const Json& cpu : *cpus.array())
            if (cpu["cpu-index"].integer() == index) {
                cpu_ = index;
                return {};
            }
    }
    return fail("Parameter 'cpu-index' expects a CPU number");
}

HmpFormat Hmp::complete_format(HmpFormat f) {
    if (f.letter) format_.letter = f.letter;
    // Instructions have their own sizes: one that is given with /i is not remembered.
    if (f.size && f.letter != 'i') format_.size = f.size;
    format_.count = f.count;
    return format_;
}

void Hmp::print_error(const Error& error) {
    print("Error: {}\n", error.description());
    if (!error.hint().empty()) print("{}\n", error.hint());
}

std::string Hmp::run(std::string_view line) {
    if (auto* log = services_.find<Log>()) log->trace(TracePoint::handle_hmp_command, "{}", line);
    output_.clear();
    std::string_view rest = line;
    std::string_view name = take_name(rest);
    if (name.empty()) return {};
    const HmpCommand* command = find(hmp_commands(), name);
    std::string whole(name);
    if (command && name == "info") {
        std::string_view after = rest;
        const std::string_view topic = take_name(after);
        if (!topic.empty()) {
            command = find(hmp_info_commands(), topic);
            whole += ' ';
            whole += topic;
            name = topic;
            rest = after;
        }
    }
    if (!command || !available(*command)) {
        print("unknown command: '{}'\n", whole);
        return with_carriage_returns(output_);
    }
    Result<HmpArguments> arguments = parse_hmp_arguments(
        command->arguments, command->name, rest,
        [this](std::string_view r) { return machine::register_value(*this, r); });
    if (!arguments) {
        print("{}\nTry \"help {}\" for more information\n", arguments.error().description(), whole);
    } else if (Result<void> done = command->run(*this, *arguments); !done) {
        print_error(done.error());
    }
    return with_carriage_returns(output_);
}

void Hmp::print_help(const HmpCommand& command, std::string_view prefix) {
    print("{}{} {} -- {}\n", prefix, command.name, command.parameters, command.help);
}

void Hmp::print_help(std::string_view topic) {
    std::string_view rest = topic;
    const std::string_view name = take_name(rest);
    if (name.empty()) {
        for (const HmpCommand& c : hmp_commands())
            if (available(c)) print_help(c, "");
        return;
    }
    if (name == "info") {
        const std::string_view sub = take_name(rest);
        if (sub.empty()) {
            for (const HmpCommand& c : hmp_info_commands())
                if (available(c)) print_help(c, "info ");
            return;
        }
        const HmpCommand* c = find(hmp_info_commands(), sub);
        if (c && available(*c)) return print_help(*c, "info ");
        return print("unknown command: 'info {}'\n", sub);
    }
    const HmpCommand* c = find(hmp_commands(), name);
    if (c && available(*c)) return print_help(*c, "");
    print("unknown command: '{}'\n", name);
}

std::vector<std::string> Hmp::candidates(Complete what, std::string_view typed) {
    std::vector<std::string> words;
    // A list that cannot be had now is an empty one: nobody asked a question.
    const auto take = [&](std::string_view command, JsonObject arguments, std::string_view member) {
        if (!commands_.find(command)) return;
        const auto list = qmp(command, std::move(arguments));
        if (list && list->array())
            for (const Json& item : *list->array())
                if (const std::string* text = item[member].string()) words.push_back(*text);
    };
    const auto names = [&](std::span<const HmpCommand> table) {
        for (const HmpCommand& c : table)
            if (available(c))
                any_name(c.name, [&](std::string_view n) {
                    words.emplace_back(n);
                    return false;
                });
    };
    switch (what) {
        case Complete::nothing: break;
        case Complete::command: names(hmp_commands()); break;
        case Complete::file: return file_names(typed);
        case Complete::chardev: take("query-chardev", {}, "label"); break;
        case Complete::ringbuf:
            if (const auto* all = services_.find<chardev::Chardevs>())
                for (const auto& c : all->all())
                    if (c->backend() == "ringbuf") words.push_back(c->label());
            break;
        case Complete::device:
            take("qom-list", {{"path", "/machine/peripheral"}}, "name");
            std::erase(words, "type");
            break;
        case Complete::device_type:
            take("qom-list-types", {{"implements", "device"}, {"abstract", false}}, "name");
            break;
        case Complete::object:
            take("qom-list", {{"path", "/objects"}}, "name");
            std::erase(words, "type");
            break;
        case Complete::qom_path: {
            const auto slash = typed.rfind('/');
            const std::string parent(slash == typed.npos ? "" : typed.substr(0, slash));
            take("qom-list", {{"path", parent.empty() ? "/" : parent}}, "name");
            for (std::string& word : words)
                word = parent + '/' + word;
            break;
        }
        case Complete::log_item: break;
        case Complete::migration_capability:
            take("query-migrate-capabilities", {}, "capability");
            break;
    }
    std::erase_if(words, [&](const std::string& word) { return !word.starts_with(typed); });
    return words;
}

Hmp::Completions Hmp::complete(std::string_view line) {
    const auto space = line.find_last_of(" \t");
    const std::size_t from = space == line.npos ? 0 : space + 1;
    const std::string_view typed = line.substr(from);
    std::string_view rest = line.substr(0, from);

    std::span<const HmpCommand> table = hmp_commands();
    std::string_view name = take_name(rest);
    Complete what = Complete::command;
    bool info = false;
    if (name == "help" || name == "?") name = take_name(rest);
    if (name == "info") {
        info = true;
        table = hmp_info_commands();
        name = take_name(rest);
    }
    Completions result{from, {}};
    if (!name.empty()) {
        const HmpCommand* command = find(table, name);
        if (!command) return result;
        std::size_t position = 0;
        while (take_hmp_word(rest))
            position++;
        what = Complete::nothing;
        for (const HmpArg& a : command->arguments) {
            if (a.kind == HmpArg::Kind::flag || a.kind == HmpArg::Kind::option ||
                a.kind == HmpArg::Kind::format)
                continue;
            if (position-- == 0) {
                what = a.complete;
                break;
            }
        }
    } else if (info) {
        for (const HmpCommand& c : table)
            if (available(c) && c.name.starts_with(typed)) result.words.emplace_back(c.name);
        std::ranges::sort(result.words);
        return result;
    }
    result.words = candidates(what, typed);
    std::ranges::sort(result.words);
    return result;
}

}  // namespace monitor
