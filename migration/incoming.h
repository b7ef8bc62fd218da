// SPDX-License-Identifier: GPL-2.0-or-later
//
// `-incoming URI` and migrate-incoming: a VM that stands in run state inmigrate until a stream
// gives it its devices' state. What is taken today is a device-state file, from wherever it comes;
// the RAM is there already (shared memory, Xen).
//
// On the main loop's thread, under the big lock.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "io/socket.h"
#include "io/watch.h"
#include "qapi/qapi-types-migration.h"
#include "util/result.h"
#include "util/unique-fd.h"

class MainLoop;
namespace io {
class FdSets;
}
namespace qapi {
class EventSink;
}
namespace vm {
class RunControl;
}

namespace migration {

class Migration;

class Incoming {
public:
    struct Services {
        Migration& migration;
        vm::RunControl& run;
        MainLoop& loop;
        qapi::EventSink& events;
        io::FdSets* fds;
    };
    explicit Incoming(Services services) : s_(services) {}
    Incoming(const Incoming&) = delete;
    ~Incoming();

    /// `-incoming URI`, once, with the machine built: the run state becomes inmigrate. `defer`
    /// waits for migrate-incoming. A stream that is refused ends the process by way of
    /// `on_failure`, because a VM without state has no use.
    Result<void> expect(const std::string& uri);
    void on_failure(std::function<void(const Error&)> failed) { failed_ = std::move(failed); }
    /// The state is in, but the machine could not go on by itself; it stays paused.
    void on_not_started(std::function<void(const Error&)> tell) { not_started_ = std::move(tell); }

    /// migrate-incoming.
    Result<void> start(const std::string& uri);

    /// Whether a stream is still awaited.
    bool pending() const { return expected_ && !done_; }
    qapi::MigrationStatus status() const { return status_; }
    /// Why it failed; empty when it did not.
    const std::string& error() const { return error_; }

private:
    Result<void> open(const std::string& uri);
    Result<void> run_command(const std::string& command);
    void listen_on(UniqueFd);
    void read_from(UniqueFd);
    void readable();
    Result<bool> read_more();
    void finish();
    void command_ended();
    void load();
    void set_status(qapi::MigrationStatus);
    void refuse(const Error&);
    void take_run_state();

    Services s_;
    std::function<void(const Error&)> failed_, not_started_;
    bool expected_ = false, started_ = false, done_ = false;
    UniqueFd listener_, source_;
    io::Watch watch_;  // of listener_, then of source_
    qapi::MigrationStatus status_ = qapi::MigrationStatus::none;
    std::string error_;
    // The exec: command: its end is seen by a descriptor, so that nothing waits for it.
    pid_t child_ = -1;
    UniqueFd child_end_;
    io::Watch child_watch_;
    int command_status_ = 0;
    bool awaits_command_ = false;
    std::vector<std::uint8_t> received_;
};

}  // namespace migration
