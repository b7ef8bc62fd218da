// SPDX-License-Identifier: GPL-2.0-or-later
//
// One emulator as the command line describes it: a VM with its back ends, monitors and incoming
// stream. Members stand in the order they are built; destruction is the reverse, so monitors go
// before the VM, and the VM before what its devices lean on.
#pragma once

#include <memory>
#include <string>

#include "accel/qtest/server.h"
#include "audio/audiodevs.h"
#include "block/drives.h"
#include "chardev/chardevs.h"
#include "hw/core/board-drives.h"
#include "hw/smbios/smbios.h"
#include "io/fdset.h"
#include "io/yank.h"
#include "migration/incoming.h"
#include "migration/migration.h"
#include "monitor/events.h"
#include "monitor/monitors.h"
#include "net/network.h"
#include "qapi/command.h"
#include "qom/type-table.h"
#include "system/timer-state.h"
#include "system/vm.h"
#include "ui/console.h"
#include "ui/input.h"
#include "vl/process.h"
#include "vl/report.h"
#include "vl/settings.h"

namespace vl {

class Emulator {
public:
    /// `types` and `commands` are constant data that outlive it, as the settings do. Nothing runs
    /// yet. Without `signals` it is a guest in somebody else's process and leaves them alone.
    static Result<std::unique_ptr<Emulator>> create(const Settings&, const qom::TypeTable& types,
                                                    qapi::CommandTable& commands, Signals* signals);
    Emulator(const Emulator&) = delete;
    ~Emulator();

    /// Starts the guest unless -S or -incoming say otherwise.
    void start();
    /// start(), and turns the main loop until the end. The result is the process's exit status.
    int run();

    vm::Foundation& foundation() { return foundation_; }
    vm::Vm& vm() { return *vm_; }
    migration::Migration& migration() { return migration_; }
    monitor::Events& events() { return events_; }
    const qapi::CommandTable& commands() const { return commands_; }
    /// The hold on the big lock that whoever turns the loop has.
    Bql& held() { return *held_; }
    qtest::Target qtest_target();

private:
    Emulator(const Settings&, const qom::TypeTable&, qapi::CommandTable&, const hw::MachineType&);
    Result<void> build(Signals*, vm::Config);
    void switch_trace_points();
    Result<void> open_lines(vm::Config&);
    Result<void> make_objects(bool filters);
    Result<void> make_audiodevs();
    Result<void> serve_qtest();

    const Settings& settings_;
    const Reporter report_;
    qapi::CommandTable& commands_;
    monitor::Events events_;
    migration::Migration migration_;
    vm::Foundation foundation_;
    hw::SmbiosOptions smbios_;
    hw::BoardDrives board_drives_;
    std::unique_ptr<Bql> held_;  // the main thread holds the lock but for the loop's waits
    vm::TimerState timer_state_;
    io::FdSets descriptors_;
    io::Yanks yanks_;
    chardev::Chardevs chardevs_;
    block::Drives drives_;
    /// Another process may have the images while this one stands still.
    struct ImageLocks final : migration::ImageLocks {
        explicit ImageLocks(block::Drives& d) : drives(d) {}
        Result<void> release() override { return drives.inactivate_all(); }
        block::Drives& drives;
    } image_locks_{drives_};
    ui::Consoles consoles_;
    ui::Input input_;
    net::Network network_;
    audio::Audiodevs audiodevs_;
    io::Watch block_watch_;
    std::unique_ptr<vm::Vm> vm_;
    std::unique_ptr<migration::Incoming> incoming_;
    std::unique_ptr<monitor::Monitors> monitors_;
    chardev::Chardev* qtest_chardev_ = nullptr;
    std::vector<Described> debug_consoles_;  // the devices of -debugcon
    std::unique_ptr<qtest::Server> qtest_;
};

/// Every type this program has: the rooms' lists joined.
void add_all_types(qom::TypeTable&);

}  // namespace vl
