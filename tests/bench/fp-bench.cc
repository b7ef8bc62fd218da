// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a floating-point or vector instruction costs in the interpreter: eight of a kind in a loop
// of 64-bit code, nanoseconds for each, beside a plain integer instruction.
//
//     fp-bench [TEXT]     only the lines that contain TEXT
#include "target/i386/fp/unit.h"
#include "tests/unit/target/i386/test-machine.h"

#include <fmt/core.h>
#include <chrono>

namespace {

using namespace i386;

struct Kind {
    const char* name;
    std::vector<u8> code;
    std::vector<u8> before = {};  ///< once, in front of the loop
};

const std::vector<Kind> kinds = {
    {"add rax, rbx", {0x48, 0x01, 0xD8}},
    {"mov rax, [rsi]", {0x48, 0x8B, 0x06}},
    {"addsd xmm0, xmm1", {0xF2, 0x0F, 0x58, 0xC1}},
    {"addsd xmm0, [rsi]", {0xF2, 0x0F, 0x58, 0x06}},
    {"divsd xmm0, xmm1", {0xF2, 0x0F, 0x5E, 0xC1}},
    {"movsd xmm0, [rsi]", {0xF2, 0x0F, 0x10, 0x06}},
    {"movsd [rsi], xmm0", {0xF2, 0x0F, 0x11, 0x06}},
    {"movaps xmm0, xmm1", {0x0F, 0x28, 0xC1}},
    {"movups xmm0, [rsi]", {0x0F, 0x10, 0x06}},
    {"movups [rsi], xmm0", {0x0F, 0x11, 0x06}},
    {"paddd xmm0, xmm1", {0x66, 0x0F, 0xFE, 0xC1}},
    {"pslld xmm0, 3", {0x66, 0x0F, 0x72, 0xF0, 0x03}},
    {"pxor xmm0, xmm1", {0x66, 0x0F, 0xEF, 0xC1}},
    {"pshufd xmm0, xmm1, 1", {0x66, 0x0F, 0x70, 0xC1, 0x01}},
    {"comisd xmm0, xmm1", {0x66, 0x0F, 0x2F, 0xC1}},
    {"cvtsi2sd xmm0, rax", {0xF2, 0x48, 0x0F, 0x2A, 0xC0}},
    {"cvttsd2si rax, xmm0", {0xF2, 0x48, 0x0F, 0x2C, 0xC0}},
    {"movq xmm0, rax", {0x66, 0x48, 0x0F, 0x6E, 0xC0}},
    {"pmovmskb eax, xmm0", {0x66, 0x0F, 0xD7, 0xC0}},
    {"pcmpistri xmm0, xmm1, 0", {0x66, 0x0F, 0x3A, 0x63, 0xC1, 0x00}},
    {"vpaddd ymm0, ymm1, ymm2", {0xC5, 0xF5, 0xFE, 0xC2}},
    {"vmovdqu ymm0, [rsi]", {0xC5, 0xFE, 0x6F, 0x06}},
    {"vfmadd231sd xmm0, xmm1, xmm2", {0xC4, 0xE2, 0xF1, 0xB9, 0xC2}},
    {"fadd st, st(1)", {0xD8, 0xC1}, {0xD9, 0xE8, 0xD9, 0xE8}},
    {"fld qword [rsi]; fstp st(0)", {0xDD, 0x06, 0xDD, 0xD8}},
    {"fsin", {0xD9, 0xFE}, {0xD9, 0xE8}},
    {"fnstsw ax", {0xDF, 0xE0}},
    {"fcomi st, st(1)", {0xDB, 0xF1}, {0xD9, 0xE8, 0xD9, 0xE8}},
    {"paddb mm0, mm1", {0x0F, 0xFC, 0xC1}},
    {"fxsave [rsi]", {0x0F, 0xAE, 0x06}},
    {"fxrstor [rsi]", {0x0F, 0xAE, 0x0E}, {0x0F, 0xAE, 0x06}},
};

double nanoseconds(const Kind& k) {
    constexpr unsigned rounds = 400000, unrolled = 8;
    TestMachine m;
    m.long_mode();
    m.cpu.s.cr4 |= cr4_osfxsr | cr4_osxmmexcpt | cr4_osxsave;
    m.cpu.s.xcr0 = 7;
    m.cpu.s.regs[rsi] = 0x200000;
    m.cpu.s.regs[r11] = rounds;
    m.poke<double>(0x200000, 1.25);
    m.cpu.s.vec[0].q[0] = m.cpu.s.vec[1].q[0] = 0x3FF4000000000000;
    m.cpu.update_mode();
    u64 at = 0x1000;
    const auto put = [&](const std::vector<u8>& bytes) {
        for (const u8 b : bytes)
            m.bus.ram[at++] = b;
    };
    put({0xDB, 0xE3});  // fninit
    put(k.before);
    const u64 top = at;
    for (unsigned n = 0; n < unrolled; n++)
        put(k.code);
    put({0x49, 0xFF, 0xCB, 0x0F, 0x85});  // dec r11; jnz top
    const u32 back = u32(top - (at + 4));
    put({u8(back), u8(back >> 8), u8(back >> 16), u8(back >> 24), 0xF4});
    const auto start = std::chrono::steady_clock::now();
    m.run();
    const std::chrono::duration<double, std::nano> t = std::chrono::steady_clock::now() - start;
    return m.cpu.s.regs[r11] ? -1 : t.count() / rounds / unrolled;
}

}  // namespace

int main(int argc, char** argv) {
    for (const Kind& k : kinds) {
        if (argc > 1 && std::string_view(k.name).find(argv[1]) == std::string_view::npos) continue;
        const double ns = nanoseconds(k);
        if (ns < 0) return fmt::print("{}: did not run to its end\n", k.name), 1;
        fmt::print("{:32} {:7.2f} ns\n", k.name, ns);
    }
}
