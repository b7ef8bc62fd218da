// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/main-loop.h"

#include <glib.h>
#include <poll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cassert>
#include <utility>

// A GPollFD is a pollfd by another name on Unix; ppoll() gives us nanoseconds.
static_assert(sizeof(GPollFD) == sizeof(pollfd));

MainLoop::MainLoop() : context_(g_main_context_new()) {}

MainLoop::~MainLoop() {
    for (Clock* clock : clocks_)
        clock->on_deadline_change({});
    g_main_context_unref(context_);
}

void MainLoop::add_clock(Clock& clock) {
    clocks_.push_back(&clock);
    clock.on_deadline_change([this] { wake(); });
}

void MainLoop::wake() {
    // The common caller is a handler of this very loop, which looks again anyway.
    if (waiting_.load()) g_main_context_wakeup(context_);
}

void MainLoop::quit() {
    quit_.store(true);
    wake();
}

void MainLoop::post(std::function<void()> work) {
    {
        std::lock_guard hold(mutex_);
        posted_.push_back(std::move(work));
    }
    wake();
}

void BottomHalf::schedule() {
    if (scheduled_.exchange(true)) return;
    {
        std::lock_guard hold(loop_.mutex_);
        loop_.scheduled_.push_back(this);
    }
    loop_.wake();
}

void BottomHalf::cancel() {
    std::lock_guard hold(loop_.mutex_);
    scheduled_ = false;
    std::erase(loop_.scheduled_, this);
    std::replace(loop_.running_.begin(), loop_.running_.end(), this,
                 static_cast<BottomHalf*>(nullptr));
}

bool MainLoop::handed_over() {
    std::lock_guard hold(mutex_);
    return !scheduled_.empty() || !posted_.empty();
}

bool MainLoop::run_bottom_halves() {
    // Work that schedules itself again waits for the next turn, so that it cannot starve the rest.
    // A nested turn, from within such work, goes on with what the outer one has not begun.
    std::vector<std::function<void()>> posted;
    {
        std::lock_guard hold(mutex_);
        if (scheduled_.empty() && posted_.empty() && running_.empty()) return false;
        running_.insert(running_.end(), scheduled_.begin(), scheduled_.end());
        scheduled_.clear();
        posted.swap(posted_);
    }
    bool any = !posted.empty();
    for (;;) {
        BottomHalf* next;
        {
            std::lock_guard hold(mutex_);
            if (running_.empty()) break;
            next = running_.front();
            running_.erase(running_.begin());
            if (!next) continue;  // cancelled
            next->scheduled_ = false;
        }
        next->work_();
        any = true;
    }
    for (auto& work : posted)
        work();
    return any;
}

bool MainLoop::run_timers() {
    unsigned ran = 0;
    for (Clock* clock : clocks_)
        if (clock->ticking() && clock->next_deadline() != -1) ran += clock->run_timers();
    return ran > 0;
}

std::int64_t MainLoop::wait_ns(int glib_timeout_ms) const {
    std::int64_t wait = glib_timeout_ms < 0 ? -1 : std::int64_t{glib_timeout_ms} * 1'000'000;
    for (Clock* clock : clocks_) {
        const std::int64_t deadline = clock->ticking() ? clock->next_deadline() : -1;
        if (deadline == -1) continue;
        const std::int64_t left = std::max<std::int64_t>(0, deadline - clock->now_ns());
        if (wait < 0 || left < wait) wait = left;
    }
    return wait;
}

bool MainLoop::iterate(Bql& held, bool may_block) {
    Bql* const outer = std::exchange(held_, &held);
    const bool owner = g_main_context_acquire(context_);
    assert(owner && "another thread runs this loop");
    bool any = run_bottom_halves();

    int priority, timeout_ms, count;
    g_main_context_prepare(context_, &priority);
    while ((count = g_main_context_query(context_, priority, &timeout_ms, descriptors_.data(),
                                         static_cast<int>(descriptors_.size()))) >
           static_cast<int>(descriptors_.size()))
        descriptors_.resize(static_cast<std::size_t>(count));

    // From here on others wake us; what they handed over before that is found below.
    waiting_.store(true);
    std::int64_t wait =
        any || !may_block || quit_.load() || handed_over() ? 0 : wait_ns(timeout_ms);
    timespec limit{static_cast<time_t>(wait / nanoseconds_per_second),
                   static_cast<long>(wait % nanoseconds_per_second)};
    held.unlocked([&] {
        auto* fds = reinterpret_cast<pollfd*>(descriptors_.data());
        if (ppoll(fds, static_cast<nfds_t>(count), wait < 0 ? nullptr : &limit, nullptr) < 0)
            for (int i = 0; i < count; i++)
                fds[i].revents = 0;  // a signal: look again
    });
    waiting_.store(false);

    if (g_main_context_check(context_, priority, descriptors_.data(), count)) {
        g_main_context_dispatch(context_);
        any = true;
    }
    any |= run_timers();
    g_main_context_release(context_);
    held_ = outer;
    return any;
}

void MainLoop::run(Bql& held) {
    // Guest timers of some microseconds would be late by the default slack of 50.
    prctl(PR_SET_TIMERSLACK, 1);
    while (!quit_.load())
        iterate(held, true);
    quit_.store(false);
}

void MainLoop::run_pending(Bql& held) {
    // What is ready may make more ready; a source that is always ready must not hold us for ever.
    for (int turn = 0; turn < 10'000 && iterate(held, false); turn++) {
    }
    // What another thread handed over during the last turn.
    iterate(held, false);
}
