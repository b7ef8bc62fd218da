// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/help.h"

#include <algorithm>
#include <array>

#include "accel/accelerators.h"
#include "chardev/chardevs.h"
#include "target/i386/cpuid.h"
#include "vl/option-groups.h"

namespace vl {

namespace {

bool asks(std::string_view text) {
    return text == "help" || text == "?";
}

std::string machine_help(const qom::TypeTable& types) {
    std::string text = "Supported machines are:\n";
    auto row = [&](std::string_view name, const hw::MachineType& t, std::string_view note) {
        text += fmt::format("{:<20} {}{}\n", name, t.description, note);
    };
    for (const hw::MachineType* t : types.all_of<hw::MachineType>()) {
        if (!t->alias.empty()) row(t->alias, *t, fmt::format(" (alias of {})", t->machine_name));
        row(t->machine_name, *t,
            t->is_default   ? " (default)"
            : t->deprecated ? " (deprecated)"
                            : "");
    }
    return text;
}

std::string accelerator_help() {
    std::string text = "Accelerators supported in QEMU binary:\n";
    for (const auto& t : accel::accelerator_types())
        text += fmt::format("{}\n", t.name);
    return text;
}

std::string cpu_help() {
    std::string text = "Available CPUs:\n";
    for (auto name : i386::cpu_model_names())
        text += fmt::format("x86 {}\n", name);
    return text;
}

constexpr std::array categories{"Controller/Bridge/Hub",
                                "USB",
                                "Storage",
                                "Network",
                                "Input",
                                "Display",
                                "Sound",
                                "Misc",
                                "CPU",
                                "Watchdog",
                                "Uncategorized"};

std::string device_help(const qom::TypeTable& types) {
    std::string text;
    for (std::size_t c = 0; c < categories.size(); c++) {
        std::string section;
        for (const hw::DeviceType* t : types.all_of<hw::DeviceType>()) {
            if (t->abstract || !t->user_creatable || static_cast<std::size_t>(t->category) != c)
                continue;
            section += fmt::format("name \"{}\"", t->name);
            if (!t->bus.empty()) section += fmt::format(", bus {}", t->bus);
            if (!t->description.empty()) section += fmt::format(", desc \"{}\"", t->description);
            section += '\n';
        }
        if (!section.empty())
            text +=
                fmt::format("{}{} devices:\n{}", text.empty() ? "" : "\n", categories[c], section);
    }
    return text;
}

std::string property_help(const qom::TypeTable& types, const qom::Type& type,
                          std::string_view what) {
    std::vector<std::string> rows;
    for (const qom::Type* t : types.lineage(type))
        for (const qom::Property& p : t->properties)
            rows.push_back(fmt::format("  {}=<{}>{}{}\n", p.name, p.type,
                                       p.help.empty() ? "" : fmt::format(" - {}", p.help), ""));
    std::sort(rows.begin(), rows.end());
    if (rows.empty()) return fmt::format("There are no options for {}.\n", type.name);
    std::string text = fmt::format("{} {}:\n", type.name, what);
    for (auto& r : rows)
        text += r;
    return text;
}

}  // namespace

std::optional<std::string> answer_for(const Settings& s, const qom::TypeTable& types) {
    if (!s.answer.empty()) return s.answer;
    if (asks(s.machine_type)) return machine_help(types);
    if (asks(s.cpu)) return cpu_help();
    for (const auto& a : s.accelerators)
        if (auto* name = a.find("accel"); name && asks(word(*name))) return accelerator_help();
    for (const Described& d : s.devices) {
        auto* driver = d.object().find("driver");
        if (!driver) continue;
        const auto name = word(*driver);
        if (asks(name)) return device_help(types);
        if (d.argument.help)
            if (auto* t = types.find_as<hw::DeviceType>(name))
                return property_help(types, *t, "options");
    }
    for (const Described& d : s.chardevs)
        if (auto* backend = d.object().find("backend"); backend && asks(word(*backend))) {
            std::string text = "Available chardev backend types:\n";
            for (auto b : chardev::Chardevs::backends())
                text += fmt::format("  {}\n", b);
            return text;
        }
    return {};
}

}  // namespace vl
