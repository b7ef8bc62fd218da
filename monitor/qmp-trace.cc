// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands of qapi/trace.json.
#include "qapi/context.h"
#include "qapi/qapi-commands-trace.h"
#include "util/log.h"

namespace qapi {

namespace {

/// A name must be known; a pattern may match nothing.
Result<std::vector<TracePoint>> find(const std::string& name,
                                     const std::optional<std::int64_t>& vcpu) {
    auto points = TraceSwitches::matching(name);
    if (points.empty() && name.find_first_of("*?") == name.npos)
        return fail("unknown event \"{}\"", name);
    if (vcpu && !points.empty())
        return fail("event \"{}\" is not vCPU-specific", TraceSwitches::name(points.front()));
    return points;
}

}  // namespace

Result<std::vector<TraceEventInfo>> qmp_trace_event_get_state(Context& cx,
                                                              const TraceEventGetStateArgs& args) {
    const auto points = TRY(find(args.name, args.vcpu));
    std::vector<TraceEventInfo> list;
    for (TracePoint p : points)
        list.push_back({.name = std::string(TraceSwitches::name(p)),
                        .state = cx.get<Log>().trace_points.on(p) ? TraceEventState::enabled
                                                                  : TraceEventState::disabled,
                        .vcpu = false});
    return list;
}

Result<void> qmp_trace_event_set_state(Context& cx, const TraceEventSetStateArgs& args) {
    const auto points = TRY(find(args.name, args.vcpu));
    for (TracePoint p : points)
        cx.get<Log>().trace_points.set(p, args.enable);
    return {};
}

}  // namespace qapi
