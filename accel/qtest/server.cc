// SPDX-License-Identifier: GPL-2.0-or-later
#include "accel/qtest/server.h"

#include "util/main-loop.h"

namespace qtest {

namespace {

/// A client that sends and never reads is not served further until it does.
constexpr std::size_t output_limit = 16 << 20;
/// Two hexadecimal digits a byte for the largest block, and the words around them.
constexpr std::size_t input_limit = (512 << 20) + 4096;
constexpr std::size_t receive_chunk = 64 << 10;

}  // namespace

Server::Server(MainLoop& loop, Target target, std::function<void(std::string_view)> log)
    : loop_(loop), target_(target), log_(std::move(log)) {}

Result<std::unique_ptr<Server>> Server::create(MainLoop& loop, Target target,
                                               chardev::Chardev& line,
                                               std::function<void(std::string_view)> log) {
    std::unique_ptr<Server> server(new Server(loop, target, std::move(log)));
    TRY(server->connect(&line));
    server->set_open(true);
    return server;
}

void Server::note(char what, std::string_view line) {
    if (!log_) return;
    const std::chrono::duration<double> since = std::chrono::steady_clock::now() - opened_;
    log_(fmt::format("[{} +{:.6f}] {}\n", what, since.count(), line));
}

void Server::send(std::string_view line) {
    note('S', line);
    output_.append(line);
    output_.push_back('\n');
    writable();
}

void Server::writable() {
    if (output_.empty()) return;
    output_.erase(0, write(output_));
    if (output_.size() < output_limit) accept_input();
}

std::size_t Server::can_receive() {
    return output_.size() < output_limit ? receive_chunk : 0;
}

void Server::receive(std::span<const std::uint8_t> bytes) {
    input_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::size_t start = 0;
    executing_ = true;
    for (std::size_t end; session_ && !closed_ && (end = input_.find('\n', start)) != input_.npos;
         start = end + 1) {
        const std::string_view line(input_.data() + start, end - start);
        note('R', line);
        const std::string answer = session_->execute(loop_.held(), line);
        send(answer);
    }
    executing_ = false;
    if (closed_) {
        session_.reset();
        input_.clear();
        return;
    }
    input_.erase(0, start);
    if (input_.size() > input_limit) {
        input_.clear();
        send("FAIL the line is too long");
    }
}

void Server::event(chardev::Event event) {
    if (event == chardev::Event::Opened) {
        opened_ = std::chrono::steady_clock::now();
        input_.clear();
        output_.clear();
        closed_ = false;
        session_.emplace(target_, [this](std::string_view line) { send(line); });
        if (log_) log_("[I 0.000000] OPENED\n");
    } else if (event == chardev::Event::Closed && session_) {
        note('I', "CLOSED");
        // The answer itself may have found the other side gone.
        closed_ = true;
        if (!executing_) session_.reset();
    }
}

}  // namespace qtest
