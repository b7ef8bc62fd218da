// SPDX-License-Identifier: GPL-2.0-or-later
//
// Trace points (`-trace PATTERN`, trace-event-set-state): places worth watching, by QEMU's names
// where it has the same. A point that is off costs one load and a branch.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

enum class TracePoint : unsigned {
    handle_hmp_command,
    handle_qmp_command,
    memory_region_ops_read,
    memory_region_ops_write,
    monitor_protocol_event_emit,
    monitor_qmp_respond,
    qemu_system_powerdown_request,
    qemu_system_shutdown_request,
    runstate_set,
    system_wakeup_request,
    vm_state_notify,
};

/// Which points are on. A part of the Log, which also writes what they tell.
class TraceSwitches {
public:
    bool on(TracePoint p) const {
        return mask_.load(std::memory_order_relaxed) & std::uint64_t{1} << static_cast<unsigned>(p);
    }
    void set(TracePoint, bool on);

    static std::string_view name(TracePoint);
    /// Those whose names match; `*` and `?` as in a shell. In the order of their names.
    static std::vector<TracePoint> matching(std::string_view pattern);

private:
    std::atomic<std::uint64_t> mask_{0};
};
