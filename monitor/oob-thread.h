// SPDX-License-Identifier: GPL-2.0-or-later
//
// The thread that serves the connections of QMP clients which negotiated out-of-band execution, so
// that they are heard while the main loop is busy. It never takes the big lock: the main thread may
// wait for it.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "io/watch.h"

namespace monitor {

class OobThread {
public:
    OobThread();
    ~OobThread();
    OobThread(const OobThread&) = delete;

    io::Context* context() const { return context_; }
    /// Runs it there and waits for its end. Not from the thread itself.
    void call(std::function<void()> work);

private:
    io::Context* context_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace monitor
