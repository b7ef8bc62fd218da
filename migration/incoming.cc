// SPDX-License-Identifier: GPL-2.0-or-later
#include "migration/incoming.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "io/fdset.h"
#include "migration/migration.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-migration.h"
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
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
}

Result<void> Incoming::expect(const std::string& uri) {
    expected_ = true;
    s_.run.set_state(RunState::inmigrate);
    if (uri == "defer") return {};
    return start(uri);
}

Result<void> Incoming::start(const std::string& uri) {
    if (!expected_) return fail("'-incoming' was not specified on the command line");
    if (started_) return fail("The incoming migration has already been started");
    qapi::emit(s_.events, qapi::MigrationEvent{.status = MigrationStatus::setup});
    TRY(open(uri));
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
        listen_on(TRY(io::listen(io::UnixAddress{.path = rest})));
        return {};
    }
    if (protocol == "tcp") {
        const auto port = rest.rfind(':');
        if (port == std::string::npos)
            return fail("-incoming {}: expected tcp:HOST:PORT, found no port", uri);
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
    std::string text = command;
    char shell[] = "/bin/sh", flag[] = "-c";
    char* argv[] = {shell, flag, text.data(), nullptr};
    const int error = ::posix_spawn(&child_, shell, &actions, nullptr, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error) {
        child_ = -1;
        return fail_errno(error, "exec:" + command);
    }
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
    for (;;) {
        const std::size_t have = received_.size();
        received_.resize(have + 256 * 1024);
        const ssize_t n = ::read(source_.get(), received_.data() + have, 256 * 1024);
        const int error = errno;
        received_.resize(have + static_cast<std::size_t>(n > 0 ? n : 0));
        if (n < 0 && error == EINTR) continue;
        if (n < 0 && (error == EAGAIN || error == EWOULDBLOCK)) return;
        if (n < 0) return refuse(fail_errno(error, "reading the incoming stream"));
        if (n == 0) return finish();
        if (received_.size() > largest_state)
            return refuse(
                fail("the incoming stream is longer than {} bytes: streams with RAM are "
                     "not supported",
                     largest_state));
    }
}

void Incoming::finish() {
    // The watch's own handler is running: it may be cancelled here, but nothing of it used after.
    watch_.cancel();
    source_.reset();
    if (child_ > 0) {
        int status = 0;
        ::waitpid(child_, &status, 0);
        child_ = -1;
        if (status != 0 && received_.empty())
            return refuse(fail("the exec: command failed (status {})",
                               WIFEXITED(status) ? WEXITSTATUS(status) : -1));
    }
    s_.migration.global_state().forget_received();
    auto staged = s_.migration.savevm().stage_device_state(received_, s_.migration.policy());
    received_ = {};
    if (!staged) return refuse(staged.error());
    staged->commit();
    done_ = true;
    take_run_state();
}

void Incoming::refuse(const Error& error) {
    watch_.cancel();
    source_.reset();
    started_ = false;
    received_ = {};
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
    if (auto started = s_.run.start(s_.loop.held()); !started && failed_) failed_(started.error());
}

}  // namespace migration

namespace qapi {

Result<void> qmp_migrate_incoming(Context& cx, const MigrateIncomingArgs& args) {
    auto* incoming = cx.find<migration::Incoming>();
    if (!incoming) return fail("'-incoming' was not specified on the command line");
    return incoming->start(args.uri);
}

}  // namespace qapi
