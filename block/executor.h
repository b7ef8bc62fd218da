// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where blocking work goes, and where its result comes back. `work` runs on some worker thread;
// `done` runs later under the big lock, on the thread that calls run_completions() or wait().
#pragma once

#include <functional>
#include <memory>

namespace block {

class Executor {
public:
    using Work = std::function<int()>;
    using Done = std::function<void(int error)>;

    virtual ~Executor() = default;
    /// Under the big lock.
    virtual void submit(Work, Done) = 0;
    /// Runs what has finished; how many.
    virtual unsigned run_completions() = 0;
    /// Blocks until one piece of work has finished and runs its `done`. False: nothing is under
    /// way.
    virtual bool wait() = 0;
    /// Readable when there are completions to run, for the main loop; -1: none.
    virtual int event_fd() const { return -1; }
};

std::unique_ptr<Executor> make_thread_pool(unsigned max_threads = 16);
/// For tests: work runs when the completions are asked for, in order, on the caller's thread.
std::unique_ptr<Executor> make_inline_executor();

}  // namespace block
