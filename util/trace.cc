// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/trace.h"

#include <glib.h>

#include <array>
#include <string>

namespace {

constexpr std::array<std::string_view, 11> names{
    "handle_hmp_command",
    "handle_qmp_command",
    "memory_region_ops_read",
    "memory_region_ops_write",
    "monitor_protocol_event_emit",
    "monitor_qmp_respond",
    "qemu_system_powerdown_request",
    "qemu_system_shutdown_request",
    "runstate_set",
    "system_wakeup_request",
    "vm_state_notify",
};
static_assert(names.size() == static_cast<unsigned>(TracePoint::vm_state_notify) + 1);

}  // namespace

void TraceSwitches::set(TracePoint p, bool on) {
    const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(p);
    on ? mask_.fetch_or(bit) : mask_.fetch_and(~bit);
}

std::string_view TraceSwitches::name(TracePoint p) {
    return names[static_cast<unsigned>(p)];
}

std::vector<TracePoint> TraceSwitches::matching(std::string_view pattern) {
    std::vector<TracePoint> found;
    const std::string text(pattern);
    for (unsigned i = 0; i < names.size(); i++)
        if (g_pattern_match_simple(text.c_str(), names[i].data()))
            found.push_back(static_cast<TracePoint>(i));
    return found;
}
