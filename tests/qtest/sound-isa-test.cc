// SPDX-License-Identifier: GPL-2.0-or-later
//
// The sound cards of the ISA bus, as programs drive them; what they play is found in a WAV file.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/qtest/wav.h"

namespace {

using namespace qtest;

/// Lets a channel of the low controller (bytes) or the high one (words) move `size` bytes from
/// `address`, over and over if `again`.
void program_dma(Machine& vm, unsigned channel, std::uint32_t address, std::uint32_t size,
                 bool again, bool to_memory = false) {
    const bool words = channel >= 4;
    const unsigned n = channel & 3, step = words ? 2 : 1, base = words ? 0xc0 : 0x00;
    constexpr std::uint8_t pages[] = {0x87, 0x83, 0x81, 0x82, 0x8f, 0x8b, 0x89, 0x8a};
    auto out = [&](unsigned reg, unsigned v) {
        vm.outb(std::uint16_t(base + reg * step), std::uint8_t(v));
    };
    out(10, 4 | n);
    out(12, 0);
    out(11, 0x40 | (again ? 0x10 : 0) | (to_memory ? 4 : 8) | n);
    const std::uint32_t at = words ? (address & 0x1ffff) / 2 : address & 0xffff;
    out(2 * n, at & 0xff);
    out(2 * n, at >> 8);
    const std::uint32_t count = size / step - 1;
    out(2 * n + 1, count & 0xff);
    out(2 * n + 1, count >> 8);
    vm.outb(pages[channel], std::uint8_t(address >> 16));
    out(10, n);
}

/// A square wave in bytes, `period` of them long.
void square(Machine& vm, std::size_t size, std::size_t period, std::uint8_t low,
            std::uint8_t high) {
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; i++)
        bytes[i] = i % period < period / 2 ? low : high;
    vm.write(buffer_at, bytes);
}

struct Blaster {
    explicit Blaster(Machine& m) : vm(m) {
        vm.outb(0x226, 1);
        vm.outb(0x226, 0);
        EXPECT_EQ(vm.inb(0x22e), 0x80);
        EXPECT_EQ(vm.inb(0x22a), 0xaa);
    }
    void dsp(std::initializer_list<std::uint8_t> bytes) {
        for (std::uint8_t b : bytes) {
            EXPECT_EQ(vm.inb(0x22c) & 0x80, 0);
            vm.outb(0x22c, b);
        }
    }
    std::uint8_t answer() { return vm.inb(0x22a); }
    Machine& vm;
};

TEST(Sb16, AnswersItsCommands) {
    auto vm = qtest::start_here("-machine pc -nodefaults -device sb16");
    Blaster sb(vm);
    sb.dsp({0xe1});
    EXPECT_EQ(sb.answer(), 4);
    EXPECT_EQ(sb.answer(), 5);
    EXPECT_EQ(vm.inb(0x22e), 0);
    sb.dsp({0xe0, 0x5a});
    EXPECT_EQ(sb.answer(), 0xa5);
    sb.dsp({0xe4, 0x77, 0xe8});
    EXPECT_EQ(sb.answer(), 0x77);
    std::string text;
    sb.dsp({0xe3});
    while (char c = char(sb.answer()))
        text += c;
    EXPECT_EQ(text, "COPYRIGHT (C) CREATIVE TECHNOLOGY LTD, 1992.");
    sb.dsp({0xf2});
    EXPECT_TRUE(irq_pending(vm, 5));
    vm.inb(0x22e);
    // Another line, by the mixer.
    vm.outb(0x224, 0x80);
    vm.outb(0x225, 0x08);
    sb.dsp({0xf3});
    EXPECT_TRUE(irq_pending(vm, 10));
    vm.outb(0x224, 0x82);
    EXPECT_EQ(vm.inb(0x225) & 3, 2);
    vm.inb(0x22f);
    EXPECT_EQ(vm.inb(0x225) & 3, 0);
}

TEST(Sb16, PlaysSixteenBitsInStereoOverAndOver) {
    std::vector<std::int16_t> played;
    const Wav wav = record("-machine pc -device sb16,audiodev=a0", [&](Machine& vm) {
        Blaster sb(vm);
        played = noise(vm, 4096);
        program_dma(vm, 5, buffer_at, 8192, true);
        // 44100 frames a second; an interrupt for each half of the buffer.
        sb.dsp({0x41, 0xac, 0x44, 0xb6, 0x30, 0xff, 0x07});
        unsigned interrupts = 0;
        for (int i = 0; i < 20; i++) {
            vm.clock_step(5 * ms);
            vm.outb(0x224, 0x82);
            if (!(vm.inb(0x225) & 2)) continue;
            EXPECT_TRUE(irq_pending(vm, 5));
            vm.inb(0x22f);
            interrupts++;
        }
        EXPECT_EQ(interrupts, 4u);  // 4410 frames, 1024 in half a buffer
        sb.dsp({0xd5});
    });
    const auto left = every_other(played, 0), right = every_other(played, 1);
    ASSERT_GE(wav.left.size(), 4096u);
    EXPECT_TRUE(std::equal(left.begin(), left.end(), wav.left.begin()));
    EXPECT_TRUE(std::equal(right.begin(), right.end(), wav.right.begin()));
    EXPECT_TRUE(std::equal(left.begin(), left.end(), wav.left.begin() + 2048));
}

TEST(Sb16, PlaysOneBlockOfEightBitsAtATimeConstant) {
    const Wav wav = record("-machine pc -device sb16,audiodev=a0", [&](Machine& vm) {
        Blaster sb(vm);
        square(vm, 11000, 22, 0x40, 0xc0);
        program_dma(vm, 1, buffer_at, 11000, false);
        sb.dsp({0xd1, 0x40, 256 - 1000000 / 11000, 0x14, 0xf7, 0x2a});
        run_for(vm, 900);
        EXPECT_FALSE(irq_pending(vm, 5));
        run_for(vm, 200);
        EXPECT_TRUE(irq_pending(vm, 5));
        vm.inb(0x22e);
        // A card that was paused does not ask for more.
        run_for(vm, 100);
        EXPECT_FALSE(vm.inb(0x22e) & 0x80);
    });
    // 256 - 90: 11111 frames a second.
    EXPECT_NEAR(double(wav.left.size()) / 44100, 11000 / 11111.0, 0.012);
    EXPECT_NEAR(tone(wav.left, 44100), 11111 / 22.0, 1);
    EXPECT_NEAR(loudest(wav.left), 0x4000, 2);
}

TEST(Sb16, RecordsSilence) {
    (void)record("-machine pc -device sb16,audiodev=a0", [&](Machine& vm) {
        Blaster sb(vm);
        vm.fill(buffer_at, 1024, 0x33);
        program_dma(vm, 1, buffer_at, 1024, false, true);
        sb.dsp({0x40, 210, 0x24, 0xff, 0x03});
        run_for(vm, 100);
        EXPECT_TRUE(irq_pending(vm, 5));
        EXPECT_EQ(vm.read(buffer_at, 1024), std::vector<std::uint8_t>(1024, 0x80));
    });
}

TEST(Sb16, PutsOutSamplesThatAProgramWrites) {
    const Wav wav = record("-machine pc -device sb16,audiodev=a0", [&](Machine& vm) {
        Blaster sb(vm);
        for (int i = 0; i < 100; i++) {
            sb.dsp({0x10, std::uint8_t(i % 2 ? 0xff : 0x01)});
            vm.clock_step(ms);
        }
        run_for(vm, 300);
    });
    EXPECT_NEAR(tone({wav.left.begin(), wav.left.begin() + 4410}, 44100), 500, 2);
    EXPECT_LT(wav.left.size(), 44100u * 250 / 1000);
}

TEST(Sb16, HasNothingForARequestByTheProgram) {
    (void)record("-machine pc -device sb16,audiodev=a0", [&](Machine& vm) {
        Blaster sb(vm);
        program_dma(vm, 1, buffer_at, 4096, true);
        sb.dsp({0x40, 210, 0x48, 0xff, 0x07, 0x1c});
        run_for(vm, 50);
        sb.dsp({0xd0});
        vm.outb(0x09, 0x05);
        vm.outb(0x0c, 0);
        const unsigned left = vm.inb(0x03);
        run_for(vm, 10);
        vm.outb(0x0c, 0);
        EXPECT_EQ(vm.inb(0x03), left);
    });
}

TEST(Sb16, IsSilentWhileItsChannelIsMasked) {
    const Wav wav = record("-machine pc -device sb16,audiodev=a0", [&](Machine& vm) {
        Blaster sb(vm);
        noise(vm, 1000);
        sb.dsp({0x41, 0xac, 0x44, 0xb6, 0x30, 0xff, 0x07});
        run_for(vm, 50);
        EXPECT_FALSE(irq_pending(vm, 5));
    });
    EXPECT_EQ(loudest(wav.left), 0);
}

struct AdlibCard {
    Machine& vm;
    void write(std::uint8_t reg, std::uint8_t value) {
        vm.outb(0x388, reg);
        vm.outb(0x389, value);
    }
    /// A sine on channel 0: F-NUMBER 580 in block 4 is 440 Hz.
    void press(std::uint8_t feedback_connection = 1) {
        write(0x20, 0x21);
        write(0x23, 0x21);
        write(0x40, 0x3f);  // the first operator is not heard
        write(0x43, 0x00);
        write(0x60, 0xf0);
        write(0x63, 0xf0);
        write(0x80, 0x0f);
        write(0x83, 0x0f);
        write(0xc0, feedback_connection);
        write(0xa0, 580 & 0xff);
        write(0xb0, 0x20 | 4 << 2 | 580 >> 8);
    }
    void let_go() { write(0xb0, 4 << 2 | 580 >> 8); }
};

TEST(Adlib, IsFoundByItsTimers) {
    auto vm = qtest::start_here("-machine pc -nodefaults -device adlib");
    AdlibCard card{vm};
    card.write(4, 0x60);
    card.write(4, 0x80);
    EXPECT_EQ(vm.inb(0x388) & 0xe0, 0);
    card.write(2, 0xff);
    card.write(4, 0x21);
    vm.clock_step(79'000);
    EXPECT_EQ(vm.inb(0x388) & 0xe0, 0);
    vm.clock_step(2'000);
    EXPECT_EQ(vm.inb(0x388) & 0xe0, 0xc0);
    EXPECT_EQ(vm.inb(0x220), vm.inb(0x388));
    card.write(4, 0x60);
    card.write(4, 0x80);
    EXPECT_EQ(vm.inb(0x388) & 0xe0, 0);
    card.write(3, 0xfe);
    card.write(4, 0x42);
    vm.clock_step(650'000);
    EXPECT_EQ(vm.inb(0x388) & 0xe0, 0xa0);
}

TEST(Adlib, PlaysANoteUntilItDies) {
    const Wav wav = record("-machine pc -device adlib,audiodev=a0", [](Machine& vm) {
        AdlibCard card{vm};
        card.press();
        run_for(vm, 500);
        card.let_go();
        run_for(vm, 500);
    });
    // The release of rate 15 is a matter of milliseconds.
    EXPECT_LT(wav.left.size(), 44100u * 540 / 1000);
    ASSERT_GT(wav.left.size(), 22000u);
    const std::vector<std::int16_t> note(wav.left.begin() + 1000, wav.left.begin() + 22000);
    EXPECT_NEAR(tone(note, 44100), 440, 0.7);
    EXPECT_NEAR(loudest(note), 32768 / 8, 20);
    EXPECT_LT(std::abs(wav.left.back()), 200);
}

/// How much of a recording is at one frequency (Goertzel's sum), 0 to 1 for a sine of full scale.
double share_at(const std::vector<std::int16_t>& samples, double hz) {
    double re = 0, im = 0;
    for (std::size_t i = 0; i < samples.size(); i++) {
        re += samples[i] * std::cos(2 * M_PI * hz * double(i) / 44100);
        im += samples[i] * std::sin(2 * M_PI * hz * double(i) / 44100);
    }
    return 2 * std::hypot(re, im) / double(samples.size()) / 32768;
}

TEST(Adlib, ModulatesOneOperatorByTheOther) {
    const auto play = [](std::uint8_t level, std::uint8_t wave) {
        return record("-machine pc -device adlib,audiodev=a0", [&](Machine& vm) {
            AdlibCard card{vm};
            card.write(0x01, 0x20);
            card.write(0xe3, wave);
            card.press(0);
            card.write(0x40, level);
            run_for(vm, 500);
        });
    };
    const double f = 49716.0 * 580 / 65536;
    const auto plain = play(0x3f, 0).left, modulated = play(0x20, 0).left,
               halved = play(0x3f, 1).left;
    EXPECT_GT(share_at(plain, f), 0.1);
    EXPECT_LT(share_at(plain, 2 * f), 0.02);
    // 24 dB below the loudest is a quarter of a turn: J1(pi/2) and J2 of the neighbours.
    EXPECT_GT(share_at(modulated, 2 * f), 0.05);
    EXPECT_LT(share_at(modulated, f), share_at(plain, f) * 0.9);
    // Half a sine has its second harmonic, at 4/(3 pi) of the first.
    EXPECT_NEAR(share_at(halved, 2 * f) / share_at(halved, f), 0.424, 0.02);
}

TEST(Adlib, BeatsDrums) {
    const Wav wav = record("-machine pc -device adlib,audiodev=a0", [](Machine& vm) {
        AdlibCard card{vm};
        for (std::uint8_t op : {0x10, 0x11, 0x12, 0x13, 0x14, 0x15}) {
            card.write(std::uint8_t(0x20 + op), 0x01);
            card.write(std::uint8_t(0x60 + op), 0xf6);
            card.write(std::uint8_t(0x80 + op), 0x06);
        }
        for (std::uint8_t c : {6, 7, 8}) {
            card.write(std::uint8_t(0xa0 + c), 0x57);
            card.write(std::uint8_t(0xb0 + c), 0x09);
        }
        card.write(0xbd, 0x20);
        card.write(0xbd, 0x3f);
        run_for(vm, 20);
        card.write(0xbd, 0x20);
        run_for(vm, 2000);
    });
    EXPECT_GT(loudest(wav.left), 4000);
    EXPECT_LT(wav.left.size(), 44100u * 2);  // they die away
}

struct UltraSound {
    explicit UltraSound(Machine& m) : vm(m) {
        write8(0x4c, 0);
        write8(0x4c, 7);
        write8(0x0e, 0xc0 | 13);
    }
    void select(std::uint8_t reg, std::uint8_t voice = 0) {
        vm.outb(0x342, voice);
        vm.outb(0x343, reg);
    }
    void write8(std::uint8_t reg, std::uint8_t value, std::uint8_t voice = 0) {
        select(reg, voice);
        vm.outb(0x345, value);
    }
    void write16(std::uint8_t reg, std::uint16_t value, std::uint8_t voice = 0) {
        select(reg, voice);
        vm.outw(0x344, value);
    }
    std::uint8_t read8(std::uint8_t reg, std::uint8_t voice = 0) {
        select(reg, voice);
        return vm.inb(0x345);
    }
    void poke(std::uint32_t address, std::uint8_t value) {
        write16(0x43, std::uint16_t(address));
        write8(0x44, std::uint8_t(address >> 16));
        vm.outb(0x347, value);
    }
    /// From byte to byte of its memory, one for each sample of 44100 a second.
    void play(std::uint8_t voice, std::uint32_t from, std::uint32_t to, std::uint8_t control) {
        write16(1, 0x400, voice);
        for (auto [reg, at] : {std::pair{2, from}, {4, to}, {10, from}}) {
            write16(std::uint8_t(reg), std::uint16_t(at >> 7), voice);
            write16(std::uint8_t(reg + 1), std::uint16_t(at << 9), voice);
        }
        write16(9, 0xfff0, voice);
        write8(0xc, 0, voice);  // left
        write8(0xd, 0x03, voice);
        write8(0, control, voice);
    }
    Machine& vm;
};

TEST(Gus, LoopsThroughItsMemory) {
    const Wav wav = record("-machine pc -device gus,audiodev=a0", [](Machine& vm) {
        UltraSound gus(vm);
        for (unsigned i = 0; i < 100; i++)
            gus.poke(0x12340 + i, i < 50 ? 0x40 : 0xc0);
        gus.play(3, 0x12340, 0x12340 + 100, 0x08);
        run_for(vm, 500);
        gus.write8(0, 0x03, 3);
    });
    EXPECT_NEAR(tone(wav.left, 44100), 441, 0.5);
    EXPECT_NEAR(loudest(wav.left), 0x4000, 64);
    EXPECT_LE(loudest(wav.right), 1);
}

TEST(Gus, StopsAtTheEndAndSaysSo) {
    const Wav wav = record("-machine pc -device gus,audiodev=a0", [](Machine& vm) {
        UltraSound gus(vm);
        gus.play(2, 0x1000, 0x1000 + 4410, 0x20);
        run_for(vm, 90);
        EXPECT_EQ(vm.inb(0x246), 0);
        run_for(vm, 20);
        EXPECT_EQ(vm.inb(0x246), 0x20);
        EXPECT_TRUE(irq_pending(vm, 7));
        EXPECT_EQ(gus.read8(0x80, 2), 0xa1);
        EXPECT_EQ(gus.read8(0x8f), 0x62);
        EXPECT_EQ(gus.read8(0x8f), 0xe0);
        EXPECT_EQ(vm.inb(0x246), 0);
        EXPECT_EQ(gus.read8(0x80, 2), 0x21);
    });
    EXPECT_NEAR(double(wav.left.size()), 4851, 500);
}

TEST(Gus, RampsItsVolume) {
    (void)record("-machine pc -device gus,audiodev=a0", [](Machine& vm) {
        UltraSound gus(vm);
        gus.write16(9, 0x1000, 4);
        gus.write8(6, 0x3f, 4);  // 63 of 4096 steps each sample: 53 of them
        gus.write8(7, 0x10, 4);
        gus.write8(8, 0xe0, 4);
        gus.write8(0xd, 0x20, 4);
        run_for(vm, 10);
        EXPECT_EQ(vm.inb(0x246), 0x40);
        EXPECT_EQ(gus.read8(0x8f), 0xa4);
        gus.select(0x89, 4);
        EXPECT_EQ(vm.inw(0x344), 0xe000);
    });
}

TEST(Gus, FillsItsMemoryByDma) {
    (void)record("-machine pc -device gus,audiodev=a0", [](Machine& vm) {
        UltraSound gus(vm);
        noise(vm, 5000);
        const auto sent = vm.read(buffer_at, 10000);
        program_dma(vm, 3, buffer_at, 10000, false);
        gus.write16(0x42, 0x4000 >> 4);
        gus.write8(0x41, 0x21);
        EXPECT_EQ(vm.inb(0x246), 0x80);
        EXPECT_TRUE(irq_pending(vm, 7));
        EXPECT_EQ(gus.read8(0x41), 0x60);
        EXPECT_EQ(gus.read8(0x41), 0x20);
        EXPECT_EQ(vm.inb(0x246), 0);
        for (std::uint32_t i = 0; i < 10000; i += 777) {
            gus.write16(0x43, std::uint16_t(0x4000 + i));
            gus.write8(0x44, 0);
            EXPECT_EQ(vm.inb(0x347), sent[i]) << i;
        }
        // And back.
        vm.fill(buffer_at, 10000, 0);
        program_dma(vm, 3, buffer_at, 10000, false, true);
        gus.write8(0x41, 0x23);
        EXPECT_EQ(vm.read(buffer_at, 10000), sent);
    });
}

TEST(Gus, CountsItsTimers) {
    auto vm = qtest::start_here("-machine pc -nodefaults -device gus,irq=5");
    UltraSound gus(vm);
    gus.write8(0x46, 0x80);
    gus.write8(0x45, 0x04);
    vm.outb(0x248, 4);
    vm.outb(0x249, 0x01);
    vm.clock_step(128 * 80'000 - 1000);
    EXPECT_EQ(vm.inb(0x246), 0);
    vm.clock_step(2000);
    EXPECT_EQ(vm.inb(0x246), 4);
    EXPECT_EQ(vm.inb(0x248), 0xc0);
    EXPECT_TRUE(irq_pending(vm, 5));
    gus.write8(0x45, 0);
    EXPECT_EQ(vm.inb(0x246), 0);
}

struct Codec {
    explicit Codec(Machine& m) : vm(m) {
        write(12, 0x40);
        EXPECT_EQ(read(12), 0xca);
        EXPECT_EQ(read(25), 0xa0);
        write(6, 0);
        write(7, 0);
    }
    void write(std::uint8_t n, std::uint8_t value) {
        vm.outb(0x534, n);
        vm.outb(0x535, value);
    }
    std::uint8_t read(std::uint8_t n) {
        vm.outb(0x534, n);
        return vm.inb(0x535);
    }
    void play(std::uint8_t format, unsigned frames) {
        write(0x40 | 8, format);
        write(14, std::uint8_t((frames - 1) >> 8));
        write(15, std::uint8_t(frames - 1));
        write(10, 2);
        write(9, 5);
    }
    Machine& vm;
};

TEST(Cs4231a, PlaysWithAnInterruptABlock) {
    std::vector<std::int16_t> played;
    const Wav wav = record("-machine pc -device cs4231a,audiodev=a0", [&](Machine& vm) {
        Codec codec(vm);
        played = noise(vm, 4096);
        program_dma(vm, 3, buffer_at, 8192, true);
        codec.play(0x5b, 1024);  // 16 bits, stereo, 44100
        unsigned interrupts = 0;
        for (int i = 0; i < 20; i++) {
            vm.clock_step(5 * ms);
            if (!(vm.inb(0x536) & 1)) continue;
            EXPECT_EQ(codec.read(24) & 0x70, 0x10);
            EXPECT_TRUE(irq_pending(vm, 9));
            vm.outb(0x536, 0);
            EXPECT_EQ(vm.inb(0x536) & 1, 0);
            interrupts++;
        }
        EXPECT_EQ(interrupts, 4u);
        codec.write(9, 4);
    });
    const auto left = every_other(played, 0), right = every_other(played, 1);
    ASSERT_GE(wav.left.size(), 4096u);
    EXPECT_TRUE(std::equal(left.begin(), left.end(), wav.left.begin()));
    EXPECT_TRUE(std::equal(right.begin(), right.end(), wav.right.begin()));
}

TEST(Cs4231a, ExpandsAndAttenuates) {
    const auto loudest = [](std::uint8_t format, std::uint8_t byte, std::uint8_t left) {
        const Wav wav = record("-machine pc -device cs4231a,audiodev=a0", [&](Machine& vm) {
            Codec codec(vm);
            vm.fill(buffer_at, 4096, byte);
            codec.write(6, left);
            program_dma(vm, 3, buffer_at, 4096, true);
            codec.play(format, 4096);
            run_for(vm, 100);
        });
        return int(wav.left[wav.left.size() / 2]);
    };
    constexpr std::uint8_t rate = 0x0b;
    EXPECT_EQ(loudest(rate, 0xc0, 0), 0x4000);
    EXPECT_NEAR(loudest(rate, 0xc0, 4), 0x4000 / 1.9953, 1);
    EXPECT_EQ(loudest(rate, 0xc0, 0x80), 0);
    // G.711: the loudest and the softest, both ways.
    EXPECT_EQ(loudest(0x20 | rate, 0x80, 0), 32124);
    EXPECT_EQ(loudest(0x20 | rate, 0x00, 0), -32124);
    EXPECT_EQ(loudest(0x20 | rate, 0xff, 0), 0);
    EXPECT_EQ(loudest(0x60 | rate, 0xaa, 0), 32256);
    EXPECT_EQ(loudest(0x60 | rate, 0x2a, 0), -32256);
    EXPECT_EQ(loudest(0x60 | rate, 0xd5, 0), 8);
}

TEST(Cs4231a, HasATimer) {
    auto vm = qtest::start_here("-machine pc -nodefaults -device cs4231a,irq=5");
    Codec codec(vm);
    codec.write(10, 2);
    codec.write(20, 100);
    codec.write(16, 0x40);
    vm.clock_step(990'000);
    EXPECT_EQ(vm.inb(0x536), 0);
    vm.clock_step(10'000);
    EXPECT_EQ(vm.inb(0x536), 1);
    EXPECT_EQ(codec.read(24), 0x40);
    EXPECT_TRUE(irq_pending(vm, 5));
    codec.write(24, 0);
    EXPECT_EQ(vm.inb(0x536), 0);
}

TEST(Cs4231a, ChangesItsFormatOnlyWhenAllowed) {
    auto vm = qtest::start_here("-machine pc -nodefaults -device cs4231a");
    Codec codec(vm);
    codec.write(8, 0x5b);
    EXPECT_EQ(codec.read(8), 0);
    codec.write(0x48, 0x5b);
    EXPECT_EQ(codec.read(8), 0x5b);
    EXPECT_EQ(codec.read(11), 0x20);  // calibrating
    EXPECT_EQ(codec.read(11), 0x00);
}

}  // namespace
