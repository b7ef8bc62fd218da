// SPDX-License-Identifier: GPL-2.0-or-later
//
// The sound cards of the PCI bus, as drivers use them; what they play is found in a WAV file.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/qtest/wav.h"

namespace {

using namespace qtest;

struct Function {
    Function(Machine& m, std::initializer_list<std::uint16_t> ports) : vm(m) {
        unsigned bar = 0x10;
        for (std::uint16_t port : ports) {
            set_config(bar, port);
            bar += 4;
        }
        set_config(0x04, 7);
    }
    void set_config(unsigned at, std::uint32_t value) {
        vm.outl(0xcf8, 0x80001000 | at);
        vm.outl(0xcfc, value);
    }
    bool interrupts() {
        vm.outl(0xcf8, 0x80001004);
        return vm.inl(0xcfc) >> 19 & 1;
    }
    Machine& vm;
};

constexpr std::uint32_t list_at = 0x40000;

struct Ac97 : Function {
    static constexpr std::uint16_t codec = 0xc000, masters = 0xd000, out = masters + 0x10;

    explicit Ac97(Machine& m) : Function(m, {codec, masters}) {
        vm.outl(masters + 0x2c, 2);
        EXPECT_EQ(vm.inl(masters + 0x30), 0x100u);
        vm.outw(codec, 0);
        EXPECT_EQ(vm.inw(codec + 2), 0x8000);
        vm.outw(codec + 2, 0);
        vm.outw(codec + 0x18, 0x0808);
    }
    void descriptor(unsigned n, std::uint32_t address, std::uint32_t samples, bool interrupt) {
        vm.writel(list_at + 8 * n, address);
        vm.writel(list_at + 8 * n + 4, samples | (interrupt ? 1u << 31 : 0));
    }
    void start(std::uint16_t master, std::uint8_t last, std::uint8_t control = 0x1d) {
        vm.outb(master + 0xb, 2);
        vm.outl(master, list_at);
        vm.outb(master + 5, last);
        vm.outb(master + 0xb, control);
    }
};

TEST(Ac97, PlaysAListOfBuffers) {
    std::vector<std::int16_t> played;
    const Wav wav = record(
        "-machine pc -device AC97,audiodev=a0,addr=2",
        [&](Machine& vm) {
            Ac97 card(vm);
            played = noise(vm, 4800);
            card.descriptor(0, buffer_at, 1920, false);
            card.descriptor(1, buffer_at + 3840, 960, true);
            card.descriptor(2, buffer_at + 5760, 1920, false);
            card.start(Ac97::out, 2);
            EXPECT_FALSE(card.interrupts());
            vm.clock_step(25 * ms);
            EXPECT_EQ(vm.inb(Ac97::out + 4), 1);  // CIV
            EXPECT_NEAR(vm.inw(Ac97::out + 8), 480, 4);
            EXPECT_FALSE(card.interrupts());
            vm.clock_step(10 * ms);
            EXPECT_TRUE(card.interrupts());
            EXPECT_EQ(vm.inw(Ac97::out + 6), 0x08);
            EXPECT_EQ(vm.inl(Ac97::masters + 0x30), 0x140u);
            vm.outw(Ac97::out + 6, 0x1c);
            EXPECT_FALSE(card.interrupts());
            vm.clock_step(20 * ms);
            EXPECT_EQ(vm.inw(Ac97::out + 6), 0x07);  // halted at the last one
            EXPECT_TRUE(card.interrupts());
            vm.outw(Ac97::out + 6, 0x1c);
            // One more behind it: it goes on by itself.
            card.descriptor(3, buffer_at, 960, false);
            vm.outb(Ac97::out + 5, 3);
            EXPECT_EQ(vm.inb(Ac97::out + 4), 3);
            EXPECT_EQ(vm.inw(Ac97::out + 6) & 1, 0);
            vm.clock_step(15 * ms);
            EXPECT_EQ(vm.inw(Ac97::out + 6), 0x07);
        },
        ",out.frequency=48000");
    const auto left = every_other(played, 0), right = every_other(played, 1);
    ASSERT_GE(wav.left.size(), left.size());
    EXPECT_TRUE(std::equal(left.begin(), left.end(), wav.left.begin()));
    EXPECT_TRUE(std::equal(right.begin(), right.end(), wav.right.begin()));
}

TEST(Ac97, HasVariableRatesAndVolumes) {
    const Wav wav = record("-machine pc -device AC97,audiodev=a0,addr=2", [&](Machine& vm) {
        Ac97 card(vm);
        vm.outw(Ac97::codec + 0x2a, 0);
        vm.outw(Ac97::codec + 0x2c, 11025);
        EXPECT_EQ(vm.inw(Ac97::codec + 0x2c), 48000);
        vm.outw(Ac97::codec + 0x2a, 1);
        vm.outw(Ac97::codec + 0x2c, 11025);
        EXPECT_EQ(vm.inw(Ac97::codec + 0x2c), 11025);
        vm.outw(Ac97::codec + 2, 0x0004);  // left 0 dB, right 6 dB below
        for (unsigned i = 0; i < 22050; i++)
            vm.writew(0x100000 + 2 * i, i / 2 % 25 < 12 ? 0x2000 : 0xe000);
        card.descriptor(0, 0x100000, 22050, false);
        card.start(Ac97::out, 0);
        run_for(vm, 900);
    });
    EXPECT_NEAR(tone(wav.left, 44100), 441, 1);
    EXPECT_NEAR(loudest(wav.left), 0x2000, 2);
    EXPECT_NEAR(loudest(wav.right), 0x2000 / 1.9953, 2);
}

TEST(Ac97, RecordsSilence) {
    (void)record("-machine pc -device AC97,audiodev=a0,addr=2", [&](Machine& vm) {
        Ac97 card(vm);
        vm.fill(buffer_at, 2048, 0x33);
        card.descriptor(0, buffer_at, 960, true);
        card.start(Ac97::masters, 0);
        vm.clock_step(20 * ms);
        EXPECT_TRUE(card.interrupts());
        EXPECT_EQ(vm.read(buffer_at, 1920), std::vector<std::uint8_t>(1920, 0));
        EXPECT_EQ(vm.readb(buffer_at + 1920), 0x33);
    });
}

TEST(Ac97, GivesUpOnAListWithoutSamples) {
    (void)record("-machine pc -device AC97,audiodev=a0,addr=2", [&](Machine& vm) {
        Ac97 card(vm);
        vm.fill(list_at, 256, 0);
        vm.outl(Ac97::out, list_at);
        vm.outb(Ac97::out + 5, 31);
        vm.outb(Ac97::out + 0xb, 1);
        run_for(vm, 100);
        EXPECT_EQ(vm.inw(Ac97::out + 6) & 1, 1);
    });
}

struct Es1370 : Function {
    static constexpr std::uint16_t base = 0xc000;
    enum : std::uint32_t { dac1_enable = 1 << 6, dac2_enable = 1 << 5, adc_enable = 1 << 4 };

    explicit Es1370(Machine& m) : Function(m, {base}) {
        EXPECT_EQ(vm.inl(base), 1u);
        EXPECT_EQ(vm.inl(base + 4), 0x60u);
    }
    /// The buffer of a channel (0 to 2), and after how many frames it interrupts.
    void set_up(unsigned n, std::uint32_t bytes, std::uint32_t frames) {
        vm.outl(base + 0x0c, n == 2 ? 0x0d : 0x0c);
        const auto at = std::uint16_t(base + 0x30 + (n == 1 ? 8 : 0));
        vm.outl(at, buffer_at);
        vm.outl(std::uint16_t(at + 4), bytes / 4 - 1);
        vm.outl(std::uint16_t(base + 0x24 + 4 * n), frames - 1);
    }
};

TEST(Es1370, PlaysRoundItsBuffer) {
    std::vector<std::int16_t> played;
    const Wav wav = record("-machine pc -device ES1370,audiodev=a0,addr=2", [&](Machine& vm) {
        Es1370 card(vm);
        played = noise(vm, 4096);
        card.set_up(1, 8192, 1024);
        constexpr std::uint32_t format = 3 << 2, interrupts = 1 << 9;
        vm.outl(Es1370::base + 0x20, format | interrupts);
        // 1411200 / 32: 44100 frames a second.
        vm.outl(Es1370::base, 1 | Es1370::dac2_enable | 30 << 16);
        vm.clock_step(20 * ms);
        EXPECT_FALSE(card.interrupts());
        EXPECT_NEAR(vm.inw(Es1370::base + 0x2a), 1023 - 882, 2);
        vm.clock_step(10 * ms);
        EXPECT_TRUE(card.interrupts());
        EXPECT_EQ(vm.inl(Es1370::base + 4), 0x80000062u);
        vm.outl(Es1370::base + 0x20, format);
        EXPECT_FALSE(card.interrupts());
        vm.outl(Es1370::base + 0x20, format | interrupts);
        vm.clock_step(20 * ms);
        EXPECT_TRUE(card.interrupts());
        vm.clock_step(40 * ms);
        // Paused, it stands still.
        vm.outl(Es1370::base + 0x20, format | 1 << 12);
        const auto where = vm.inl(Es1370::base + 0x28);
        vm.clock_step(40 * ms);
        EXPECT_EQ(vm.inl(Es1370::base + 0x28), where);
    });
    auto left = every_other(played, 0);
    ASSERT_GE(wav.left.size(), 3900u);
    left.insert(left.end(), left.begin(), left.begin() + 1900);
    EXPECT_TRUE(std::equal(wav.left.begin(), wav.left.begin() + 3900, left.begin()));
}

TEST(Es1370, StopsAtTheCountWhenTold) {
    const Wav wav = record("-machine pc -device ES1370,audiodev=a0,addr=2", [&](Machine& vm) {
        Es1370 card(vm);
        std::vector<std::uint8_t> square(2205);
        for (std::size_t i = 0; i < square.size(); i++)
            square[i] = i % 25 < 12 ? 0x40 : 0xc0;
        vm.write(buffer_at, square);
        card.set_up(0, 4096, 2205);
        vm.outl(Es1370::base + 0x20, 1 << 13 | 1 << 8);  // 8 bits, one channel
        vm.outl(Es1370::base, 1 | Es1370::dac1_enable | 1 << 12);
        run_for(vm, 300);
        EXPECT_TRUE(card.interrupts());
        EXPECT_EQ(vm.inl(Es1370::base + 4), 0x80000064u);
    });
    EXPECT_NEAR(tone(wav.left, 44100), 441, 2);
    EXPECT_NEAR(double(wav.left.size()), 8820, 500);
}

TEST(Es1370, RecordsSilence) {
    (void)record("-machine pc -device ES1370,audiodev=a0,addr=2", [&](Machine& vm) {
        Es1370 card(vm);
        vm.fill(buffer_at, 2048, 0x33);
        card.set_up(2, 1024, 512);
        vm.outl(Es1370::base + 0x20, 1 << 10 | 2 << 4);  // 16 bits, one channel
        vm.outl(Es1370::base, 1 | Es1370::adc_enable | 30 << 16);
        run_for(vm, 30);
        EXPECT_TRUE(card.interrupts());
        EXPECT_EQ(vm.read(buffer_at, 1024), std::vector<std::uint8_t>(1024, 0));
        EXPECT_EQ(vm.readb(buffer_at + 1024), 0x33);
    });
}

}  // namespace
