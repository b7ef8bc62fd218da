// SPDX-License-Identifier: GPL-2.0-or-later
#include "migration/incoming.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "io/fdset.h"
#include "migration/migration.h"
#include "migration/with-memory.h"
#include "qapi/qapi-events-migration.h"
#include "system/run-control.h"
#include "util/main-loop.h"

extern char** environ;

namespace migration {

using qapi::MigrationStatus;
using qapi::RunState;

Incoming::~Incoming() {
    watch_.cancel();
    source_.reset();
    if (child_ > 0) ::kill(child_, SIGTERM);
}

Result<void> Incoming::expect(const std::string& uri) {
    expected_ = true;
    s_.run.set_state(RunState::inmigrate);
    if (uri == "defer") return {};
    // Nobody has sent this process a descriptor yet, so only one inherited by exec can be meant.
    if (uri.starts_with("fd:") && !io::FdSets::number(uri.substr(3)))
        return fail("Invalid file descriptor number '{}'", uri.substr(3));
    return start(uri);
}

Result<void> Incoming::start(const std::string& uri) {
    if (!expected_) return fail("'-incoming' was not specified on the command line");
    if (started_) return fail("The incoming migration has already been started");
    // Told whether or not anybody asked for such events: clients wait for it.
    qapi::emit(s_.events, qapi::MigrationEvent{.status = MigrationStatus::setup});
    status_ = MigrationStatus::setup;
    if (auto opened = open(uri); !opened) {
        status_ = MigrationStatus::none;
        return opened;
    }
    started_ = true;
    return {};
}

Result<void> Incoming::open(const std::string& uri) {
    const auto colon = uri.find(':');
    const std::string protocol = uri.substr(0, colon);
    const std::string rest = colon == std::string::npos ? std::string() : uri.substr(colon + 1);
    if (protocol == "exec") return run_command(rest);
    if (protocol == "fd") {
        if (!s_.fds) return fail("file descriptor named '{}' has not been found", rest);
        UniqueFd fd = TRY(s_.fds->take(rest));
        read_from(std::move(fd));
        return {};
    }
    if (protocol == "file") {
        UniqueFd fd(s_.fds ? s_.fds->open(rest, O_RDONLY)
                           : ::open(rest.c_str(), O_RDONLY | O_CLOEXEC));
        if (!fd) return fail("Unable to open {}: {}", rest, std::strerror(errno));
        read_from(std::move(fd));
        return {};
    }
    if (protocol == "unix") {
        if (rest.empty()) return fail("invalid Unix socket address");
        listen_on(TRY(io::listen(io::UnixAddress{.path = rest})));
        return {};
    }
    if (protocol == "tcp") {
        const auto port = rest.rfind(':');
        if (port == std::string::npos)
            return fail("error parsing address '{}': expected HOST:PORT", rest);
        std::string host = rest.substr(0, port);
        if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
        listen_on(TRY(io::listen(io::InetAddress{.host = host, .port = rest.substr(port + 1)})));
        return {};
    }
    return fail("unknown migration protocol: {}", uri);
}

Result<void> Incoming::run_command(const std::string& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) < 0) return fail_errno(errno, "pipe");
    UniqueFd in(ends[0]), out(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out.get(), STDOUT_FILENO);
    // What this process blocks and ignores is its own business.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string text = command;
    char shell[] = "/bin/sh", flag[] = "-c";
    char* argv[] = {shell, flag, text.data(), nullptr};
    const int error = ::posix_spawn(&child_, shell, &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error) {
        child_ = -1;
        return fail_errno(error, "exec:" + command);
    }
    child_end_.reset(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
    if (!child_end_) return fail_errno(errno, "exec:" + command);
    child_watch_ = io::Watch(s_.loop.context(), child_end_.get(), io::Readable,
                             [this](unsigned) { command_ended(); });
    read_from(std::move(in));
    return {};
}

void Incoming::listen_on(UniqueFd listener) {
    listener_ = std::move(listener);
    watch_ = io::Watch(s_.loop.context(), listener_.get(), io::Readable, [this](unsigned) {
        UniqueFd peer = io::accept(listener_.get());
        if (!peer) return;
        watch_.cancel();
        listener_.reset();
        read_from(std::move(peer));
    });
}

void Incoming::read_from(UniqueFd fd) {
    source_ = std::move(fd);
    // A regular file is always ready; a pipe must not hold the loop.
    ::fcntl(source_.get(), F_SETFL, ::fcntl(source_.get(), F_GETFL) | O_NONBLOCK);
    watch_ = io::Watch(s_.loop.context(), source_.get(), io::Readable | io::HungUp | io::Failed,
                       [this](unsigned) { readable(); });
}

void Incoming::readable() {
    const Result<void> done = with_memory([&]() -> Result<void> {
        if (TRY(read_more())) finish();
        return {};
    });
    if (!done) refuse(done.error());
}

/// What is there to be read now; true at the end.
Result<bool> Incoming::read_more() {
    for (;;) {
        std::uint8_t piece[64 * 1024];
        const ssize_t n = ::read(source_.get(), piece, sizeof piece);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
        if (n < 0) return fail_errno(errno, "reading the incoming stream");
        if (n == 0) return true;
        received_.insert(received_.end(), piece, piece + n);
        if (received_.size() > largest_state)
            return fail(
                "the incoming stream is longer than {} bytes: streams with RAM are not "
                "supported",
                largest_state);
    }
}

void Incoming::finish() {
    // The watch's own handler is running: it may be cancelled here, but nothing of it used after.
    watch_.cancel();
    source_.reset();
    // Without a byte the command's exit status is the only thing to go by.
    awaits_command_ = child_ > 0 && received_.empty();
    if (!awaits_command_) load();
}

void Incoming::command_ended() {
    child_watch_.cancel();
    child_end_.reset();
    ::waitpid(std::exchange(child_, -1), &command_status_, 0);
    if (std::exchange(awaits_command_, false)) load();
}

void Incoming::set_status(MigrationStatus status) {
    status_ = status;
    if (s_.migration.capabilities().events)
        qapi::emit(s_.events, qapi::MigrationEvent{.status = status});
}

void Incoming::load() {
    if (received_.empty() && command_status_ != 0)
        return refuse(
            WIFSIGNALED(command_status_)
                ? fail("the exec: command was ended by signal {}", WTERMSIG(command_status_))
                : fail("the exec: command failed with exit status {}",
                       WEXITSTATUS(command_status_)));
    set_status(MigrationStatus::active);
    s_.migration.global_state().forget_received();
    Result<void> loaded = s_.migration.load(received_);
    received_ = {};
    if (!loaded) return refuse(loaded.error());
    done_ = true;
    set_status(MigrationStatus::completed);
    take_run_state();
}

void Incoming::refuse(const Error& error) {
    watch_.cancel();
    source_.reset();
    started_ = false;
    received_ = {};
    error_ = error.description();
    set_status(MigrationStatus::failed);
    if (failed_) failed_(error);
}

/// What the sender did is what this VM does next; a sender that ran makes it run unless -S or a
/// `stop` says otherwise.
void Incoming::take_run_state() {
    const std::string& received = s_.migration.global_state().received();
    const auto state = qapi::parse_enum<RunState>(received.empty() ? "running" : received);
    if (state != RunState::running) {
        s_.run.set_state(state.value_or(RunState::paused));
        return;
    }
    s_.run.set_state(RunState::paused);
    if (!s_.run.starts_when_loaded()) return;
    // An image that the sender, or somebody else, has not let go: the machine is whole and waits
    // for another `cont`.
    if (auto started = s_.run.start(s_.loop.held()); !started && not_started_)
        not_started_(started.error());
}

}  // namespace migration
