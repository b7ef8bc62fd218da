// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sound in a whole machine: what a guest plays is found in the file that -audiodev wav writes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/qtest/wav.h"

namespace {

using namespace qtest;

// ---- the speaker ------------------------------------------------------------------------------

void beep(Machine& vm, unsigned divisor) {
    vm.outb(0x43, 0xb6);
    vm.outb(0x42, std::uint8_t(divisor));
    vm.outb(0x42, std::uint8_t(divisor >> 8));
    vm.outb(0x61, vm.inb(0x61) | 3);
}

TEST(Speaker, PlaysTheToneOfCounter2) {
    const Wav wav = record("-machine pc,pcspk-audiodev=a0", [](Machine& vm) {
        beep(vm, 1193);
        run_for(vm, 500);
        vm.outb(0x61, vm.inb(0x61) & ~3);
        run_for(vm, 100);  // silent: nothing is added
    });
    EXPECT_EQ(wav.frequency, 44100u);
    EXPECT_EQ(wav.kind, 1u);
    EXPECT_EQ(wav.left.size(), 22050u);
    EXPECT_EQ(wav.data_size, wav.left.size() * 4);
    EXPECT_EQ(wav.riff_size, wav.file_size - 8);
    EXPECT_NEAR(tone(wav.left, wav.frequency), 1193182.0 / 1193, 1.0);
    EXPECT_EQ(wav.left, wav.right);
    EXPECT_NEAR(loudest(wav.left), 32768 / 4, 2);
}

TEST(Speaker, ChangesItsToneAtTheVeryMoment) {
    const Wav wav = record("-machine pc,pcspk-audiodev=a0", [](Machine& vm) {
        beep(vm, 2711);  // 440 Hz
        vm.clock_step(203 * ms);
        beep(vm, 1356);  // 880 Hz
        vm.clock_step(200 * ms);
        vm.outb(0x61, 0);
    });
    ASSERT_EQ(wav.left.size(), 44100u * 403 / 1000);
    const auto middle = wav.left.begin() + 44100 * 203 / 1000;
    EXPECT_NEAR(tone({wav.left.begin(), middle}, 44100), 440, 1.5);
    EXPECT_NEAR(tone({middle, wav.left.end()}, 44100), 880, 3);
}

TEST(Speaker, IsSilentWithoutItsDataBit) {
    const Wav wav = record("-machine pc,pcspk-audiodev=a0", [](Machine& vm) {
        vm.outb(0x43, 0xb6);
        vm.outb(0x42, 0);
        vm.outb(0x42, 4);
        vm.outb(0x61, 1);
        run_for(vm, 50);
    });
    EXPECT_EQ(wav.data_size, 0u);
    EXPECT_EQ(wav.file_size, 44u);
}

// ---- the back end -----------------------------------------------------------------------------

TEST(WavBackend, WritesTheFormatThatItIsTold) {
    const Wav wav = record(
        "-machine pc,pcspk-audiodev=a0",
        [](Machine& vm) {
            beep(vm, 1193);
            run_for(vm, 100);
            vm.outb(0x61, 0);
        },
        ",out.frequency=22050,out.channels=1,out.format=f32,timer-period=2000");
    EXPECT_EQ(wav.frequency, 22050u);
    EXPECT_EQ(wav.channels, 1u);
    EXPECT_EQ(wav.kind, 3u);
    EXPECT_EQ(wav.bits, 32u);
    EXPECT_EQ(wav.data_size, 2205u * 4);
}

TEST(WavBackend, FollowsTheFirstVoiceWithoutFixedSettings) {
    const Wav wav = record(
        "-machine pc,pcspk-audiodev=a0",
        [](Machine& vm) {
            beep(vm, 1193);
            run_for(vm, 100);
            vm.outb(0x61, 0);
        },
        ",out.fixed-settings=off");
    EXPECT_EQ(wav.frequency, 44100u);
    EXPECT_EQ(wav.data_size, 4410u * 4);
}

TEST(WavBackend, IsCapturedBesides) {
    char name[] = "/tmp/qtest-cap-XXXXXX";
    ::close(::mkstemp(name));
    (void)record("-machine pc,pcspk-audiodev=a0", [&](Machine& vm) {
        auto hmp = [&](const std::string& line) {
            return *vm.qmp("human-monitor-command", {{"command-line", line}}).string();
        };
        EXPECT_EQ(hmp("wavcapture /tmp/x.wav nobody"), "Audiodev 'nobody' not found\r\n");
        EXPECT_EQ(hmp("wavcapture /tmp/x.wav a0 44100 9"),
                  "incorrect bit count 9, must be 8 or 16\r\nFailed to add wave capture\r\n");
        EXPECT_EQ(hmp("wavcapture " + std::string(name) + " a0 22050"), "");
        beep(vm, 1193);
        run_for(vm, 200);
        EXPECT_EQ(hmp("info capture"),
                  "[0]: Capturing audio(22050,16,2) to " + std::string(name) + ": 17640 bytes\r\n");
        EXPECT_EQ(hmp("stopcapture 0"), "");
        EXPECT_EQ(hmp("info capture"), "");
        vm.outb(0x61, 0);
    });
    const Wav captured{name};
    ::unlink(name);
    EXPECT_EQ(captured.data_size, 17640u);
    EXPECT_NEAR(tone(captured.left, captured.frequency), 1193182.0 / 1193, 2.0);
}

}  // namespace
