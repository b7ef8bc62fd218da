// SPDX-License-Identifier: GPL-2.0-or-later
//
// Telnet input.
#include "chardev/telnet.h"

namespace chardev {

namespace {
enum : std::uint8_t { SE = 240, BREAK = 243, SB = 250, WILL = 251, WONT, DO, DONT, IAC };
}

std::string_view TelnetFilter::greeting() {
    // IAC WILL ECHO, IAC WILL SUPPRESS-GO-AHEAD, IAC WILL BINARY, IAC DO BINARY
    return {"\xff\xfb\x01\xff\xfb\x03\xff\xfb\x00\xff\xfd\x00", 12};
}

TelnetFilter::Outcome TelnetFilter::filter(std::span<std::uint8_t> bytes) {
    Outcome out{0, false};
    for (const std::uint8_t byte : bytes) {
        switch (state_) {
            case State::Data:
                if (byte == IAC) {
                    state_ = State::Command;
                    break;
                }
                // A client that did not go binary ends lines with CR NUL (RFC 854, page 12).
                if (!(after_return_ && byte == 0)) bytes[out.length++] = byte;
                after_return_ = byte == '\r';
                break;
            case State::Command:
                state_ = byte == SB                     ? State::Subnegotiation
                         : byte >= WILL && byte <= DONT ? State::Option
                                                        : State::Data;
                if (byte == IAC) bytes[out.length++] = byte;
                out.got_break |= byte == BREAK;
                break;
            case State::Option: state_ = State::Data; break;
            case State::Subnegotiation:
                if (byte == IAC) state_ = State::SubnegotiationCommand;
                break;
            case State::SubnegotiationCommand:
                state_ = byte == SE ? State::Data : State::Subnegotiation;
                break;
        }
    }
    return out;
}

}  // namespace chardev
