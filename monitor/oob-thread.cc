// SPDX-License-Identifier: GPL-2.0-or-later
//
// A loop in a thread.
#include "monitor/oob-thread.h"

#include <glib.h>

#include <future>

namespace monitor {

OobThread::OobThread()
    : context_(g_main_context_new()), thread_([this] {
          g_main_context_push_thread_default(context_);
          while (!stop_)
              g_main_context_iteration(context_, TRUE);
          g_main_context_pop_thread_default(context_);
      }) {}

OobThread::~OobThread() {
    stop_ = true;
    g_main_context_wakeup(context_);
    thread_.join();
    g_main_context_unref(context_);
}

void OobThread::call(std::function<void()> work) {
    std::promise<void> done;
    io::post(context_, [&] {
        work();
        done.set_value();
    });
    done.get_future().wait();
}

}  // namespace monitor
