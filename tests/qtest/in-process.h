// SPDX-License-Identifier: GPL-2.0-or-later
//
// A machine in the test's own process: no socket, no second program, and the test can look behind
// the scenes.
//
//     tests::LiveVm vm({"-M", "pc", "-nodefaults", "-accel", "qtest"});
//     qtest::Machine machine = qtest::attach(vm);
//
// or start_here() in place of start(), when there is nothing to look at.
#pragma once

#include <deque>
#include <functional>

#include "accel/qtest/protocol.h"
#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/event.h"
#include "tests/qtest/libqtest.h"
#include "util/main-loop.h"

namespace tests {
class LiveVm;
}

namespace qtest {

/// Give it to the VM as its event sink before the first event.
class EventQueue final : public qapi::EventSink {
public:
    void emit(std::string_view name, const qapi::Json& data) override {
        qapi::JsonObject event;
        event.set("event", name);
        if (!data.is_null()) event.set("data", data);
        events.emplace_back(std::move(event));
    }
    void move_to(std::deque<qapi::Json>& queue) {
        for (qapi::Json& event : events)
            queue.push_back(std::move(event));
        events.clear();
    }
    std::deque<qapi::Json> events;
};

/// The parts of a machine that a test put together itself. The caller holds its big lock.
struct InProcess {
    Bql& bql;
    MainLoop& loop;
    Target target;
    qapi::Context& services;
    const qapi::CommandTable& commands;
    /// Appends the events that came since it was last asked.
    std::function<void(std::deque<qapi::Json>&)> take_events;
    /// Something other than the test can bring an event: then waiting for one makes sense.
    bool guest_runs = false;
};

/// What it is made of must outlive the link and the machine.
std::unique_ptr<Link> connect(const InProcess&);
Machine attach(const InProcess&);
/// The same on a whole emulator, which starts to run as its options say. It outlives the machine.
Machine attach(tests::LiveVm&);

/// As start() and start_plain(), in this process. Blanks separate words; there is no quoting.
Machine start_here(std::string_view options);
Machine start_here_plain(std::string_view options);

}  // namespace qtest
