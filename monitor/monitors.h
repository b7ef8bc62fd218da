// SPDX-License-Identifier: GPL-2.0-or-later
//
// The monitors of one Vm: what -qmp, -mon and -monitor make. Made, used and destroyed in the main
// loop's thread under the big lock.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chardev/chardevs.h"
#include "monitor/dispatcher.h"
#include "monitor/events.h"
#include "qapi/command.h"
#include "qapi/context.h"
#include "util/main-loop.h"

namespace io {
class LoopThread;
}

namespace monitor {

class HmpMonitor;
class QmpMonitor;

class Monitors {
public:
    struct Host {
        const qapi::CommandTable& commands;
        const qapi::Context& services;
        MainLoop& loop;
        Events& events;
        /// A remark for the user's terminal.
        std::function<void(const std::string&)> tell;
    };
    explicit Monitors(Host);
    ~Monitors();
    Monitors(const Monitors&) = delete;

    Result<void> add_qmp(chardev::Chardev&, bool pretty = false);
    Result<void> add_hmp(chardev::Chardev&);
    /// -mon's keys: chardev, mode, pretty, id.
    Result<void> add(const chardev::KeyValues& options, chardev::Chardevs&);

    enum class Mode : std::uint8_t { readline, control, control_pretty };
    /// -monitor, -qmp, -qmp-pretty: makes the character device too, as compat_monitorN.
    Result<void> add_line(std::string_view text, Mode, chardev::Chardevs&);
    /// -serial, -parallel and the like: a character device with that label; with "mon:" in front
    /// it is shared with an HMP monitor. Null for "none".
    Result<chardev::Chardev*> device_line(const std::string& label, std::string_view text,
                                          chardev::Chardevs&);

    Dispatcher& dispatcher() { return dispatcher_; }
    const Host& host() const { return host_; }

private:
    Host host_;
    Dispatcher dispatcher_;
    std::unique_ptr<io::LoopThread> oob_thread_;
    unsigned lines_ = 0;
    std::vector<std::unique_ptr<QmpMonitor>> qmp_;
    std::vector<std::unique_ptr<HmpMonitor>> hmp_;
};

}  // namespace monitor
