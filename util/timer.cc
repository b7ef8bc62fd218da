// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/timer.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace {

template <class HostClockType>
std::int64_t ns_since_epoch() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               HostClockType::now().time_since_epoch())
        .count();
}

}  // namespace

Clock::~Clock() {
    // A timer outlives its clock only by mistake; leave it harmless rather than dangling.
    for (Timer* t : pending_)
        t->heap_index_ = -1;
}

// A binary heap whose elements know their index, so that cancel() does not search.
void Clock::insert(Timer& t) {
    std::size_t i = pending_.size();
    pending_.push_back(&t);
    auto before = [](const Timer* a, const Timer* b) {
        return a->deadline_ != b->deadline_ ? a->deadline_ < b->deadline_ : a->order_ < b->order_;
    };
    while (i > 0 && before(&t, pending_[(i - 1) / 2])) {
        pending_[i] = pending_[(i - 1) / 2];
        pending_[i]->heap_index_ = static_cast<std::int32_t>(i);
        i = (i - 1) / 2;
    }
    pending_[i] = &t;
    t.heap_index_ = static_cast<std::int32_t>(i);
    if (i == 0 && notify_) notify_();
}

void Clock::remove(Timer& t) {
    auto before = [](const Timer* a, const Timer* b) {
        return a->deadline_ != b->deadline_ ? a->deadline_ < b->deadline_ : a->order_ < b->order_;
    };
    std::size_t i = static_cast<std::size_t>(t.heap_index_);
    t.heap_index_ = -1;
    Timer* last = pending_.back();
    pending_.pop_back();
    if (last == &t) return;
    auto place = [&](std::size_t at, Timer* what) {
        pending_[at] = what;
        what->heap_index_ = static_cast<std::int32_t>(at);
    };
    while (i > 0 && before(last, pending_[(i - 1) / 2])) {
        place(i, pending_[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    for (std::size_t child; (child = 2 * i + 1) < pending_.size(); i = child) {
        if (child + 1 < pending_.size() && before(pending_[child + 1], pending_[child])) child++;
        if (!before(pending_[child], last)) break;
        place(i, pending_[child]);
    }
    place(i, last);
}

std::int64_t Clock::next_deadline() const {
    return pending_.empty() ? -1 : pending_.front()->deadline_;
}

unsigned Clock::run_timers() {
    unsigned ran = 0;
    // One reading of the clock per pass: a timer that re-arms itself in the past cannot starve the
    // loop.
    const std::int64_t now = now_ns();
    const std::uint64_t last = sequence_;
    while (!pending_.empty() && pending_.front()->deadline_ <= now &&
           pending_.front()->order_ <= last) {
        Timer& t = *pending_.front();
        remove(t);
        t.callback_();
        ran++;
    }
    return ran;
}

void Timer::set(std::int64_t deadline_ns) {
    if (pending()) clock_.remove(*this);
    deadline_ = std::max<std::int64_t>(deadline_ns, 0);
    order_ = ++clock_.sequence_;
    clock_.insert(*this);
}

void Timer::cancel() {
    if (pending()) clock_.remove(*this);
}

std::int64_t RealtimeClock::now_ns() const {
    return ns_since_epoch<std::chrono::steady_clock>();
}
std::int64_t HostClock::now_ns() const {
    return ns_since_epoch<std::chrono::system_clock>();
}
std::int64_t VirtualClock::host_now() {
    return ns_since_epoch<std::chrono::steady_clock>();
}

std::uint64_t TickCounter::host_nanoseconds() {
    return static_cast<std::uint64_t>(ns_since_epoch<std::chrono::steady_clock>());
}

void TickCounter::start() {
    if (running_) return;
    offset_ -= host_ticks();
    running_ = true;
}

void TickCounter::stop() {
    if (!running_) return;
    offset_ += host_ticks();
    running_ = false;
}

void VirtualClock::start() {
    if (running_) return;
    offset_ -= host_now();
    running_ = true;
}

void VirtualClock::stop() {
    if (!running_) return;
    offset_ += host_now();
    running_ = false;
}

void VirtualClock::set_now(std::int64_t now_ns) {
    offset_ = running_ ? now_ns - host_now() : now_ns;
}

void ManualClock::advance_to(std::int64_t ns) {
    assert(ns >= now_);
    for (std::int64_t next; (next = next_deadline()) != -1 && next <= ns;) {
        now_ = std::max(now_, next);
        run_timers();
    }
    now_ = ns;
}
