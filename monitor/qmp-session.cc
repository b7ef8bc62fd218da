// SPDX-License-Identifier: GPL-2.0-or-later
//
// The QMP protocol.
#include "monitor/qmp-session.h"

#include <algorithm>
#include <array>

#include "monitor/version.h"
#include "util/log.h"

namespace monitor {

namespace {

using qapi::Json;
using qapi::JsonArray;
using qapi::JsonObject;

constexpr std::size_t read_ahead = 64 * 1024;
constexpr std::size_t most_descriptors = 64;  // waiting for a command that takes them

std::string_view class_name(ErrorClass c) {
    constexpr std::array<std::string_view, 5> names{
        "GenericError", "CommandNotFound", "DeviceNotActive", "DeviceNotFound", "KVMMissingCap"};
    return names[static_cast<std::size_t>(c)];
}

Json greeting(bool oob) {
    JsonArray capabilities;
    if (oob) capabilities.emplace_back("oob");
    return Json::object(
        {{"QMP", Json::object(
                     {{"version", Json::object({{"qemu", Json::object({{"micro", version.micro},
                                                                       {"minor", version.minor},
                                                                       {"major", version.major}})},
                                                {"package", version.package}})},
                      {"capabilities", std::move(capabilities)}})}});
}

}  // namespace

QmpSession::QmpSession(const qapi::CommandTable& commands, const qapi::Context& services,
                       Dispatcher& dispatcher, Connection& connection, Options options)
    : commands_(commands),
      services_(&services),
      dispatcher_(dispatcher),
      connection_(connection),
      options_(options) {
    services_.provide(*this);
    dispatcher_.add(*this);
}

QmpSession::~QmpSession() {
    dispatcher_.remove(*this);
}

void QmpSession::opened() {
    closed();
    // What the client before left unfinished is not this one's.
    stream_ = std::make_unique<qapi::JsonStream>(
        [this](Result<Json> value) { received(std::move(value)); });
    {
        std::lock_guard lock(mutex_);
        open_ = true;
    }
    put(greeting(options_.offer_oob));
}

void QmpSession::closed() {
    std::lock_guard lock(mutex_);
    conversation_++;
    open_ = negotiated_ = oob_ = false;
    requests_.clear();
    descriptors_.clear();
    output_.clear();
    written_ = 0;
    dropped_ = 0;
}

std::size_t QmpSession::input_room() const {
    std::lock_guard lock(mutex_);
    const bool room =
        open_ && requests_.size() < most_requests && output_.size() - written_ < most_output;
    starved_ = !room;
    return room ? read_ahead : 0;
}

void QmpSession::feed(std::string_view bytes, std::vector<UniqueFd> descriptors) {
    bool own_thread;
    {
        std::lock_guard lock(mutex_);
        if (!open_) return;
        own_thread = oob_;
        for (UniqueFd& fd : descriptors)
            if (descriptors_.size() < most_descriptors) descriptors_.push_back(std::move(fd));
    }
    stream_->feed(bytes);
    own_thread ? dispatcher_.run_soon() : dispatcher_.run();
}

void QmpSession::received(Result<Json> value) {
    Request request{};
    bool out_of_band = false;
    if (value) trace(TracePoint::handle_qmp_command, *value);
    {
        std::lock_guard lock(mutex_);
        request.conversation = conversation_;
        request.error = value ? check(*value, request, out_of_band) : std::move(value).error();
        if (!out_of_band || request.error) requests_.push_back(std::move(request));
    }
    // Requests wait until feed() has returned from the parser: a handler may turn the main loop.
    if (out_of_band && !request.error) answer(request, execute(request, true));
}

/// Whether this is a request at all; the command's own arguments are for its marshaller.
std::optional<Error> QmpSession::check(const Json& value, Request& request,
                                       bool& out_of_band) const {
    const JsonObject* object = value.object();
    if (!object) return fail("QMP input must be a JSON object");
    if (const Json* id = object->find("id")) request.id = *id;
    const Json* execute = nullptr;
    for (const auto& [key, member] : *object) {
        if (key == "id") continue;
        if (key == "execute" || (key == "exec-oob" && oob_)) {
            if (execute) return fail("QMP input member 'execute' clashes with 'exec-oob'");
            if (!member.string()) return fail("QMP input member '{}' must be a string", key);
            execute = &member;
            out_of_band = key == "exec-oob";
        } else if (key == "arguments") {
            if (!member.object()) return fail("QMP input member 'arguments' must be an object");
            request.arguments = *member.object();
        } else {
            return fail("QMP input member '{}' is unexpected", key);
        }
    }
    if (!execute) return fail("QMP input lacks member 'execute'");
    request.command = *execute->string();
    return {};
}

bool QmpSession::run_one() {
    Request request;
    {
        std::lock_guard lock(mutex_);
        if (requests_.empty() || output_.size() - written_ >= most_output) return false;
        request = std::move(requests_.front());
        requests_.pop_front();
    }
    answer(request, request.error ? Result<Json>(*request.error) : execute(request, false));
    bool wanted;
    {
        std::lock_guard lock(mutex_);
        wanted = starved_ && requests_.size() < most_requests;
    }
    if (wanted && input_room()) connection_.input_wanted();
    return true;
}

Result<Json> QmpSession::execute(const Request& request, bool out_of_band) {
    {
        std::lock_guard lock(mutex_);
        const bool negotiates = request.command == "qmp_capabilities";
        if (!negotiated_ && !negotiates)
            return fail(ErrorClass::CommandNotFound,
                        "Expecting capabilities negotiation with 'qmp_capabilities'");
        if (negotiated_ && negotiates)
            return fail(ErrorClass::CommandNotFound,
                        "Capabilities negotiation is already complete, command ignored");
    }
    const auto* entry = commands_.find(request.command);
    if (entry && out_of_band && !(entry->command->flags & qapi::Command::allow_oob))
        return fail("The command {} does not support OOB", request.command);
    return commands_.run(services_, request.command, request.arguments);
}

void QmpSession::answer(const Request& request, Result<Json> result) {
    JsonObject reply;
    if (result) {
        const auto* entry = commands_.find(request.command);
        if (entry && (entry->command->flags & qapi::Command::no_success_response)) return;
        reply.append("return", *std::move(result));
    } else {
        const Error& error = result.error();
        reply.append("error", Json::object({{"class", class_name(error.error_class())},
                                            {"desc", error.description()}}));
    }
    if (request.id) reply.append("id", *request.id);
    {
        std::lock_guard lock(mutex_);
        if (request.conversation != conversation_) return;
    }
    const Json whole(std::move(reply));
    trace(TracePoint::monitor_qmp_respond, whole);
    put(whole);
}

void QmpSession::trace(TracePoint point, const Json& message) const {
    if (Log* log = services_.find<Log>(); log && log->trace_points.on(point))
        log->trace(point, "{}", message.text());
}

void QmpSession::put(const Json& json) {
    std::string text;
    if (options_.pretty) {
        for (const char c : json.pretty_text()) {
            if (c == '\n') text += '\r';
            text += c;
        }
    } else {
        text = json.text();
    }
    text += "\r\n";
    {
        std::lock_guard lock(mutex_);
        if (!open_) return;
        output_ += text;
    }
    connection_.output_waiting();
}

void QmpSession::event(const Json& event) {
    {
        std::lock_guard lock(mutex_);
        if (!open_ || !negotiated_) return;
        if (output_.size() - written_ >= most_output) {
            dropped_++;
            return;
        }
    }
    trace(TracePoint::monitor_protocol_event_emit, event);
    put(event);
}

std::string QmpSession::take_output(std::size_t at_most) const {
    std::lock_guard lock(mutex_);
    return output_.substr(written_, at_most);
}

void QmpSession::wrote(std::size_t bytes) {
    std::size_t lost = 0;
    bool wanted = false, stalled = false;
    {
        std::lock_guard lock(mutex_);
        const bool was_full = output_.size() - written_ >= most_output;
        written_ += std::min(bytes, output_.size() - written_);
        if (written_ == output_.size()) {
            output_.clear();
            written_ = 0;
        } else if (written_ > most_output) {
            output_.erase(0, written_);
            written_ = 0;
        }
        if (was_full && output_.size() - written_ < most_output) {
            lost = std::exchange(dropped_, 0);
            wanted = starved_;
            stalled = !requests_.empty();
        }
    }
    if (lost) connection_.events_dropped(lost);
    if (stalled) dispatcher_.run_soon();
    if (wanted && input_room()) connection_.input_wanted();
}

Result<void> QmpSession::negotiate(bool enable_oob) {
    if (enable_oob && !options_.offer_oob) return fail("Capability oob is not available");
    {
        std::lock_guard lock(mutex_);
        negotiated_ = true;
        oob_ = enable_oob;
    }
    if (enable_oob) connection_.out_of_band(true);
    return {};
}

std::optional<UniqueFd> QmpSession::take_descriptor() {
    std::lock_guard lock(mutex_);
    if (descriptors_.empty()) return {};
    UniqueFd fd = std::move(descriptors_.front());
    descriptors_.pop_front();
    return fd;
}

}  // namespace monitor
