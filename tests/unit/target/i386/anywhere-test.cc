// SPDX-License-Identifier: GPL-2.0-or-later
//
// A processor that is stopped after any instruction goes on in another as if nothing had happened:
// one machine runs a program, another goes from processor to processor by saved state, and after
// each instruction both are the same.
#include "tests/unit/target/i386/test-machine.h"

#include "migration/vmstate/load.h"
#include "migration/vmstate/save.h"
#include "target/i386/cpu-vmstate.h"
#include "target/i386/fp/unit.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace i386 {
namespace {

constexpr std::size_t ram_size = 2 << 20;
constexpr auto model = "max";

std::vector<u8> saved(vmstate::Owner& section) {
    vmstate::Writer w;
    vmstate::save(section.vmstate(), section.state_for_saving(), w);
    return {w.data().begin(), w.data().end()};
}

void load(vmstate::Owner& section, const std::vector<u8>& bytes) {
    auto staged = section.blank();
    vmstate::Reader r(bytes);
    const int version = section.vmstate().version;
    const auto loaded = vmstate::load(section.vmstate(), staged->data(), version, r);
    ASSERT_TRUE(loaded) << loaded.error().description();
    ASSERT_EQ(r.remaining(), 0u);
    ASSERT_TRUE(staged->check(version));
    staged->commit(version);
}

/// A new machine with what `old` has, by way of its saved sections.
std::unique_ptr<TestMachine> moved(TestMachine& old) {
    auto next = std::make_unique<TestMachine>(model, ram_size);
    std::memcpy(next->bus.ram, old.bus.ram, ram_size);
    next->bus.irq = old.bus.irq;
    next->bus.ports = old.bus.ports;
    next->bus.device_log = old.bus.device_log;
    const TickCounter ticks;
    CpuCommonSection common_from(old.cpu, ticks), common_to(next->cpu, ticks);
    CpuSection from(old.cpu), to(next->cpu);
    load(common_to, saved(common_from));
    load(to, saved(from));
    // INTR is the interrupt controller's to drive again.
    if (old.cpu.requests() & request_interrupt) next->cpu.request(request_interrupt);
    return next;
}

std::string differences(const CpuState& a, const CpuState& b) {
    std::string out;
    for (unsigned n = 0; n < reg_slots; n++)
        if (n <= rip && a.regs[n] != b.regs[n])
            out += fmt::format("reg {}: {:x} {:x}; ", n, a.regs[n], b.regs[n]);
    if (get_eflags(a) != get_eflags(b))
        out += fmt::format("eflags {:x} {:x}; ", get_eflags(a), get_eflags(b));
    for (unsigned n = 0; n < 16; n++)
        if (a.vec[n].q != b.vec[n].q) out += fmt::format("vec {}; ", n);
    for (unsigned n = 0; n < 8; n++)
        if (a.x87.reg[n].mantissa != b.x87.reg[n].mantissa ||
            a.x87.reg[n].sign_exponent != b.x87.reg[n].sign_exponent)
            out += fmt::format("x87 register {}; ", n);
    if (a.x87.control != b.x87.control || a.x87.status != b.x87.status || a.x87.ip != b.x87.ip ||
        a.x87.dp != b.x87.dp || a.x87.valid != b.x87.valid || a.x87.opcode != b.x87.opcode)
        out += "x87 environment; ";
    for (unsigned n = 0; n < 6; n++)
        if (a.seg[n].selector != b.seg[n].selector || a.seg[n].base != b.seg[n].base ||
            a.seg[n].flags != b.seg[n].flags)
            out += fmt::format("segment {}; ", n);
    if (a.dr != b.dr) out += "debug registers; ";
    if (a.smm != b.smm || a.halted != b.halted || a.nmi_blocked != b.nmi_blocked ||
        a.smm_nmi_blocked != b.smm_nmi_blocked || a.inhibit_irq != b.inhibit_irq)
        out += "smm, halted, nmi or shadow; ";
    if (a.mxcsr != b.mxcsr || a.cr0 != b.cr0 || a.cr2 != b.cr2 || a.cr3 != b.cr3 || a.cr4 != b.cr4)
        out += "mxcsr or control registers; ";
    if (a.mode != b.mode) out += fmt::format("mode {:x} {:x}; ", a.mode, b.mode);
    return out;
}

/// What comes from outside before an instruction.
enum class Event { irq, nmi, smi };

void apply(TestMachine& m, Event e) {
    switch (e) {
        case Event::irq:
            m.bus.irq = 0x41;
            m.cpu.request(request_interrupt);
            break;
        case Event::nmi: m.cpu.request(request_nmi); break;
        case Event::smi: m.cpu.request(request_smi); break;
    }
}

/// Runs to HLT with interrupts off. `setup` makes the program.
void compare(void (*setup)(TestMachine&), unsigned seed, unsigned most) {
    std::mt19937 random(seed);
    TestMachine still(model, ram_size);
    setup(still);
    auto moving = std::make_unique<TestMachine>(model, ram_size);
    setup(*moving);
    for (unsigned n = 0; n < most; n++) {
        if (random() % 32 == 0) {
            const Event e = Event(random() % 3);
            apply(still, e);
            apply(*moving, e);
        }
        const Stop a = still.cpu.run_instructions(1), b = moving->cpu.run_instructions(1);
        ASSERT_EQ(a, b) << "instruction " << n << ", seed " << seed;
        ASSERT_EQ(differences(still.cpu.s, moving->cpu.s), "")
            << "after instruction " << n << ", rip " << still.cpu.s.regs[rip] << ", seed " << seed;
        if (a == Stop::halted && !(still.cpu.s.eflags & iflag)) {
            EXPECT_EQ(std::memcmp(still.bus.ram, moving->bus.ram, ram_size), 0);
            EXPECT_EQ(still.bus.ports, moving->bus.ports);
            EXPECT_EQ(still.bus.device_log, moving->bus.device_log);
            return;
        }
        if (random() % 4 == 0) moving = moved(*moving);
    }
    FAIL() << "did not reach its end";
}

/// x87, SSE, REP, TF, the shadows of STI and MOV SS, HLT, INT; NMIs, interrupts and SMIs on top.
void real_program(TestMachine& m) {
    m.real_mode();
    m.cpu.s.cr4 |= cr4_osfxsr;
    m.cpu.s.regs[rbx] = 12;
    // iret for INT 40h; counters for NMI, interrupt and SMI; TF off in the frame of #DB
    for (const unsigned vector : {0x01, 0x02, 0x40, 0x41}) {
        m.poke<u16>(vector * 4, u16(0x1800 + vector * 16));
        m.poke<u16>(vector * 4 + 2, 0);
    }
    m.put(0x1810, {0x55, 0x89, 0xe5, 0x80, 0x66, 0x07, 0xfe, 0x5d, 0xcf});
    m.put(0x1820, {0xfe, 0x06, 0x01, 0x60, 0xcf});
    m.put(0x1c00, {0xcf});
    m.put(0x1c10, {0xfe, 0x06, 0x02, 0x60, 0xcf});
    m.put(0x38000, {0xfe, 0x06, 0x00, 0x60, 0x0f, 0xaa});
    m.put(0x1000, {
                      0xdb, 0xe3,                    // fninit
                      0xd9, 0xe8, 0xd9, 0xeb,        // fld1; fldpi
                      0xde, 0xc1,                    // faddp
                      0xdd, 0x1e, 0x00, 0x40,        // fstp qword [4000h]
                      0xd9, 0x36, 0x00, 0x41,        // fnstenv [4100h]
                      0xbe, 0x00, 0x50,              // mov si, 5000h
                      0xbf, 0x08, 0x50,              // mov di, 5008h
                      0xb9, 0x30, 0x00,              // mov cx, 30h
                      0xf3, 0xa4,                    // rep movsb
                      0x8c, 0xd0, 0x8e, 0xd0,        // mov ax, ss; mov ss, ax
                      0xcd, 0x40,                    // int 40h
                      0xfb, 0x90,                    // sti; nop
                      0x66, 0x0f, 0xfe, 0xc1,        // paddd xmm0, xmm1
                      0x66, 0x0f, 0x6e, 0xcb,        // movd xmm1, ebx
                      0x9c, 0x58, 0x80, 0xcc, 0x01,  // pushf; pop ax; or ah, 1
                      0x50, 0x9d, 0x90, 0x90,        // push ax; popf (TF); nop; nop
                      0xe6, 0x80,                    // out 80h, al
                      0xfa,                          // cli
                      0x4b, 0x75, 0xc8,              // dec bx; jnz 1002h
                      0xf4,                          // hlt
                  });
}

TEST(Anywhere, RealModeProgram) {
    for (unsigned seed = 1; seed <= 4; seed++)
        compare(real_program, seed, 20000);
}

/// Long mode: AVX, a data breakpoint, faults, string instructions across a device.
void long_program(TestMachine& m) {
    m.long_mode();
    m.cpu.s.cr4 |= cr4_osfxsr | cr4_osxsave | cr4_de;
    m.cpu.s.xcr0 = 7;
    m.cpu.s.dr[0] = 0x5000;
    m.cpu.set_dr(7, 0x401 | 1 << 16 | 3 << 18);  // writes of four bytes
    m.cpu.s.regs[rbx] = 6;
    m.cpu.update_mode();
    for (const unsigned vector : {1u, 2u, 6u, 0x41u}) {
        m.long_gate(vector, 0x30, 0x4000 + (vector & 15) * 32);
        // inc dword [3000h + vector * 4]; iretq
        m.put(0x4000 + (vector & 15) * 32,
              {0xff, 0x04, 0x25, (vector & 15) * 4, 0x30, 0, 0, 0x48, 0xcf});
    }
    // #UD: step over the two bytes first
    m.put(0x40c0, {0x48, 0x83, 0x04, 0x24, 0x02, 0x48, 0xcf});
    m.put(0x38000, {0xfe, 0x06, 0x00, 0x60, 0x0f, 0xaa});
    m.put(0x1000, {
                      0xc5, 0xfd, 0x6f, 0x04, 0x25, 0x00, 0x10, 0, 0,  // vmovdqa ymm0, [1000h]
                      0xc5, 0xfd, 0xfe, 0xc8,                          // vpaddd ymm1, ymm0, ymm0
                      0xc5, 0xf5, 0xef, 0xd2,                          // vpxor ymm2, ymm1, ymm2
                      0xc7, 0x04, 0x25, 0x00, 0x50, 0,    0,    7, 0, 0, 0,  // mov dword [5000h], 7
                      0x0f, 0x0b,                                            // ud2
                      0xbf, 0xf8, 0xff, 0x1f, 0x00,  // mov edi, ram's end - 8
                      0xb9, 0x10, 0,    0,    0,     // mov ecx, 16
                      0xf3, 0xaa,                    // rep stosb
                      0xff, 0xcb,                    // dec ebx
                      0x75, 0xd2,                    // jnz 1000h
                      0xf4,                          // hlt
                  });
}

TEST(Anywhere, LongModeProgram) {
    for (unsigned seed = 1; seed <= 4; seed++)
        compare(long_program, seed, 20000);
}

/// Its bus asks for a stop at each store to a device, as another thread might at any time.
TEST(Anywhere, InTheMiddleOfAStringInstruction) {
    TestMachine start(model, ram_size);
    start.real_mode();
    start.cpu.s.seg[es].base = ram_size - 16;  // half in RAM, half beyond
    start.cpu.s.regs[rcx] = 200;
    start.cpu.s.regs[rax] = 0x5a;
    start.cpu.update_mode();
    start.put(0x1000, {0xf3, 0xaa, 0xf4});  // rep stosb; hlt
    std::unique_ptr<TestMachine> m;
    TestMachine* now = &start;
    unsigned stops = 0;
    for (; stops < 100; stops++) {
        now->bus.on_device_write = [now] { now->cpu.request(request_exit); };
        if (now->run() == Stop::halted) break;
        m = moved(*now);
        now = m.get();
    }
    EXPECT_GE(stops, 3u);  // a look at the outside each 64 elements
    EXPECT_EQ(now->cpu.s.regs[rcx], 0u);
    EXPECT_EQ(now->cpu.s.regs[rdi], 200u);
    EXPECT_EQ(now->bus.ram[ram_size - 1], 0x5a);
    EXPECT_EQ(now->bus.device_log.substr(0, 16), "w1@0=90 w1@1=90 ");
}

}  // namespace
}  // namespace i386
