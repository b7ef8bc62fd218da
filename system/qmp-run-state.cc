// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands that look at or change the run state.
#include "qapi/context.h"
#include "qapi/qapi-commands-control.h"
#include "qapi/qapi-commands-machine.h"
#include "qapi/qapi-commands-misc.h"
#include "qapi/qapi-commands-run-state.h"
#include "qom/type-table.h"
#include "system/run-control.h"

namespace qapi {

namespace {

vm::RunControl& run_control(Context& cx) {
    return cx.get<vm::RunControl>();
}
Bql& held(Context& cx) {
    return cx.get<MainLoop>().held();
}

}  // namespace

Result<StatusInfo> qmp_query_status(Context& cx) {
    auto& rc = run_control(cx);
    return StatusInfo{
        .running = rc.running(), .singlestep = rc.single_step(), .status = rc.state()};
}

Result<void> qmp_stop(Context& cx) {
    auto& rc = run_control(cx);
    if (rc.state() == RunState::inmigrate)
        rc.start_when_loaded(false);
    else
        rc.stop(held(cx), RunState::paused);
    return {};
}

Result<void> qmp_cont(Context& cx) {
    return run_control(cx).start(held(cx));
}

Result<void> qmp_quit(Context& cx) {
    run_control(cx).request_quit(ShutdownCause::host_qmp_quit);
    run_control(cx).carry_out_requests();
    return {};
}

Result<void> qmp_system_reset(Context& cx) {
    run_control(cx).request_reset(ShutdownCause::host_qmp_system_reset);
    run_control(cx).carry_out_requests();
    return {};
}

Result<void> qmp_system_powerdown(Context& cx) {
    run_control(cx).press_power_button();
    return {};
}

Result<void> qmp_system_wakeup(Context& cx) {
    auto& rc = run_control(cx);
    if (rc.state() != RunState::suspended)
        return fail("Unable to wake up: guest is not in suspended state");
    rc.request_wakeup(hw::WakeupReason::other);
    return {};
}

Result<void> qmp_set_action(Context& cx, const SetActionArgs& args) {
    auto& actions = run_control(cx).actions();
    if (args.reboot) actions.reboot = *args.reboot;
    if (args.shutdown) actions.shutdown = *args.shutdown;
    if (args.panic) actions.panic = *args.panic;
    if (args.watchdog) actions.watchdog = *args.watchdog;
    return {};
}

Result<void> qmp_watchdog_set_action(Context& cx, const WatchdogSetActionArgs& args) {
    run_control(cx).actions().watchdog = args.action;
    return {};
}

Result<std::vector<MachineInfo>> qmp_query_machines(Context& cx) {
    std::vector<MachineInfo> list;
    for (const hw::MachineType* t : cx.get<const qom::TypeTable>().all_of<hw::MachineType>()) {
        MachineInfo info{.name = std::string(t->machine_name),
                         .cpu_max = t->max_cpus,
                         .hotpluggable_cpus = t->hotpluggable_cpus,
                         .numa_mem_supported = false,
                         .deprecated = t->deprecated};
        if (!t->alias.empty()) info.alias = t->alias;
        if (t->is_default) info.is_default = true;
        if (!t->default_cpu_type.empty()) info.default_cpu_type = t->default_cpu_type;
        if (!t->default_ram_id.empty()) info.default_ram_id = t->default_ram_id;
        list.push_back(std::move(info));
    }
    return list;
}

}  // namespace qapi
