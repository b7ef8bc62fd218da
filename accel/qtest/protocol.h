// SPDX-License-Identifier: GPL-2.0-or-later
//
// The qtest protocol: a line of text in, a line out. A test pokes the machine the way its processor
// would, sees interrupt lines move, and owns the virtual clock. The socket server and the
// in-process tests both stand on this.
//
//     inb|inw|inl PORT                          OK 0x%04x
//     outb|outw|outl PORT VALUE                 OK
//     readb|readw|readl|readq ADDRESS           OK 0x%016x
//     writeb|writew|writel|writeq ADDRESS VALUE OK
//     read ADDRESS SIZE                         OK 0x<hex bytes>
//     write ADDRESS SIZE 0x<hex bytes>          OK; missing bytes are 0
//     b64read ADDRESS SIZE                      OK <base64>
//     b64write ADDRESS SIZE <base64>            OK
//     memset ADDRESS SIZE VALUE                 OK
//     clock_step [NS]                           OK <virtual clock>; without NS to the next timer
//     clock_set NS                              OK <virtual clock>; never backwards
//     irq_intercept_in|irq_intercept_out PATH   OK; from then on "IRQ raise|lower N"
//     set_irq_in PATH NAME N LEVEL              OK; NAME "unnamed-gpio-in" for the unnamed ones
//     endianness                                OK little
//
// What cannot be done is answered FAIL with the reason. (QEMU 7.2 answers FAIL to unknown commands
// and devices and aborts on malformed arguments.)
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "util/bql.h"

class VirtualClock;
namespace exec {
class AddressSpace;
}
namespace hw {
class Device;
}
namespace qom {
class Object;
}

namespace qtest {

/// What of a VM the protocol reaches.
struct Target {
    exec::AddressSpace& memory;
    exec::AddressSpace& io;
    qom::Object& root;
    /// Null when guest code runs and time is not the test's: then clock_* are unknown commands.
    VirtualClock* clock = nullptr;
};

/// Moves the virtual clock to `end`, running timers on the way at their own deadlines.
void step_clock(VirtualClock&, std::int64_t end);

class Protocol {
public:
    /// `notify` takes the lines that answer no command ("IRQ raise 4").
    Protocol(Target, std::function<void(std::string_view)> notify);
    Protocol(const Protocol&) = delete;
    ~Protocol();

    /// One command without its newline; the answer without one.
    std::string execute(const Bql&, std::string_view line);

private:
    struct Command;
    using Words = std::span<const std::string_view>;
    static std::span<const Command> commands();
    std::string in(const Bql&, Words);
    std::string out(const Bql&, Words);
    std::string load(const Bql&, Words);
    std::string store(const Bql&, Words);
    std::string read(const Bql&, Words);
    std::string write(const Bql&, Words);
    std::string fill(const Bql&, Words);
    std::string step(const Bql&, Words);
    std::string set_clock(const Bql&, Words);
    std::string intercept(const Bql&, Words);
    std::string set_input(const Bql&, Words);
    std::string endianness(const Bql&, Words);
    std::string load_module(const Bql&, Words);

    hw::Device* device(std::string_view path) const;
    void line_changed(unsigned line, int level);
    void stop_intercepting();

    Target target_;
    std::function<void(std::string_view)> notify_;
    std::string intercepted_;  // its path: the device may go meanwhile
    bool intercepted_outputs_ = false;
    std::vector<bool> levels_;
};

}  // namespace qtest
