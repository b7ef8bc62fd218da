// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands that look below the machine: memory, ports, trace points.
#include "monitor/hmp-machine.h"
#include "monitor/hmp.h"

namespace monitor {

using qapi::Json;
using qapi::JsonObject;

namespace {

JsonObject save_arguments(const HmpArguments& a) {
    return {{"val", a.number("val")}, {"size", a.number("size")}, {"filename", a.text("filename")}};
}
Result<void> memsave(Hmp& hmp, const HmpArguments& a) {
    JsonObject arguments = save_arguments(a);
    arguments.set("cpu-index", hmp.selected_cpu());
    (void)TRY(hmp.qmp("memsave", std::move(arguments)));
    return {};
}
Result<void> pmemsave(Hmp& hmp, const HmpArguments& a) {
    (void)TRY(hmp.qmp("pmemsave", save_arguments(a)));
    return {};
}
Result<void> trace_event(Hmp& hmp, const HmpArguments& a) {
    auto done =
        hmp.qmp("trace-event-set-state", {{"name", a.text("name")}, {"enable", a.on("option")}});
    if (!done) hmp.print("{}\n", done.error().description());
    return {};
}

constexpr HmpArg save_args[] = {arg::number("val"), arg::number("size"), arg::file("filename")};
constexpr HmpArg address_args[] = {arg::format(), arg::number("addr")};
constexpr HmpArg out_args[] = {arg::format(), arg::number("addr"), arg::number("val")};
constexpr HmpArg sum_args[] = {arg::number("start"), arg::number("size")};
constexpr HmpArg trace_args[] = {arg::word("name"), arg::on_off("option")};

constexpr HmpArg plain_address_args[] = {arg::number("addr")};
constexpr HmpArg switch_args[] = {arg::on_off("option").maybe()};

constexpr HmpCommand table[] = {
    {"gpa2hpa",
     plain_address_args,
     "addr",
     "where a physical address is in the host's memory",
     {},
     machine::host_physical_address},
    {"gpa2hva",
     plain_address_args,
     "addr",
     "where a physical address is in this process",
     {},
     machine::host_virtual_address},
    {"gva2gpa",
     plain_address_args,
     "addr",
     "the physical address of one that a CPU uses",
     {},
     machine::guest_physical_address},
    {"i", address_args, "/fmt addr", "read from an I/O port", {}, machine::port_in},
    {"memsave", save_args, "addr size file", "save virtual memory to a file", "memsave", memsave},
    {"o", out_args, "/fmt addr value", "write to an I/O port", {}, machine::port_out},
    {"pmemsave", save_args, "addr size file", "save physical memory to a file", "pmemsave",
     pmemsave},
    {"singlestep",
     switch_args,
     "[on|off]",
     "run one instruction at a time, or blocks again",
     {},
     machine::single_step},
    {"sum", sum_args, "addr size", "checksum of physical memory (sum -r)", {}, machine::sum},
    {"trace-event", trace_args, "name on|off", "switch a trace point", "trace-event-set-state",
     trace_event},
    {"x", address_args, "/fmt addr", "show memory as a CPU sees it", {}, machine::dump_virtual},
    {"xp", address_args, "/fmt addr", "show physical memory", {}, machine::dump_physical},
};

}  // namespace

std::span<const HmpCommand> hmp_debug_commands() {
    return table;
}

}  // namespace monitor
