// SPDX-License-Identifier: GPL-2.0-or-later
#include "tool.h"

#include <unistd.h>

#include "migration/state-file.h"

namespace devstate {

Tool::Tool(Options o) : o_(std::move(o)) {
    colour_ = o_.color == "always" || (o_.color == "auto" && ::isatty(STDOUT_FILENO));
}

Result<int> Tool::run() {
    if (o_.library.empty()) {
        library_ = TRY(Library::built_in());
    } else {
        const qapi::Json json = TRY(json_file(o_.library));
        library_ = TRY(Library::from_json(json));
    }
    if (!o_.vmdesc.empty()) {
        const qapi::Json json = TRY(json_file(o_.vmdesc));
        description_ = TRY(Description::from_json(json));
    }
    struct Command {
        std::string_view name;
        std::size_t least, most;
        Result<int> (Tool::*run)();
    };
    static constexpr Command commands[] = {
        {"info", 1, 1, &Tool::info},       {"show", 1, 2, &Tool::show},
        {"check", 1, 1, &Tool::check},     {"diff", 2, 2, &Tool::diff},
        {"grep", 2, 1000, &Tool::grep},    {"convert", 1, 1, &Tool::convert},
        {"extract", 2, 2, &Tool::extract}, {"replace", 3, 3, &Tool::replace},
    };
    for (const Command& c : commands) {
        if (c.name != o_.command) continue;
        if (o_.files.size() < c.least || o_.files.size() > c.most)
            return fail("{}: {} argument{} given; see qemu-devstate --help", c.name,
                        o_.files.size(), o_.files.size() == 1 ? "" : "s");
        return (this->*c.run)();
    }
    return fail("unknown command '{}'; see qemu-devstate --help", o_.command);
}

Result<qapi::Json> Tool::json_file(const std::string& name) {
    const auto bytes = TRY(read_input(name));
    std::string text(bytes.begin(), bytes.end());
    text.erase(text.find_last_not_of('\0') + 1);
    auto j = qapi::Json::parse(text);
    if (!j) return std::move(j).error().prepend(name + ": ");
    return j;
}

Result<Document> Tool::open(const std::string& name) {
    return parse_file(name, library_, description_ ? &*description_ : nullptr);
}

Result<std::vector<std::regex>> Tool::expressions(const std::vector<std::string>& texts) {
    std::vector<std::regex> out;
    for (const auto& t : texts) {
        // The one library call here that reports by an exception.
        try {
            out.emplace_back(t, std::regex::ECMAScript | std::regex::optimize);
        } catch (const std::regex_error& e) {
            return fail("bad regular expression '{}': {}", t, e.what());
        }
    }
    return out;
}

Result<int> Tool::write(std::span<const std::uint8_t> bytes) {
    migration::FileCalls calls;
    TRY(write_state_file(calls, nullptr, o_.output == "-" ? "/dev/stdout" : o_.output, bytes));
    return 0;
}

int Tool::emit(const qapi::Json& j) {
    put("{}\n", j.pretty_text());
    return 0;
}

}  // namespace devstate
