// SPDX-License-Identifier: GPL-2.0-or-later
//
// Making monitors.
#include "monitor/monitors.h"

#include "monitor/hmp-monitor.h"
#include "monitor/qmp-monitor.h"

namespace monitor {

Monitors::Monitors(Host host)
    : host_(std::move(host)),
      dispatcher_([this](std::function<void()> work) { host_.loop.post(std::move(work)); }) {
    host_.events.serve(host_.loop.context());
}

Monitors::~Monitors() {
    qmp_.clear();
    hmp_.clear();
    oob_thread_.reset();
}

Result<void> Monitors::add_qmp(chardev::Chardev& chardev, bool pretty) {
    const QmpMonitor::Surroundings around{
        .commands = host_.commands,
        .services = host_.services,
        .dispatcher = dispatcher_,
        .events = host_.events,
        .loop = host_.loop.context(),
        .oob_thread = [this]() -> io::LoopThread& {
            if (!oob_thread_) oob_thread_ = std::make_unique<io::LoopThread>("QMP out of band");
            return *oob_thread_;
        },
        .tell = host_.tell};
    qmp_.push_back(TRY(QmpMonitor::create(around, chardev, pretty)));
    return {};
}

Result<void> Monitors::add_hmp(chardev::Chardev& chardev) {
    hmp_.push_back(
        TRY(HmpMonitor::create(host_.commands, host_.services, host_.loop.context(), chardev)));
    return {};
}

Result<void> Monitors::add(const chardev::KeyValues& options, chardev::Chardevs& chardevs) {
    std::string chardev, mode = "readline";
    bool pretty = false, has_pretty = false;
    for (const auto& [key, value] : options) {
        if (key == "chardev") {
            chardev = value;
        } else if (key == "mode") {
            if (value != "control" && value != "readline")
                return fail("Parameter 'mode' does not accept value '{}'", value);
            mode = value;
        } else if (key == "pretty") {
            if (value != "on" && value != "off")
                return fail("Parameter 'pretty' expects 'on' or 'off'");
            pretty = value == "on";
            has_pretty = true;
        } else if (key != "id") {
            return fail("Parameter '{}' is unexpected", key);
        }
    }
    if (chardev.empty()) return fail("Parameter 'chardev' is missing");
    if (has_pretty && mode == "readline")
        return fail("'pretty' is not compatible with HMP monitors");
    chardev::Chardev* found = chardevs.find(chardev);
    if (!found) return fail("chardev \"{}\" not found", chardev);
    return mode == "control" ? add_qmp(*found, pretty) : add_hmp(*found);
}

Result<void> Monitors::add_line(std::string_view text, Mode mode, chardev::Chardevs& chardevs) {
    const std::string label = fmt::format("compat_monitor{}", lines_);
    chardev::Chardev* made = TRY(chardevs.add_line(label, text));
    if (!made) return {};
    if (made->label() == label) lines_++;
    return mode == Mode::readline ? add_hmp(*made) : add_qmp(*made, mode == Mode::control_pretty);
}

Result<chardev::Chardev*> Monitors::device_line(const std::string& label, std::string_view text,
                                                chardev::Chardevs& chardevs) {
    chardev::Chardev* made = TRY(chardevs.add_line(label, text));
    if (made && text.starts_with("mon:")) TRY(add_hmp(*made));
    return made;
}

}  // namespace monitor
