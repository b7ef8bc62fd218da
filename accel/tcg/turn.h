// SPDX-License-Identifier: GPL-2.0-or-later
//
// -accel tcg,thread=single: the vCPUs' threads take turns, one runs guest code at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace accel {

class Turn {
public:
    static constexpr std::chrono::milliseconds slice{1};

    /// Waits for the turns of those who came before; who runs for longer than a slice meanwhile is
    /// asked to stop by the `interrupt` it gave.
    void take(std::function<void()> interrupt) {
        std::unique_lock hold(mutex_);
        const std::uint64_t mine = next_++;
        while (serving_ != mine)
            if (signal_.wait_for(hold, slice) == std::cv_status::timeout && running_) running_();
        running_ = std::move(interrupt);
    }
    void give() {
        const std::lock_guard hold(mutex_);
        running_ = nullptr;
        serving_++;
        signal_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable signal_;
    std::uint64_t next_ = 0, serving_ = 0;
    std::function<void()> running_;
};

}  // namespace accel
