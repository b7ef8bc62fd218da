// SPDX-License-Identifier: GPL-2.0-or-later
//
// Events on their way from whoever emits them to the monitors: stamped with the time, some of them
// at most once a second (then the latest one counts).
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "io/watch.h"
#include "qapi/event.h"
#include "qapi/json.h"

namespace monitor {

class EventListener {
public:
    /// A whole event as it goes to a client. From any thread.
    virtual void event(const qapi::Json& event) = 0;

protected:
    ~EventListener() = default;
};

class Events final : public qapi::EventSink {
public:
    struct Times {
        /// Wall clock in microseconds, for the stamp.
        std::function<std::int64_t()> now_us;
        /// Calls tick() in that many milliseconds, in the main loop's thread.
        std::function<void(unsigned milliseconds)> call_tick_in;
    };
    /// With the host's clock.
    Events();
    explicit Events(Times);
    ~Events() override;

    void emit(std::string_view name, const qapi::Json& data) override;
    void add(EventListener&);
    void remove(EventListener&);
    void tick();
    /// Sends what was held back by alarms of that loop, which must not turn after this object died.
    void serve(io::Context* loop);

private:
    struct Limited {
        std::int64_t quiet_until_us;
        qapi::Json latest;  // null: nothing held back
    };
    void tell(const qapi::Json&);
    void call_tick_at(std::int64_t when_us);

    Times times_;
    std::mutex mutex_;  // a leaf but for the listeners' outboxes
    std::vector<EventListener*> listeners_;
    std::map<std::string, Limited> limited_;  // by name and subject
    bool tick_due_ = false;
    io::Alarm alarm_;
};

}  // namespace monitor
