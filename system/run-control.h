// SPDX-License-Identifier: GPL-2.0-or-later
//
// Whether the guest runs, and why not. One RunControl per Vm: the run state that query-status
// shows, the requests of devices (reset, shutdown, panic) carried out by the main loop, and what
// `-action` says should follow from them.
//
// Everything here runs on the main loop's thread under the big lock, but for the request functions
// of hw::SystemRequests, which any holder of the lock may call.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "accel/accel.h"
#include "hw/core/machine.h"
#include "hw/core/system-requests.h"
#include "qapi/qapi-types-run-state.h"
#include "util/bql.h"
#include "util/log.h"
#include "util/main-loop.h"

namespace qapi {
class EventSink;
}

namespace vm {

/// `-action`, and set-action at run time.
struct Actions {
    qapi::RebootAction reboot = qapi::RebootAction::reset;
    qapi::ShutdownAction shutdown = qapi::ShutdownAction::poweroff;
    qapi::PanicAction panic = qapi::PanicAction::shutdown;
    qapi::WatchdogAction watchdog = qapi::WatchdogAction::reset;
};

class RunControl final : public hw::SystemRequests {
public:
    RunControl(MainLoop&, ClockSet&, qapi::EventSink&, Log&);
    RunControl(const RunControl&) = delete;

    /// The accelerator and the board exist only later; both before the first start().
    void attach(accel::Accelerator&, hw::Machine&);

    qapi::RunState state() const { return state_; }
    bool running() const { return state_ == qapi::RunState::running; }
    /// No events, no vCPUs: the state alone (incoming migration, a restored state).
    void set_state(qapi::RunState);

    /// STOP event, vCPUs out of guest code, virtual clock frozen. Does nothing to a VM that stands
    /// still but for taking the new reason.
    void stop(Bql&, qapi::RunState why);
    /// RESUME event, clock and vCPUs run. Refused while a migration is expected.
    Result<void> start(Bql&);
    /// What `cont` does in a VM that waits for a stream: start() once it is in.
    void start_when_loaded(bool on) { start_when_loaded_ = on; }
    bool starts_when_loaded() const { return start_when_loaded_; }

    /// Resets now, with the vCPUs stopped around it, and emits RESET. A board that is not built yet
    /// has nothing to reset.
    void reset(Bql&, qapi::ShutdownCause);
    /// `quit`, SIGTERM, the guest's power-off under `-action shutdown=poweroff`: leaves the main
    /// loop.
    void request_quit(qapi::ShutdownCause);
    bool press_power_button();
    /// What was requested, at once: a client's command takes effect, and its events are told,
    /// before it is answered. In the main loop's thread.
    void carry_out_requests();
    /// Looks at the vCPUs, or changes them, while none moves. The run state stays as it is.
    template <class Work>
    auto while_stopped(Bql& held, Work&& work) {
        struct Pause {
            Pause(accel::Accelerator* accelerator, Bql& bql) : cpus(accelerator), held(bql) {
                if (cpus) cpus->pause_all(held);
            }
            ~Pause() {
                if (cpus) cpus->resume_all(held);
            }
            accel::Accelerator* cpus;
            Bql& held;
        } pause(running() ? accelerator_ : nullptr, held);
        return work();
    }
    int exit_status() const { return exit_status_; }

    Actions& actions() { return actions_; }
    /// -singlestep; shown by query-status.
    bool single_step() const { return single_step_; }
    void set_single_step(bool on) { single_step_ = on; }

    /// What has to be there before the guest may run; a refusal refuses start().
    void before_start(std::function<Result<void>()> ready) { ready_ = std::move(ready); }
    /// Heard after the state changed: block back ends drain, monitors tell, clocks know.
    using Listener = std::function<void(bool running, qapi::RunState)>;
    void on_change(Listener listener) { listeners_.push_back(std::move(listener)); }

    // hw::SystemRequests
    void request_reset(qapi::ShutdownCause) override;
    void request_shutdown(qapi::ShutdownCause) override;
    void request_exit(int status) override;
    void request_suspend() override;
    void request_wakeup(hw::WakeupReason) override;
    void guest_panicked() override;
    void guest_crash_loaded() override;
    void watchdog_expired() override;
    void io_error_stop() override;
    void request_standstill(std::function<void()> work) override;

private:
    void become(qapi::RunState);
    void notify();

    MainLoop& loop_;
    ClockSet& clocks_;
    qapi::EventSink& events_;
    Log& log_;
    accel::Accelerator* accelerator_ = nullptr;
    hw::Machine* machine_ = nullptr;
    qapi::RunState state_ = qapi::RunState::prelaunch;
    Actions actions_;
    bool start_when_loaded_ = false, single_step_ = false;
    int exit_status_ = 0;
    std::function<Result<void>()> ready_;
    std::vector<Listener> listeners_;

    // Requests wait here until carry_out_requests().
    std::optional<qapi::ShutdownCause> reset_requested_, shutdown_requested_;
    std::optional<qapi::RunState> stop_requested_;
    bool suspend_requested_ = false;
    std::optional<hw::WakeupReason> wakeup_requested_;
    std::vector<std::function<void()>> standstill_work_;
    BottomHalf requests_;
};

}  // namespace vm
