// SPDX-License-Identifier: GPL-2.0-or-later
//
// Unit on x86-64 hosts: moves MXCSR and the x87 state between the guest and this thread's
// registers.
#include "target/i386/fp/unit.h"

#include "target/i386/fp/code-arena.h"
#include "target/i386/fp/x87.h"

#include <cpuid.h>
#include <ucontext.h>
#include <csignal>
#include <cstring>
#include <mutex>

namespace i386::fp {
namespace {

constexpr u32 mxcsr_default = 0x1F80, mxcsr_masks = 0x1F80, mxcsr_flags = 0x3F;
constexpr u16 x87_exceptions = 0x3F, x87_error_summary = 0x80;

u32 read_mxcsr() {
    u32 v;
    asm volatile("stmxcsr %0" : "=m"(v));
    return v;
}
void write_mxcsr(u32 v) {
    asm volatile("ldmxcsr %0" : : "m"(v));
}

/// The 32-bit protected-mode image of FNSAVE (SDM volume 1, figure 8-9).
struct [[gnu::packed]] X87Image {
    u16 control, control_high, status, status_high, tag, tag_high;
    u32 ip;
    u16 cs, opcode;
    u32 dp;
    u16 ds, ds_high;
    u8 st[8][10];
};
static_assert(sizeof(X87Image) == 108);

/// The way out of a thunk whose instruction raised SIGFPE. A signal handler gets no argument, hence
/// the variable of its thread.
struct Escape {
    const Unit* unit;
    const void* way_out;
    volatile bool taken;
};
thread_local Escape* running = nullptr;

void on_sigfpe(int, siginfo_t*, void* context) {
    auto& pc = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
    Escape* const e = running;
    if (!e || !e->unit->owns(reinterpret_cast<const void*>(pc))) {
        // Not the guest's: the default action, when the instruction is tried again.
        signal(SIGFPE, SIG_DFL);
        return;
    }
    e->taken = true;
    pc = static_cast<greg_t>(reinterpret_cast<std::uintptr_t>(e->way_out));
}

}  // namespace

void Unit::load_mxcsr() {
    write_mxcsr(state_.mxcsr | mxcsr_masks);
    live_ |= mxcsr_live;
}

void Unit::save_mxcsr() {
    state_.mxcsr = (state_.mxcsr & ~mxcsr_flags) | (read_mxcsr() & mxcsr_flags);
    write_mxcsr(mxcsr_default);
    live_ &= u8(~mxcsr_live);
}

void Unit::load_x87() {
    const X87& x = state_.x87;
    X87Image image{};
    image.control = x.control;
    image.status = x.status;
    const unsigned top = x.status >> 11 & 7;
    for (unsigned n = 0; n < 8; n++) {
        if (!(x.valid >> n & 1)) image.tag |= u16(3 << 2 * n);
        const Float80& r = x.reg[(top + n) & 7];
        std::memcpy(image.st[n], &r.mantissa, 8);
        std::memcpy(image.st[n] + 8, &r.sign_exponent, 2);
    }
    asm volatile("frstor %0" : : "m"(image));
    live_ |= x87_live;
}

void Unit::save_x87() {
    X87Image image;
    asm volatile("fnsave %0" : "=m"(image));
    X87& x = state_.x87;
    x.status = image.status;
    const unsigned top = x.status >> 11 & 7;
    x.valid = 0;
    for (unsigned n = 0; n < 8; n++) {
        if ((image.tag >> 2 * n & 3) != 3) x.valid |= u8(1 << n);
        Float80& r = x.reg[(top + n) & 7];
        std::memcpy(&r.mantissa, image.st[n], 8);
        std::memcpy(&r.sign_exponent, image.st[n] + 8, 2);
    }
    update_error_summary(x);
    live_ &= u8(~x87_live);
}

void Unit::enter_x87_ignoring_errors() {
    const u16 control = state_.x87.control;
    state_.x87.control |= x87_exceptions;
    load_x87();
    state_.x87.control = control;
}

void Unit::check_x87_error() {
    u16 status, control;
    asm volatile("fnstsw %0; fnstcw %1" : "=m"(status), "=m"(control));
    // The control words differ after enter_x87_ignoring_errors().
    if ((status & x87_error_summary) ||
        (control & x87_exceptions) != (state_.x87.control & x87_exceptions))
        save_x87();
}

u64 Unit::run_x87_flags(u8 opcode, u8 modrm, u64 flags) {
    const unsigned n = unsigned(opcode & 7) << 8 | modrm;
    if (!x87_[n]) {
        // FCMOVcc: push rdi; popfq; the instruction; ret.
        // FCOMI, which clears OF: the instruction; lahf; movzx eax, ah; ret.
        const bool compares = opcode == 0xDF || (opcode == 0xDB && modrm >= 0xE8);
        const void* code = compares ? emit({opcode, modrm, 0x9F, 0x0F, 0xB6, 0xC4, 0xC3})
                                    : emit({0x57, 0x9D, opcode, modrm, 0xC3});
        x87_[n] = reinterpret_cast<X87Thunk>(reinterpret_cast<std::uintptr_t>(code));
    }
    return reinterpret_cast<u64 (*)(u64)>(reinterpret_cast<void (*)()>(x87_[n]))(flags);
}

void Unit::emms() {
    asm volatile("emms");
}

u16 Unit::x87_status() const {
    if (!(live_ & x87_live)) return state_.x87.status;
    u16 status;
    asm volatile("fnstsw %0" : "=m"(status));
    return status;
}

void Unit::catch_exceptions() {
    static std::once_flag once;
    std::call_once(once, [] {
        struct sigaction action {};
        action.sa_sigaction = on_sigfpe;
        action.sa_flags = SA_SIGINFO;
        sigaction(SIGFPE, &action, nullptr);
    });
    sigset_t fpe;
    sigemptyset(&fpe);
    sigaddset(&fpe, SIGFPE);
    pthread_sigmask(SIG_UNBLOCK, &fpe, nullptr);
    // vzeroupper where the thunk may have been a VEX one; the thunk's return address is on the
    // stack.
    std::vector<u8> code;
    if (host_features().has(Feature::avx)) code = {0xC5, 0xF8, 0x77};
    code.push_back(0xC3);
    way_out_ = emit(code);
}

// The instruction runs with the guest's masks. What an unmasked exception leaves (which flags,
// which precision, for which elements: SDM volume 1, 11.5) is then the host's doing; its SIGFPE
// leaves the thunk before it stores anything.
bool Unit::run_unmasked(SimdThunk thunk, void* reg, void* vvvv, void* rm, void* extra,
                        u64& result) {
    leave_mxcsr();
    if (!way_out_) catch_exceptions();
    Escape escape{this, way_out_, false};
    running = &escape;
    write_mxcsr(state_.mxcsr);
    result = thunk(reg, vvvv, rm, extra);
    state_.mxcsr |= read_mxcsr() & mxcsr_flags;
    write_mxcsr(mxcsr_default);
    running = nullptr;
    return !escape.taken;
}

bool on_host_units() {
    return true;
}

FeatureSet host_features() {
    FeatureSet f;
    u32 a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return f;
    f.word[feat_1_edx] = d;
    f.word[feat_1_ecx] = c;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) f.word[feat_7_0_ebx] = b, f.word[feat_7_0_ecx] = c;
    // Without the host system's support for YMM the instructions are not to be had (SDM volume
    // 1, 14.3).
    bool ymm = false;
    if (f.has(Feature::osxsave)) {
        u32 low, high;
        asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        ymm = (low & 6) == 6;
    }
    if (!ymm) {
        f.word[feat_1_ecx] &= ~(1u << 28 | 1u << 29 | 1u << 12);
        f.word[feat_7_0_ebx] &= ~(1u << 5);
        f.clear(Feature::vaes);
    }
    return f;
}

}  // namespace i386::fp
