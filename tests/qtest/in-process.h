// SPDX-License-Identifier: GPL-2.0-or-later
//
// A machine in the test's own process: no socket, no second program, and the test can look behind
// the scenes. The caller owns the VM and holds its big lock.
#pragma once

#include <deque>

#include "accel/qtest/protocol.h"
#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/event.h"
#include "tests/qtest/libqtest.h"
#include "util/main-loop.h"

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
    std::deque<qapi::Json> events;
};

struct InProcess {
    Bql& bql;
    MainLoop& loop;
    Target target;
    qapi::Context& services;
    const qapi::CommandTable& commands;
    EventQueue& events;
};

/// What it is made of must outlive the machine.
Machine attach(const InProcess&);

}  // namespace qtest
