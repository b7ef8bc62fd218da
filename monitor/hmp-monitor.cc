// SPDX-License-Identifier: GPL-2.0-or-later
//
// Terminal, line editing, commands.
#include "monitor/hmp-monitor.h"

#include <algorithm>

#include "monitor/version.h"

namespace monitor {

namespace {
constexpr std::size_t most_output = 64 * 1024;  // held before a key is taken again
}

Result<std::unique_ptr<HmpMonitor>> HmpMonitor::create(const qapi::CommandTable& commands,
                                                       const qapi::Context& services,
                                                       io::Context* loop,
                                                       chardev::Chardev& chardev) {
    std::unique_ptr<HmpMonitor> made(new HmpMonitor(commands, services, loop));
    TRY(made->connect(&chardev));
    made->set_open(true);
    return made;
}

HmpMonitor::HmpMonitor(const qapi::CommandTable& commands, const qapi::Context& services,
                       io::Context* loop)
    : loop_(loop),
      services_(&services),
      hmp_(commands, services_),
      readline_({.show = [this](std::string_view text) { show(text); },
                 .line = [this](const std::string& line) { run(line); },
                 .complete =
                     [this](const std::string& line) {
                         auto found = hmp_.complete(line);
                         return Readline::Host::Completions{found.from, std::move(found.words)};
                     }},
                "(qemu) ") {}

HmpMonitor::~HmpMonitor() {
    disconnect();
}

void HmpMonitor::show(std::string_view text) {
    for (const char c : text) {
        if (c == '\n' && !output_.ends_with('\r')) output_ += '\r';
        output_ += c;
    }
    flush();
}

void HmpMonitor::flush() {
    if (!has_line_ || output_.empty()) return;
    output_.erase(0, write(output_));
}

void HmpMonitor::writable() {
    flush();
    if (output_.size() < most_output) accept_input();
}

std::size_t HmpMonitor::can_receive() {
    return output_.size() < most_output ? 512 : 0;
}

void HmpMonitor::receive(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes)
        readline_.key(byte);
}

void HmpMonitor::run(const std::string& line) {
    hmp_.history = readline_.history();
    show(hmp_.run(line));
    readline_.start();
}

void HmpMonitor::greet() {
    if (!has_line_ || std::exchange(greeted_, true)) return;
    show(fmt::format("QEMU {}.{}.{} monitor - type 'help' for more information\n", version.major,
                     version.minor, version.micro));
    readline_.start();
}

void HmpMonitor::event(chardev::Event event) {
    switch (event) {
        case chardev::Event::Opened:
            greeted_ = false;
            output_.clear();
            has_line_ = true;
            // On a mux the line goes to who is attached last: greet when that has settled.
            greeting_ = io::Alarm(loop_, 0, [this] { greet(); });
            break;
        case chardev::Event::Closed:
            has_line_ = false;
            output_.clear();
            break;
        case chardev::Event::MuxIn:
            has_line_ = true;
            if (greeted_) {
                flush();
                readline_.start();
            } else {
                greeting_ = io::Alarm(loop_, 0, [this] { greet(); });
            }
            break;
        case chardev::Event::MuxOut:
            if (greeted_) show("\n");
            has_line_ = false;
            break;
        case chardev::Event::Break: break;
    }
}

}  // namespace monitor
