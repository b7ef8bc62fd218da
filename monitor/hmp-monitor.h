// SPDX-License-Identifier: GPL-2.0-or-later
//
// An HMP session on a character device: a terminal for a person.
#pragma once

#include <memory>
#include <string>

#include "chardev/char.h"
#include "monitor/hmp.h"
#include "monitor/readline.h"

namespace monitor {

class HmpMonitor final : chardev::FrontEnd {
public:
    static Result<std::unique_ptr<HmpMonitor>> create(const qapi::CommandTable&,
                                                      const qapi::Context& services,
                                                      io::Context* loop, chardev::Chardev&);
    ~HmpMonitor() override;

private:
    HmpMonitor(const qapi::CommandTable&, const qapi::Context& services, io::Context* loop);

    void show(std::string_view text);
    void greet();
    void flush();
    void run(const std::string& line);

    std::size_t can_receive() override;
    void receive(std::span<const std::uint8_t>) override;
    void event(chardev::Event) override;
    void writable() override;

    io::Context* loop_;
    qapi::Context services_;
    Hmp hmp_;
    Readline readline_;
    std::string output_;
    bool greeted_ = false;
    bool has_line_ = false;  // of a mux: what is shown goes to the terminal
    io::Alarm greeting_;
};

}  // namespace monitor
