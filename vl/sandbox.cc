// SPDX-License-Identifier: GPL-2.0-or-later
//
// -sandbox on: a seccomp filter that takes away what an emulator has no use for once it runs. Each
// group can be kept by its option, as QEMU's.
#include <array>

#ifdef CONFIG_SECCOMP
#include <seccomp.h>
#endif

#include "vl/option-groups.h"
#include "vl/process.h"

namespace vl {

namespace {

struct Choice {
    std::string_view option;
    bool deny_by_default;
};
constexpr Choice obsolete{"obsolete", true}, privileges{"elevateprivileges", false},
    spawn{"spawn", false}, resources{"resourcecontrol", false};
constexpr std::array choices{&obsolete, &privileges, &spawn, &resources};

}  // namespace

#ifdef CONFIG_SECCOMP

namespace {

struct Rule {
    const Choice* group;  // null: denied always
    const char* syscall;
};

constexpr std::array rules{
    // System administration: never.
    Rule{nullptr, "reboot"},
    Rule{nullptr, "swapon"},
    Rule{nullptr, "swapoff"},
    Rule{nullptr, "syslog"},
    Rule{nullptr, "mount"},
    Rule{nullptr, "umount"},
    Rule{nullptr, "umount2"},
    Rule{nullptr, "kexec_load"},
    Rule{nullptr, "kexec_file_load"},
    Rule{nullptr, "afs_syscall"},
    Rule{nullptr, "break"},
    Rule{nullptr, "ftime"},
    Rule{nullptr, "getpmsg"},
    Rule{nullptr, "gtty"},
    Rule{nullptr, "lock"},
    Rule{nullptr, "mpx"},
    Rule{nullptr, "prof"},
    Rule{nullptr, "profil"},
    Rule{nullptr, "putpmsg"},
    Rule{nullptr, "security"},
    Rule{nullptr, "stty"},
    Rule{nullptr, "tuxcall"},
    Rule{nullptr, "ulimit"},
    Rule{nullptr, "vserver"},
    Rule{nullptr, "init_module"},
    Rule{nullptr, "finit_module"},
    Rule{nullptr, "delete_module"},
    Rule{nullptr, "pivot_root"},
    Rule{nullptr, "acct"},
    Rule{nullptr, "quotactl"},
    Rule{nullptr, "settimeofday"},
    Rule{nullptr, "clock_settime"},
    Rule{nullptr, "sethostname"},
    Rule{nullptr, "setdomainname"},
    Rule{&obsolete, "readdir"},
    Rule{&obsolete, "_sysctl"},
    Rule{&obsolete, "bdflush"},
    Rule{&obsolete, "create_module"},
    Rule{&obsolete, "get_kernel_syms"},
    Rule{&obsolete, "query_module"},
    Rule{&obsolete, "sgetmask"},
    Rule{&obsolete, "ssetmask"},
    Rule{&obsolete, "sysfs"},
    Rule{&obsolete, "uselib"},
    Rule{&obsolete, "ustat"},
    Rule{&privileges, "setuid"},
    Rule{&privileges, "setgid"},
    Rule{&privileges, "setpgid"},
    Rule{&privileges, "setsid"},
    Rule{&privileges, "setreuid"},
    Rule{&privileges, "setregid"},
    Rule{&privileges, "setresuid"},
    Rule{&privileges, "setresgid"},
    Rule{&privileges, "setfsuid"},
    Rule{&privileges, "setfsgid"},
    Rule{&spawn, "fork"},
    Rule{&spawn, "vfork"},
    Rule{&spawn, "execve"},
    Rule{&spawn, "execveat"},
    Rule{&resources, "setpriority"},
    Rule{&resources, "sched_setparam"},
    Rule{&resources, "sched_setscheduler"},
    Rule{&resources, "sched_setaffinity"},
};

Result<void> install(const std::array<bool, choices.size()>& denied) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter) return fail("failed to install seccomp syscall filter: out of memory");
    int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    for (const Rule& r : rules) {
        bool wanted = !r.group;
        for (std::size_t i = 0; i < choices.size(); i++)
            wanted |= choices[i] == r.group && denied[i];
        const int number = seccomp_syscall_resolve_name(r.syscall);
        // A system call that this architecture never had needs no rule.
        if (wanted && number >= 0 && !error)
            error = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, number, 0);
    }
    if (!error) error = seccomp_load(filter);
    seccomp_release(filter);
    if (error) return fail_errno(-error, "failed to install seccomp syscall filter in the kernel");
    return {};
}

}  // namespace

#endif

Result<void> enter_sandbox(const qapi::JsonObject& options) {
    bool enable = false;
    std::array<bool, choices.size()> denied{};
    for (std::size_t i = 0; i < choices.size(); i++)
        denied[i] = choices[i]->deny_by_default;
    for (const auto& [key, value] : options) {
        const auto text = word(value);
        if (key == "enable") {
            if (text != "on" && text != "off")
                return fail("-sandbox {}: Parameter 'enable' expects 'on' or 'off'", text);
            enable = text == "on";
            continue;
        }
        bool known = false;
        for (std::size_t i = 0; i < choices.size(); i++) {
            if (key != choices[i]->option) continue;
            known = true;
            if (text != "allow" && text != "deny")
                return fail("-sandbox: invalid argument for {}", key)
                    .with_hint("expected allow or deny");
            denied[i] = text == "deny";
        }
        if (!known) return fail("-sandbox: Invalid parameter '{}'", key);
    }
    if (!enable) return {};
#ifdef CONFIG_SECCOMP
    return install(denied);
#else
    return fail("-sandbox on is not possible: this program was built without seccomp")
        .with_hint("rebuild with libseccomp-dev installed");
#endif
}

}  // namespace vl
