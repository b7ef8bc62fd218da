// SPDX-License-Identifier: GPL-2.0-or-later
//
// Clocks and the timers that devices set on them. All times are nanoseconds in an int64_t.
// Devices see a Clock and never the host's time, so a test drives them (`ManualClock::advance`),
// and a stopped VM stands still. Everything here belongs to device land: call it under the big
// lock.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

inline constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

class Timer;

/// A source of time and the timers waiting on it.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    virtual ~Clock();

    virtual std::int64_t now_ns() const = 0;

    /// Whether time passes by itself; timers of a clock that stands are left alone by the main
    /// loop.
    virtual bool ticking() const { return true; }
    /// The earliest deadline of a pending timer, or -1 when there is none.
    std::int64_t next_deadline() const;
    /// Runs every timer whose deadline has come, in order of deadline. A callback may set and
    /// delete timers, its own too. Returns how many ran.
    unsigned run_timers();
    /// Called when the earliest deadline moved, so that a sleeping main loop looks again.
    void on_deadline_change(std::function<void()> notify) { notify_ = std::move(notify); }

private:
    friend class Timer;
    void insert(Timer&);
    void remove(Timer&);
    std::vector<Timer*> pending_;  // a heap on deadline_
    std::uint64_t sequence_ = 0;   // equal deadlines fire in the order they were set
    std::function<void()> notify_;
};

/// One alarm of a device. Destroying it cancels it.
class Timer {
public:
    Timer(Clock& clock, std::function<void()> callback)
        : clock_(clock), callback_(std::move(callback)) {}
    Timer(const Timer&) = delete;
    ~Timer() { cancel(); }

    /// Fires once when the clock reaches `deadline_ns`; replaces an earlier setting.
    void set(std::int64_t deadline_ns);
    void cancel();
    bool pending() const { return heap_index_ >= 0; }
    /// -1 when not pending: the value that a saved `timer` field holds.
    std::int64_t deadline_ns() const { return pending() ? deadline_ : -1; }
    /// The inverse of deadline_ns(), for post_load: -1 cancels.
    void restore(std::int64_t saved) { saved == -1 ? cancel() : set(saved); }
    Clock& clock() const { return clock_; }

private:
    friend class Clock;
    Clock& clock_;
    std::function<void()> callback_;
    std::int64_t deadline_ = -1;
    std::uint64_t order_ = 0;
    std::int32_t heap_index_ = -1;
};

/// The host's monotonic clock.
class RealtimeClock final : public Clock {
public:
    std::int64_t now_ns() const override;
};

/// The host's wall clock (CLOCK_REALTIME); jumps when the administrator sets it.
class HostClock final : public Clock {
public:
    std::int64_t now_ns() const override;
};

/// Guest time: the monotonic clock while the VM runs, frozen while it does not. Under qtest it
/// moves only by advance_to().
class VirtualClock final : public Clock {
public:
    std::int64_t now_ns() const override { return running_ ? host_now() + offset_ : offset_; }
    void start();
    void stop();
    bool running() const { return running_; }
    bool ticking() const override { return running_; }
    /// Sets the time; timers that became due fire at the next run_timers().
    void set_now(std::int64_t now_ns);

private:
    static std::int64_t host_now();
    std::int64_t offset_ = 0;  // guest time minus host time while running, guest time otherwise
    bool running_ = false;
};

/// For tests: moves when told, firing timers on the way at their own deadlines.
class ManualClock final : public Clock {
public:
    std::int64_t now_ns() const override { return now_; }
    void advance(std::int64_t ns) { advance_to(now_ + ns); }
    void advance_to(std::int64_t ns);

private:
    std::int64_t now_ = 0;
};

/// What the guest's TSC counts while the VM runs: the host's, where it has one, because guests
/// calibrate it once and keep the result across an emulator swap; nanoseconds elsewhere. Read by
/// vCPUs without the lock: it starts and stops only while they stand still.
class TickCounter {
public:
    std::uint64_t now() const { return running_ ? host_ticks() + offset_ : offset_; }
    void start();
    void stop();
    void set_now(std::uint64_t ticks) { offset_ = running_ ? ticks - host_ticks() : ticks; }

private:
    static std::uint64_t host_ticks() {
#ifdef __x86_64__
        return __builtin_ia32_rdtsc();
#else
        return host_nanoseconds();
#endif
    }
    static std::uint64_t host_nanoseconds();
    std::uint64_t offset_ = 0;  // guest ticks minus the host's while running, guest ticks otherwise
    bool running_ = false;
};

/// The three clocks of one VM; a device takes the one its data sheet implies.
struct ClockSet {
    VirtualClock virt;
    RealtimeClock realtime;
    HostClock host;
    TickCounter ticks;
};
