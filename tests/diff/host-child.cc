// SPDX-License-Identifier: GPL-2.0-or-later
//
// Runs single instructions by signal frames; see host-runner.h. From `child_main` on nothing may
// use thread-local storage or return to the C library: FS belongs to the tested instruction.
#include "tests/diff/host-child.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <cstring>

namespace diff {
namespace {

constexpr std::uint64_t trap_flag = 0x100;
/// Linux' user segments (arch/x86/include/asm/segment.h, part of its ABI): 64-bit code, 32-bit
/// code, data.
constexpr std::uint64_t code64 = 0x33, code32 = 0x23, data_selector = 0x2B;
/// Selectors of RFLAGS a case may choose: CF PF AF ZF SF DF OF and AC
/// (sigreturn takes no others from the frame).
constexpr std::uint64_t chosen_flags = 0x40CD5;

/// The XSAVE area in a signal frame (Intel SDM volume 1, 13.4; the kernel puts its own words at
/// 464).
struct XsaveArea {
    std::uint16_t fcw, fsw;
    std::uint16_t ftw, fop;
    std::uint64_t fip, fdp;
    std::uint32_t mxcsr, mxcsr_mask;
    std::uint8_t st[8][16];
    std::uint8_t xmm[16][16];
    std::uint8_t reserved[48];
    std::uint32_t magic1, extended_size;
    std::uint64_t xfeatures;
    std::uint32_t xstate_size;
    std::uint8_t padding[28];
    std::uint64_t xstate_bv;
    std::uint64_t xcomp_bv;
    std::uint8_t header[48];
    std::uint8_t ymm_high[16][16];
};
static_assert(offsetof(XsaveArea, xstate_bv) == 512 && offsetof(XsaveArea, ymm_high) == 576);
constexpr std::uint32_t fp_xstate_magic1 = 0x46505853;
constexpr std::uint64_t x87_sse = 3, avx = 4;

struct Child {
    Shared* shared;
    std::uint8_t* code_alias;  ///< the code page, writable
    std::uint8_t* data;
    std::uint8_t* code;
    int socket;
    bool running;
    std::array<std::uint8_t, page_size> clean;
};

/// A signal handler gets no argument of ours, so this process (the child, and no other) has one.
Child child;

long raw_syscall(long number, long a, long b, long c) {
    long result;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c)
                 : "rcx", "r11", "memory");
    return result;
}

// gregs order of <sys/ucontext.h> for the numbers an instruction encodes.
constexpr int greg_of[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                             REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                             REG_R12, REG_R13, REG_R14, REG_R15};

void set_bases(std::uint64_t fs, std::uint64_t gs) {
    const std::uint32_t selector = data_selector;
    asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs; mov %0, %%gs" ::"r"(selector));
    asm volatile("wrfsbase %0; wrgsbase %1" ::"r"(fs), "r"(gs));
}

void load(ucontext_t& uc, const Case& c) {
    std::memcpy(child.data, child.clean.data(), page_size);
    std::memcpy(child.data + c.patch_at, c.patch.data(), c.patch.size());
    std::memset(child.code_alias + c.code_at, 0xCC,
                std::min<std::size_t>(32, page_size - c.code_at));
    std::memcpy(child.code_alias + c.code_at, c.code.data(), c.code_length);

    greg_t* g = uc.uc_mcontext.gregs;
    for (int i = 0; i < 16; ++i)
        g[greg_of[i]] = static_cast<greg_t>(c.before.gpr[i]);
    g[REG_RIP] = static_cast<greg_t>(reinterpret_cast<std::uintptr_t>(child.code) + c.code_at);
    g[REG_EFL] =
        static_cast<greg_t>((c.before.rflags & chosen_flags) | 0x202 | (c.repeats ? 0 : trap_flag));
    g[REG_CSGSFS] = static_cast<greg_t>((c.compat ? code32 : code64) | data_selector << 48);

    auto& x = *reinterpret_cast<XsaveArea*>(uc.uc_mcontext.fpregs);
    x.fcw = c.before.fcw;
    x.fsw = c.before.fsw;
    x.ftw = c.before.ftw;
    x.fop = 0;
    x.fip = x.fdp = 0;
    x.mxcsr = c.before.mxcsr;
    for (int i = 0; i < 8; ++i)
        std::memcpy(x.st[i], c.before.st[i].data(), 10);
    for (int i = 0; i < 16; ++i)
        std::memcpy(x.xmm[i], c.before.ymm[i].data(), 16);
    if (x.magic1 == fp_xstate_magic1) {
        x.xstate_bv = (x87_sse | avx) & x.xfeatures;
        if (x.xfeatures & avx)
            for (int i = 0; i < 16; ++i)
                std::memcpy(x.ymm_high[i], c.before.ymm[i].data() + 16, 16);
    }
    set_bases(c.before.fs_base, c.before.gs_base);
}

void store(const ucontext_t& uc, const Case& c, Outcome& o) {
    const greg_t* g = uc.uc_mcontext.gregs;
    CpuImage& a = o.after;
    for (int i = 0; i < 16; ++i)
        a.gpr[i] = static_cast<std::uint64_t>(g[greg_of[i]]);
    a.rip = static_cast<std::uint64_t>(g[REG_RIP]);
    a.rflags = static_cast<std::uint64_t>(g[REG_EFL]) & ~trap_flag;
    asm volatile("rdfsbase %0; rdgsbase %1" : "=r"(a.fs_base), "=r"(a.gs_base));

    const auto& x = *reinterpret_cast<const XsaveArea*>(uc.uc_mcontext.fpregs);
    const bool extended = x.magic1 == fp_xstate_magic1;
    a.fcw = x.fcw;
    a.fsw = x.fsw;
    a.ftw = x.ftw & 0xFF;
    a.mxcsr = x.mxcsr;
    for (int i = 0; i < 8; ++i)
        std::memcpy(a.st[i].data(), x.st[i], 10);
    // A component whose XSTATE_BV bit is clear was in its initial state and need not be in memory.
    const bool sse_present = !extended || (x.xstate_bv & 2);
    const bool avx_present = extended && (x.xstate_bv & avx);
    for (int i = 0; i < 16; ++i) {
        std::memset(a.ymm[i].data(), 0, 32);
        if (sse_present) std::memcpy(a.ymm[i].data(), x.xmm[i], 16);
        if (avx_present) std::memcpy(a.ymm[i].data() + 16, x.ymm_high[i], 16);
    }
    if (extended && !(x.xstate_bv & 1)) {
        a.fcw = 0x37F;
        a.fsw = a.ftw = 0;
        for (auto& st : a.st)
            st.fill(0);
    }
    std::memcpy(o.data.data(), child.data, page_size);

    const auto trap = static_cast<int>(g[REG_TRAPNO]);
    const std::uintptr_t after_code =
        reinterpret_cast<std::uintptr_t>(child.code) + c.code_at + c.code_length;
    o.vector = trap;
    o.error_code = 0;
    o.cr2 = 0;
    if (trap == 1 && !c.repeats) o.vector = no_fault;
    if (trap == 3 && c.repeats && a.rip == after_code + 1) {
        o.vector = no_fault;
        a.rip = after_code;
    }
    if (trap == 8 || (trap >= 10 && trap <= 14) || trap == 17)
        o.error_code = static_cast<std::uint32_t>(g[REG_ERR]);
    if (trap == 14) o.cr2 = static_cast<std::uint64_t>(g[REG_CR2]);
}

void on_signal(int, siginfo_t*, void* context) {
    // The tested flags stay set in the handler: no backward copies, no alignment checks, and no NT
    // or ID for the next case.
    asm volatile("pushfq; andl $~0x244400, (%%rsp); popfq" ::: "cc", "memory");
    auto& uc = *static_cast<ucontext_t*>(context);
    Shared& s = *child.shared;
    if (child.running) {
        const std::uint32_t done = s.next.load(std::memory_order_relaxed);
        store(uc, s.cases[done], s.outcomes[done]);
        std::memset(child.code_alias + s.cases[done].code_at, 0xCC,
                    std::min<std::size_t>(32, page_size - s.cases[done].code_at));
        s.next.store(done + 1, std::memory_order_release);
    }
    char byte = 1;
    if (child.running && s.next == s.count) {
        child.running = false;
        if (raw_syscall(SYS_write, child.socket, reinterpret_cast<long>(&byte), 1) != 1)
            raw_syscall(SYS_exit_group, 0, 0, 0);
    }
    if (!child.running) {
        if (raw_syscall(SYS_read, child.socket, reinterpret_cast<long>(&byte), 1) != 1)
            raw_syscall(SYS_exit_group, 0, 0, 0);
        child.running = true;
    }
    load(uc, s.cases[s.next]);
}

bool map_pages(const Layout& layout) {
    const int fd = memfd_create("code", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, page_size) != 0) return false;
    const auto at = [](std::uint32_t address) {
        return reinterpret_cast<void*>(static_cast<std::uintptr_t>(address));
    };
    void* alias = mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    void* code = mmap(at(layout.code), page_size, PROT_READ | PROT_EXEC,
                      MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
    void* data = mmap(at(layout.data), 2 * page_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (alias == MAP_FAILED || code == MAP_FAILED || data == MAP_FAILED) return false;
    child.code_alias = static_cast<std::uint8_t*>(alias);
    child.code = static_cast<std::uint8_t*>(code);
    child.data = static_cast<std::uint8_t*>(data);
    std::memset(alias, 0xCC, page_size);
    for (std::size_t i = 0; i < page_size; ++i) {
        child.clean[i] = pattern(i);
        child.data[page_size + i] = pattern(page_size + i);
    }
    return mprotect(child.data + page_size, page_size, PROT_READ) == 0;
}

}  // namespace

void child_main(Shared& shared, const Layout& layout, int socket) {
    child.shared = &shared;
    child.socket = socket;
    if (!map_pages(layout)) _exit(1);

    constexpr std::size_t stack_size =
        256 * 1024;  // frames hold the whole XSAVE area, AMX included
    void* stack =
        mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const stack_t alternate{.ss_sp = stack, .ss_flags = 0, .ss_size = stack_size};
    if (stack == MAP_FAILED || sigaltstack(&alternate, nullptr) != 0) _exit(1);
    struct sigaction action {};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (const int n : {SIGSEGV, SIGILL, SIGFPE, SIGBUS, SIGTRAP})
        if (sigaction(n, &action, nullptr) != 0) _exit(1);
    asm volatile("int3");
    _exit(1);
}

}  // namespace diff
