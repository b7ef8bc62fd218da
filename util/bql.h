// SPDX-License-Identifier: GPL-2.0-or-later
//
// The big lock. Device models and the structures they hang on are touched by one thread at a time:
// the main loop, or a vCPU that left guest code for a port or MMIO access. Holding the lock is a
// value: a function at the border of device land takes `const Bql&`, so a caller that forgot to
// lock does not compile. Inside device land nobody locks and nobody passes it on.
//
// Lock order: Bql before every other lock of the program, except where a type says otherwise.
#pragma once

#include <mutex>

class BigLock {
public:
    BigLock() = default;
    BigLock(const BigLock&) = delete;

private:
    friend class Bql;
    std::mutex mutex_;
};

/// Held from construction to destruction, like a lock guard.
class [[nodiscard]] Bql {
public:
    explicit Bql(BigLock& lock) : lock_(lock.mutex_) {}
    Bql(const Bql&) = delete;

    /// Lets others in while this thread waits, e.g. for its vCPUs to stop. Nothing that is
    /// protected by the lock may be assumed unchanged afterwards.
    template <class Wait>
    void unlocked(Wait&& wait) {
        lock_.unlock();
        wait();
        lock_.lock();
    }

private:
    std::unique_lock<std::mutex> lock_;
};
