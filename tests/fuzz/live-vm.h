// SPDX-License-Identifier: GPL-2.0-or-later
//
// A whole machine in this process, put together like the front door does, without its monitors:
// for fuzzing and timing what goes through its saved state.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "migration/migration.h"
#include "qapi/event.h"
#include "system/timer-state.h"
#include "system/vm.h"
#include "vl/emulator.h"
#include "vl/machine-config.h"
#include "vl/options.h"

namespace fuzz {

class LiveVm {
public:
    /// As on the command line: {"-M", "pc", "-nodefaults"}. Ends the program when it cannot start.
    explicit LiveVm(std::vector<const char*> arguments)
        : settings_(must(vl::parse(arguments))),
          migration_({"pc-i440fx-7.2", "pc"}),
          foundation_(add_types(types_), migration_.savevm(), events_),
          bql_(foundation_.lock),
          timers_(foundation_.clocks) {
        foundation_.services.provide(migration_);
        migration_.savevm().add({}, timers_, 0, vmstate::Priority::Default);
        migration_.register_live();
        const hw::MachineType* type = nullptr;
        for (const hw::MachineType* t : types_.all_of<hw::MachineType>())
            if (settings_.machine_type == t->machine_name || settings_.machine_type == t->alias)
                type = t;
        if (!type) wrong("no such machine");
        vm::Config config{.machine_type = type,
                          .machine = must(vl::machine_config(settings_, *type)),
                          .machine_properties = settings_.machine_properties,
                          .accelerators = settings_.accelerators,
                          .globals = settings_.globals};
        vm_ = must(vm::Vm::create(foundation_, std::move(config)));
        if (auto finished = vm_->finish(); !finished) wrong(finished.error().description());
        migration_.register_global_state();
    }

    ~LiveVm() { migration_.snapshots().clear(); }

    migration::Migration& migration() { return migration_; }
    vm::Foundation& foundation() { return foundation_; }

    std::vector<std::uint8_t> saved() {
        auto bytes = must(migration_.save());
        return {bytes.begin(), bytes.end()};
    }
    Result<void> load(std::span<const std::uint8_t> bytes) {
        auto staged = TRY(migration_.savevm().stage_device_state(bytes, migration_.policy()));
        staged.commit();
        return {};
    }

    [[noreturn]] static void wrong(const std::string& what) {
        std::fprintf(stderr, "%s\n", what.c_str());
        std::abort();
    }
    template <class T>
    static T must(Result<T> r) {
        if (!r) wrong(r.error().description());
        return *std::move(r);
    }

private:
    struct Silent final : qapi::EventSink {
        void emit(std::string_view, const qapi::Json&) override {}
    };
    static qom::TypeTable& add_types(qom::TypeTable& types) {
        vl::add_all_types(types);
        return types;
    }

    vl::Settings settings_;
    Silent events_;
    qom::TypeTable types_;
    migration::Migration migration_;
    vm::Foundation foundation_;
    Bql bql_;
    vm::TimerState timers_;
    std::unique_ptr<vm::Vm> vm_;
};

}  // namespace fuzz
