// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/machine-config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <filesystem>

#include "target/i386/cpuid.h"
#include "util/cutils.h"
#include "vl/option-groups.h"
#include "vl/report.h"

namespace vl {

namespace {

Result<bool> on_off(const qapi::JsonObject& given, std::string_view key, bool otherwise) {
    auto* v = given.find(key);
    if (!v) return otherwise;
    const auto text = word(*v);
    if (text == "on") return true;
    if (text == "off") return false;
    return fail("Parameter '{}' expects 'on' or 'off'", key);
}

Result<std::uint64_t> number(const qapi::Json& value, std::string_view name) {
    if (auto n = value.unsigned_integer()) return *n;
    auto n = parse_uint64(word(value));
    if (!n) return fail("Parameter '{}' expects integer", name);
    return *n;
}

bool is_date(const std::string& text) {
    for (const char* format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"}) {
        std::tm parsed{};
        const char* end = strptime(text.c_str(), format, &parsed);
        if (end && !*end) return true;
    }
    return false;
}

Result<void> rtc(const qapi::JsonObject& given, hw::MachineConfig& config) {
    for (const auto& [key, value] : given) {
        const auto text = word(value);
        if (key == "base") {
            if (text != "utc" && text != "localtime" && !is_date(text))
                return fail("invalid datetime format")
                    .with_hint("valid formats: '2006-06-17T16:01:21' or '2006-06-17'");
            config.rtc_base = text;
        } else if (key == "clock") {
            if (text != "host" && text != "rt" && text != "vm")
                return fail("invalid option value '{}'", text);
            config.rtc_clock_vm = text == "vm";
            config.rtc_clock_rt = text == "rt";
        } else if (key == "driftfix") {
            if (text != "none" && text != "slew") return fail("invalid option value '{}'", text);
            config.rtc_lost_tick_slew = text == "slew";
        } else {
            return fail("Invalid parameter '{}'", key);
        }
    }
    return {};
}

Result<void> boot(const qapi::JsonObject& given, hw::MachineConfig& config) {
    for (const auto& [key, value] : given) {
        const auto text = word(value);
        if (key == "order" || key == "once") {
            TRY(hw::check_boot_order(text));
            (key == "order" ? config.boot_order : config.boot_once) = text;
        } else if (key == "menu") {
            config.boot_menu = TRY(on_off(given, "menu", false));
        } else if (key == "strict") {
            config.boot_strict = TRY(on_off(given, "strict", false));
        } else if (key == "splash") {
            config.boot_splash = text;
        } else if (key == "splash-time" || key == "reboot-timeout") {
            const auto n = TRY(number(value, "boot." + key));
            if (n > 0xffff)
                return fail("{} is invalid, it should be a value between 0 and 65535", key);
            (key == "splash-time" ? config.boot_splash_time : config.boot_reboot_timeout) =
                static_cast<int>(n);
        } else {
            return fail("Parameter 'boot.{}' is unexpected", key);
        }
    }
    return {};
}

}  // namespace

Result<std::string> canonical_uuid(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); i++) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) break;
        plain += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    }
    if (text.size() != 36 || plain.size() != 36)
        return fail("-uuid {}: failed to parse UUID string: wrong format", text);
    return plain;
}

Result<hw::SmpTopology> smp_topology(const qapi::JsonObject& given, const hw::MachineType& type) {
    enum { Cpus, Sockets, Dies, Clusters, Cores, Threads, Maxcpus };
    constexpr std::array<std::string_view, 7> names{"cpus",  "sockets", "dies",   "clusters",
                                                    "cores", "threads", "maxcpus"};
    std::array<std::uint64_t, 7> n{};  // 0: not given
    for (const auto& [key, value] : given) {
        auto at = std::find(names.begin(), names.end(), key);
        if (at == names.end()) return fail("Parameter 'smp.{}' is unexpected", key);
        auto& slot = n[static_cast<std::size_t>(at - names.begin())];
        slot = TRY(number(value, "smp." + key));
        if (!slot)
            return fail("Invalid CPU topology: CPU topology parameters must be greater than zero");
        if (slot > 1 << 20) return fail("Parameter 'smp.{}' is out of range", key);
    }
    if (n[Clusters] > 1) return fail("clusters not supported by this machine's CPU topology");
    if (!n[Dies]) n[Dies] = 1;

    const auto known = n[Cpus] || n[Maxcpus];
    auto total = n[Maxcpus] ? n[Maxcpus] : n[Cpus];
    auto one = [](std::uint64_t& v) { v = v ? v : 1; };
    if (!known) {
        one(n[Sockets]), one(n[Cores]), one(n[Threads]);
    } else if (!n[Cores]) {  // cores are preferred over sockets, and those over threads
        one(n[Sockets]), one(n[Threads]);
        n[Cores] = total / (n[Sockets] * n[Dies] * n[Threads]);
    } else if (!n[Sockets]) {
        one(n[Threads]);
        n[Sockets] = total / (n[Dies] * n[Cores] * n[Threads]);
    } else if (!n[Threads]) {
        n[Threads] = total / (n[Sockets] * n[Dies] * n[Cores]);
    }
    const auto product = n[Sockets] * n[Dies] * n[Cores] * n[Threads];
    if (!total) total = product;
    const auto cpus = n[Cpus] ? n[Cpus] : total;

    const auto hierarchy = n[Dies] > 1
                               ? fmt::format("sockets ({}) * dies ({}) * cores ({}) * threads ({})",
                                             n[Sockets], n[Dies], n[Cores], n[Threads])
                               : fmt::format("sockets ({}) * cores ({}) * threads ({})", n[Sockets],
                                             n[Cores], n[Threads]);
    if (product != total)
        return fail(
            "Invalid CPU topology: product of the hierarchy must match maxcpus: {} != maxcpus ({})",
            hierarchy, total);
    if (total < cpus)
        return fail(
            "Invalid CPU topology: maxcpus must be equal to or greater than smp: {} == maxcpus "
            "({}) < smp_cpus ({})",
            hierarchy, total, cpus);
    for (auto count : {cpus, total})
        if (count > type.max_cpus)
            return fail("Invalid SMP CPUs {}. The max CPUs supported by machine '{}' is {}", count,
                        type.machine_name, type.max_cpus);
    auto u = [](std::uint64_t v) { return static_cast<unsigned>(v); };
    return hw::SmpTopology{.cpus = u(cpus),
                           .max_cpus = u(total),
                           .sockets = u(n[Sockets]),
                           .dies = u(n[Dies]),
                           .cores = u(n[Cores]),
                           .threads = u(n[Threads])};
}

Result<MemorySize> memory_size(const qapi::JsonObject& given, const hw::MachineType& type) {
    MemorySize m;
    auto size_of = [&](std::string_view key, std::uint64_t unit,
                       std::uint64_t& to) -> Result<void> {
        if (auto* v = given.find(key)) {
            const auto text = word(*v);
            auto parsed = parse_size(text, unit);
            if (!parsed)
                return fail("-m {}: Parameter '{}' expects a non-negative number below 2^64", text,
                            key)
                    .with_hint(
                        "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, "
                        "peta-\nand exabytes, respectively.");
            to = *parsed;
        }
        return {};
    };
    TRY(size_of("size", 1 << 20, m.size));
    TRY(size_of("maxmem", 1, m.maximum));
    for (const auto& [key, value] : given) {
        if (key == "slots")
            m.slots = static_cast<unsigned>(TRY(number(value, "slots")));
        else if (key != "size" && key != "maxmem")
            return fail("-m: Invalid parameter '{}'", key);
    }
    if (!m.size) m.size = type.default_ram_size;
    // Guest RAM is handed out in pages; QEMU rounds up to 8 KiB, and its streams carry that size.
    m.size = (m.size + 8191) & ~std::uint64_t{8191};
    if (m.slots && !m.maximum) return fail("slots specified but no max-size");
    if (!m.maximum) m.maximum = m.size;
    if (m.maximum < m.size)
        return fail(
            "invalid value of maxmem: maximum memory size ({:#x}) must be at least the initial "
            "memory size ({:#x})",
            m.maximum, m.size);
    if (m.slots && m.maximum == m.size)
        return fail(
            "invalid value of maxmem: memory slots were specified but maximum memory size ({:#x}) "
            "is equal to the initial memory size ({:#x})",
            m.maximum, m.size);
    return m;
}

Result<hw::MachineConfig> machine_config(const Settings& s, const hw::MachineType& type) {
    hw::MachineConfig c;
    if (!s.cpu.empty()) {
        const auto model = s.cpu.substr(0, s.cpu.find(','));
        const auto known = i386::cpu_model_names();
        if (std::ranges::find(known, model) == known.end())
            return fail("unable to find CPU model '{}'", model);
    }
    c.cpu_model = s.cpu;
    if (!s.cpu.empty()) {
        i386::CpuWarnings warnings;
        TRY(i386::parse_cpu_model(s.cpu, &warnings));
        for (const std::string& w : warnings)
            Reporter(s).warning(w);
    }
    c.smp = TRY(smp_topology(s.smp, type));
    const auto memory = TRY(memory_size(s.memory, type));
    c.ram_size = memory.size;
    c.max_ram_size = memory.maximum;
    c.ram_slots = memory.slots;
    c.firmware_path = s.firmware_path;
    // Our own option ROMs lie beside a program in its build folder, and under the prefix of an
    // installed one.
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    if (!error) {
        c.firmware_path.push_back(self / "pc-bios");
        c.firmware_path.push_back(self.parent_path() / "share/qemu");
    }
    for (auto* what : {"initrd", "append"})
        if (s.machine_properties.find(what) && !s.machine_properties.find("kernel"))
            return fail("-{} only allowed with -kernel option", what);
    c.boot_order = type.default_boot_order;
    TRY(boot(s.boot, c));
    TRY(rtc(s.rtc, c));
    c.vga = s.vga;
    c.default_devices = s.default_devices;
    c.graphic = s.graphic;
    c.name = s.name;
    if (!s.uuid.empty()) c.uuid = TRY(canonical_uuid(s.uuid));
    return c;
}

}  // namespace vl
