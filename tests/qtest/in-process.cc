// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/qtest/in-process.h"

#include <stdexcept>

#include "io/watch.h"

namespace qtest {

namespace {

constexpr unsigned patience_ms = 60'000;

using qapi::Json;
using qapi::JsonObject;

class InProcessLink final : public Link {
public:
    explicit InProcessLink(const InProcess& p)
        : p_(p),
          protocol_(p.target, [this](std::string_view line) { lines_.emplace_back(line); }) {}

    void send(std::string_view line) override {
        lines_.push_back(protocol_.execute(p_.bql, line));
        p_.loop.run_pending(p_.bql);
    }
    std::string receive() override {
        if (lines_.empty()) throw std::runtime_error("nothing was asked");
        std::string line = std::move(lines_.front());
        lines_.pop_front();
        return line;
    }
    void send_qmp(const Json& message) override {
        const std::string name = *message["execute"].string();
        const Json* arguments = message.find("arguments");
        auto done = p_.commands.run(p_.services, name, arguments ? *arguments : Json(JsonObject{}));
        p_.loop.run_pending(p_.bql);
        // As on the wire: events of a command before its answer.
        p_.take_events(messages_);
        JsonObject answer;
        if (done)
            answer.set("return", *done);
        else
            answer.set("error", Json::object({{"desc", done.error().description()}}));
        messages_.emplace_back(std::move(answer));
    }
    Json receive_qmp() override {
        bool too_late = !p_.guest_runs;
        io::Alarm alarm(p_.loop.context(), patience_ms, [&] { too_late = true; });
        for (;;) {
            p_.loop.run_pending(p_.bql);
            p_.take_events(messages_);
            if (!messages_.empty()) break;
            if (too_late) throw std::runtime_error("no message and no event");
            p_.loop.iterate(p_.bql, true);
        }
        Json message = std::move(messages_.front());
        messages_.pop_front();
        return message;
    }

private:
    InProcess p_;
    std::deque<std::string> lines_;
    std::deque<Json> messages_;
    Protocol protocol_;
};

}  // namespace

std::unique_ptr<Link> connect(const InProcess& parts) {
    return std::make_unique<InProcessLink>(parts);
}

Machine attach(const InProcess& parts) {
    return Machine(connect(parts));
}

}  // namespace qtest
