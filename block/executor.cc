// SPDX-License-Identifier: GPL-2.0-or-later
//
// A pool of threads that grows while there is more work than idle threads, and shrinks to nothing
// when a VM leaves its disks alone.
#include "block/executor.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "util/unique-fd.h"

namespace block {

namespace {

class ThreadPool final : public Executor {
public:
    explicit ThreadPool(unsigned max_threads)
        : max_threads_(max_threads), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

    ~ThreadPool() override {
        std::unique_lock lock(mutex_);
        stopping_ = true;
        more_work_.notify_all();
        thread_left_.wait(lock, [&] { return threads_ == 0; });
    }

    void submit(Work work, Done done) override {
        std::lock_guard lock(mutex_);
        queue_.push_back({std::move(work), std::move(done)});
        under_way_++;
        if (idle_ < queue_.size() && threads_ < max_threads_) {
            threads_++;
            std::thread([this] { run(); }).detach();  // the destructor waits for threads_ == 0
        }
        more_work_.notify_one();
    }

    unsigned run_completions() override {
        std::uint64_t drained;
        [[maybe_unused]] auto n = ::read(event_.get(), &drained, sizeof drained);
        unsigned count = 0;
        for (;;) {
            std::unique_lock lock(mutex_);
            if (finished_.empty()) return count;
            complete_first(lock);
            count++;
        }
    }

    bool wait() override {
        std::unique_lock lock(mutex_);
        if (!under_way_) return false;
        work_finished_.wait(lock, [&] { return !finished_.empty(); });
        complete_first(lock);
        return true;
    }

    int event_fd() const override { return event_.get(); }

private:
    struct Job {
        Work work;
        Done done;
        int error = 0;
    };

    void complete_first(std::unique_lock<std::mutex>& lock) {
        Job job = std::move(finished_.front());
        finished_.pop_front();
        under_way_--;
        lock.unlock();
        job.done(job.error);
    }

    void run() {
        using namespace std::chrono_literals;
        std::unique_lock lock(mutex_);
        for (;;) {
            idle_++;
            const bool found =
                more_work_.wait_for(lock, 10s, [&] { return !queue_.empty() || stopping_; });
            idle_--;
            if (queue_.empty() && (stopping_ || !found)) break;
            Job job = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            job.error = job.work();
            lock.lock();
            finished_.push_back(std::move(job));
            work_finished_.notify_one();
            const std::uint64_t one = 1;
            [[maybe_unused]] auto n = ::write(event_.get(), &one, sizeof one);
        }
        threads_--;
        thread_left_.notify_all();
    }

    const unsigned max_threads_;
    UniqueFd event_;
    std::mutex mutex_;
    std::condition_variable more_work_, work_finished_, thread_left_;
    std::deque<Job> queue_, finished_;
    unsigned threads_ = 0, idle_ = 0;
    std::size_t under_way_ = 0;
    bool stopping_ = false;
};

class InlineExecutor final : public Executor {
public:
    void submit(Work work, Done done) override {
        queue_.emplace_back(std::move(work), std::move(done));
    }
    unsigned run_completions() override {
        unsigned count = 0;
        for (; wait(); count++) {
        }
        return count;
    }
    bool wait() override {
        if (queue_.empty()) return false;
        auto [work, done] = std::move(queue_.front());
        queue_.pop_front();
        done(work());
        return true;
    }

private:
    std::deque<std::pair<Work, Done>> queue_;
};

}  // namespace

std::unique_ptr<Executor> make_thread_pool(unsigned max_threads) {
    return std::make_unique<ThreadPool>(max_threads);
}
std::unique_ptr<Executor> make_inline_executor() {
    return std::make_unique<InlineExecutor>();
}

}  // namespace block
