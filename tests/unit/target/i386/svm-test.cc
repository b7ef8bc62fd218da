// SPDX-License-Identifier: GPL-2.0-or-later
//
// Secure virtual machines from inside: what the guests of tests/functional/svm-test.py cannot see.
#include "target/i386/cpu-vmstate.h"
#include "target/i386/svm/vmcb.h"
#include "tests/unit/target/i386/test-machine.h"

#include <gtest/gtest.h>
#include <random>

namespace i386 {
namespace {

/// A hypervisor in long mode whose guest has its own mode, code at 4000h, and its control block at
/// 200000h. The hypervisor's code is VMRUN; HLT.
struct Hypervisor : TestMachine {
    static constexpr u64 block = 0x200000, host_area = 0x201000, nested = 0x300000;

    Hypervisor() {
        long_mode();
        cpu.set_efer(cpu.s.msr.efer | efer_svme);
        cpu.write_msr(0xc0010117, host_area);
        put(0x1000, {0x0f, 0x01, 0xd8, 0xf4});  // vmrun; hlt
        cpu.s.regs[rax] = block;
        set<u32>(vmcb_intercepts + 4, 3);  // VMRUN, VMMCALL
        set<u32>(vmcb_asid, 1);
        for (const Seg n : {es, cs, ss, ds}) {
            const Segment& g = cpu.s.seg[n];
            set<u16>(save_es + n * 16, u16(g.selector));
            set<u16>(save_es + n * 16 + 2, u16((g.flags >> 8 & 0xff) | (g.flags >> 12 & 0xf00)));
            set<u32>(save_es + n * 16 + 4, g.limit);
        }
        set<u64>(save_efer, cpu.s.msr.efer);
        set<u64>(save_cr0, cpu.s.cr0);
        set<u64>(save_cr3, cpu.s.cr3);
        set<u64>(save_cr4, cpu.s.cr4);
        set<u64>(save_rflags, 2);
        set<u64>(save_rip, 0x4000);
        set<u64>(save_rsp, 0x7000);
        set<u64>(save_g_pat, 0x0007040600070406);
        put(0x4000, {0x0f, 0x01, 0xd9});  // vmmcall
    }
    template <class T>
    void set(unsigned field, T v) {
        poke<T>(block + field, v);
    }
    u64 get(unsigned field) const { return peek<u64>(block + field); }
    /// Nested tables that map the first 1 GiB to 8 MiB above.
    void nest() {
        poke<u64>(nested, nested + 0x1007);
        poke<u64>(nested + 0x1000, nested + 0x2007);
        for (u64 n = 0; n < 512; n++)
            poke<u64>(nested + 0x2000 + n * 8, (n + 4) << 21 | 0x87);
        set<u64>(vmcb_np_enable, 1);
        set<u64>(vmcb_n_cr3, nested);
    }
};

TEST(Svm, TheHostComesBackAsItWas) {
    Hypervisor m;
    m.cpu.set_eflags(m.cpu.eflags() | zf);
    const CpuState before = m.cpu.s;
    EXPECT_EQ(m.run(), Stop::halted);
    const CpuState& s = m.cpu.s;
    EXPECT_EQ(m.get(vmcb_exitcode), u64(SvmExit::vmmcall));
    EXPECT_EQ(s.regs[rip], 0x1004u);
    EXPECT_EQ(s.regs[rax], m.block);
    EXPECT_EQ(s.regs[rsp], before.regs[rsp]);
    EXPECT_EQ(s.cr0, before.cr0);
    EXPECT_EQ(s.cr3, before.cr3);
    EXPECT_EQ(s.msr.efer, before.msr.efer);
    EXPECT_TRUE(m.cpu.eflags() & zf);
    EXPECT_EQ(s.seg[cs].flags, before.seg[cs].flags & 0xf0ff00) << "without the limit's bits";
    EXPECT_FALSE(s.svm.guest);
    EXPECT_FALSE(s.svm.gif) << "no interrupt before STGI";
}

TEST(Svm, WithoutGifNothingComesIn) {
    Hypervisor m;
    m.interrupt_gate(0x21, 0x30, 0x1800);
    m.long_gate(0x21, 0x30, 0x1800);
    m.put(0x1800, {0xf4});
    m.put(0x1000, {0x0f, 0x01, 0xdd, 0xfb, 0x90, 0x90, 0x0f, 0x01, 0xdc, 0x90, 0xf4});
    m.bus.irq = 0x21;
    m.cpu.request(request_interrupt);
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.cpu.s.regs[rip], 0x1801u);
    EXPECT_EQ(m.peek<u64>(m.cpu.s.regs[rsp]), 0x1009u) << "right after STGI";
}

TEST(Svm, NestedTablesMoveTheGuest) {
    Hypervisor m;
    m.nest();
    // Its page tables and code are where the nested tables put them.
    std::memcpy(m.bus.ram + 0x900000, m.bus.ram + 0x100000, 0x3000);
    m.put(0x804000, {0x88, 0x04, 0x25, 0x34, 0x12, 0, 0, 0x0f, 0x01, 0xd9});  // mov [1234h],al
    m.set<u64>(save_rax, 0x5a);
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.get(vmcb_exitcode), u64(SvmExit::vmmcall));
    EXPECT_EQ(m.peek<u8>(0x801234), 0x5a);
    EXPECT_EQ(m.peek<u8>(0x1234), 0);
    EXPECT_EQ(m.peek<u64>(m.nested + 0x2000) & 0x60, 0x60u) << "accessed and dirty";
    EXPECT_EQ(m.cpu.s.svm.nested_paging, false);
}

TEST(Svm, AGuestMayPageInRealMode) {
    Hypervisor m;
    // 32-bit tables at 110000h: page 0 is at 400000h.
    m.poke<u32>(0x110000, 0x111007);
    m.poke<u32>(0x111000, 0x400007);
    m.poke<u32>(0x111010, 0x4007);
    m.set<u64>(save_efer, efer_svme);
    m.set<u64>(save_cr0, 0x80000010);
    m.set<u64>(save_cr3, 0x110000);
    m.set<u64>(save_cr4, 0);
    m.set<u16>(save_es + cs * 16 + 2, 0x9b);
    m.poke<u16>(0x400010, 0xbeef);
    m.put(0x4000, {0xa1, 0x10, 0, 0x0f, 0x01, 0xd9});  // mov ax,[10h]; vmmcall
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.get(vmcb_exitcode), u64(SvmExit::vmmcall));
    EXPECT_EQ(m.get(save_rax) & 0xffff, 0xbeefu);
}

TEST(Svm, AHostAreaThatWasSpoiltIsHarmless) {
    Hypervisor m;
    m.set<u32>(vmcb_intercepts, 1 << 2);
    m.put(0x4000, {0xeb, 0xfe});
    m.cpu.run_instructions(2);
    for (u64 at = 0; at < 0x1000; at += 8)
        m.poke<u64>(m.host_area + at, ~u64(0));
    m.cpu.request(request_smi);
    m.cpu.run_instructions(50);
    EXPECT_EQ(m.get(vmcb_exitcode), u64(SvmExit::smi));
    EXPECT_EQ(m.cpu.s.cr4 & ~m.cpu.cr4_allowed(), 0u);
    EXPECT_TRUE(m.cpu.s.cr0 & cr0_pe);
}

TEST(Svm, AProbeOfAGuestsMemoryRaisesNothing) {
    Hypervisor m;
    m.nest();
    std::memcpy(m.bus.ram + 0x900000, m.bus.ram + 0x100000, 0x3000);
    m.put(0x804000, {0xeb, 0xfe});
    m.cpu.run_instructions(2);
    ASSERT_TRUE(m.cpu.s.svm.guest);
    u64 physical = 0;
    EXPECT_TRUE(m.cpu.probe(0x4321, physical));
    EXPECT_EQ(physical, 0x804321u);
    EXPECT_FALSE(m.cpu.probe(u64(1) << 35, physical)) << "beyond the guest's tables";
    m.poke<u64>(m.nested + 0x2000 + 8, 0);
    EXPECT_FALSE(m.cpu.probe(0x200000, physical)) << "beyond the nested ones";
    EXPECT_TRUE(m.cpu.s.svm.guest);
}

TEST(Svm, SystemManagementIsOutsideOfTheGuest) {
    Hypervisor m;
    m.set<u32>(vmcb_intercepts, 1 << 18 | 1 << 24);  // CPUID, HLT
    m.put(0x4000, {0x90, 0xeb, 0xfd});
    m.cpu.run_instructions(3);
    ASSERT_TRUE(m.cpu.s.svm.guest);
    m.put(0x38000, {0x0f, 0xa2, 0x0f, 0xaa});  // cpuid; rsm
    m.put(0x4000, {0x90, 0xf4});
    m.cpu.request(request_smi);
    m.cpu.run_instructions(1);
    EXPECT_TRUE(m.cpu.s.smm);
    EXPECT_FALSE(m.cpu.s.svm.guest);
    m.cpu.s.regs[rip] = m.cpu.s.regs[rip] & 0xffff;
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.get(vmcb_exitcode), u64(SvmExit::hlt))
        << "the guest's HLT, not the handler's CPUID";
}

TEST(Svm, SmiIsTheHypervisorsIfItWants) {
    Hypervisor m;
    m.set<u32>(vmcb_intercepts, 1 << 2);
    m.put(0x4000, {0xeb, 0xfe});
    m.cpu.run_instructions(2);
    m.cpu.request(request_smi);
    m.cpu.run_instructions(1);
    EXPECT_EQ(m.get(vmcb_exitcode), u64(SvmExit::smi));
    EXPECT_TRUE(m.cpu.requests() & request_smi) << "it still waits, for STGI";
}

TEST(Svm, TheTimeStampCounterIsTheHostsAgain) {
    Hypervisor m;
    m.bus.now = 1000;
    m.cpu.write_msr(0x10, 5000);
    m.set<u64>(vmcb_tsc_offset, 700);
    m.put(0x4000, {0x0f, 0x31, 0x0f, 0x01, 0xd9});  // rdtsc; vmmcall
    EXPECT_EQ(m.run(), Stop::halted);
    EXPECT_EQ(m.get(save_rax), 5700u);
    EXPECT_EQ(m.cpu.tsc(), 5000u);
}

TEST(Svm, NoControlBlockHarmsTheProcessor) {
    std::mt19937_64 random(42);
    unsigned ran = 0;
    for (unsigned n = 0; n < 1500; n++) {
        Hypervisor m;
        m.nest();
        std::memcpy(m.bus.ram + 0x900000, m.bus.ram + 0x100000, 0x3000);
        m.put(0x804000, {0x0f, 0xa2, 0xff, 0xc3, 0xe6, 0x80, 0x0f, 0x01, 0xd9});
        if (n % 2) m.set<u64>(vmcb_np_enable, 0);
        for (unsigned change = 0; change < 1 + n % 4; change++) {
            const bool control = random() % 2;
            const u64 at = control ? random() % 0xc0 : 0x400 + random() % 0x270;
            if (random() % 2)
                m.set<u8>(at, u8(random()));
            else
                m.set<u64>(at & ~u64(7), u64(1) << random() % 64);
        }
        m.cpu.request(random() % 2 ? request_smi : request_nmi);
        m.cpu.run_instructions(12);
        ran += m.get(vmcb_exitcode) != u64(SvmExit::invalid);
    }
    EXPECT_GT(ran, 500u) << "many are taken";
}

/// What the wire takes and brings.
WireCpu saved(Cpu& cpu) {
    CpuSection section(cpu);
    return *static_cast<const WireCpu*>(section.state_for_saving());
}
Result<void> load(Cpu& cpu, const WireCpu& w) {
    CpuSection section(cpu);
    const auto staged = section.blank();
    *static_cast<WireCpu*>(staged->data()) = w;
    TRY(staged->check(12));
    staged->commit(12);
    return {};
}

TEST(Svm, AStateThatContradictsItselfIsRefused) {
    Hypervisor m;
    m.put(0x4000, {0xeb, 0xfe});
    m.cpu.run_instructions(2);
    ASSERT_TRUE(m.cpu.s.svm.guest);
    WireCpu w = saved(m.cpu);
    Hypervisor other;
    w.efer &= ~u64(efer_svme);
    EXPECT_FALSE(load(other.cpu, w));
    w.efer |= efer_svme;
    TestMachine without("qemu64,svm=off");
    EXPECT_FALSE(load(without.cpu, w));
    EXPECT_TRUE(load(other.cpu, w));
}

/// A guest with a virtual interrupt and nested tables, whose handler's call ends it.
struct BusyHypervisor : Hypervisor {
    BusyHypervisor() {
        nest();
        std::memcpy(bus.ram + 0x900000, bus.ram + 0x100000, 0x3000);
        set<u32>(vmcb_v_intr, v_irq | 5 << v_intr_prio_shift | v_intr_masking | 7);
        set<u32>(vmcb_v_intr_vector, 0x40);
        set<u64>(save_idtr + 8, 0x2000);
        set<u32>(save_idtr + 4, 0xfff);
        set<u64>(save_gdtr + 8, 0x500);
        set<u32>(save_gdtr + 4, 0x3f);
        std::memcpy(bus.ram + 0x800500, bus.ram + 0x500, 0x40);
        long_gate(0x40, 0x30, 0x4800);
        std::memcpy(bus.ram + 0x802000, bus.ram + 0x2000, 0x1000);
        // sti; inc ebx; mov cr8,rcx (3); inc ebx; inc ebx
        put(0x804000, {0xfb, 0xff, 0xc3, 0x44, 0x0f, 0x22, 0xc1, 0xff, 0xc3, 0xff, 0xc3});
        put(0x804800, {0x89, 0xd8, 0x0f, 0x01, 0xd9});  // mov eax,ebx; vmmcall
        cpu.s.regs[rcx] = 3;
    }
};

TEST(Svm, SavedAndLoadedAnywhereItGoesOn) {
    BusyHypervisor straight;
    ASSERT_EQ(straight.run(), Stop::halted);
    ASSERT_EQ(straight.get(vmcb_exitcode), u64(SvmExit::vmmcall));
    ASSERT_EQ(straight.get(save_rax), 1u) << "the interrupt comes once the TPR is lowered";
    for (unsigned n = 1;; n++) {
        BusyHypervisor from, to;
        from.cpu.run_instructions(n);
        if (!from.cpu.s.svm.guest) {
            EXPECT_GE(n, 6u);
            break;
        }
        std::memcpy(to.bus.ram, from.bus.ram, to.bus.ram_size);
        ASSERT_TRUE(load(to.cpu, saved(from.cpu)));
        ASSERT_EQ(to.run(), Stop::halted) << n;
        EXPECT_EQ(std::memcmp(to.bus.ram, straight.bus.ram, to.bus.ram_size), 0) << n;
        EXPECT_EQ(to.cpu.s.regs, straight.cpu.s.regs) << n;
    }
}

}  // namespace
}  // namespace i386
