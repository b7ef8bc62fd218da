// SPDX-License-Identifier: GPL-2.0-or-later
//
// Stamping, holding back and handing out events.
#include "monitor/events.h"

#include <algorithm>
#include <chrono>

namespace monitor {

namespace {

constexpr std::int64_t interval_us = 1'000'000;

/// The events whose rate is limited, with the member that tells one subject's from another's.
struct Limit {
    std::string_view name, subject;
};
constexpr Limit limits[] = {
    {"RTC_CHANGE", {}},
    {"WATCHDOG", {}},
    {"BALLOON_CHANGE", {}},
    {"QUORUM_REPORT_BAD", "node-name"},
    {"QUORUM_FAILURE", "reference"},
    {"VSERPORT_CHANGE", "id"},
    {"MEMORY_DEVICE_SIZE_CHANGE", "qom-path"},
};

std::int64_t host_now_us() {
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

Events::Events() : Events(Times{host_now_us, {}}) {}

void Events::serve(io::Context* loop) {
    std::lock_guard lock(mutex_);
    times_.call_tick_in = [this, loop](unsigned milliseconds) {
        // emit() may run in another thread; an alarm belongs to the loop's.
        io::post(loop, [this, loop, milliseconds] {
            alarm_ = io::Alarm(loop, milliseconds, [this] { tick(); });
        });
    };
}

Events::Events(Times times) : times_(std::move(times)) {}

Events::~Events() = default;

void Events::add(EventListener& listener) {
    std::lock_guard lock(mutex_);
    listeners_.push_back(&listener);
}

void Events::remove(EventListener& listener) {
    std::lock_guard lock(mutex_);
    std::erase(listeners_, &listener);
}

void Events::tell(const qapi::Json& event) {
    for (EventListener* listener : listeners_)
        listener->event(event);
}

void Events::emit(std::string_view name, const qapi::Json& data) {
    std::lock_guard lock(mutex_);
    const std::int64_t now = times_.now_us();
    qapi::Json event = qapi::Json::object(
        {{"timestamp",
          qapi::Json::object({{"seconds", now / 1'000'000}, {"microseconds", now % 1'000'000}})},
         {"event", name}});
    if (data.object()) event.object()->append("data", data);

    const auto limit = std::ranges::find(limits, name, &Limit::name);
    if (limit == std::end(limits)) return tell(event);
    std::string key(name);
    if (const auto* subject = limit->subject.empty() ? nullptr : data[limit->subject].string())
        key += '/' + *subject;
    Limited& one = limited_.try_emplace(key, Limited{0, nullptr}).first->second;
    if (now >= one.quiet_until_us) {
        one.quiet_until_us = now + interval_us;
        one.latest = nullptr;
        tell(event);
    } else {
        one.latest = std::move(event);
    }
    call_tick_at(one.quiet_until_us);
}

void Events::call_tick_at(std::int64_t when_us) {
    if (std::exchange(tick_due_, true) || !times_.call_tick_in) return;
    const std::int64_t wait = std::max<std::int64_t>(when_us - times_.now_us(), 0);
    times_.call_tick_in(static_cast<unsigned>((wait + 999) / 1000));
}

void Events::tick() {
    std::lock_guard lock(mutex_);
    tick_due_ = false;
    const std::int64_t now = times_.now_us();
    std::int64_t next = 0;
    for (auto i = limited_.begin(); i != limited_.end();) {
        Limited& one = i->second;
        // A wall clock set back must not silence an event for longer than the interval.
        if (one.quiet_until_us - now > interval_us) one.quiet_until_us = now;
        if (one.quiet_until_us > now) {
            next = next ? std::min(next, one.quiet_until_us) : one.quiet_until_us;
        } else if (one.latest.is_null()) {
            i = limited_.erase(i);
            continue;
        } else {
            tell(std::exchange(one.latest, nullptr));
            one.quiet_until_us = now + interval_us;
            next = next ? std::min(next, one.quiet_until_us) : one.quiet_until_us;
        }
        ++i;
    }
    if (next) call_tick_at(next);
}

}  // namespace monitor
