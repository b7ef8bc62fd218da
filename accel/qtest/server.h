// SPDX-License-Identifier: GPL-2.0-or-later
//
// The qtest protocol on a character device (`-qtest CHARDEV`): lines in, lines out, and a log of
// both (`-qtest-log FILE`).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "accel/qtest/protocol.h"
#include "chardev/char.h"

class MainLoop;

namespace qtest {

class Server final : private chardev::FrontEnd {
public:
    /// `log` may be empty. Runs in the loop's thread.
    static Result<std::unique_ptr<Server>> create(MainLoop&, Target, chardev::Chardev&,
                                                  std::function<void(std::string_view)> log);
    Server(const Server&) = delete;

private:
    Server(MainLoop&, Target, std::function<void(std::string_view)> log);
    std::size_t can_receive() override;
    void receive(std::span<const std::uint8_t>) override;
    void event(chardev::Event) override;
    void writable() override;
    void send(std::string_view line);
    void note(char what, std::string_view line);

    MainLoop& loop_;
    Target target_;
    std::function<void(std::string_view)> log_;
    std::optional<Protocol> session_;  // from connection to disconnection
    std::chrono::steady_clock::time_point opened_;
    bool executing_ = false, closed_ = false;
    std::string input_, output_;
};

}  // namespace qtest
