// SPDX-License-Identifier: GPL-2.0-or-later
//
// The parent's side of the host runner: shares the batch with the child, replaces a child that
// died.
#include "tests/diff/host-runner.h"

#include "tests/diff/host-child.h"

#include <cpuid.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace diff {

struct HostRunner::Impl {
    Layout layout{};
    Shared* shared = nullptr;
    pid_t child = -1;
    int socket = -1;
    bool compat = false;

    Result<void> spawn();
    void reap();
    bool wait_for_child();
};

Result<void> HostRunner::Impl::spawn() {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return fail_errno(errno, "socketpair");
    const pid_t parent = getpid();
    child = fork();
    if (child < 0) return fail_errno(errno, "fork");
    if (child == 0) {
        close(pair[0]);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        child_main(*shared, layout, pair[1]);
    }
    close(pair[1]);
    socket = pair[0];
    return {};
}

void HostRunner::Impl::reap() {
    if (socket >= 0) close(socket);
    socket = -1;
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
    }
    child = -1;
}

/// True when the batch is done; false when the child died or stood still for two seconds.
bool HostRunner::Impl::wait_for_child() {
    pollfd p{.fd = socket, .events = POLLIN, .revents = 0};
    for (std::uint32_t seen = shared->next;;) {
        const int n = poll(&p, 1, 2000);
        if (n < 0 && errno == EINTR) continue;
        char byte;
        if (n > 0) return read(socket, &byte, 1) == 1;
        if (n == 0 && shared->next == seen) return false;
        seen = shared->next;
    }
}

HostRunner::HostRunner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HostRunner::~HostRunner() {
    impl_->reap();
    if (impl_->shared) munmap(impl_->shared, sizeof(Shared));
}

const Layout& HostRunner::layout() const {
    return impl_->layout;
}
bool HostRunner::has_compat() const {
    return impl_->compat;
}

i386::FeatureSet HostRunner::features() {
    using namespace i386;
    FeatureSet f;
    u32 a, b, c, d;
    if (__get_cpuid(1, &a, &b, &c, &d)) f.word[feat_1_edx] = d, f.word[feat_1_ecx] = c;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) f.word[feat_7_0_ebx] = b, f.word[feat_7_0_ecx] = c;
    if (__get_cpuid(0x80000001, &a, &b, &c, &d))
        f.word[feat_8000_0001_edx] = d, f.word[feat_8000_0001_ecx] = c;
    if (__get_cpuid_count(0xD, 1, &a, &b, &c, &d)) f.word[feat_d_1_eax] = a;
    return f;
}

Result<std::unique_ptr<HostRunner>> HostRunner::create() {
    auto impl = std::make_unique<Impl>();
    void* p =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return fail_errno(errno, "mmap");
    impl->shared = static_cast<Shared*>(p);
    std::unique_ptr<HostRunner> runner(new HostRunner(std::move(impl)));
    Impl& im = *runner->impl_;

    // A NOP tells whether the scheme works, first with the low layout, then with one that any user
    // may map.
    for (const std::uint32_t base : {0x6000U, 0x10000000U}) {
        im.layout = {base, base + data_offset_from_code};
        TRY(im.spawn());
        Case nop{};
        nop.code[0] = 0x90;
        nop.code_length = 1;
        nop.before.mxcsr = 0x1F80;
        nop.before.fcw = 0x37F;
        nop.before.gpr[4] = im.layout.data + 2048;
        Outcome outcome{};
        runner->run({&nop, 1}, {&outcome, 1});
        if (outcome.vector == lost) {
            im.reap();
            continue;
        }
        if (outcome.vector != no_fault)
            return fail("a NOP ended with exception {}", outcome.vector);
        nop.compat = true;
        runner->run({&nop, 1}, {&outcome, 1});
        im.compat = outcome.vector == no_fault;
        return runner;
    }
    return fail("this host cannot run single instructions in a child process");
}

void HostRunner::run(std::span<const Case> cases, std::span<Outcome> outcomes) {
    Impl& im = *impl_;
    Shared& s = *im.shared;
    assert(cases.size() <= batch && cases.size() == outcomes.size());
    std::copy(cases.begin(), cases.end(), s.cases.begin());
    s.count = static_cast<std::uint32_t>(cases.size());
    s.next = 0;
    while (s.next < s.count) {
        const char go = 1;
        if (im.child > 0 && write(im.socket, &go, 1) == 1 && im.wait_for_child()) break;
        s.outcomes[s.next].vector = lost;
        ++s.next;
        im.reap();
        if (!im.spawn()) {
            for (; s.next < s.count; ++s.next)
                s.outcomes[s.next].vector = lost;
            break;
        }
    }
    std::copy_n(s.outcomes.begin(), cases.size(), outcomes.begin());
}

}  // namespace diff
