// SPDX-License-Identifier: GPL-2.0-or-later
#include "io/loop-thread.h"

#include <glib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <future>

namespace io {

LoopThread::LoopThread(const std::string& name, Turn turn)
    : context_(g_main_context_new()), thread_([this, name, turn = std::move(turn)] {
          prctl(PR_SET_NAME, name.c_str());
          g_main_context_push_thread_default(context_);
          thread_id_ = gettid();
          thread_id_.notify_all();
          while (!stop_)
              turn ? turn(context_) : void(g_main_context_iteration(context_, TRUE));
          g_main_context_pop_thread_default(context_);
      }) {
    thread_id_.wait(0);
}

LoopThread::~LoopThread() {
    stop_ = true;
    g_main_context_wakeup(context_);
    thread_.join();
    g_main_context_unref(context_);
}

void LoopThread::call(std::function<void()> work) {
    std::promise<void> done;
    post(context_, [&] {
        work();
        done.set_value();
    });
    done.get_future().wait();
}

}  // namespace io
