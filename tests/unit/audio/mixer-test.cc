// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <cmath>

#include "audio/mixer.h"

namespace audio {
namespace {

using qapi::AudioFormat;
constexpr std::int64_t ms = 1'000'000;

TEST(Format, TakesEverySampleThereAndBack) {
    for (AudioFormat sample : {AudioFormat::u8, AudioFormat::s8, AudioFormat::u16, AudioFormat::s16,
                               AudioFormat::s32, AudioFormat::u32})
        for (bool big : {false, true}) {
            const Format f{.channels = 2, .sample = sample, .big_endian = big};
            std::vector<std::uint8_t> bytes(f.bytes_per_frame() * 64), back(bytes.size());
            for (std::size_t i = 0; i < bytes.size(); i++)
                bytes[i] = static_cast<std::uint8_t>(i * 37);
            // A float has 24 digits: the lowest byte of 32 must be none of them.
            for (std::size_t i = 0; i < bytes.size() && f.bytes_per_sample() == 4; i += 4)
                bytes[i + (big ? 3 : 0)] = 0;
            std::vector<Frame> frames(64);
            EXPECT_EQ(decode(f, bytes, frames), 64u);
            encode(f, frames, back);
            EXPECT_EQ(bytes, back);
        }
}

TEST(Format, CutsWhatIsTooLoudAndWhatIsNoNumber) {
    std::uint8_t bytes[4];
    const Format f{.channels = 2};
    const Frame loud{2.0f, -2.0f};
    encode(f, {&loud, 1}, bytes);
    EXPECT_EQ(bytes[0] | bytes[1] << 8, 0x7fff);
    EXPECT_EQ(bytes[2] | bytes[3] << 8, 0x8000);
    Frame heard{1, 1};
    const std::uint8_t nan[4] = {0, 0, 0xc0, 0x7f};
    decode({.channels = 1, .sample = AudioFormat::f32}, nan, {&heard, 1});
    EXPECT_EQ(heard, (Frame{0, 0}));
}

TEST(Resampler, KeepsTheFrequencyOfATone) {
    for (std::uint32_t from : {8000u, 11025u, 44100u, 48000u}) {
        Resampler r;
        r.set_rates(from, 44100);
        std::size_t taken = 0;
        int crossings = 0;
        float last = 0;
        for (int piece = 0; piece < 441; piece++) {
            std::vector<Frame> to(100), source(r.needed(100));
            for (Frame& f : source) {
                f.left = f.right =
                    static_cast<float>(std::sin(2 * M_PI * 500 * double(taken) / from));
                taken++;
            }
            r.add(source, to);
            for (Frame f : to) {
                crossings += last < 0 && f.left >= 0;
                last = f.left;
            }
        }
        EXPECT_NEAR(double(taken), from, 2) << from;
        EXPECT_NEAR(crossings, 500, 1) << from;
    }
}

TEST(Resampler, TellsHowMuchComesOfWhatIsThere) {
    for (std::uint32_t to : {8000u, 44100u, 96000u}) {
        Resampler r;
        r.set_rates(44100, to);
        for (std::size_t n : {1u, 7u, 100u, 1u, 1000u}) {
            const auto made = r.available(n);
            EXPECT_LE(r.needed(made), n);
            EXPECT_GT(r.needed(made + 1), n);
            std::vector<Frame> source(r.needed(made)), out(made);
            r.add(source, out);
        }
    }
}

struct World {
    ManualClock clock;
    Mixer mixer{clock, {.id = "a"}, {}};
};

TEST(Mixer, AsksForWhatIsDue) {
    World w;
    std::size_t asked = 0;
    Voice v(&w.mixer, Voice::Direction::Play, [&](std::span<Frame> f) { asked += f.size(); });
    v.set_frequency(8000);
    w.clock.advance(50 * ms);
    EXPECT_EQ(asked, 0u);
    v.set_active(true);
    w.clock.advance(100 * ms);
    EXPECT_NEAR(double(asked), 800, 2);
    w.clock.advance(3 * ms);
    v.catch_up();
    EXPECT_NEAR(double(asked), 824, 2);
    v.set_active(false);
    w.clock.advance(100 * ms);
    EXPECT_NEAR(double(asked), 824, 2);
    EXPECT_EQ(w.clock.next_deadline(), -1);
}

TEST(Mixer, LetsAVoiceStopItselfAndStartAnother) {
    World w;
    std::size_t second = 0;
    Voice b(&w.mixer, Voice::Direction::Play, [&](std::span<Frame> f) { second += f.size(); });
    Voice a(&w.mixer, Voice::Direction::Play, [&](std::span<Frame>) {
        a.set_active(false);
        b.set_active(true);
    });
    a.set_active(true);
    w.clock.advance(100 * ms);
    EXPECT_FALSE(a.active());
    EXPECT_GT(second, 3900u);
}

TEST(Mixer, AsksForNothingOfBeforeAReset) {
    World w;
    std::size_t asked = 0, other = 0;
    Voice v(&w.mixer, Voice::Direction::Play, [&](std::span<Frame> f) { asked += f.size(); });
    Voice u(&w.mixer, Voice::Direction::Play, [&](std::span<Frame> f) { other += f.size(); });
    v.set_active(true);
    u.set_active(true);
    w.clock.advance(9 * ms);
    v.silence();
    u.catch_up();
    EXPECT_EQ(asked, 0u);
    EXPECT_EQ(other, 0u);
    w.clock.advance(11 * ms);
    u.catch_up();
    EXPECT_EQ(asked, 0u);
    EXPECT_NEAR(double(other), 485, 1);
}

TEST(Mixer, ForgetsTimeThatWasSet) {
    World w;
    std::size_t asked = 0;
    Voice v(&w.mixer, Voice::Direction::Record, [&](std::span<Frame> f) { asked += f.size(); });
    v.set_active(true);
    w.clock.advance(10 * ms);
    asked = 0;
    ManualClock& c = w.clock;
    v.set_active(false);
    c.advance(3'000'000 * ms);
    v.set_active(true);
    c.advance(10 * ms);
    EXPECT_EQ(asked, 441u);
}

}  // namespace
}  // namespace audio
