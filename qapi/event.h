// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where events go. The generated `emit(sink, StopEvent{})` makes the JSON; the monitors' sink adds
// the time, limits the rate and tells the clients.
#pragma once

#include <string_view>

namespace qapi {

class Json;

class EventSink {
public:
    virtual ~EventSink() = default;
    /// `data` is an object, or null for an event that carries none. Called on any thread.
    virtual void emit(std::string_view name, const Json& data) = 0;
};

}  // namespace qapi
