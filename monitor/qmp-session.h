// SPDX-License-Identifier: GPL-2.0-or-later
//
// One QMP conversation: bytes in, bytes out, no sockets. Greeting, capability negotiation, requests
// and replies, events; bounded however the client behaves: one that floods is not read further, one
// that does not read gets no more events and no more of its commands run.
//
// Threads: opened(), closed(), feed(), take_output() and wrote() belong to the thread that serves
// the client's connection (the main loop's, or once out-of-band execution was negotiated perhaps an
// own one); run_one() to the main loop's; event() to any.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/dispatcher.h"
#include "monitor/events.h"
#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/json-stream.h"
#include "qapi/json.h"
#include "util/trace.h"
#include "util/unique-fd.h"

namespace monitor {

class QmpSession final : public Dispatcher::Client, public EventListener {
public:
    /// The connection. From any thread.
    class Connection {
    public:
        /// There is output to take.
        virtual void output_waiting() = 0;
        /// input_room() has become positive.
        virtual void input_wanted() = 0;
        /// Out-of-band execution was switched on or off: from now on (or no longer) feed() must
        /// not wait for the main loop.
        virtual void out_of_band(bool /* enabled */) {}
        /// The client does not read; so many events were lost.
        virtual void events_dropped(std::size_t) {}

    protected:
        ~Connection() = default;
    };
    struct Options {
        bool pretty = false;
        bool offer_oob = false;
    };

    /// All outlive the session. `services` is what the handlers get, with this session among it.
    QmpSession(const qapi::CommandTable&, const qapi::Context& services, Dispatcher&, Connection&,
               Options);
    ~QmpSession();
    QmpSession(const QmpSession&) = delete;

    /// Somebody connected: greets, and starts from the beginning.
    void opened();
    void closed();
    /// How much to feed at most; 0 until Connection::input_wanted().
    std::size_t input_room() const;
    /// Descriptors that came with these bytes wait for the command that takes them.
    void feed(std::string_view bytes, std::vector<UniqueFd> descriptors = {});

    /// The next bytes for the client; they stay in the queue until wrote().
    std::string take_output(std::size_t at_most) const;
    void wrote(std::size_t bytes);

    void event(const qapi::Json&) override;
    bool run_one() override;

    // For the handlers of qmp_capabilities, getfd and add-fd, which find the session in their
    // context.
    Result<void> negotiate(bool enable_oob);
    std::optional<UniqueFd> take_descriptor();

    static constexpr std::size_t most_requests = 8;
    static constexpr std::size_t most_output = 1 << 20;

private:
    struct Request {
        std::optional<qapi::Json> id;
        std::string command;
        qapi::JsonObject arguments;
        std::optional<Error> error;  // instead of a command
        unsigned conversation;
    };
    void received(Result<qapi::Json>);
    std::optional<Error> check(const qapi::Json&, Request&, bool& out_of_band) const;
    Result<qapi::Json> execute(const Request&, bool out_of_band);
    void answer(const Request&, Result<qapi::Json>);
    void put(const qapi::Json&);
    void trace(TracePoint, const qapi::Json&) const;

    const qapi::CommandTable& commands_;
    qapi::Context services_;
    Dispatcher& dispatcher_;
    Connection& connection_;
    const Options options_;
    std::unique_ptr<qapi::JsonStream> stream_;  // anew for every client

    mutable std::mutex mutex_;  // of what follows; a leaf
    bool open_ = false;
    bool negotiated_ = false;
    bool oob_ = false;
    unsigned conversation_ = 0;  // which client: a reply to one that left must not reach the next
    std::deque<Request> requests_;
    std::deque<UniqueFd> descriptors_;
    std::string output_;
    std::size_t written_ = 0;  // of output_
    std::size_t dropped_ = 0;
    mutable bool starved_ = false;  // input_room() was 0 when asked
};

}  // namespace monitor
