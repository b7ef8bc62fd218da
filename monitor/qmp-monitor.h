// SPDX-License-Identifier: GPL-2.0-or-later
//
// A QMP session on a character device.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "chardev/char.h"
#include "io/loop-thread.h"
#include "monitor/qmp-session.h"

namespace monitor {

class QmpMonitor final : chardev::FrontEnd, QmpSession::Connection {
public:
    struct Surroundings {
        const qapi::CommandTable& commands;
        const qapi::Context& services;
        Dispatcher& dispatcher;
        Events& events;
        io::Context* loop;
        std::function<io::LoopThread&()> oob_thread;  // made when first asked for
        std::function<void(const std::string&)> tell;
    };
    static Result<std::unique_ptr<QmpMonitor>> create(const Surroundings&, chardev::Chardev&,
                                                      bool pretty);
    ~QmpMonitor() override;

private:
    QmpMonitor(const Surroundings&, chardev::Chardev&, bool pretty);
    void flush();
    void move();

    // chardev::FrontEnd
    std::size_t can_receive() override { return session_.input_room(); }
    void receive(std::span<const std::uint8_t>) override;
    void event(chardev::Event) override;
    void writable() override { flush(); }

    // QmpSession::Connection
    void output_waiting() override;
    void input_wanted() override;
    void out_of_band(bool) override;
    void events_dropped(std::size_t) override;

    void run_in_service(std::function<void()>);

    Surroundings around_;
    std::string name_;
    /// Who serves the connection: the main loop's context, later perhaps the thread's.
    std::atomic<io::Context*> served_by_;
    std::atomic<bool> flush_posted_{false};
    bool moving_ = false;
    // Work that was posted and may run after this died.
    std::shared_ptr<std::atomic<QmpMonitor*>> self_;
    QmpSession session_;
};

}  // namespace monitor
