// SPDX-License-Identifier: GPL-2.0-or-later
#include "io/iothread.h"

#include <glib.h>

#include <chrono>
#include <limits>

namespace io {

namespace {

using Config = IoThreadConfig;

constexpr std::int64_t first_poll_ns = 4000;

consteval qom::Property number(qom::Property p) {
    return p.as("int", qom::PropertyKind::Signed)
        .between(0, std::numeric_limits<std::int64_t>::max())
        .changeable();
}

constexpr auto iothread_properties = qom::properties(
    number(qom::property<&Config::poll_max_ns>("poll-max-ns",
                                               "how long to look for work before sleeping")),
    number(qom::property<&Config::poll_grow>("poll-grow", "factor by which that time grows")),
    number(qom::property<&Config::poll_shrink>("poll-shrink", "divisor by which it shrinks")),
    number(qom::property<&Config::aio_max_batch>("aio-max-batch", "requests handed over at once")),
    number(qom::property<&Config::thread_pool_min>("thread-pool-min", "workers kept")),
    number(qom::property<&Config::thread_pool_max>("thread-pool-max", "workers at most")));

constexpr qom::UserObjectType iothread_type = [] {
    qom::UserObjectType t{};
    t.name = "iothread";
    t.parent = "object";
    t.properties = iothread_properties;
    t.description = "a thread that serves devices";
    t.create = []() -> std::unique_ptr<qom::UserObject> { return std::make_unique<IoThread>(); };
    return t;
}();

std::int64_t now_ns() {
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

}  // namespace

std::span<const qom::UserObjectType* const> iothread_types() {
    static constexpr const qom::UserObjectType* types[] = {&iothread_type};
    return types;
}

IoThread::IoThread() : UserObject(iothread_type) {}

Result<void> IoThread::complete(qapi::Context&) {
    if (config_.thread_pool_max < 1 || config_.thread_pool_min > config_.thread_pool_max)
        return fail("bad thread-pool-min/thread-pool-max values");
    take_settings();
    thread_.emplace("IO " + name(), [this](Context* context) { turn(context); });
    return {};
}

void IoThread::property_changed(const qom::Property&) {
    take_settings();
}

void IoThread::take_settings() {
    poll_max_ns_ = config_.poll_max_ns;
    poll_grow_ = config_.poll_grow;
    poll_shrink_ = config_.poll_shrink;
}

// Sleeping and being woken costs some microseconds. When work tends to come sooner than poll-max-ns
// after the last, looking for it is better; the time spent on that follows what was seen.
void IoThread::turn(Context* context) {
    const std::int64_t begun = now_ns(), limit = poll_max_ns_;
    const std::int64_t poll_end = begun + std::min(poll_ns_, limit);
    while (poll_ns_ && now_ns() < poll_end)
        if (g_main_context_iteration(context, FALSE)) return;
    g_main_context_iteration(context, TRUE);
    if (!limit) {
        poll_ns_ = 0;
    } else if (now_ns() - begun > limit) {
        const std::int64_t divisor = poll_shrink_;
        poll_ns_ = divisor ? poll_ns_ / divisor : 0;
    } else if (poll_ns_ < limit) {
        const std::int64_t factor = poll_grow_ ? poll_grow_.load() : 2;
        poll_ns_ = poll_ns_ > limit / factor ? limit : std::max(poll_ns_ * factor, first_poll_ns);
    }
}

}  // namespace io
