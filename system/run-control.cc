// SPDX-License-Identifier: GPL-2.0-or-later
#include "system/run-control.h"

#include "qapi/event.h"
#include "qapi/qapi-events-run-state.h"

namespace vm {

using qapi::RunState;
using qapi::ShutdownCause;

RunControl::RunControl(MainLoop& loop, ClockSet& clocks, qapi::EventSink& events, Log& log)
    : loop_(loop), clocks_(clocks), events_(events), log_(log), requests_(loop, [this] {
          carry_out_requests();
      }) {}

void RunControl::attach(accel::Accelerator& accelerator, hw::Machine& machine) {
    accelerator_ = &accelerator;
    machine_ = &machine;
}

void RunControl::become(RunState state) {
    log_.trace(TracePoint::runstate_set, "current_run_state {} ({}) new_state {} ({})",
               static_cast<int>(state_), qapi::name(state_), static_cast<int>(state),
               qapi::name(state));
    state_ = state;
}

void RunControl::notify() {
    log_.trace(TracePoint::vm_state_notify, "running {:d} reason {} ({})", running(),
               static_cast<int>(state_), qapi::name(state_));
    for (const Listener& l : listeners_)
        l(running(), state_);
}

void RunControl::set_state(RunState state) {
    if (state_ == state) return;
    become(state);
    notify();
}

void RunControl::stop(Bql& held, RunState why) {
    if (!running()) {
        // A VM that waits for a stream, or stands after a power-off, keeps its reason.
        if (state_ == RunState::prelaunch || state_ == RunState::paused) return;
        if (why != RunState::paused) set_state(why);
        return;
    }
    if (accelerator_) accelerator_->pause_all(held);
    clocks_.virt.stop();
    clocks_.ticks.stop();
    become(why);
    notify();
    qapi::emit(events_, qapi::StopEvent{});
}

Result<void> RunControl::start(Bql& held) {
    if (running()) return {};
    if (state_ == RunState::inmigrate) {
        start_when_loaded_ = true;
        return {};
    }
    const bool needs_reset = state_ == RunState::internal_error || state_ == RunState::shutdown;
    if (needs_reset) return fail("Resetting the Virtual Machine is required");
    if (state_ == RunState::suspended) return {};
    if (ready_) TRY(ready_());
    become(RunState::running);
    if (!accelerator_ || accelerator_->runs_guest_code()) {
        clocks_.virt.start();
        clocks_.ticks.start();
    }
    notify();
    if (accelerator_) accelerator_->resume_all(held);
    qapi::emit(events_, qapi::ResumeEvent{});
    return {};
}

void RunControl::reset(Bql& held, ShutdownCause cause) {
    const bool was_running = running();
    if (was_running && accelerator_) accelerator_->pause_all(held);
    if (machine_) machine_->reset();
    // SUBSYSTEM_RESET and the like concern parts of the machine; only whole resets are told.
    if (cause != ShutdownCause::none && cause != ShutdownCause::subsystem_reset)
        qapi::emit(events_, qapi::ResetEvent{.guest = cause == ShutdownCause::guest_reset ||
                                                      cause == ShutdownCause::guest_shutdown ||
                                                      cause == ShutdownCause::guest_panic,
                                             .reason = cause});
    if (was_running && accelerator_) accelerator_->resume_all(held);
}

void RunControl::request_reset(ShutdownCause cause) {
    if (actions_.reboot == qapi::RebootAction::shutdown && cause != ShutdownCause::subsystem_reset)
        shutdown_requested_ = cause;
    else
        reset_requested_ = cause;
    requests_.schedule();
}

void RunControl::request_shutdown(ShutdownCause cause) {
    log_.trace(TracePoint::qemu_system_shutdown_request, "reason={}", qapi::name(cause));
    shutdown_requested_ = cause;
    requests_.schedule();
}

void RunControl::request_quit(ShutdownCause cause) {
    // Whoever asks for the process to end means it, whatever -no-shutdown says about the guest.
    actions_.shutdown = qapi::ShutdownAction::poweroff;
    request_shutdown(cause);
}

void RunControl::request_exit(int status) {
    exit_status_ = status;
    request_quit(ShutdownCause::guest_shutdown);
}

void RunControl::request_suspend() {
    suspend_requested_ = true;
    requests_.schedule();
}

void RunControl::request_wakeup(hw::WakeupReason reason) {
    if (state_ != RunState::suspended || !machine_->may_wake(reason)) return;
    log_.trace(TracePoint::system_wakeup_request, "reason={}", static_cast<int>(reason));
    wakeup_requested_ = reason;
    requests_.schedule();
}

void RunControl::guest_panicked() {
    using qapi::PanicAction;
    qapi::emit(events_, qapi::GuestPanickedEvent{.action = actions_.panic == PanicAction::none
                                                               ? qapi::GuestPanicAction::run
                                                               : qapi::GuestPanicAction::pause});
    switch (actions_.panic) {
        case PanicAction::none: return;
        case PanicAction::pause: stop_requested_ = RunState::guest_panicked; break;
        case PanicAction::exit_failure: exit_status_ = 1; [[fallthrough]];
        case PanicAction::shutdown:
            stop_requested_ = RunState::guest_panicked;
            qapi::emit(events_,
                       qapi::GuestPanickedEvent{.action = qapi::GuestPanicAction::poweroff});
            shutdown_requested_ = ShutdownCause::guest_panic;
            break;
    }
    requests_.schedule();
}

void RunControl::guest_crash_loaded() {
    qapi::emit(events_, qapi::GuestCrashloadedEvent{.action = qapi::GuestPanicAction::run});
}

void RunControl::watchdog_expired() {
    using qapi::WatchdogAction;
    qapi::emit(events_, qapi::WatchdogEvent{.action = actions_.watchdog});
    switch (actions_.watchdog) {
        case WatchdogAction::reset: request_reset(ShutdownCause::guest_reset); return;
        case WatchdogAction::shutdown: press_power_button(); return;
        case WatchdogAction::poweroff: request_shutdown(ShutdownCause::guest_shutdown); return;
        case WatchdogAction::pause:
            stop_requested_ = RunState::watchdog;
            requests_.schedule();
            return;
        case WatchdogAction::inject_nmi:
            if (machine_) machine_->inject_nmi();
            return;
        case WatchdogAction::debug:
        case WatchdogAction::none: return;
    }
}

void RunControl::io_error_stop() {
    stop_requested_ = RunState::io_error;
    requests_.schedule();
}

bool RunControl::press_power_button() {
    log_.trace(TracePoint::qemu_system_powerdown_request, "");
    qapi::emit(events_, qapi::PowerdownEvent{});
    return machine_ && machine_->press_power_button();
}

void RunControl::request_standstill(std::function<void()> work) {
    standstill_work_.push_back(std::move(work));
    requests_.schedule();
}

void RunControl::carry_out_requests() {
    Bql& held = loop_.held();
    if (!standstill_work_.empty())
        while_stopped(held, [this] {
            for (auto& work : std::exchange(standstill_work_, {}))
                work();
        });
    if (auto why = std::exchange(stop_requested_, {})) stop(held, *why);
    if (std::exchange(suspend_requested_, false) && running()) {
        // Sleeping is a pause of the vCPUs alone: the clock runs on, so that an RTC alarm can wake
        // the guest.
        accelerator_->pause_all(held);
        machine_->fall_asleep();
        become(RunState::suspended);
        notify();
        qapi::emit(events_, qapi::SuspendEvent{});
    }
    if (auto cause = std::exchange(shutdown_requested_, {})) {
        const bool guest = *cause == ShutdownCause::guest_shutdown ||
                           *cause == ShutdownCause::guest_reset ||
                           *cause == ShutdownCause::guest_panic;
        qapi::emit(events_, qapi::ShutdownEvent{.guest = guest, .reason = *cause});
        if (actions_.shutdown == qapi::ShutdownAction::pause) {
            stop(held, RunState::shutdown);
        } else {
            loop_.quit();
            return;
        }
    }
    if (auto cause = std::exchange(reset_requested_, {})) {
        reset(held, *cause);
        // A VM that stood still for good may start again, and one that never ran is as new.
        if (!running() && state_ != RunState::inmigrate && state_ != RunState::finish_migrate)
            set_state(RunState::prelaunch);
    }
    if (auto reason = std::exchange(wakeup_requested_, {})) {
        machine_->wake_up(*reason);
        qapi::emit(events_, qapi::WakeupEvent{});
        become(RunState::running);
        notify();
        accelerator_->resume_all(held);
    }
}

}  // namespace vm
