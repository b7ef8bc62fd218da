// SPDX-License-Identifier: GPL-2.0-or-later
//
// Page permissions in every combination of what takes part in them, against the rules of SDM volume
// 3, 4.6 said once more; five levels of tables.
#include "tests/unit/target/i386/test-machine.h"

#include <gtest/gtest.h>

namespace i386 {
namespace {

constexpr u64 page = 0x400000, table = 0x103000, nx_bit = u64(1) << 63;
constexpr unsigned key = 5;

struct Situation {
    bool present, writable, user_page, nx;
    bool user, wp, smep, smap, ac;
    unsigned key_rights;  // 0: none, 1: access is denied, 2: writing is
    Access access;
};

/// What is wrong with it, as a page fault's error code; -1: nothing.
int expected(const Situation& t) {
    const bool write = t.access == Access::write, fetch = t.access == Access::execute;
    const u32 what = (write ? 2u : 0u) | (t.user ? 4u : 0u) | (fetch ? 16u : 0u);
    if (!t.present) return int(what);
    bool allowed = true;
    if (t.user && !t.user_page) allowed = false;
    if (write && !t.writable && (t.user || t.wp)) allowed = false;
    if (fetch && t.nx) allowed = false;
    if (!t.user && t.user_page && fetch && t.smep) allowed = false;
    if (!t.user && t.user_page && !fetch && t.smap && !t.ac) allowed = false;
    if (!allowed) return int(what | 1);
    if (!fetch && t.key_rights == 1) return int(what | 1 | 32);
    if (write && t.key_rights == 2 && (t.user || t.wp)) return int(what | 1 | 32);
    return -1;
}

struct Machine : TestMachine {
    Machine() {
        long_mode();
        for (unsigned v : {unsigned(exc_ud), unsigned(exc_pf)}) {
            long_gate(v, 0x30, 0x1800 + v * 16);
            put(0x1800 + v * 16, {0xf4});
        }
        poke<u64>(0x604, 0x7000);        // RSP0
        poke<u64>(0x102000, 0x83);       // the handlers and tables are the supervisor's
        poke<u64>(0x102010, table | 7);  // 400000h by 4 KiB pages
        put(page, {0x0f, 0x0b});         // ud2
    }

    int happens(const Situation& t) {
        poke<u64>(table, page | t.present | t.writable << 1 | t.user_page << 2 | u64(key) << 59 |
                             (t.nx ? nx_bit : 0));
        CpuState& s = cpu.s;
        s.cr0 = (s.cr0 & ~u64(cr0_wp)) | t.wp * u64(cr0_wp);
        s.cr4 = cr4_pae | cr4_pke | cr4_pks | t.smep * u64(cr4_smep) | t.smap * u64(cr4_smap);
        s.msr.pkru = s.msr.pkrs = t.key_rights << 2 * key;
        cpu.set_cpl(t.user ? 3 : 0);
        cpu.set_segment(cs, t.user ? Segment{0x3b, 0xffffffff, 0, 0x00affb00}
                                   : Segment{0x30, 0xffffffff, 0, 0x00af9b00});
        cpu.set_eflags(2 | (t.ac ? u32(ac) : 0));
        cpu.flush_tlb();
        if (t.access == Access::execute) {
            s.regs[rip] = page;
            s.regs[rsp] = 0x8000;
            s.halted = false;
            EXPECT_EQ(run(), Stop::halted);
            if (s.regs[rip] == 0x1800 + exc_ud * 16 + 1) return -1;
            EXPECT_EQ(s.regs[rip], u64(0x1800 + exc_pf * 16 + 1));
            EXPECT_EQ(s.cr2, page);
            return int(peek<u64>(s.regs[rsp]));
        }
        try {
            if (t.access == Access::write)
                cpu.store_at<u8>(page + 8, 1);
            else
                (void)cpu.load_at<u8>(page + 8);
            return -1;
        } catch (const Fault& f) {
            EXPECT_EQ(f.vector, exc_pf);
            EXPECT_EQ(s.cr2, page + 8);
            return int(f.error);
        }
    }
};

TEST(Paging, EveryCombinationOfRights) {
    Machine m;
    unsigned tried = 0;
    for (unsigned n = 0; n < 1u << 9; n++)
        for (unsigned key_rights = 0; key_rights < 3; key_rights++)
            for (const Access access : {Access::read, Access::write, Access::execute}) {
                const auto bit = [&](unsigned k) { return bool(n >> k & 1); };
                const Situation t{bit(0), bit(1), bit(2), bit(3),     bit(4), bit(5),
                                  bit(6), bit(7), bit(8), key_rights, access};
                ASSERT_EQ(m.happens(t), expected(t))
                    << "bits " << n << " key " << key_rights << " access " << int(access);
                // The accessed bit says that it was allowed, the dirty bit that it was written.
                const unsigned marks = m.peek<u64>(table) >> 5 & 3;
                ASSERT_EQ(marks, expected(t) >= 0 ? 0u : access == Access::write ? 3u : 1u);
                tried++;
            }
    EXPECT_EQ(tried, 4608u);
}

TEST(Paging, FiveLevelsReachSevenAndFiftyBits) {
    TestMachine m;
    m.long_mode();
    m.poke<u64>(0x200000, 0x100007);  // the fifth level: entry 0 is what there was
    m.poke<u64>(0x200000 + 8 * 0x180, 0x100007);
    EXPECT_THROW(m.cpu.set_cr4(m.cpu.s.cr4 | cr4_la57), Fault) << "not while in long mode";
    m.cpu.s.cr3 = 0x200000;
    m.cpu.s.cr4 |= cr4_la57;
    m.cpu.flush_tlb();
    m.cpu.update_mode();
    m.poke<u32>(0x300000, 0x1234);
    const u64 upper = (~u64(0) << 57 | u64(0x180) << 48) + 0x300000;  // bit 56 is the sign
    EXPECT_EQ(m.cpu.load_at<u32>(upper), 0x1234u);
    EXPECT_EQ(m.cpu.load_at<u32>(0x300000), 0x1234u);
    try {
        (void)m.cpu.load_at<u32>(u64(1) << 56);
        FAIL() << "not canonical";
    } catch (const Fault& f) {
        EXPECT_EQ(f.vector, exc_gp);
    }
    try {
        (void)m.cpu.load_at<u32>(u64(1) << 55);
        FAIL() << "not present";
    } catch (const Fault& f) {
        EXPECT_EQ(f.vector, exc_pf);
        EXPECT_EQ(f.error, 0u);
    }
    u64 physical = 0;
    EXPECT_TRUE(m.cpu.probe(upper, physical));
    EXPECT_EQ(physical, 0x300000u);
    m.cpu.write_msr(0xc0000102, u64(1) << 55);
    EXPECT_THROW(m.cpu.write_msr(0xc0000102, u64(1) << 57), Fault);
}

TEST(Paging, KeysOfSupervisorPagesAreAnMsr) {
    TestMachine with, without("Nehalem");
    with.cpu.write_msr(0x6e1, 0x55);
    EXPECT_EQ(with.cpu.read_msr(0x6e1), 0x55u);
    EXPECT_THROW(with.cpu.write_msr(0x6e1, u64(1) << 32), Fault);
    EXPECT_THROW(without.cpu.write_msr(0x6e1, 0), Fault);
    EXPECT_THROW(without.cpu.set_cr4(cr4_pks), Fault);
}

}  // namespace
}  // namespace i386
