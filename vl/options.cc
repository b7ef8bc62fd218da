// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/options.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "monitor/version.h"
#include "util/cutils.h"
#include "vl/option-groups.h"

namespace vl {

namespace {

/// Options of QEMU 7.2 that are known and absent, so that the answer is not "invalid option".
constexpr std::array absent{"acpitable",
                            "alt-grab",
                            "audio",
                            "audio-help",
                            "bt",
                            "compat",
                            "ctrl-grab",
                            "curses",
                            "device-help",
                            "dfilter",
                            "dtb",
                            "dump-vmstate",
                            "enable-fips",
                            "enable-sync-profile",
                            "fsdev",
                            "full-screen",
                            "g",
                            "gdb",
                            "icount",
                            "iscsi",
                            "jitdump",
                            "k",
                            "loadvm",
                            "mtdblock",
                            "no-fd-bootchk",
                            "no-quit",
                            "numa",
                            "option-rom",
                            "perfmap",
                            "pflash",
                            "plugin",
                            "preconfig",
                            "prom-env",
                            "rotate",
                            "s",
                            "sd",
                            "seed",
                            "semihosting",
                            "show-cursor",
                            "soundhw",
                            "spice",
                            "tb-size",
                            "tdf",
                            "tpmdev",
                            "usbdevice",
                            "virtfs",
                            "virtioconsole",
                            "vnc",
                            "win2k-hack",
                            "writeconfig",
                            "xen-attach",
                            "xen-domid",
                            "xen-domid-restrict"};

const Option* find(std::string_view name) {
    for (const OptionGroup& group : option_groups())
        for (const Option& o : group.options)
            if (o.name == name) return &o;
    return nullptr;
}

Result<void> apply(Settings& s, const Option& o, std::string_view argument) {
    auto done = o.apply(s, argument);
    if (done) return {};
    std::string where = fmt::format("-{}{}{}: ", o.name, o.argument.empty() ? "" : " ", argument);
    return std::move(done).error().prepend(where);
}

std::string_view trim(std::string_view s) {
    const auto first = s.find_first_not_of(" \t\r"), last = s.find_last_not_of(" \t\r");
    return first == s.npos ? std::string_view{} : s.substr(first, last - first + 1);
}

}  // namespace

std::span<const OptionGroup> option_groups() {
    static const std::array groups{OptionGroup{"Machine and its start", machine_options()},
                                   OptionGroup{"Devices and back ends", device_options()},
                                   OptionGroup{"Process, log and tests", process_options()}};
    return groups;
}

Result<Settings> parse(std::span<const char* const> arguments) {
    Settings s;
    for (std::size_t i = 0; i < arguments.size(); i++) {
        std::string_view given = arguments[i], name = given;
        if (!name.starts_with('-') || name == "-") {
            // A bare word is the first disk, as it always was.
            TRY(apply(s, *find("hda"), given));
            continue;
        }
        name.remove_prefix(name.starts_with("--") ? 2 : 1);
        const Option* o = find(name);
        if (!o) {
            for (std::string_view a : absent)
                if (a == name) return unsupported_option(name);
            return fail("{}: invalid option", given);
        }
        std::string_view argument;
        if (!o->argument.empty()) {
            if (++i == arguments.size()) return fail("{}: requires an argument", given);
            argument = arguments[i];
        }
        TRY(apply(s, *o, argument));
        if (!s.answer.empty()) break;
    }
    return s;
}

Error unsupported_option(std::string_view name) {
    return fail("-{}: this option is not supported by this program", name)
        .with_hint("-help lists the options there are");
}

Result<qapi::Argument> argument(std::string_view text, std::string_view implied_key, Form form) {
    auto a = TRY(form == Form::Keyval ? qapi::parse_keyval_or_json(text, implied_key)
                                      : qapi::parse_options_or_json(text, implied_key));
    if (!a.value.object()) return fail("expected a JSON object");
    // "-machine help": the parser keeps the word apart, and those who answer look for it here.
    if (a.help && !implied_key.empty() && !a.value.find(implied_key))
        a.value.object()->set(implied_key, "help");
    return a;
}

Result<qapi::JsonObject> structured(std::string_view text, std::string_view implied_key) {
    auto a = TRY(argument(text, implied_key));
    return std::move(*a.value.object());
}

std::string word(const qapi::Json& value) {
    if (auto* s = value.string()) return *s;
    if (auto* b = value.boolean()) return *b ? "on" : "off";
    return value.text();
}

void merge(qapi::JsonObject& into, const qapi::JsonObject& from) {
    for (const auto& [key, value] : from)
        into.set(key, value);
}

Result<void> merge_structured(qapi::JsonObject& into, std::string_view text,
                              std::string_view implied_key) {
    merge(into, TRY(structured(text, implied_key)));
    return {};
}

namespace {

Result<void> check_type(const OptionKey& key, const std::string& text) {
    switch (key.type) {
        case OptionKey::Type::String: return {};
        case OptionKey::Type::Boolean:
            if (text == "on" || text == "off") return {};
            return fail("Parameter '{}' expects 'on' or 'off'", key.name);
        case OptionKey::Type::Number:
            if (parse_uint64(text)) return {};
            return fail("Parameter '{}' expects a number", key.name);
        case OptionKey::Type::Size:
            if (parse_size(text)) return {};
            return fail("Parameter '{}' expects a non-negative number below 2^64", key.name)
                .with_hint(
                    "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, "
                    "peta-\nand exabytes, respectively.");
    }
    return {};
}

}  // namespace

Result<qapi::JsonObject> checked(std::string_view text, std::string_view implied_key,
                                 std::span<const OptionKey> keys) {
    auto given = TRY(structured(text, implied_key));
    for (const auto& [name, value] : given) {
        const auto key = std::ranges::find(keys, name, &OptionKey::name);
        if (key == keys.end()) return fail("Invalid parameter '{}'", name);
        TRY(check_type(*key, word(value)));
    }
    return given;
}

Result<void> merge_checked(qapi::JsonObject& into, std::string_view text,
                           std::string_view implied_key, std::span<const OptionKey> keys) {
    merge(into, TRY(checked(text, implied_key, keys)));
    return {};
}

Result<void> read_config(Settings& s, std::string_view file) {
    std::ifstream in{std::string(file)};
    if (!in) return fail_errno(errno, fmt::format("Cannot read config file {}", file));
    std::string line, group;
    qapi::JsonObject values;
    auto flush = [&]() -> Result<void> {
        if (group.empty()) return {};
        // The groups are named as the options are, but for these three.
        std::string_view name = group == "smp-opts"    ? "smp"
                                : group == "boot-opts" ? "boot"
                                : group == "memory"    ? "m"
                                                       : std::string_view(group);
        const Option* o = find(name);
        if (!o || o->group.empty()) return fail("There is no option group '{}'", group);
        TRY(apply(s, *o, qapi::Json(std::move(values)).text()));
        values = {};
        return {};
    };
    for (int number = 1; std::getline(in, line); number++) {
        const auto text = trim(line);
        if (text.empty() || text.front() == '#') continue;
        if (text.front() == '[' && text.back() == ']') {
            TRY(flush());
            auto head = text.substr(1, text.size() - 2);
            const auto quote = head.find('"');
            group = trim(head.substr(0, quote));
            if (quote != head.npos) {
                auto id = head.substr(quote + 1);
                values.set("id", id.substr(0, id.find('"')));
            }
            continue;
        }
        const auto equals = text.find('=');
        if (equals == text.npos || group.empty())
            return fail("{}:{}: parse error", file, number)
                .with_hint("expected [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\"");
        auto value = trim(text.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        values.set(trim(text.substr(0, equals)), value);
    }
    return flush();
}

std::string version_text() {
    return fmt::format("QEMU emulator version {}.{}.{} ({})\n", monitor::version.major,
                       monitor::version.minor, monitor::version.micro, monitor::version.package);
}

std::string help_text() {
    std::string text = version_text() +
                       "usage: qemu-system-x86_64 [options] [disk_image]\n\n"
                       "'disk_image' is a raw disk image for the first IDE disk\n";
    for (const OptionGroup& group : option_groups()) {
        text += fmt::format("\n{}:\n", group.title);
        for (const Option& o : group.options) {
            auto head = fmt::format("-{}{}{}", o.name, o.argument.empty() ? "" : " ", o.argument);
            if (head.size() < 24)
                text += fmt::format("{:<24} {}\n", head, o.help);
            else
                text += fmt::format("{}\n{:<24} {}\n", head, "", o.help);
        }
    }
    return text + "\nEvery option is described in the manual page qemu-system-x86_64(1).\n";
}

}  // namespace vl
