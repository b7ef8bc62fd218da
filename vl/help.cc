// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/help.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "accel/accelerators.h"
#include "audio/audiodevs.h"
#include "chardev/chardevs.h"
#include "net/network.h"
#include "qom/user-objects.h"
#include "target/i386/cpuid.h"
#include "vl/option-groups.h"

namespace vl {

namespace {

bool asks(std::string_view text) {
    return text == "help" || text == "?";
}

/// "pc-i440fx-7.2" is a version of "pc-i440fx"; empty: a machine without versions.
std::string_view family(const hw::MachineType& t) {
    const auto dash = t.machine_name.rfind('-');
    if (dash == t.machine_name.npos || dash + 1 == t.machine_name.size()) return {};
    return std::isdigit(static_cast<unsigned char>(t.machine_name[dash + 1]))
               ? t.machine_name.substr(0, dash)
               : std::string_view{};
}

/// Families first, the newest version of each at its top.
std::string machine_help(const qom::TypeTable& types) {
    auto machines = types.all_of<hw::MachineType>();
    std::erase_if(machines, [](const hw::MachineType* t) { return t->abstract; });
    std::sort(machines.begin(), machines.end(),
              [](const hw::MachineType* a, const hw::MachineType* b) {
                  const auto in = family(*a), other = family(*b);
                  if (in != other) return other.empty() || (!in.empty() && in < other);
                  return in.empty() ? a->machine_name < b->machine_name
                                    : a->machine_name > b->machine_name;
              });
    std::string text = "Supported machines are:\n";
    auto row = [&](std::string_view name, const hw::MachineType& t, std::string_view note) {
        text += fmt::format("{:<20} {}{}\n", name, t.description, note);
    };
    for (const hw::MachineType* t : machines) {
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

/// `config` is that of a fresh object whose values are the defaults to show; null: show none.
std::string property_help(const qom::TypeTable& types, const qom::Type& type, void* config) {
    std::vector<std::string> rows;
    for (const qom::Type* t : types.lineage(type))
        for (const qom::Property& p : t->properties) {
            auto row = fmt::format("  {}=<{}>", p.name, p.type);
            const bool has_default =
                config && p.shows_default && p.kind != qom::PropertyKind::String;
            if (!p.help.empty() || has_default) row = fmt::format("{:<24} - {}", row, p.help);
            if (has_default) row += fmt::format(" (default: {})", qom::get(p, config).text());
            rows.push_back(row + '\n');
        }
    std::sort(rows.begin(), rows.end());
    if (rows.empty()) return fmt::format("There are no options for {}.\n", type.name);
    std::string text = fmt::format("{} options:\n", type.name);
    for (auto& r : rows)
        text += r;
    return text;
}

std::string object_help(const qom::TypeTable& types) {
    std::vector<std::string_view> names;
    for (const qom::UserObjectType* t : types.all_of<qom::UserObjectType>())
        names.push_back(t->name);
    std::sort(names.begin(), names.end());
    std::string text = "List of user creatable objects:\n";
    for (auto name : names)
        text += fmt::format("  {}\n", name);
    return text;
}

const hw::MachineType* machine_named(const qom::TypeTable& types, std::string_view name) {
    for (const hw::MachineType* t : types.all_of<hw::MachineType>())
        if (name.empty() ? t->is_default : t->machine_name == name || t->alias == name) return t;
    return nullptr;
}

/// -netdev help, -nic model=help
std::optional<std::string> network_help(const Described& d, const qom::TypeTable& types) {
    if (auto* type = d.object().find("type"); type && asks(word(*type))) {
        std::string text = "Available netdev backend types:\n";
        for (auto name : net::backend_types())
            text += fmt::format("{}\n", name);
        return text;
    }
    if (auto* model = d.object().find("model"); model && asks(word(*model))) {
        std::string text = "Supported NIC models:\n";
        for (const hw::DeviceType* t : types.all_of<hw::DeviceType>())
            if (t->category == hw::Category::Network && t->bus == "PCI" && t->user_creatable)
                text += fmt::format("{}\n", t->name);
        return text;
    }
    return {};
}

}  // namespace

std::optional<std::string> answer_for(const Settings& s, const qom::TypeTable& types) {
    if (!s.answer.empty()) return s.answer;
    if (asks(s.machine_type)) return machine_help(types);
    if (s.machine_help)
        if (auto* t = machine_named(types, s.machine_type))
            return property_help(types, *t, nullptr);
    if (asks(s.cpu)) return i386::cpu_models_help();
    for (const auto& a : s.accelerators)
        if (auto* name = a.find("accel"); name && asks(word(*name))) return accelerator_help();
    for (const Described& d : s.devices) {
        auto* driver = d.object().find("driver");
        if (!driver) continue;
        const auto name = word(*driver);
        if (asks(name)) return device_help(types);
        if (d.argument.help)
            if (auto* t = types.find_as<hw::DeviceType>(name)) {
                const auto sample = t->create ? t->create() : nullptr;
                return property_help(types, *t, sample ? sample->config() : nullptr);
            }
    }
    for (const Described& d : s.objects) {
        auto* type = d.object().find("qom-type");
        if (!type) continue;
        const auto name = word(*type);
        if (asks(name)) return object_help(types);
        if (d.argument.help)
            if (auto* t = types.find_as<qom::UserObjectType>(name))
                return property_help(types, *t, nullptr);
    }
    for (const auto* list : {&s.netdevs, &s.nics, &s.nets})
        for (const Described& d : *list)
            if (auto text = network_help(d, types)) return text;
    for (const Described& d : s.audiodevs)
        if (auto* driver = d.object().find("driver"); driver && asks(word(*driver))) {
            std::string text = "Available audio drivers:\n";
            for (auto name : audio::driver_names())
                text += fmt::format("{}\n", name);
            return text;
        }
    for (const Described& d : s.chardevs)
        if (auto* backend = d.object().find("backend"); backend && asks(word(*backend))) {
            std::string text = "Available chardev backend types: \n";
            for (auto b : chardev::Chardevs::backends())
                text += fmt::format("  {}\n", b);
            return text;
        }
    return {};
}

}  // namespace vl
