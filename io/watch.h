// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a byte channel asks of an event loop: tell me when this descriptor is ready, call me in a
// while, call me in that loop's thread. Each is a value; destroying it cancels the request. A
// callback may destroy the very object it was called through.
//
// Create and destroy a Watch or an Alarm in the thread that runs its context, or while no thread
// runs it. post() may be called from anywhere.
#pragma once

#include <functional>

struct _GMainContext;
struct _GSource;

namespace io {

using Context = ::_GMainContext;

/// The bits of poll(2).
enum Ready : unsigned { Readable = 0x01, Writable = 0x04, Failed = 0x08, HungUp = 0x10 };

/// Owner of one event source.
class Source {
public:
    Source() = default;
    Source(Source&& other) noexcept;
    Source& operator=(Source&& other) noexcept;
    ~Source() { cancel(); }
    void cancel();
    explicit operator bool() const { return source_; }

protected:
    explicit Source(_GSource* attached) : source_(attached) {}

private:
    _GSource* source_ = nullptr;
};

/// Calls back as often as `fd` is ready for one of `conditions` (failure and hang-up are always
/// told), with what it is ready for.
class Watch : public Source {
public:
    Watch() = default;
    Watch(Context*, int fd, unsigned conditions, std::function<void(unsigned)> ready);
};

/// Calls back once, after some milliseconds of host time.
class Alarm : public Source {
public:
    Alarm() = default;
    Alarm(Context*, unsigned milliseconds, std::function<void()> expired);
};

/// Runs `work` in the thread of that context, soon.
void post(Context*, std::function<void()> work);

}  // namespace io
