// SPDX-License-Identifier: GPL-2.0-or-later
//
// `-object iothread`: a thread with a loop of its own for devices that are served outside the main
// loop.
#pragma once

#include <atomic>
#include <optional>
#include <span>

#include "io/loop-thread.h"
#include "qom/user-objects.h"

namespace io {

struct IoThreadConfig {
    std::int64_t poll_max_ns = 32768, poll_grow = 0, poll_shrink = 0;
    std::int64_t aio_max_batch = 0;
    std::int64_t thread_pool_min = 0, thread_pool_max = 64;
};

class IoThread final : public qom::UserObject {
public:
    IoThread();
    void* config() override { return &config_; }
    Result<void> complete(qapi::Context&) override;
    void property_changed(const qom::Property&) override;

    const IoThreadConfig& settings() const { return config_; }
    LoopThread& thread() { return *thread_; }

private:
    void turn(Context*);
    void take_settings();

    IoThreadConfig config_;
    // What the thread goes by; the main thread changes it.
    std::atomic<std::int64_t> poll_max_ns_, poll_grow_, poll_shrink_;
    std::int64_t poll_ns_ = 0;  // the thread's own
    std::optional<LoopThread> thread_;
};

/// For the type table.
std::span<const qom::UserObjectType* const> iothread_types();

}  // namespace io
