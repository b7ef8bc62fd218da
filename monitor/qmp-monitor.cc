// SPDX-License-Identifier: GPL-2.0-or-later
//
// Between session and character device.
#include "monitor/qmp-monitor.h"

#include <glib.h>

namespace monitor {

namespace {
constexpr std::size_t piece = 64 * 1024;
}

Result<std::unique_ptr<QmpMonitor>> QmpMonitor::create(const Surroundings& around,
                                                       chardev::Chardev& chardev, bool pretty) {
    std::unique_ptr<QmpMonitor> made(new QmpMonitor(around, chardev, pretty));
    TRY(made->connect(&chardev));
    made->set_open(true);
    around.events.add(made->session_);
    return made;
}

QmpMonitor::QmpMonitor(const Surroundings& around, chardev::Chardev& chardev, bool pretty)
    : around_(around),
      name_(chardev.label()),
      served_by_(around.loop),
      self_(std::make_shared<std::atomic<QmpMonitor*>>(this)),
      session_(around.commands, around.services, around.dispatcher, *this,
               {.pretty = pretty, .offer_oob = chardev.may_move()}) {}

QmpMonitor::~QmpMonitor() {
    around_.events.remove(session_);
    *self_ = nullptr;
    if (served_by_ != around_.loop)
        around_.oob_thread().call([this] { disconnect(); });
    else
        disconnect();
}

void QmpMonitor::receive(std::span<const std::uint8_t> bytes) {
    session_.feed({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, take_descriptors());
}

void QmpMonitor::event(chardev::Event event) {
    if (event == chardev::Event::Opened)
        session_.opened();
    else if (event == chardev::Event::Closed)
        session_.closed();
}

void QmpMonitor::run_in_service(std::function<void()> work) {
    if (g_main_context_is_owner(served_by_)) return work();
    io::post(served_by_, [self = self_, work = std::move(work)] {
        if (*self) work();
    });
}

void QmpMonitor::output_waiting() {
    if (g_main_context_is_owner(served_by_)) return flush();
    if (flush_posted_.exchange(true)) return;
    run_in_service([this] {
        flush_posted_ = false;
        flush();
    });
}

void QmpMonitor::flush() {
    for (;;) {
        const std::string text = session_.take_output(piece);
        if (text.empty()) return;
        const std::size_t taken = write(text);
        session_.wrote(taken);
        if (taken < text.size()) return;  // writable() goes on with it
    }
}

void QmpMonitor::input_wanted() {
    run_in_service([this] { accept_input(); });
}

void QmpMonitor::events_dropped(std::size_t count) {
    const std::string what =
        fmt::format("QMP client on '{}' did not read: {} events were dropped", name_, count);
    if (around_.tell) io::post(around_.loop, [tell = around_.tell, what] { tell(what); });
}

void QmpMonitor::out_of_band(bool enabled) {
    if (!enabled || served_by_ != around_.loop || std::exchange(moving_, true)) return;
    // The connection is in the middle of delivering the command that asked for this.
    io::post(around_.loop, [self = self_] {
        if (QmpMonitor* monitor = *self) monitor->move();
    });
}

void QmpMonitor::move() {
    io::LoopThread& thread = around_.oob_thread();
    thread.call([&] {
        chardev()->move_to(thread.context());
        served_by_ = thread.context();
        accept_input();
        flush();
    });
}

}  // namespace monitor
