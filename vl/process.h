// SPDX-License-Identifier: GPL-2.0-or-later
//
// The process around the emulator: background, pid file, signals, and giving up rights before the
// guest runs.
#pragma once

#include <sys/signalfd.h>
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "io/fdset.h"
#include "io/watch.h"
#include "qapi/json.h"
#include "util/result.h"
#include "util/unique-fd.h"
#include "vl/settings.h"

namespace vl {

/// -daemonize. The parent waits until the child is ready or dead and exits with its verdict, so
/// that whoever started us finds the sockets listening and the pid file written.
class Daemon {
public:
    /// Returns in the child only; nothing may have started a thread yet.
    static Result<Daemon> go_to_background();
    /// Leaves the terminal's session for good and lets the parent exit with 0.
    Result<void> ready();

private:
    explicit Daemon(UniqueFd to_parent) : to_parent_(std::move(to_parent)) {}
    UniqueFd to_parent_;
};

/// Written at once, locked while we live, removed when destroyed.
class PidFile {
public:
    static Result<PidFile> create(const std::string& path);
    PidFile(PidFile&&) = default;
    ~PidFile();

private:
    PidFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
    std::string path_;
    UniqueFd fd_;
};

/// SIGINT, SIGTERM and SIGHUP as an event of the main loop; SIGPIPE is ignored. Create it before
/// any thread, so that all inherit the mask.
class Signals {
public:
    using Handler = std::function<void(const signalfd_siginfo&)>;
    Signals();
    ~Signals();
    void deliver_to(io::Context*, Handler);

private:
    UniqueFd fd_;
    io::Watch watch_;
};

/// -add-fd: puts descriptors that this process was started with into sets. All are checked and
/// duplicated before the originals are closed, because one may be given more than once.
Result<void> take_descriptors(const std::vector<Described>&, io::FdSets&);

/// -name process=, -overcommit mem-lock=on.
Result<void> set_up_process(const std::string& name, bool lock_memory);

/// -chroot, then -runas ("user" or "uid:gid").
Result<void> give_up_rights(const std::string& chroot_to, const std::string& run_as);

/// -sandbox on,...: a seccomp filter over all threads (sandbox.cc).
Result<void> enter_sandbox(const qapi::JsonObject& options);

}  // namespace vl
