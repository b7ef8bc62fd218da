// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>

#include "util/cutils.h"
#include "vl/option-groups.h"

namespace vl {

Result<Daemon> Daemon::go_to_background() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return fail_errno(errno, "cannot create a pipe");
    UniqueFd from_child(ends[0]), to_parent(ends[1]);
    const pid_t pid = fork();
    if (pid < 0) return fail_errno(errno, "cannot fork");
    if (pid > 0) {
        to_parent.reset();
        char verdict = 1;
        ssize_t n;
        do
            n = read(from_child.get(), &verdict, 1);
        while (n < 0 && errno == EINTR);
        // The child said why on stderr before it died.
        _exit(n == 1 ? verdict : 1);
    }
    setsid();
    // A second fork, so that the daemon never regains a controlling terminal.
    const pid_t again = fork();
    if (again < 0) return fail_errno(errno, "cannot fork");
    if (again > 0) _exit(0);
    umask(027);
    signal(SIGTSTP, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    signal(SIGTTIN, SIG_IGN);
    return Daemon(std::move(to_parent));
}

Result<void> Daemon::ready() {
    if (chdir("/") < 0) return fail_errno(errno, "cannot change to /");
    UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null) return fail_errno(errno, "cannot open /dev/null");
    // Whoever started us reads stderr to its end: keep none of the inherited ones open.
    for (int fd : {0, 1, 2})
        dup2(null.get(), fd);
    const char fine = 0;
    ssize_t n;
    do
        n = write(to_parent_.get(), &fine, 1);
    while (n < 0 && errno == EINTR);
    to_parent_.reset();
    return {};
}

Result<PidFile> PidFile::create(const std::string& path) {
    auto error = [&](const char* what) {
        return fail_errno(errno, fmt::format("cannot create PID file: {} '{}'", what, path));
    };
    UniqueFd fd(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    if (!fd) return error("Could not create");
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (fcntl(fd.get(), F_OFD_SETLK, &lock) < 0) return error("Could not lock");
    const auto text = fmt::format("{}\n", getpid());
    if (ftruncate(fd.get(), 0) < 0 ||
        write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return error("Could not write");
    return PidFile(path, std::move(fd));
}

PidFile::~PidFile() {
    if (fd_) unlink(path_.c_str());
}

namespace {

sigset_t handled_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (int s : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&set, s);
    return set;
}

}  // namespace

Signals::Signals() {
    // A reader that has gone, a file that may not grow: an error of the write, not the end.
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    const sigset_t set = handled_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    fd_.reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

Signals::~Signals() {
    watch_.cancel();
    const sigset_t set = handled_signals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Signals::deliver_to(io::Context* context, Handler handler) {
    watch_ = io::Watch(context, fd_.get(), io::Readable,
                       [fd = fd_.get(), handler = std::move(handler)](unsigned) {
                           signalfd_siginfo info;
                           while (read(fd, &info, sizeof info) == sizeof info)
                               handler(info);
                       });
}

Result<void> take_descriptors(const std::vector<Described>& given, io::FdSets& sets) {
    std::vector<UniqueFd> originals;
    for (const Described& d : given) {
        auto one = [&]() -> Result<void> {
            auto number = [&](const char* key) -> Result<int> {
                auto* v = d.object().find(key);
                const auto n = v ? parse_int64(word(*v)) : std::optional<std::int64_t>();
                if (!n || *n < 0 || *n > INT_MAX)
                    return fail("{} option is required and must be non-negative", key);
                return static_cast<int>(*n);
            };
            const int fd = TRY(number("fd"));
            if (fd <= STDERR_FILENO) return fail("fd cannot be a standard I/O stream");
            // Everything that this program opened itself is marked to be closed on exec.
            const int flags = fcntl(fd, F_GETFD);
            if (flags < 0 || (flags & FD_CLOEXEC)) return fail("fd is not valid or already in use");
            const int set = TRY(number("set"));
            UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
            if (!copy) return fail_errno(errno, "error duplicating fd");
            std::optional<std::string> opaque;
            if (auto* text = d.object().find("opaque")) opaque = word(*text);
            TRY(sets.add(std::move(copy), set, std::move(opaque)));
            if (std::ranges::find(originals, fd, &UniqueFd::get) == originals.end())
                originals.emplace_back(fd);
            return {};
        };
        if (auto done = one(); !done) return std::move(done).error().prepend(d.where + ": ");
    }
    return {};
}

Result<void> set_up_process(const std::string& name, bool lock_memory) {
    if (!name.empty()) prctl(PR_SET_NAME, name.c_str());
    if (lock_memory && mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
        return fail_errno(errno, "locking memory failed")
            .with_hint("see 'ulimit -l', the most memory that this user may lock");
    return {};
}

Result<void> give_up_rights(const std::string& chroot_to, const std::string& run_as) {
    uid_t uid = 0;
    gid_t gid = 0;
    if (!run_as.empty()) {
        // Names are looked up before the root directory changes.
        if (const passwd* user = getpwnam(run_as.c_str())) {
            uid = user->pw_uid;
            gid = user->pw_gid;
        } else {
            const char* end = run_as.data() + run_as.size();
            auto [colon, bad] = std::from_chars(run_as.data(), end, uid);
            if (bad != std::errc{} || colon == end || *colon != ':' ||
                std::from_chars(colon + 1, end, gid).ptr != end)
                return fail("-runas {}: User \"{}\" doesn't exist (and is not <uid>:<gid>)", run_as,
                            run_as);
        }
    }
    if (!chroot_to.empty() && (chroot(chroot_to.c_str()) < 0 || chdir("/") < 0))
        return fail_errno(errno, fmt::format("chroot failed: {}", chroot_to));
    if (!run_as.empty() && (setgroups(1, &gid) < 0 || setgid(gid) < 0 || setuid(uid) < 0))
        return fail_errno(errno, fmt::format("cannot become {}", run_as));
    return {};
}

}  // namespace vl
