// SPDX-License-Identifier: GPL-2.0-or-later
//
// The chips of a PC without a PC: made in the board's order, their saved state is what QEMU 7.2.22
// saved, at reset and after the same accesses; and what it saved loads and comes out again.
#include <gtest/gtest.h>

#include "hw/audio/pcspk.h"
#include "hw/char/serial-isa.h"
#include "hw/dma/i8257.h"
#include "hw/i386/kvmvapic.h"
#include "hw/i386/vmmouse.h"
#include "hw/i386/vmport.h"
#include "hw/input/i8042.h"
#include "hw/intc/apic.h"
#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "hw/misc/port92.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/rtc/mc146818rtc.h"
#include "hw/timer/hpet.h"
#include "hw/timer/i8254.h"
#include "migration/vmstate/load.h"
#include "migration/vmstate/save.h"
#include "tests/unit/hw/captured-sections.h"
#include "tests/unit/hw/isa-fixture.h"

using namespace hw;
using hw::testing::captured_sections;
using hw::testing::CapturedSection;

namespace {

struct NoCpu final : ApicCpu {
    void set_interrupt(bool) override {}
    void nmi() override {}
    void smi() override {}
    void init() override {}
    void start(u8) override {}
};

struct Chips : hw::testing::IsaFixture {
    NoCpu cpu;
    ApicBus apics;
    LocalApic apic{apics, cpu, 0, true};
    KvmVapic vapic;
    FwCfg fw_cfg;
    IoApic ioapic{apics};
    Hpet hpet;
    I8259 *master, *slave;
    Rtc* rtc;
    IsaPit* pit;
    PcSpeaker* speaker;
    I8042* i8042;
    Port92* port92;

    Chips() {
        up(apic);
        up(vapic);
        up(fw_cfg);
        fw_cfg.set_acpi_sizes(0x20000, 0x1000, 20);
        auto low = std::make_unique<I8257>(DmaConfig{0x00, 0x80, -1, 0});
        auto high = std::make_unique<I8257>(DmaConfig{0xc0, 0x88, -1, 1});
        bus.connect_dma(low.get(), high.get());
        plug(std::move(low));
        plug(std::move(high));
        master = &plug(std::make_unique<I8259>(I8259Config{0x20, 0x4d0, 0xf8, true}));
        slave = &plug(std::make_unique<I8259>(I8259Config{0xa0, 0x4d1, 0xde, false}));
        up(ioapic);
        up(hpet);
        auto clock = std::make_unique<Rtc>();
        clock->set_source({clocks.virt, 0x61cf9980});
        rtc = &plug(std::move(clock));
        pit = &plug(std::make_unique<IsaPit>(IsaPitConfig{0x40}));
        auto spk = std::make_unique<PcSpeaker>();
        spk->connect_pit(pit->chip());
        speaker = &plug(std::move(spk));
        plug(std::make_unique<IsaSerial>());
        i8042 = &plug(std::make_unique<I8042>());
        Vmport& vmport = plug(std::make_unique<Vmport>());
        auto vmmouse = std::make_unique<Vmmouse>();
        vmmouse->connect(vmport, *i8042);
        plug(std::move(vmmouse));
        port92 = &plug(std::make_unique<Port92>());
    }
    void up(Device& d) {
        if (auto done = d.bring_up(platform); !done)
            throw std::runtime_error(done.error().description());
        d.hold_reset();
        d.leave_reset();
    }

    std::map<std::string, vmstate::Owner*> owners() {
        std::map<std::string, vmstate::Owner*> found;
        std::map<std::string, int> next;
        for (auto& e : registry.entries) {
            std::string name(e.owner->vmstate().name);
            found[name + "/" + std::to_string(next[name]++)] = e.owner;
        }
        return found;
    }
    static std::vector<u8> save(vmstate::Owner& o) {
        vmstate::Writer w;
        vmstate::save(o.vmstate(), o.state_for_saving(), w);
        return {w.data().begin(), w.data().end()};
    }
    /// The board's part of the CMOS RAM, which is not under test here.
    void take_board_cmos(const CapturedSection& s) {
        for (unsigned i = 0x0e; i < 0x80; i++)
            if (i != 0x32 && i != 0x3f) rtc->chip().set_cmos(i, s.data[i]);
    }
};

const char* const poked_accesses[] = {
    "43=34",  "40=34",  "40=12",  "43=b6",  "42=a9",  "42=04",  "43=00",  "40?34",  "43=e8",
    "61=03",  "70=0a",  "71=26",  "70=0b",  "71=62",  "70=05",  "71=07",  "70=3f",  "71=a5",
    "64=60",  "60=47",  "60=ed",  "60=05",  "60=f3",  "64=d4",  "60=f4",  "64=d4",  "60=e8",
    "3fb=83", "3f8=0c", "3f9=00", "3fb=03", "3fa=81", "3f9=0f", "3fc=1b", "3f8=41", "3f8=42",
    "3f8=43", "3ff=5a", "c=00",   "b=45",   "2=34",   "2=12",   "3=ff",   "3=01",   "83=07",
    "a=01",   "d6=49",  "c4=78",  "8b=0a",  "92=02",
};

}  // namespace

TEST(PcChips, SaveAtResetWhatWasCaptured) {
    Chips c;
    const auto captured = captured_sections("reset");
    c.take_board_cmos(captured.at("mc146818rtc/0"));
    unsigned compared = 0;
    for (auto& [name, owner] : c.owners()) {
        ASSERT_TRUE(captured.contains(name)) << name;
        EXPECT_EQ(owner->vmstate().version, captured.at(name).version) << name;
        EXPECT_EQ(Chips::save(*owner), captured.at(name).data) << name;
        compared++;
    }
    EXPECT_EQ(compared, 18u);
}

TEST(PcChips, SaveAfterAccessesWhatWasCaptured) {
    Chips c;
    auto captured = captured_sections("poked");
    c.take_board_cmos(captured.at("mc146818rtc/0"));
    for (const std::string access : poked_accesses) {
        const std::size_t op = access.find_first_of("=?");
        const u16 port = u16(std::stoul(access, nullptr, 16));
        const u8 value = u8(std::stoul(access.substr(op + 1), nullptr, 16));
        if (access[op] == '=')
            c.outb(port, value);
        else
            EXPECT_EQ(c.inb(port), value) << access;
    }
    c.outw(0x510, 0x19);
    for (int i = 0; i < 3; i++)
        c.inb(0x511);
    c.write(0xfec00000, 4, 0x12);
    c.write(0xfec00010, 4, 0x10031);
    c.write(0xfec00000, 4, 0x14);
    c.write(0xfec00010, 4, 0xa935);
    c.write(0xfed00010, 8, 0x1);
    c.write(0xfed00100, 8, 0x4c);
    c.write(0xfed00108, 8, 0xf4240);
    c.write(0xfed00108, 8, 0xf4240);

    // What the chips' neighbours did to these was not replayed here.
    for (const char* name : {"i8259/0", "i8259/1"})
        captured.erase(name);
    // The unused end of the receive FIFO was never initialised there: 9 bytes after "ABC".
    auto& serial = captured.at("serial/0").data;
    const std::size_t tail = 11 + 2 + 16 + 4 + 3;
    std::fill(serial.begin() + tail, serial.begin() + tail + 13, u8{0});
    for (auto& [name, owner] : c.owners()) {
        if (!captured.contains(name)) continue;
        EXPECT_EQ(Chips::save(*owner), captured[name].data) << name;
    }
}

TEST(PcChips, LoadWhatWasCapturedAndSaveItAgain) {
    for (const char* state : {"reset", "poked"}) {
        Chips c;
        const auto captured = captured_sections(state);
        for (auto& [name, owner] : c.owners()) {
            const CapturedSection& s = captured.at(name);
            auto staged = owner->stage();
            auto blank = owner->blank();
            vmstate::Reader in(s.data);
            auto loaded = vmstate::load(owner->vmstate(), staged->data(), s.version, in,
                                        {.blank = blank->data()});
            ASSERT_TRUE(loaded) << name << ": " << loaded.error().description();
            ASSERT_TRUE(staged->check(s.version)) << name;
            staged->commit(s.version);
            EXPECT_EQ(Chips::save(*owner), s.data) << state << " " << name;
        }
    }
}

TEST(PcChips, AResetUndoesWhatTheGuestDid) {
    Chips c;
    std::map<std::string, std::vector<u8>> first;
    for (auto& [name, owner] : c.owners())
        first[name] = Chips::save(*owner);
    for (const std::string access : poked_accesses)
        c.outb(u16(std::stoul(access, nullptr, 16)), 0x5a);
    for (const auto& d : c.bus.devices()) {
        d->hold_reset();
        d->leave_reset();
    }
    for (auto& [name, owner] : c.owners()) {
        if (name == "mc146818rtc/0" || name == "port92/0" || name == "pcspk/0")
            continue;  // these outlive a reset
        EXPECT_EQ(Chips::save(*owner), first[name]) << name;
    }
}
