// SPDX-License-Identifier: GPL-2.0-or-later
//
// A loop of its own in a thread of its own: it serves QMP clients that negotiated out-of-band
// execution, so that they are heard while the main loop is busy, and it is what an iothread object
// runs. It never takes the big lock: the main thread may wait for it.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "io/watch.h"

namespace io {

class LoopThread {
public:
    /// One turn of the loop: waits for something to do and does it.
    using Turn = std::function<void(Context*)>;
    /// `name` is what the host's tools show, 15 letters at most. Without a turn, GLib's.
    explicit LoopThread(const std::string& name, Turn turn = {});
    ~LoopThread();
    LoopThread(const LoopThread&) = delete;

    Context* context() const { return context_; }
    int thread_id() const { return thread_id_; }
    /// Runs it there and waits for its end. Not from the thread itself.
    void call(std::function<void()> work);

private:
    Context* context_;
    std::atomic<bool> stop_{false};
    std::atomic<int> thread_id_{0};
    std::thread thread_;
};

}  // namespace io
