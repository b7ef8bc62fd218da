// SPDX-License-Identifier: GPL-2.0-or-later
//
// Options that say which machine, and how it starts.
#include <array>

#include "vl/option-groups.h"

namespace vl {

namespace {

using Key = OptionKey;
using Type = OptionKey::Type;

constexpr std::array machine_keys{Key{"type"},
                                  Key{"accel"},
                                  Key{"memory-backend"},
                                  Key{"firmware"},
                                  Key{"kernel"},
                                  Key{"initrd"},
                                  Key{"append"},
                                  Key{"usb", Type::Boolean},
                                  Key{"hpet", Type::Boolean},
                                  Key{"mem-merge", Type::Boolean},
                                  Key{"dump-guest-core", Type::Boolean},
                                  Key{"suppress-vmdesc", Type::Boolean}};
constexpr std::array memory_keys{Key{"size", Type::Size}, Key{"slots", Type::Number},
                                 Key{"maxmem", Type::Size}};
constexpr std::array smp_keys{Key{"cpus", Type::Number},   Key{"sockets", Type::Number},
                              Key{"dies", Type::Number},   Key{"clusters", Type::Number},
                              Key{"cores", Type::Number},  Key{"threads", Type::Number},
                              Key{"maxcpus", Type::Number}};
constexpr std::array boot_keys{Key{"order"},
                               Key{"once"},
                               Key{"menu", Type::Boolean},
                               Key{"splash"},
                               Key{"splash-time", Type::Number},
                               Key{"reboot-timeout", Type::Number},
                               Key{"strict", Type::Boolean}};
constexpr std::array rtc_keys{Key{"base"}, Key{"clock"}, Key{"driftfix"}};
constexpr std::array name_keys{Key{"guest"}, Key{"process"}, Key{"debug-threads", Type::Boolean}};
constexpr std::array overcommit_keys{Key{"mem-lock", Type::Boolean}, Key{"cpu-pm", Type::Boolean}};
constexpr std::array global_keys{Key{"driver"}, Key{"property"}, Key{"value"}};
constexpr std::array action_keys{Key{"reboot"}, Key{"shutdown"}, Key{"panic"}, Key{"watchdog"}};

Result<void> machine(Settings& s, std::string_view text) {
    auto parsed = TRY(argument(text, "type", Form::Keyval));
    s.machine_help |= parsed.help;
    auto& given = *parsed.value.object();
    if (auto* type = given.find("type")) {
        s.machine_type = word(*type);
        given.erase("type");
    }
    if (auto* accel = given.find("accel")) {
        std::string list = word(*accel);
        given.erase("accel");
        s.accelerators.clear();
        for (std::size_t at = 0; at <= list.size();) {
            auto end = std::min(list.find(':', at), list.size());
            qapi::JsonObject one;
            one.set("accel", list.substr(at, end - at));
            s.accelerators.push_back(std::move(one));
            at = end + 1;
        }
    }
    // What has an option of its own may be said here too: smp.cpus=4, memory.size=1G.
    for (auto [key, option] :
         {std::pair{"boot", &s.boot}, std::pair{"memory", &s.memory}, std::pair{"smp", &s.smp}})
        if (auto* members = given.find(key)) {
            if (!members->object()) return fail("Parameter '{}' must be an object", key);
            merge(*option, *members->object());
            given.erase(key);
        }
    merge(s.machine_properties, given);
    return {};
}

/// An option that is short for a property of the machine.
Result<void> machine_property(Settings& s, std::string_view name, std::string_view value) {
    s.machine_properties.set(name, std::string(value));
    return {};
}

Result<void> accel(Settings& s, std::string_view text) {
    auto parsed = TRY(argument(text, "accel"));
    auto& given = *parsed.value.object();
    // An accelerator has no list of properties to show: "help" is one that it does not know.
    if (parsed.help && word(*given.find("accel")) != "help") given.set("help", "on");
    s.accelerators.push_back(std::move(given));
    return {};
}

/// `driver.property=value`, or `driver=D,property=P,value=V` for a driver whose name has a dot.
Result<void> global(Settings& s, std::string_view text) {
    const auto dot = text.find('.'), equals = text.find('=');
    hw::GlobalProperty g;
    if (dot != text.npos && equals != text.npos && dot < equals) {
        g.driver = text.substr(0, dot);
        g.property = text.substr(dot + 1, equals - dot - 1);
        g.value = text.substr(equals + 1);
    } else {
        auto given = TRY(structured(text, ""));
        for (auto [key, member] :
             {std::pair{"driver", &g.driver}, std::pair{"property", &g.property},
              std::pair{"value", &g.value}}) {
            auto* v = given.find(key);
            if (!v) return fail("Parameter '{}' is missing", key);
            *member = word(*v);
        }
    }
    s.globals.push_back(std::move(g));
    return {};
}

Result<void> name(Settings& s, std::string_view text) {
    const auto given = TRY(checked(text, "guest", name_keys));
    if (auto* guest = given.find("guest")) s.name = word(*guest);
    if (auto* process = given.find("process")) s.process_name = word(*process);
    return {};
}

Result<void> overcommit(Settings& s, std::string_view text) {
    const auto given = TRY(checked(text, "", overcommit_keys));
    if (auto* lock = given.find("mem-lock")) s.lock_memory = word(*lock) == "on";
    if (auto* pm = given.find("cpu-pm"); pm && word(*pm) == "on")
        return fail("'cpu-pm' needs an accelerator that runs guest code on the host's processors");
    return {};
}

constexpr std::array options{
    Option{"machine", "[type=]NAME[,PROP=VALUE...]",
           "choose the machine and set its properties ('help' lists the types)", machine, "machine",
           machine_keys},
    Option{"M", "NAME", "as -machine", machine},
    Option{"accel", "[accel=]NAME[,PROP=VALUE...]",
           "choose what runs the vCPUs; repeat to name a fallback ('help' lists them)", accel,
           "accel"},
    Option{"enable-kvm", "", "as -accel kvm",
           [](Settings& s, std::string_view) { return accel(s, "kvm"); }},
    Option{"cpu", "MODEL[,+FEATURE][,-FEATURE][,PROP=VALUE]",
           "choose the CPU model ('help' lists them)",
           [](Settings& s, std::string_view a) { return assign(s.cpu, a); }},
    Option{"smp", "[cpus=]N[,maxcpus=][,sockets=][,dies=][,cores=][,threads=]",
           "number of vCPUs and their topology",
           [](Settings& s, std::string_view a) { return merge_structured(s.smp, a, "cpus"); },
           "smp-opts", smp_keys},
    Option{"m", "[size=]MEGS[,slots=N,maxmem=SIZE]", "amount of guest memory",
           [](Settings& s, std::string_view a) {
               return merge_checked(s.memory, a, "size", memory_keys);
           },
           "memory", memory_keys},
    Option{"mem-path", "PATH",
           "the guest's memory is this file, or an unnamed one in this directory",
           [](Settings& s, std::string_view a) { return assign(s.memory_path, a); }},
    Option{"mem-prealloc", "", "the host provides all of the guest's memory at once",
           [](Settings& s, std::string_view) { return assign(s.preallocate, true); }},
    Option{"overcommit", "[mem-lock=on|off][,cpu-pm=off]",
           "keep this process's memory from swapping", overcommit, "overcommit", overcommit_keys},
    Option{"global", "DRIVER.PROPERTY=VALUE", "set a default for every device of a type", global,
           "global", global_keys},
    Option{"boot", "[order=]DRIVES[,once=][,menu=on|off][,strict=on|off][,splash-time=]",
           "boot order: a, b floppies, c disk, d CD-ROM, n network",
           [](Settings& s, std::string_view a) { return merge_structured(s.boot, a, "order"); },
           "boot-opts", boot_keys},
    Option{
        "rtc", "[base=utc|localtime|DATETIME][,clock=host|rt|vm][,driftfix=none|slew]",
        "what the real-time clock shows and runs on",
        [](Settings& s, std::string_view a) { return merge_checked(s.rtc, a, "base", rtc_keys); },
        "rtc", rtc_keys},
    Option{"name", "[guest=]NAME[,process=NAME][,debug-threads=on|off]",
           "name of the guest and of this process", name, "name", name_keys},
    Option{"uuid", "UUID", "the machine's UUID",
           [](Settings& s, std::string_view a) { return assign(s.uuid, a); }},
    Option{"bios", "FILE", "firmware image",
           [](Settings& s, std::string_view a) { return machine_property(s, "firmware", a); }},
    Option{"L", "DIR", "look for firmware in DIR first",
           [](Settings& s, std::string_view a) -> Result<void> {
               s.firmware_path.emplace_back(a);
               return {};
           }},
    Option{"kernel", "FILE", "boot this Linux or multiboot kernel",
           [](Settings& s, std::string_view a) { return machine_property(s, "kernel", a); }},
    Option{"initrd", "FILE", "initial RAM disk, or multiboot modules separated by commas",
           [](Settings& s, std::string_view a) { return machine_property(s, "initrd", a); }},
    Option{"append", "TEXT", "kernel command line",
           [](Settings& s, std::string_view a) { return machine_property(s, "append", a); }},
    Option{"nodefaults", "", "make no default devices",
           [](Settings& s, std::string_view) { return assign(s.default_devices, false); }},
    Option{"no-user-config", "", "accepted: there are no default configuration files",
           [](Settings&, std::string_view) { return Result<void>{}; }},
    Option{"no-acpi", "", "as -machine acpi=off",
           [](Settings& s, std::string_view) { return machine_property(s, "acpi", "off"); }},
    Option{"no-hpet", "", "as -machine hpet=off",
           [](Settings& s, std::string_view) { return machine_property(s, "hpet", "off"); }},
    Option{"usb", "", "as -machine usb=on",
           [](Settings& s, std::string_view) { return machine_property(s, "usb", "on"); }},
    Option{"S", "", "start with the vCPUs stopped; 'cont' starts them",
           [](Settings& s, std::string_view) { return assign(s.start_paused, true); }},
    Option{"no-reboot", "", "exit instead of rebooting",
           [](Settings& s, std::string_view) { return assign(s.no_reboot, true); }},
    Option{"no-shutdown", "", "stay, paused, when the guest shuts down",
           [](Settings& s, std::string_view) { return assign(s.no_shutdown, true); }},
    Option{
        "action", "EVENT=ACTION[,...]",
        "what follows a guest's reboot, shutdown, panic or watchdog",
        [](Settings& s, std::string_view a) { return merge_checked(s.action, a, "", action_keys); },
        "action", action_keys},
    Option{"watchdog-action", "reset|shutdown|poweroff|inject-nmi|pause|debug|none",
           "as -action watchdog=",
           [](Settings& s, std::string_view a) {
               s.action.set("watchdog", std::string(a));
               return Result<void>{};
           }},
    Option{"incoming", "URI",
           "wait for a migration stream or device-state file: exec:COMMAND, fd:N, file:PATH, "
           "unix:PATH, tcp:HOST:PORT or defer",
           [](Settings& s, std::string_view a) {
               s.incoming = std::string(a);
               return Result<void>{};
           }},
    Option{"only-migratable", "", "refuse devices whose state cannot be saved",
           [](Settings& s, std::string_view) { return assign(s.only_migratable, true); }},
    Option{"singlestep", "", "run one instruction at a time",
           [](Settings& s, std::string_view) { return assign(s.singlestep, true); }},
};

}  // namespace

std::span<const Option> machine_options() {
    return options;
}

}  // namespace vl
