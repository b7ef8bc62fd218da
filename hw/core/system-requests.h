// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a device may ask of the machine as a whole. Requests are carried out by the main loop soon
// after, with the vCPUs stopped, never inside the call: a device that asks for a reset is still
// running when the call returns. Found by `platform.services.get<hw::SystemRequests>()`. Under the
// big lock.
#pragma once

#include <functional>

namespace qapi {
enum class ShutdownCause;  // generated from qapi/run-state.json
}

namespace hw {

/// What ends S3; the guest is shown it, and may have forbidden it.
enum class WakeupReason { rtc, other };

class SystemRequests {
public:
    virtual ~SystemRequests() = default;
    /// Port 0xCF9, the keyboard controller's pulse, a triple fault: guest_reset.
    virtual void request_reset(qapi::ShutdownCause) = 0;
    /// ACPI S5, isa-debug-exit: guest_shutdown.
    virtual void request_shutdown(qapi::ShutdownCause) = 0;
    /// As request_shutdown(), and the process exits with `status`.
    virtual void request_exit(int status) = 0;
    /// ACPI S3: sleeps until request_wakeup().
    virtual void request_suspend() = 0;
    virtual void request_wakeup(WakeupReason) = 0;
    /// pvpanic's two bits.
    virtual void guest_panicked() = 0;
    virtual void guest_crash_loaded() = 0;
    /// The action configured for watchdogs; true when the timer should reload.
    virtual void watchdog_expired() = 0;
    /// Runs `work` while no vCPU moves; one that is new moves with the others from then on.
    virtual void request_standstill(std::function<void()> work) = 0;
    /// A device lost its back end (`werror=stop`).
    virtual void io_error_stop() = 0;
};

}  // namespace hw
