// SPDX-License-Identifier: GPL-2.0-or-later
//
// The server's side of the Telnet protocol (RFC 854): asks for character mode, removes commands
// from the input, knows BREAK.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace chardev {

class TelnetFilter {
public:
    /// Sent to a new client: we echo (RFC 857), no go-ahead (RFC 858), binary both ways (RFC 856).
    static std::string_view greeting();

    struct Outcome {
        std::size_t length;  // what is left of the bytes, moved to their front
        bool got_break;
    };
    Outcome filter(std::span<std::uint8_t> bytes);

private:
    enum class State : std::uint8_t {
        Data,
        Command,
        Option,
        Subnegotiation,
        SubnegotiationCommand
    };
    State state_ = State::Data;
    bool after_return_ = false;
};

}  // namespace chardev
