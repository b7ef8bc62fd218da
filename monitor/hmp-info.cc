// SPDX-License-Identifier: GPL-2.0-or-later
//
// The subcommands of HMP's info.
#include "monitor/hmp-audio.h"
#include "monitor/hmp-block.h"
#include "monitor/hmp-machine.h"
#include "monitor/hmp-net.h"
#include "monitor/hmp.h"

namespace monitor {

using qapi::Json;
using qapi::JsonArray;

namespace {

const std::string& text(const Json& json) {
    static const std::string none;
    return json.string() ? *json.string() : none;
}
std::int64_t number(const Json& json) {
    return json.integer().value_or(0);
}
bool yes(const Json& json) {
    return json.boolean() && *json.boolean();
}
const JsonArray& list(const Json& json) {
    static const JsonArray none;
    return json.array() ? *json.array() : none;
}

Result<void> version(Hmp& hmp, const HmpArguments&) {
    const Json v = TRY(hmp.qmp("query-version"));
    const Json& q = v["qemu"];
    hmp.print("{}.{}.{}{}\n", number(q["major"]), number(q["minor"]), number(q["micro"]),
              text(v["package"]));
    return {};
}

Result<void> status(Hmp& hmp, const HmpArguments&) {
    const Json s = TRY(hmp.qmp("query-status"));
    const bool running = yes(s["running"]);
    hmp.print("VM status: {}{}", running ? "running" : "paused",
              yes(s["singlestep"]) ? " (single step mode)" : "");
    const std::string& state = text(s["status"]);
    if (!running && state != "paused") hmp.print(" ({})", state);
    hmp.print("\n");
    return {};
}

Result<void> name(Hmp& hmp, const HmpArguments&) {
    const Json n = TRY(hmp.qmp("query-name"));
    if (n["name"].string()) hmp.print("{}\n", text(n["name"]));
    return {};
}

Result<void> uuid(Hmp& hmp, const HmpArguments&) {
    hmp.print("{}\n", text(TRY(hmp.qmp("query-uuid"))["UUID"]));
    return {};
}

Result<void> kvm(Hmp& hmp, const HmpArguments&) {
    const Json k = TRY(hmp.qmp("query-kvm"));
    hmp.print("kvm support: {}\n", !yes(k["present"])  ? "not compiled"
                                   : yes(k["enabled"]) ? "enabled"
                                                       : "disabled");
    return {};
}

Result<void> chardev(Hmp& hmp, const HmpArguments&) {
    const Json all = TRY(hmp.qmp("query-chardev"));
    for (const Json& c : list(all))
        hmp.print("{}: filename={}\n", text(c["label"]), text(c["filename"]));
    return {};
}

Result<void> cpus(Hmp& hmp, const HmpArguments&) {
    const Json all = TRY(hmp.qmp("query-cpus-fast"));
    for (const Json& c : list(all)) {
        const std::int64_t index = number(c["cpu-index"]);
        hmp.print("{} CPU #{}: thread_id={}\n", index == hmp.selected_cpu() ? '*' : ' ', index,
                  number(c["thread-id"]));
    }
    return {};
}

Result<void> history(Hmp& hmp, const HmpArguments&) {
    for (std::size_t i = 0; i < hmp.history.size(); i++)
        hmp.print("{}: '{}'\n", i, hmp.history[i]);
    return {};
}

Result<void> iothreads(Hmp& hmp, const HmpArguments&) {
    const Json all = TRY(hmp.qmp("query-iothreads"));
    for (const Json& t : list(all)) {
        hmp.print("{}:\n", text(t["id"]));
        for (const char* member :
             {"thread-id", "poll-max-ns", "poll-grow", "poll-shrink", "aio-max-batch"}) {
            // The one that is not spelt as in QMP.
            const bool thread = member == std::string_view("thread-id");
            hmp.print("  {}={}\n", thread ? "thread_id" : member, number(t[member]));
        }
    }
    return {};
}

Result<void> memory_size_summary(Hmp& hmp, const HmpArguments&) {
    const Json m = TRY(hmp.qmp("query-memory-size-summary"));
    hmp.print("base memory: {}\n", number(m["base-memory"]));
    if (m["plugged-memory"].integer())
        hmp.print("plugged memory: {}\n", number(m["plugged-memory"]));
    return {};
}

Result<void> memory_devices(Hmp& hmp, const HmpArguments&) {
    const Json all = TRY(hmp.qmp("query-memory-devices"));
    const auto on = [](const Json& j) { return yes(j) ? "true" : "false"; };
    for (const Json& m : list(all)) {
        const Json& d = m["data"];
        hmp.print("Memory device [{}]: \"{}\"\n", text(m["type"]),
                  d["id"].string() ? text(d["id"]) : "");
        hmp.print("  addr: {:#x}\n  slot: {}\n  node: {}\n  size: {}\n  memdev: {}\n",
                  number(d["addr"]), number(d["slot"]), number(d["node"]), number(d["size"]),
                  text(d["memdev"]));
        hmp.print("  hotplugged: {}\n  hotpluggable: {}\n", on(d["hotplugged"]),
                  on(d["hotpluggable"]));
    }
    return {};
}

Result<void> memdev(Hmp& hmp, const HmpArguments&) {
    const Json all = TRY(hmp.qmp("query-memdev"));
    const auto on = [](const Json& j) { return yes(j) ? "true" : "false"; };
    for (const Json& m : list(all)) {
        hmp.print("memory backend: {}\n", text(m["id"]));
        hmp.print("  size:  {}\n  merge: {}\n  dump: {}\n  prealloc: {}\n  share: {}\n",
                  number(m["size"]), on(m["merge"]), on(m["dump"]), on(m["prealloc"]),
                  on(m["share"]));
        if (m.find("reserve")) hmp.print("  reserve: {}\n", on(m["reserve"]));
        hmp.print("  policy: {}\n  host nodes: ", text(m["policy"]));
        const auto nodes = list(m["host-nodes"]);
        for (std::size_t i = 0; i < nodes.size(); i++)
            hmp.print("{}{}", i ? "," : "", number(nodes[i]));
        hmp.print("\n\n");
    }
    return {};
}

Result<void> migrate_capabilities(Hmp& hmp, const HmpArguments&) {
    const Json all = TRY(hmp.qmp("query-migrate-capabilities"));
    for (const Json& c : list(all))
        hmp.print("{}: {}\n", text(c["capability"]), yes(c["state"]) ? "on" : "off");
    return {};
}

Result<void> trace_events(Hmp& hmp, const HmpArguments& a) {
    const Json all =
        TRY(hmp.qmp("trace-event-get-state", {{"name", a.maybe_text("name").value_or("*")}}));
    for (const Json& point : list(all))
        hmp.print("{} : state {:d}\n", text(point["name"]), text(point["state"]) == "enabled");
    return {};
}

Result<void> balloon(Hmp& hmp, const HmpArguments&) {
    const Json b = TRY(hmp.qmp("query-balloon"));
    hmp.print("balloon: actual={}\n", number(b["actual"]) >> 20);
    return {};
}

Result<void> hotpluggable_cpus(Hmp& hmp, const HmpArguments&) {
    const Json all = TRY(hmp.qmp("query-hotpluggable-cpus"));
    hmp.print("Hotpluggable CPUs:\n");
    for (const Json& c : list(all)) {
        hmp.print("  type: \"{}\"\n  vcpus_count: \"{}\"\n", text(c["type"]),
                  number(c["vcpus-count"]));
        if (c["qom-path"].string()) hmp.print("  qom_path: \"{}\"\n", text(c["qom-path"]));
        hmp.print("  CPUInstance Properties:\n");
        for (const char* member :
             {"node-id", "socket-id", "die-id", "cluster-id", "core-id", "thread-id"})
            if (const auto id = c["props"][member].integer())
                hmp.print("    {}: \"{}\"\n", member, *id);
    }
    return {};
}

/// The x-query commands return their text as it is.
template <const char* command>
Result<void> readable(Hmp& hmp, const HmpArguments&) {
    const Json answer = TRY(hmp.qmp(command));
    hmp.print_text(text(answer["human-readable-text"]));
    return {};
}
Result<void> device_state(Hmp& hmp, const HmpArguments&) {
    const Json all = TRY(hmp.qmp("query-device-state"));
    std::int64_t bytes = 0;
    hmp.print("{:>4} {:>4} {:>4} {:>8}  {}\n", "id", "inst", "ver", "bytes", "section");
    for (const Json& s : list(all)) {
        hmp.print("{:>4} {:>4} {:>4} {:>8}  {}\n", number(s["section-id"]),
                  number(s["instance-id"]), number(s["version-id"]), number(s["size"]),
                  text(s["idstr"]));
        bytes += number(s["size"]);
    }
    hmp.print("{} sections, {} bytes of data\n", list(all).size(), bytes);
    return {};
}
Result<void> mice(Hmp& hmp, const HmpArguments&) {
    const Json all = TRY(hmp.qmp("query-mice"));
    if (list(all).empty()) hmp.print("No mouse devices connected\n");
    for (const Json& m : list(all))
        hmp.print("{} Mouse #{}: {}{}\n", yes(m["current"]) ? '*' : ' ', number(m["index"]),
                  text(m["name"]), yes(m["absolute"]) ? " (absolute)" : "");
    return {};
}

void pci_function(Hmp& hmp, const Json& d) {
    hmp.print("  Bus {:2}, device {:3}, function {}:\n    ", number(d["bus"]), number(d["slot"]),
              number(d["function"]));
    const Json& kind = d["class_info"];
    if (kind["desc"].string())
        hmp.print("{}", text(kind["desc"]));
    else
        hmp.print("Class {:04}", number(kind["class"]));
    const Json& id = d["id"];
    hmp.print(": PCI device {:04x}:{:04x}\n", number(id["vendor"]), number(id["device"]));
    if (id["subsystem"].integer())
        hmp.print("      PCI subsystem {:04x}:{:04x}\n", number(id["subsystem-vendor"]),
                  number(id["subsystem"]));
    if (d["irq"].integer())
        hmp.print("      IRQ {}, pin {:c}\n", number(d["irq"]),
                  static_cast<char>('A' + number(d["irq_pin"]) - 1));
    const Json& bridge = d["pci_bridge"];
    if (const Json& bus = bridge["bus"]; bus.object()) {
        hmp.print("      BUS {}.\n      secondary bus {}.\n      subordinate bus {}.\n",
                  number(bus["number"]), number(bus["secondary"]), number(bus["subordinate"]));
        const Json& ports = bus["io_range"];
        hmp.print("      IO range [{:#06x}, {:#06x}]\n", number(ports["base"]),
                  number(ports["limit"]));
        for (auto [what, member] : {std::pair{"memory", "memory_range"},
                                    std::pair{"prefetchable memory", "prefetchable_range"}}) {
            const Json& r = bus[member];
            hmp.print("      {} range [{:#010x}, {:#010x}]\n", what, number(r["base"]),
                      number(r["limit"]));
        }
    }
    for (const Json& r : list(d["regions"])) {
        const auto first = static_cast<std::uint64_t>(number(r["address"]));
        const auto last = first + static_cast<std::uint64_t>(number(r["size"])) - 1;
        if (text(r["type"]) == "io")
            hmp.print("      BAR{}: I/O at {:#06x} [{:#06x}].\n", number(r["bar"]), first, last);
        else
            hmp.print("      BAR{}: {} bit{} memory at {:#010x} [{:#010x}].\n", number(r["bar"]),
                      yes(r["mem_type_64"]) ? 64 : 32, yes(r["prefetch"]) ? " prefetchable" : "",
                      first, last);
    }
    hmp.print("      id \"{}\"\n", text(d["qdev_id"]));
    for (const Json& behind : list(bridge["devices"]))
        pci_function(hmp, behind);
}

Result<void> pci(Hmp& hmp, const HmpArguments&) {
    const Json buses = TRY(hmp.qmp("query-pci"));
    for (const Json& bus : list(buses))
        for (const Json& d : list(bus["devices"]))
            pci_function(hmp, d);
    return {};
}

Result<void> vm_generation_id(Hmp& hmp, const HmpArguments&) {
    hmp.print("{}\n", text(TRY(hmp.qmp("query-vm-generation-id"))["guid"]));
    return {};
}

Result<void> screen(Hmp& hmp, const HmpArguments& a) {
    const Json answer = TRY(hmp.qmp("x-query-screen", {{"colors", !a.flag("t")}}));
    hmp.print_text(text(answer["human-readable-text"]));
    return {};
}
constexpr char irq_command[] = "x-query-irq", jit_command[] = "x-query-jit",
               numa_command[] = "x-query-numa", ramblock_command[] = "x-query-ramblock",
               roms_command[] = "x-query-roms", usb_command[] = "x-query-usb";

constexpr HmpArg block_args[] = {arg::flag("n"), arg::flag("v"), arg::word("device").maybe()};
constexpr HmpArg mtree_args[] = {arg::flag("f"), arg::flag("D")};
constexpr HmpArg trace_events_args[] = {arg::word("name").maybe()};
constexpr HmpArg registers_args[] = {arg::flag("a"), arg::number("vcpu").maybe()};
constexpr HmpArg lapic_args[] = {arg::number("apic-id").maybe()};
constexpr HmpArg screen_args[] = {arg::flag("t")};
constexpr HmpArg path_args[] = {arg::word("path", Complete::qom_path).maybe()};

constexpr HmpCommand table[] = {
    {"balloon", {}, "", "how much memory the guest makes do with", "query-balloon", balloon},
    {"block", block_args, "[-n] [-v] [device]",
     "the disks and their media (-n: the block nodes; -v: with their images)", "query-block",
     disks::info_block},
    {"blockstats",
     {},
     "",
     "what went through the disks",
     "query-blockstats",
     disks::info_blockstats},
    {"capture", {}, "", "the recordings of sound under way", {}, sound::info_capture},
    {"chardev", {}, "", "the character devices", "query-chardev", chardev},
    {"cpus", {}, "", "the CPUs and the host threads that run them", "query-cpus-fast", cpus},
    {"device-state",
     {},
     "",
     "the sections that xen-save-devices-state would write",
     "query-device-state",
     device_state},
    {"history", {}, "", "the lines typed so far", {}, history},
    {"hotpluggable-cpus",
     {},
     "",
     "the CPUs there are and could be",
     "query-hotpluggable-cpus",
     hotpluggable_cpus},
    {"iothreads", {}, "", "the threads for input and output", "query-iothreads", iothreads},
    {"irq", {}, "", "how often each interrupt was raised", "x-query-irq", readable<irq_command>},
    {"jit", {}, "", "the translator's statistics", "x-query-jit", readable<jit_command>},
    {"kvm", {}, "", "whether KVM is there and in use", "query-kvm", kvm},
    {"lapic", lapic_args, "[apic-id]", "the local APIC of a CPU", {}, machine::lapic},
    {"mem", {}, "", "what a CPU has mapped", {}, machine::mem},
    {"memdev", {}, "", "the memory back ends", "query-memdev", memdev},
    {"memory-devices",
     {},
     "",
     "the memory modules that were plugged in",
     "query-memory-devices",
     memory_devices},
    {"memory_size_summary",
     {},
     "",
     "how much memory the guest has",
     "query-memory-size-summary",
     memory_size_summary},
    {"mice", {}, "", "the pointing devices", "query-mice", mice},
    {"migrate_capabilities",
     {},
     "",
     "what migrations may use",
     "query-migrate-capabilities",
     migrate_capabilities},
    {"mtree",
     mtree_args,
     "[-f][-D]",
     "the memory map (-f: what each address reaches; -D: with what is switched off)",
     {},
     machine::mtree},
    {"name", {}, "", "the guest's name", "query-name", name},
    {"network", {}, "", "the network cards and what they are connected to", {}, network::info},
    {"numa", {}, "", "the NUMA nodes", "x-query-numa", readable<numa_command>},
    {"pci", {}, "", "the PCI functions", "query-pci", pci},
    {"pic", {}, "", "the registers of the interrupt controllers", {}, machine::pic},
    {"qom-tree", path_args, "[path]", "the objects below a path", {}, machine::qom_tree},
    {"qtree", {}, "", "the buses and the devices on them", {}, machine::qtree},
    {"ramblock",
     {},
     "",
     "the blocks of guest memory",
     "x-query-ramblock",
     readable<ramblock_command>},
    {"registers",
     registers_args,
     "[-a|vcpu]",
     "the registers of a CPU (-a: of all of them)",
     {},
     machine::registers},
    {"roms", {}, "", "the firmware in guest memory", "x-query-roms", readable<roms_command>},
    {"screen", screen_args, "[-t]",
     "the characters on the display in their colors (-t: as plain text)", "x-query-screen", screen},
    {"status", {}, "", "whether the guest runs", "query-status", status},
    {"tlb", {}, "", "every page that a CPU has mapped", {}, machine::tlb},
    {"trace-events", trace_events_args, "[name]", "the trace points and whether they are on",
     "trace-event-get-state", trace_events},
    {"usb", {}, "", "the USB devices", "x-query-usb", readable<usb_command>},
    {"usernet", {}, "", "the connections through -netdev user", {}, network::info_usernet},
    {"uuid", {}, "", "the guest's UUID", "query-uuid", uuid},
    {"vm-generation-id",
     {},
     "",
     "the number that the guest's vmgenid device shows",
     "query-vm-generation-id",
     vm_generation_id},
    {"version", {}, "", "the emulator's version", "query-version", version},
};

}  // namespace

std::span<const HmpCommand> hmp_info_commands() {
    return table;
}

}  // namespace monitor
