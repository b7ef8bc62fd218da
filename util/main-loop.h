// SPDX-License-Identifier: GPL-2.0-or-later
//
// The loop of a VM's main thread: descriptors (through GLib, so that io/ and any GLib user can hang
// on it), the clocks' timers, and work handed over by other threads. Every VM has its own.
//
// All handlers run in the thread that calls run(), one at a time, with the big lock held; it is
// free only while the loop waits. A handler never blocks.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "util/bql.h"
#include "util/timer.h"

struct _GMainContext;
struct _GPollFD;

class BottomHalf;

class MainLoop {
public:
    MainLoop();
    MainLoop(const MainLoop&) = delete;
    ~MainLoop();

    /// Where watches attach (io/watch.h), and other GLib sources.
    _GMainContext* context() const { return context_; }
    /// Runs the clock's timers when they come due, as long as it ticks. The clock outlives the
    /// loop.
    void add_clock(Clock&);

    /// Until quit(). `held` is the caller's hold on the big lock.
    void run(Bql& held);
    /// From any thread, or a handler; run() returns soon after. Holds until the next run().
    void quit();
    /// One turn: waits, if it may and nothing is ready, and runs what is. False when nothing was.
    bool iterate(Bql& held, bool may_block);
    /// Runs whatever is ready, and what that makes ready, and returns. For tests, and for the last
    /// words before exit.
    void run_pending(Bql& held);
    /// Turns until the condition holds: for an answer that a handler of this loop brings.
    template <class Condition>
    void run_until(Bql& held, Condition&& condition) {
        while (!condition())
            iterate(held, true);
    }

    /// Runs the function once in the loop's thread. From any thread.
    void post(std::function<void()>);
    /// The hold on the big lock that handlers run under; only they may ask.
    Bql& held() const { return *held_; }

private:
    friend class BottomHalf;
    void wake();
    bool run_bottom_halves();
    bool run_timers();
    bool handed_over();
    std::int64_t wait_ns(int glib_timeout_ms) const;

    _GMainContext* context_;
    std::vector<Clock*> clocks_;
    std::vector<_GPollFD> descriptors_;
    std::atomic<bool> quit_{false};
    std::atomic<bool> waiting_{false};
    Bql* held_ = nullptr;

    std::mutex mutex_;  // of what other threads hand over; a leaf in the lock order
    std::vector<BottomHalf*> scheduled_, running_;
    std::vector<std::function<void()>> posted_;
};

/// Work to be done soon, at most once for any number of requests: a device schedules it from where
/// it must not do it itself.
class BottomHalf {
public:
    BottomHalf(MainLoop& loop, std::function<void()> work) : loop_(loop), work_(std::move(work)) {}
    BottomHalf(const BottomHalf&) = delete;
    /// In the loop's thread, or while it does not run.
    ~BottomHalf() { cancel(); }

    /// From any thread.
    void schedule();
    void cancel();
    bool scheduled() const { return scheduled_.load(); }

private:
    friend class MainLoop;
    MainLoop& loop_;
    std::function<void()> work_;
    std::atomic<bool> scheduled_{false};
};
