// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/emulator.h"

#include <cstdio>
#include <fstream>

#include "hw/nvram/fw_cfg.h"
#include "qapi/qapi-types-run-state.h"
#include "qapi/qapi-visit-audio.h"
#include "qapi/qapi-visit-qom.h"
#include "vl/drives.h"
#include "vl/firmware-options.h"
#include "vl/guest-memory.h"
#include "vl/machine-config.h"
#include "vl/network.h"
#include "vl/option-groups.h"
#include "vl/report.h"

namespace vl {

namespace {

/// The options of a -chardev or -mon, as their rooms take them.
chardev::KeyValues key_values(const qapi::JsonObject& object) {
    chardev::KeyValues list;
    for (const auto& [key, value] : object)
        list.emplace_back(key, word(value));
    return list;
}

template <class E>
Result<void> choose(const qapi::JsonObject& given, std::string_view key, E& to) {
    auto* v = given.find(key);
    if (!v) return {};
    auto parsed = qapi::parse_enum<E>(word(*v));
    if (!parsed)
        return fail("-action {}={}: Parameter '{}' does not accept value '{}'", key, word(*v), key,
                    word(*v));
    to = *parsed;
    return {};
}

Result<vm::Actions> actions(const Settings& s) {
    vm::Actions a;
    if (s.no_reboot) a.reboot = qapi::RebootAction::shutdown;
    if (s.no_shutdown) a.shutdown = qapi::ShutdownAction::pause;
    TRY(choose(s.action, "reboot", a.reboot));
    TRY(choose(s.action, "shutdown", a.shutdown));
    TRY(choose(s.action, "panic", a.panic));
    TRY(choose(s.action, "watchdog", a.watchdog));
    for (const auto& [key, value] : s.action)
        if (key != "reboot" && key != "shutdown" && key != "panic" && key != "watchdog")
            return fail("-action: Invalid parameter '{}'", key);
    return a;
}

Result<const hw::MachineType*> find_machine(const Settings& s, const qom::TypeTable& types) {
    for (const hw::MachineType* t : types.all_of<hw::MachineType>()) {
        if (s.machine_type.empty() ? t->is_default
                                   : s.machine_type == t->machine_name ||
                                         (!t->alias.empty() && s.machine_type == t->alias))
            return t;
    }
    const char* why = s.machine_type.empty() ? "No machine specified, and there is no default"
                                             : "unsupported machine type";
    return fail("{}", why).with_hint("Use -machine help to list supported machines");
}

std::vector<std::string> names_of(const hw::MachineType& t) {
    std::vector<std::string> names{std::string(t.machine_name)};
    if (!t.alias.empty()) names.emplace_back(t.alias);
    return names;
}

}  // namespace

Emulator::Emulator(const Settings& settings, const qom::TypeTable& types,
                   qapi::CommandTable& commands, const hw::MachineType& machine)
    : settings_(settings),
      report_(settings),
      commands_(commands),
      migration_(names_of(machine)),
      foundation_(types, migration_.savevm(), events_),
      held_(std::make_unique<Bql>(foundation_.lock)),
      timer_state_(foundation_.clocks),
      chardevs_({.loop = foundation_.loop.context(),
                 .descriptors = descriptors_,
                 .tell = [this](const std::string& remark) { report_.info(remark); },
                 .terminate =
                     [this] { foundation_.run_control.request_quit(qapi::ShutdownCause::host_ui); },
                 .yanks = &yanks_}),
      drives_(block::make_thread_pool(), &events_, &descriptors_),
      input_(foundation_.clocks.virt,
             [this] {
                 const auto& rc = foundation_.run_control;
                 return rc.running() || rc.state() == qapi::RunState::suspended;
             }),
      network_({.loop = foundation_.loop.context(),
                .clock = foundation_.clocks.virt,
                .log = foundation_.log,
                .states = migration_.savevm(),
                .chardevs = chardevs_,
                .descriptors = descriptors_,
                .events = events_}),
      audiodevs_(foundation_.clocks.virt, migration_.savevm()) {}

Emulator::~Emulator() {
    // Devices go while their processors are still there: none may be at work in one, or wait for
    // the lock that is held here.
    if (vm_) vm_->accelerator().pause_all(*held_);
    chardevs_.drain(200);
    migration_.snapshots().clear();
    qtest_.reset();
    monitors_.reset();
    vm_.reset();
}

Result<std::unique_ptr<Emulator>> Emulator::create(const Settings& s, const qom::TypeTable& types,
                                                   qapi::CommandTable& commands, Signals* signals) {
    const auto* machine = TRY(find_machine(s, types));
    std::unique_ptr<Emulator> e(new Emulator(s, types, commands, *machine));
    vm::Config config{.machine_type = machine,
                      .machine = TRY(machine_config(s, *machine)),
                      .machine_properties = s.machine_properties,
                      .accelerators = s.accelerators,
                      .globals = s.globals,
                      .actions = TRY(actions(s))};
    TRY(e->build(signals, std::move(config)));
    return e;
}

/// A '-' in front of a pattern switches off.
void Emulator::switch_trace_points() {
    for (std::string_view pattern : settings_.trace) {
        const bool on = !pattern.starts_with('-');
        if (!on) pattern.remove_prefix(1);
        const auto points = TraceSwitches::matching(pattern);
        if (points.empty() && pattern.find_first_of("*?") == pattern.npos)
            report_.warning(fmt::format("trace event '{}' does not exist", pattern));
        for (TracePoint p : points)
            foundation_.log.trace_points.set(p, on);
    }
}

Result<void> Emulator::build(Signals* signals, vm::Config config) {
    auto& f = foundation_;
    if (!settings_.log_items.empty()) TRY(f.log.set_items(settings_.log_items));
    if (!settings_.log_file.empty()) TRY(f.log.set_file(settings_.log_file));
    switch_trace_points();
    events_.serve(f.loop.context());
    if (signals)
        signals->deliver_to(f.loop.context(), [this](const signalfd_siginfo& info) {
            report_.info(
                fmt::format("terminating on signal {} from pid {}", info.ssi_signo, info.ssi_pid));
            foundation_.run_control.request_quit(qapi::ShutdownCause::host_signal);
        });

    auto& services = f.services;
    services.provide(commands_);
    services.provide(migration_);
    services.provide(descriptors_);
    services.provide(yanks_);
    services.provide(chardevs_);
    services.provide(drives_);
    services.provide<migration::ImageLocks>(image_locks_);
    services.provide(network_);
    services.provide(audiodevs_);
    services.provide(consoles_);
    services.provide(input_);
    block_watch_ = io::Watch(f.loop.context(), drives_.executor().event_fd(), io::Readable,
                             [this](unsigned) { drives_.executor().run_completions(); });
    drives_.on_drive_options([this, machine = config.machine_type](std::string_view options) {
        return add_drive(settings_, *machine, drives_, report_, options);
    });
    drives_.on_stop_request([this] { foundation_.run_control.io_error_stop(); });
    f.run_control.before_start([this] { return drives_.before_start(); });
    f.run_control.on_change([this](bool running, qapi::RunState) {
        network_.set_running(running);
        if (running)
            drives_.started();
        else
            drives_.drain_all();
    });
    // The images belong to the sender of the stream until it is in.
    if (settings_.incoming) TRY(drives_.inactivate_all());
    services.provide(settings_);

    // The order of sections in a stream: time first, then what transfers RAM and disks, then the
    // board with its devices, the run state last.
    TRY(migration_.take_globals(config.machine_type->compatibility, settings_.globals));
    migration_.savevm().add({}, timer_state_, 0, vmstate::Priority::Default);
    migration_.register_live();

    monitors_ = std::make_unique<monitor::Monitors>(
        monitor::Monitors::Host{commands_, services, f.loop, events_,
                                [this](const std::string& remark) { report_.info(remark); }});
    TRY(take_descriptors(settings_.add_fds, descriptors_));
    TRY(open_lines(config));
    TRY(make_audiodevs());
    TRY(make_objects(false));
    TRY(provide_guest_memory(settings_, f, config));
    board_drives_.list = TRY(make_drives(settings_, *config.machine_type, drives_, report_));
    config.machine.nics = TRY(make_network(settings_, *config.machine_type, network_));
    TRY(make_objects(true));
    f.run_control.set_single_step(settings_.singlestep);
    f.platform.only_migratable = settings_.only_migratable;
    smbios_ = TRY(smbios_options(settings_));
    services.provide(smbios_);
    services.provide(board_drives_);
    vm_ = TRY(vm::Vm::create(f, std::move(config)));
    vm_->accelerator().set_single_step(settings_.singlestep);
    for (const DriveDevice& d : board_drives_.list) {
        if (d.made) continue;
        auto made = vm_->devices().add(d.argument);
        if (!made) return std::move(made).error().prepend(d.where + ": ");
    }
    for (const auto* list : {&std::as_const(debug_consoles_), &settings_.devices})
        for (const Described& d : *list) {
            auto made = vm_->devices().add(d.argument);
            if (!made) return std::move(made).error().prepend(d.where + ": ");
        }
    for (const auto& warning : network_warnings(settings_, vm_->config().machine.nics, network_))
        report_.warning(warning);
    f.platform.machine_done = true;
    TRY(add_fw_cfg_files(settings_, services.find<hw::FwCfg>(),
                         [this](const std::string& text) { report_.warning(text); }));
    TRY(vm_->finish());
    if (qtest_chardev_) TRY(serve_qtest());
    for (const hw::GlobalProperty& g : vm_->config().globals) {
        if (g.used || g.driver == "migration") continue;
        const auto* device = foundation_.types.find_as<hw::DeviceType>(g.driver);
        if (!device)
            report_.warning(
                fmt::format("global {}.{} has invalid class name", g.driver, g.property));
        else if (!device->hotpluggable)  // one may still come otherwise
            report_.warning(fmt::format("global {}.{}={} not used", g.driver, g.property, g.value));
    }
    migration_.register_global_state();
    incoming_ = std::make_unique<migration::Incoming>(
        migration::Incoming::Services{migration_, f.run_control, f.loop, events_, &descriptors_});
    incoming_->on_failure([this](const Error& error) {
        report_.error(error);
        report_.error(fail("load of migration failed: Invalid argument"));
        foundation_.run_control.request_exit(1);
    });
    incoming_->on_not_started([this](const Error& error) { report_.error(error); });
    services.provide(*incoming_);
    if (const auto& uri = settings_.incoming) {
        if (auto expected = incoming_->expect(*uri); !expected)
            return std::move(expected).error().prepend(fmt::format("-incoming {}: ", *uri));
    }
    return {};
}

namespace {

/// A PC has addresses for three (IBM's LPT1 to LPT3).
constexpr unsigned most_parallel_ports = 3;

/// The lines given, and the ones a machine has by default: with -nographic serial port and monitor
/// share the terminal, otherwise each is a text console that nobody needs to look at.
std::vector<CharacterLine> lines_with_defaults(const Settings& s, const hw::MachineType& machine) {
    using Use = CharacterLine::Use;
    auto lines = s.lines;
    auto given = [&](std::initializer_list<Use> uses) {
        for (const CharacterLine& l : s.lines)
            for (Use u : uses)
                if (l.use == u) return true;
        return false;
    };
    const bool serial = given({Use::Serial}), parallel = given({Use::Parallel}),
               monitor = given({Use::Monitor, Use::Qmp, Use::QmpPretty}) || !s.monitors.empty();
    auto add = [&](Use use, const char* text) { lines.push_back({use, text, "default"}); };
    if (!s.default_devices) return lines;
    if (!s.graphic && !serial && !monitor && machine.has_serial) {
        add(Use::Serial, "mon:stdio");
    } else {
        if (!serial && machine.has_serial) add(Use::Serial, s.graphic ? "vc" : "stdio");
        if (!monitor) add(Use::Monitor, s.graphic ? "vc" : "stdio");
    }
    if (!parallel && machine.has_parallel) add(Use::Parallel, s.graphic ? "vc" : "null");
    return lines;
}

}  // namespace

/// What other back ends stand on comes first, what listens to them after them.
Result<void> Emulator::make_objects(bool filters) {
    for (const Described& d : settings_.objects) {
        const auto* type = d.object().find("qom-type");
        if ((type && word(*type).starts_with("filter-")) != filters) continue;
        auto add = [&]() -> Result<void> {
            const auto options = TRY(qapi::from_argument<qapi::ObjectOptions>(d.argument));
            TRY(foundation_.objects.add(foundation_.services, *qapi::to_json(options).object()));
            return {};
        };
        if (auto made = add(); !made) return std::move(made).error().prepend(d.where + ": ");
    }
    return {};
}

Result<void> Emulator::make_audiodevs() {
    for (const Described& d : settings_.audiodevs) {
        auto add = [&]() -> Result<void> {
            return audiodevs_.add(TRY(qapi::from_argument<qapi::Audiodev>(d.argument)));
        };
        if (auto made = add(); !made) return std::move(made).error().prepend(d.where + ": ");
    }
    return {};
}

Result<void> Emulator::serve_qtest() {
    std::function<void(std::string_view)> log;
    if (settings_.qtest_log != "none" && !settings_.qtest_log.empty())
        log = [this](std::string_view line) { foundation_.log.write(line); };
    qtest_ = TRY(
        qtest::Server::create(foundation_.loop, qtest_target(), *qtest_chardev_, std::move(log)));
    return {};
}

qtest::Target Emulator::qtest_target() {
    auto& f = foundation_;
    const bool owns_clock = !vm_->accelerator().runs_guest_code();
    return {f.memory_space, f.io_space, f.root, owns_clock ? &f.clocks.virt : nullptr};
}

Result<void> Emulator::open_lines(vm::Config& config) {
    for (const Described& d : settings_.chardevs) {
        auto made = chardevs_.add(key_values(d.object()));
        if (!made) return std::move(made).error().prepend(d.where + ": ");
    }
    unsigned serial = 0, parallel = 0;
    for (const CharacterLine& line : lines_with_defaults(settings_, *config.machine_type)) {
        using Use = CharacterLine::Use;
        auto with_place = [&](auto made) {
            if (!made) made = std::move(made).error().prepend(line.where + ": ");
            return made;
        };
        auto device = [&](std::string label) {
            return with_place(monitors_->device_line(label, line.text, chardevs_));
        };
        auto monitor = [&](monitor::Monitors::Mode mode) {
            return with_place(monitors_->add_line(line.text, mode, chardevs_));
        };
        using Mode = monitor::Monitors::Mode;
        switch (line.use) {
            case Use::Monitor: TRY(monitor(Mode::readline)); break;
            case Use::Qmp: TRY(monitor(Mode::control)); break;
            case Use::QmpPretty: TRY(monitor(Mode::control_pretty)); break;
            case Use::Serial:
            case Use::Parallel: {
                const bool is_serial = line.use == Use::Serial;
                if (!is_serial && parallel == most_parallel_ports)
                    return fail("{}: too many parallel ports", line.where);
                auto* c = TRY(device(is_serial ? fmt::format("serial{}", serial++)
                                               : fmt::format("parallel{}", parallel++)));
                auto& list =
                    is_serial ? config.machine.serial_chardevs : config.machine.parallel_chardevs;
                list.push_back(c ? c->label() : std::string());
                break;
            }
            case Use::Debugcon:
                if (auto* c = TRY(device("debugcon"))) {
                    qapi::Argument console{.value = qapi::JsonObject{{"driver", "isa-debugcon"},
                                                                     {"iobase", 0xe9},
                                                                     {"chardev", c->label()}}};
                    debug_consoles_.push_back({std::move(console), line.where});
                }
                break;
            case Use::Qtest: {
                auto* c = TRY(device("qtest"));
                if (!c) return fail("{}: a character device is needed", line.where);
                qtest_chardev_ = c;
                break;
            }
        }
    }
    for (const Described& d : settings_.monitors) {
        auto added = monitors_->add(key_values(d.object()), chardevs_);
        if (!added) return std::move(added).error().prepend(d.where + ": ");
    }
    return {};
}

void Emulator::start() {
    auto& rc = foundation_.run_control;
    if (rc.state() == qapi::RunState::inmigrate)
        rc.start_when_loaded(!settings_.start_paused);
    else if (!settings_.start_paused)
        // Nothing stands in the way of a VM that has just been made.
        if (auto started = rc.start(*held_); !started) report_.error(started.error());
}

int Emulator::run() {
    start();
    foundation_.loop.run(*held_);
    return foundation_.run_control.exit_status();
}

}  // namespace vl
