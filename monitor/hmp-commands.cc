// SPDX-License-Identifier: GPL-2.0-or-later
//
// The table of HMP commands. A row appears to users only when the QMP command it stands on is
// there.
#include <algorithm>
#include <vector>

#include "chardev/chardevs.h"
#include "hw/core/machine.h"
#include "monitor/hmp-audio.h"
#include "monitor/hmp-block.h"
#include "monitor/hmp-machine.h"
#include "monitor/hmp-net.h"
#include "monitor/hmp.h"
#include "qapi/context.h"
#include "qapi/keyval.h"
#include "qapi/qapi-visit-qom.h"
#include "qom/user-objects.h"
#include "util/log.h"

namespace monitor {

using qapi::Json;
using qapi::JsonObject;

namespace {

/// A command that is one QMP command with the arguments as typed, and says nothing.
Result<void> plain(Hmp& hmp, std::string_view command, JsonObject arguments = {}) {
    (void)TRY(hmp.qmp(command, std::move(arguments)));
    return {};
}

/// "a=1,b=x": commas inside a value are doubled. The first item may be the value of `implied`.
chardev::KeyValues key_values(std::string_view text, std::string_view implied) {
    chardev::KeyValues out;
    std::string item;
    const auto flush = [&] {
        const auto equals = item.find('=');
        if (equals != item.npos)
            out.emplace_back(item.substr(0, equals), item.substr(equals + 1));
        else if (out.empty() && !implied.empty())
            out.emplace_back(implied, item);
        else if (!item.empty())
            out.emplace_back(item, "on");
        item.clear();
    };
    for (std::size_t i = 0; i < text.size(); i++) {
        if (text[i] != ',') {
            item += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == ',') {
            item += text[i++];
        } else {
            flush();
        }
    }
    flush();
    return out;
}

JsonObject key_value_object(std::string_view text, std::string_view implied) {
    JsonObject object;
    for (auto& [key, value] : key_values(text, implied))
        object.set(key, value);
    return object;
}

// The monitor itself

Result<void> help(Hmp& hmp, const HmpArguments& a) {
    hmp.print_help(a.maybe_text("name").value_or(""));
    return {};
}
Result<void> info(Hmp& hmp, const HmpArguments&) {
    hmp.print_help("info");
    return {};
}
Result<void> quit(Hmp& hmp, const HmpArguments&) {
    return plain(hmp, "quit");
}
Result<void> getfd(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "getfd", {{"fdname", a.text("name")}});
}
Result<void> closefd(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "closefd", {{"fdname", a.text("name")}});
}
Result<void> log(Hmp& hmp, const HmpArguments& a) {
    Log* log = hmp.services().find<Log>();
    if (!log) return fail("there is no log");
    const std::string& items = a.text("items");
    if (items == "help" || !log->set_items(items)) hmp.print_text(Log::help());
    return {};
}
Result<void> logfile(Hmp& hmp, const HmpArguments& a) {
    Log* log = hmp.services().find<Log>();
    if (!log) return fail("there is no log");
    return log->set_file(a.text("filename"));
}
Result<void> print(Hmp& hmp, const HmpArguments& a) {
    const std::int64_t value = a.number("val");
    switch (hmp.complete_format(a.format()).letter) {
        case 'o': hmp.print("{:#o}\n", static_cast<std::uint64_t>(value)); break;
        case 'u': hmp.print("{}\n", static_cast<std::uint64_t>(value)); break;
        case 'i':
        case 'd': hmp.print("{}\n", value); break;
        case 'c':
            if (value >= ' ' && value < 0x7f)
                hmp.print("'{}'\n", static_cast<char>(value));
            else
                hmp.print("'\\x{:02x}'\n", static_cast<std::uint64_t>(value));
            break;
        // As printf() has it, zero goes without the base.
        default:
            if (value)
                hmp.print("{:#x}\n", static_cast<std::uint64_t>(value));
            else
                hmp.print("0\n");
            break;
    }
    return {};
}

// The run

Result<void> stop(Hmp& hmp, const HmpArguments&) {
    return plain(hmp, "stop");
}
Result<void> cont(Hmp& hmp, const HmpArguments&) {
    return plain(hmp, "cont");
}
Result<void> boot_set(Hmp& hmp, const HmpArguments& a) {
    auto* machine = hmp.services().find<hw::Machine>();
    if (!machine) return fail("there is no machine yet");
    const std::string& letters = a.text("bootdevice");
    // Without an "Error: " in front, as QEMU 7.2.
    if (const auto set = machine->set_boot_devices(letters); !set)
        hmp.print("{}\n", set.error().description());
    else
        hmp.print("boot device list now set to {}\n", letters);
    return {};
}
Result<void> system_reset(Hmp& hmp, const HmpArguments&) {
    return plain(hmp, "system_reset");
}
Result<void> system_powerdown(Hmp& hmp, const HmpArguments&) {
    return plain(hmp, "system_powerdown");
}
Result<void> system_wakeup(Hmp& hmp, const HmpArguments&) {
    return plain(hmp, "system_wakeup");
}
Result<void> nmi(Hmp& hmp, const HmpArguments&) {
    return plain(hmp, "inject-nmi");
}
Result<void> watchdog_action(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "watchdog-set-action", {{"action", a.text("action")}});
}
Result<void> cpu(Hmp& hmp, const HmpArguments& a) {
    if (!hmp.select_cpu(a.number("index"))) hmp.print("invalid CPU index\n");
    return {};
}

// Memory

Result<void> balloon(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "balloon", {{"value", a.number("value")}});
}

// Devices and back ends

Result<void> device_add(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "device_add", key_value_object(a.text("device"), "driver"));
}
Result<void> device_del(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "device_del", {{"id", a.text("id")}});
}
Result<void> object_add(Hmp& hmp, const HmpArguments& a) {
    const qapi::Argument argument = qapi::parse_options(a.text("object"), "qom-type");
    const auto options = TRY(qapi::from_argument<qapi::ObjectOptions>(argument));
    return plain(hmp, "object-add", *qapi::to_json(options).object());
}
Result<void> object_del(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "object-del", {{"id", a.text("id")}});
}
Result<void> chardev_add(Hmp& hmp, const HmpArguments& a) {
    (void)TRY(hmp.services().get<chardev::Chardevs>().add(key_values(a.text("args"), "backend")));
    return {};
}
Result<void> chardev_change(Hmp& hmp, const HmpArguments& a) {
    chardev::KeyValues options = key_values(a.text("args"), "backend");
    std::erase_if(options, [](const auto& o) { return o.first == "id"; });
    options.emplace_back("id", a.text("id"));
    const auto named = TRY(chardev::parse_options(options));
    (void)TRY(hmp.services().get<chardev::Chardevs>().change(named.id, named.config));
    return {};
}
Result<void> chardev_remove(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "chardev-remove", {{"id", a.text("id")}});
}
Result<void> chardev_send_break(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "chardev-send-break", {{"id", a.text("id")}});
}
Result<void> ringbuf_write(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "ringbuf-write", {{"device", a.text("device")}, {"data", a.text("data")}});
}
Result<void> ringbuf_read(Hmp& hmp, const HmpArguments& a) {
    const Json read =
        TRY(hmp.qmp("ringbuf-read", {{"device", a.text("device")}, {"size", a.number("size")}}));
    for (const char c : *read.string()) {
        // Control characters would act on the reader's terminal.
        if (c == '\\')
            hmp.print("\\\\");
        else if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f)
            hmp.print("\\u{:04X}", static_cast<unsigned char>(c));
        else
            hmp.print("{}", c);
    }
    hmp.print("\n");
    return {};
}

// The object tree

Result<void> qom_list(Hmp& hmp, const HmpArguments& a) {
    const auto path = a.maybe_text("path");
    if (!path) {
        hmp.print("/\n");
        return {};
    }
    const Json list = TRY(hmp.qmp("qom-list", {{"path", *path}}));
    for (const Json& p : *list.array())
        hmp.print("{} ({})\n", *p["name"].string(), *p["type"].string());
    return {};
}
Result<void> qom_get(Hmp& hmp, const HmpArguments& a) {
    const Json value =
        TRY(hmp.qmp("qom-get", {{"path", a.text("path")}, {"property", a.text("property")}}));
    hmp.print("{}\n", value.pretty_text());
    return {};
}
Result<void> qom_set(Hmp& hmp, const HmpArguments& a) {
    const std::string& text = a.text("value");
    // What reads as JSON is meant so; everything else is a string (with -j, an error).
    Result<Json> value = Json::parse(text);
    if (!value && a.flag("j")) return std::move(value).error();
    return plain(hmp, "qom-set",
                 {{"path", a.text("path")},
                  {"property", a.text("property")},
                  {"value", value ? *std::move(value) : Json(text)}});
}

// State

Result<void> migrate(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "migrate", {{"uri", a.text("uri")}});
}
Result<void> migrate_cancel(Hmp& hmp, const HmpArguments&) {
    return plain(hmp, "migrate_cancel");
}
Result<void> migrate_incoming(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "migrate-incoming", {{"uri", a.text("uri")}});
}
Result<void> migrate_set_capability(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "migrate-set-capabilities",
                 {{"capabilities", Json::array({Json::object({{"capability", a.text("capability")},
                                                              {"state", a.on("state")}})})}});
}

Result<void> load_devices_state(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "xen-load-devices-state", {{"filename", a.text("filename")}});
}
Result<void> save_devices_state(Hmp& hmp, const HmpArguments& a) {
    return plain(hmp, "xen-save-devices-state", {{"filename", a.text("filename")}});
}

constexpr HmpArg help_args[] = {arg::rest("name", Complete::command).maybe()};
constexpr HmpArg name_args[] = {arg::word("name")};
constexpr HmpArg id_args[] = {arg::word("id")};
constexpr HmpArg device_id_args[] = {arg::word("id", Complete::device)};
constexpr HmpArg object_id_args[] = {arg::word("id", Complete::object)};
constexpr HmpArg chardev_id_args[] = {arg::word("id", Complete::chardev)};
constexpr HmpArg items_args[] = {arg::rest("items", Complete::log_item)};
constexpr HmpArg file_args[] = {arg::file("filename")};
constexpr HmpArg print_args[] = {arg::format(), arg::number("val")};
constexpr HmpArg action_args[] = {arg::word("action")};
constexpr HmpArg cpu_args[] = {arg::number("index")};
constexpr HmpArg balloon_args[] = {arg::bytes("value")};
constexpr HmpArg device_args[] = {arg::rest("device", Complete::device_type)};
constexpr HmpArg object_args[] = {arg::rest("object")};
constexpr HmpArg link_args[] = {arg::word("name"), arg::on_off("up")};
constexpr HmpArg announce_args[] = {arg::word("interfaces").maybe(), arg::word("id").maybe()};
constexpr HmpArg netdev_args[] = {arg::rest("netdev")};
constexpr HmpArg forward_args[] = {arg::word("netdev"), arg::word("rule").maybe()};
constexpr HmpArg boot_set_args[] = {arg::word("bootdevice")};
constexpr HmpArg drive_add_args[] = {arg::flag("n"), arg::word("address"), arg::rest("opts")};
constexpr HmpArg drive_del_args[] = {arg::word("id")};
constexpr HmpArg eject_args[] = {arg::flag("f"), arg::word("device")};
constexpr HmpArg resize_args[] = {arg::word("device"), arg::bytes("size")};
constexpr HmpArg medium_args[] = {arg::word("device"), arg::flag("f"), arg::file("filename"),
                                  arg::word("format").maybe(), arg::word("read-only-mode").maybe()};
constexpr HmpArg args_args[] = {arg::rest("args")};
constexpr HmpArg change_args[] = {arg::word("id", Complete::chardev), arg::rest("args")};
constexpr HmpArg ring_write_args[] = {arg::word("device", Complete::ringbuf), arg::word("data")};
constexpr HmpArg ring_read_args[] = {arg::word("device", Complete::ringbuf), arg::number("size")};
constexpr HmpArg path_args[] = {arg::word("path", Complete::qom_path).maybe()};
constexpr HmpArg get_args[] = {arg::word("path", Complete::qom_path), arg::word("property")};
constexpr HmpArg set_args[] = {arg::flag("j"), arg::word("path", Complete::qom_path),
                               arg::word("property"), arg::rest("value")};
constexpr HmpArg migrate_args[] = {arg::flag("d"), arg::word("uri")};
constexpr HmpArg wav_args[] = {arg::file("path"), arg::word("audiodev"),
                               arg::number("freq").maybe(), arg::number("bits").maybe(),
                               arg::number("nchannels").maybe()};
constexpr HmpArg capture_args[] = {arg::number("n")};
constexpr HmpArg uri_args[] = {arg::word("uri")};
constexpr HmpArg capability_args[] = {arg::word("capability", Complete::migration_capability),
                                      arg::on_off("state")};

constexpr HmpCommand table[] = {
    {"announce_self", announce_args, "[interfaces] [id]",
     "tell the network where the guest's cards are", "announce-self", network::announce_self},
    {"balloon", balloon_args, "target", "ask the guest to make do with so many megabytes",
     "balloon", balloon},
    {"block_resize", resize_args, "device size",
     "make a disk larger or smaller (in megabytes, or with a suffix)", "block_resize",
     disks::resize},
    {"boot_set",
     boot_set_args,
     "bootdevice",
     "what the firmware tries from the next start on, as -boot",
     {},
     boot_set},
    {"change", medium_args, "device [-f] filename [format [read-only-mode]]",
     "put another medium into a drive (-f: even if the guest locked the last one)",
     "blockdev-change-medium", disks::change},
    {"chardev-add", args_args, "args", "make a character device", "chardev-add", chardev_add},
    {"chardev-change", change_args, "id args", "put another back end under a character device",
     "chardev-change", chardev_change},
    {"chardev-remove", chardev_id_args, "id", "remove a character device", "chardev-remove",
     chardev_remove},
    {"chardev-send-break", chardev_id_args, "id", "let the device on it see a break condition",
     "chardev-send-break", chardev_send_break},
    {"closefd", name_args, "closefd name", "close a file descriptor that was passed by getfd",
     "closefd", closefd},
    {"cont|c", {}, "", "run the guest, or run it on", "cont", cont},
    {"cpu", cpu_args, "index", "look at this CPU from now on", "query-cpus-fast", cpu},
    {"device_add", device_args, "driver[,prop=value][,...]", "plug in a device, as -device does",
     "device_add", device_add},
    {"device_del", device_id_args, "device", "unplug a device", "device_del", device_del},
    {"drive_add",
     drive_add_args,
     "[-n] address opts",
     "make a drive for a device that comes later (-n: a block node)",
     {},
     disks::drive_add},
    {"drive_del",
     drive_del_args,
     "device",
     "take a drive's medium away for good",
     {},
     disks::drive_del},
    {"eject", eject_args, "[-f] device", "take a medium out (-f: even if the guest locked it)",
     "eject", disks::eject},
    {"getfd", name_args, "getfd name", "keep the file descriptor passed along under a name",
     "getfd", getfd},
    {"help|?", help_args, "[cmd]", "list the commands, or explain one", {}, help},
    {"hostfwd_add",
     forward_args,
     "[netdev_id] [tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport",
     "lead connections to a port of the host to the guest",
     {},
     network::hostfwd_add},
    {"hostfwd_remove",
     forward_args,
     "[netdev_id] [tcp|udp]:[hostaddr]:hostport",
     "lead them there no longer",
     {},
     network::hostfwd_remove},
    {"info", {}, "[subcommand]", "show something about the machine", {}, info},
    {"log", items_args, "item1[,...]", "choose what is logged; none for nothing", {}, log},
    {"logfile", file_args, "filename", "write the log to this file", {}, logfile},
    {"migrate", migrate_args, "[-d] uri",
     "send the state to URI (it is done in the background, with -d or without)", "migrate",
     migrate},
    {"migrate_cancel", {}, "", "give up the migration under way", "migrate_cancel", migrate_cancel},
    {"migrate_incoming", uri_args, "uri", "go on with -incoming defer", "migrate-incoming",
     migrate_incoming},
    {"migrate_set_capability", capability_args, "capability state",
     "switch a capability of migrations on or off", "migrate-set-capabilities",
     migrate_set_capability},
    {"netdev_add", netdev_args, "type,id=str[,prop=value][,...]",
     "make a network back end, as -netdev does", "netdev_add", network::netdev_add},
    {"netdev_del", id_args, "id", "remove a network back end", "netdev_del", network::netdev_del},
    {"nmi", {}, "", "send a non-maskable interrupt", "inject-nmi", nmi},
    {"object_add", object_args, "[qom-type=]type,id=str[,prop=value][,...]",
     "make an object, as -object does", "object-add", object_add},
    {"object_del", object_id_args, "id", "remove an object made by object-add", "object-del",
     object_del},
    {"print|p", print_args, "/fmt expr", "show the value of an expression", {}, print},
    {"qom-get", get_args, "path property", "show a property of an object", "qom-get", qom_get},
    {"qom-list", path_args, "path", "list the properties of an object", "qom-list", qom_list},
    {"qom-set", set_args, "[-j] path property value",
     "give a property of an object a value (-j: in JSON)", "qom-set", qom_set},
    {"quit|q", {}, "", "end the emulator", "quit", quit},
    {"ringbuf_read", ring_read_args, "device size", "take bytes out of a ring buffer",
     "ringbuf-read", ringbuf_read},
    {"ringbuf_write", ring_write_args, "device data", "put bytes into a ring buffer",
     "ringbuf-write", ringbuf_write},
    {"set_link", link_args, "name on|off", "plug or pull the cable of a network device", "set_link",
     network::set_link},
    {"stop|s", {}, "", "halt the guest", "stop", stop},
    {"stopcapture",
     capture_args,
     "capture index",
     "end a recording of sound",
     {},
     sound::stopcapture},
    {"system_powerdown", {}, "", "press the power button", "system_powerdown", system_powerdown},
    {"system_reset", {}, "", "reset the machine", "system_reset", system_reset},
    {"system_wakeup", {}, "", "wake the guest from suspend", "system_wakeup", system_wakeup},
    {"watchdog_action", action_args, "[reset|shutdown|poweroff|pause|debug|none]",
     "what to do when a watchdog expires", "watchdog-set-action", watchdog_action},
    {"wavcapture",
     wav_args,
     "path audiodev [frequency [bits [channels]]]",
     "record what a back end for sound plays, in a WAV file",
     {},
     sound::wavcapture},
    {"xen-load-devices-state", file_args, "filename",
     "put the devices' state from a file into the stopped machine", "xen-load-devices-state",
     load_devices_state},
    {"xen-save-devices-state", file_args, "filename",
     "write the state of all devices, without memory and disks, to a file",
     "xen-save-devices-state", save_devices_state},
};

}  // namespace

std::span<const HmpCommand> hmp_commands() {
    static const std::vector<HmpCommand> all = [] {
        std::vector<HmpCommand> joined(std::begin(table), std::end(table));
        for (const auto& more : {hmp_debug_commands(), hmp_ui_commands()})
            joined.insert(joined.end(), more.begin(), more.end());
        std::ranges::sort(joined, {}, &HmpCommand::name);
        return joined;
    }();
    return all;
}

}  // namespace monitor
