// SPDX-License-Identifier: GPL-2.0-or-later
//
// The front door: parse, compose, run.
#include <malloc.h>

#include <cstdio>
#include <optional>
#include <span>

#include "qapi/qapi-commands.h"
#include "vl/emulator.h"
#include "vl/help.h"
#include "vl/options.h"
#include "vl/report.h"

namespace vl {

namespace {

/// A load of the devices' state takes a few hundred kilobytes for as long as it lasts. To get them
/// from the kernel and give them back each time would cost more than the load.
void keep_freed_memory() {
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    mallopt(M_TOP_PAD, 512 << 10);
}

Result<int> run(const Settings& settings) {
    qom::TypeTable types;
    add_all_types(types);
    if (auto answer = answer_for(settings, types)) {
        std::fputs(answer->c_str(), stdout);
        return 0;
    }
    std::optional<Daemon> daemon;
    if (settings.daemonize) daemon.emplace(TRY(Daemon::go_to_background()));
    std::optional<PidFile> pidfile;
    if (!settings.pidfile.empty()) pidfile.emplace(TRY(PidFile::create(settings.pidfile)));
    TRY(set_up_process(settings.process_name, settings.lock_memory));
    Signals signals;

    qapi::CommandTable commands = qapi::all_commands();
    auto emulator = TRY(Emulator::create(settings, types, commands, &signals));
    TRY(give_up_rights(settings.chroot, settings.runas));
    TRY(enter_sandbox(settings.sandbox));
    if (daemon) TRY(daemon->ready());
    return emulator->run();
}

}  // namespace

}  // namespace vl

int main(int argc, char** argv) {
    vl::keep_freed_memory();
    vl::Reporter report;
    auto settings = vl::parse({argv + 1, static_cast<std::size_t>(argc - 1)});
    if (settings) {
        report = vl::Reporter(*settings);
        auto status = vl::run(*settings);
        if (status) return *status;
        report.error(status.error());
    } else {
        report.error(settings.error());
    }
    return 1;
}
