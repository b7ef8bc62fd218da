// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/cs4231a.h"

#include <algorithm>
#include <cmath>

#include "audio/audiodevs.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

using C = Cs4231aConfig;
using S = Cs4231aState;
constexpr auto properties = qom::properties(
    qom::property<&C::audiodev>("audiodev", "ID of an audiodev to use as a backend"),
    qom::property<&C::iobase>("iobase"), qom::property<&C::irq>("irq"),
    qom::property<&C::dma>("dma"));

constexpr auto fields = vmstate::fields(
    vmstate::field<&S::regs>("regs"), vmstate::buffer<&S::dregs>("dregs"),
    vmstate::field<&S::dma_running>("dma_running"), vmstate::field<&S::audio_free>("audio_free"),
    vmstate::field<&S::transferred>("transferred"), vmstate::field<&S::aci_counter>("aci_counter"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "cs4231a", .fields = fields};

constexpr auto ops = exec::memory_ops<&Cs4231a::io_read, &Cs4231a::io_write>({.impl = {1, 1}});

enum : u64 { R0_index, R1_data, R2_status, R3_pio };
constexpr u8 mode_change_enable = 0x40;  // MCE, in R0
constexpr u8 status_int = 0x01;

/// Indirect registers.
enum : unsigned {
    left_output = 6,
    right_output = 7,
    playback_format = 8,
    interface_configuration = 9,
    pin_control = 10,
    error_status = 11,
    mode_and_id = 12,
    upper_base = 14,
    lower_base = 15,
    alternate_enable_1 = 16,
    timer_low = 20,
    timer_high = 21,
    alternate_status = 24,
    version_id = 25,
    capture_format = 28,
    capture_upper_base = 30,
    capture_lower_base = 31,
};
enum : u8 { playback_enable = 0x01, capture_enable = 0x02, auto_calibrate = 0x08 };
enum : u8 { interrupt_enable = 0x02 };           // of pin control
enum : u8 { calibrating = 0x20 };                // of the error status
enum : u8 { pmce = 0x10, timer_enable = 0x40 };  // of alternate feature enable I
enum : u8 { playback_irq = 0x10, capture_irq = 0x20, timer_irq = 0x40 };  // of its status
constexpr u8 stereo = 0x10;

/// Those that only tell, or have nothing behind them.
constexpr u32 read_only = 1u << error_status | 1u << version_id | 1u << 22 | 1u << 27 | 1u << 29;

constexpr std::array<u8, 32> at_reset{0x00, 0x00, 0x88, 0x88, 0x88, 0x88, 0x80, 0x80, 0x00,
                                      0x08, 0x00, 0x00, 0x8a, 0x00, 0x00, 0x00, 0x00, 0x00,
                                      0x88, 0x88, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa0, 0xa0};

/// Frames a second, by the lower four bits of a format (table 3): two crystals, eight divisors.
constexpr std::array<u32, 16> rates{8000, 5510,  16000, 11025, 27420, 18900, 32000, 22050,
                                    8000, 37800, 8000,  44100, 48000, 33075, 9600,  6620};

/// The upper three bits.
enum class Coding : u8 { Linear8, MuLaw, Linear16, ALaw, Reserved, Adpcm, Linear16Big, Reserved7 };
Coding coding(u8 format) {
    return Coding(format >> 5);
}

/// ITU-T G.711: eight bits to the fourteen and thirteen that they stand for.
float from_mu_law(u8 v) {
    v = u8(~v);
    const int size = (((v & 15) << 3) + 0x84) << (v >> 4 & 7);
    return float(v & 0x80 ? 0x84 - size : size - 0x84) / 32768;
}
float from_a_law(u8 v) {
    v ^= 0x55;
    const int segment = v >> 4 & 7, low = (v & 15) << 4;
    const int size = segment ? (low + 0x108) << (segment - 1) : low + 8;
    return float(v & 0x80 ? size : -size) / 32768;
}

}  // namespace

const DeviceType Cs4231a::device_type_ = isa_type<Cs4231a>("cs4231a", properties, Category::Sound,
                                                           true, "Crystal Semiconductor CS4231A");

const vmstate::Table& Cs4231a::vmstate() const {
    return table;
}

Result<void> Cs4231a::realize(Platform& p) {
    if (config_.irq > 15) return fail("cs4231a: irq={} is no interrupt line", config_.irq);
    if (!dma_.connect(isa_bus(*this), config_.dma))
        return fail("cs4231a: dma={}: the machine has no such channel", config_.dma);
    auto* mixer = TRY(audio::find_mixer(p.services, type_name(), config_.audiodev));
    voice_.emplace(mixer, audio::Voice::Direction::Play,
                   [this](std::span<audio::Frame> f) { exchange(f); });
    timer_.emplace(p.clocks.virt, [this] { timer_passed(); });
    registers_ = isa_bus(*this).add_io(config_.iobase, "cs4231a", 4, ops, this);
    hold_reset();
    return {};
}

void Cs4231a::hold_reset() {
    state_ = {};
    state_.dregs = at_reset;
}

Result<void> Cs4231a::check_state(const S& s, int) const {
    if (s.transferred < 0) return fail("cs4231a: {} bytes transferred", s.transferred);
    return {};
}

void Cs4231a::post_load(int) {
    voice_->silence();
    update_voice();
    update_timer();
}

// ---- registers --------------------------------------------------------------------------------

u64 Cs4231a::io_read(u64 port, unsigned) {
    voice_->catch_up();
    return port == R1_data ? read_indirect() : state_.regs[port];
}

void Cs4231a::io_write(u64 port, u64 wide, unsigned) {
    auto& s = state_;
    const u8 value = u8(wide);
    voice_->catch_up();
    switch (port) {
        case R0_index:
            // Leaving the mode change starts a calibration.
            if (s.regs[0] & ~value & mode_change_enable)
                s.aci_counter = s.dregs[interface_configuration] & auto_calibrate ? 1 : 0;
            s.regs[0] = value & 0x7f;
            break;
        case R1_data: write_indirect(value); break;
        case R2_status:
            s.regs[R2_status] &= ~u32{status_int};
            s.dregs[alternate_status] &= u8(~(playback_irq | capture_irq | timer_irq));
            update_irq();
            break;
        default: s.regs[port] = value;
    }
}

u8 Cs4231a::read_indirect() {
    auto& s = state_;
    u8 value = s.dregs[index()];
    if (index() == error_status && s.aci_counter > 0) {
        s.aci_counter--;
        value |= calibrating;
    }
    return value;
}

void Cs4231a::write_indirect(u8 value) {
    auto& s = state_;
    const unsigned n = index();
    u8& reg = s.dregs[n];
    if (read_only >> n & 1) return;
    switch (n) {
        case playback_format:
        case capture_format:
            if (!(s.regs[0] & mode_change_enable) && !(s.dregs[alternate_enable_1] & pmce))
                return platform().log.guest_error("cs4231a: a format outside of mode change");
            reg = value;
            break;
        case mode_and_id: reg = u8((reg & 0x8f) | (value & 0x40)); return;
        case alternate_status: reg &= value | u8(~(playback_irq | capture_irq | timer_irq)); break;
        default: reg = value;
    }
    update_irq();
    if (n == alternate_enable_1 || n == timer_low || n == timer_high) update_timer();
    update_voice();
}

void Cs4231a::update_irq() {
    auto& s = state_;
    const bool asks = s.dregs[alternate_status] & (playback_irq | capture_irq | timer_irq);
    s.regs[R2_status] = (s.regs[R2_status] & ~u32{status_int}) | (asks ? status_int : 0u);
    isa_bus(*this).irq(config_.irq).set(asks && s.dregs[pin_control] & interrupt_enable);
}

// ---- the timer --------------------------------------------------------------------------------

void Cs4231a::update_timer() {
    const auto& d = state_.dregs;
    const u64 count = d[timer_low] | u64{d[timer_high]} << 8;
    if (!(d[alternate_enable_1] & timer_enable) || count == 0) return timer_->cancel();
    // In units of the first crystal's 245 clocks, or the second's 168: nearly 10 us.
    const bool second = d[playback_format] & 1;
    const u64 ns = muldiv(count * (second ? 168 : 245), nanoseconds_per_second,
                          second ? 16'934'400 : 24'576'000);
    timer_->set(timer_->clock().now_ns() + i64(ns));
}

void Cs4231a::timer_passed() {
    state_.dregs[alternate_status] |= timer_irq;
    update_irq();
    update_timer();
}

// ---- samples ----------------------------------------------------------------------------------

bool Cs4231a::records() const {
    return !(state_.dregs[interface_configuration] & playback_enable);
}

u8 Cs4231a::data_format() const {
    return state_.dregs[records() && mode2() ? capture_format : playback_format];
}

audio::Format Cs4231a::format() const {
    const u8 f = data_format();
    const Coding c = coding(f);
    const bool wide = c == Coding::Linear16 || c == Coding::Linear16Big;
    return {.frequency = rates[state_.dregs[playback_format] & 15],
            .channels = f & stereo ? 2u : 1u,
            .sample = wide ? qapi::AudioFormat::s16 : qapi::AudioFormat::u8,
            .big_endian = c == Coding::Linear16Big};
}

/// Between two interrupts. The base registers count frames, less one.
u32 Cs4231a::block_bytes() const {
    const auto& d = state_.dregs;
    const bool capture = records() && mode2();
    const u32 frames = (d[capture ? capture_lower_base : lower_base] |
                        u32{d[capture ? capture_upper_base : upper_base]} << 8) +
                       1;
    return frames * format().bytes_per_frame();
}

void Cs4231a::update_voice() {
    auto& s = state_;
    const u8 enabled = s.dregs[interface_configuration] & (playback_enable | capture_enable);
    if (!enabled) s.transferred = 0;
    s.dma_running = enabled != 0;
    // Six bits of 1.5 dB each, and a mute.
    const auto volume = [&](unsigned reg) {
        const u8 v = s.dregs[reg];
        return v & 0x80 ? 0.0f : std::pow(10.0f, -1.5f / 20 * float(v & 0x3f));
    };
    voice_->set_volume(volume(left_output), volume(right_output));
    voice_->set_frequency(format().frequency);
    voice_->set_active(s.dma_running);
}

void Cs4231a::expand(std::span<const u8> bytes, std::span<audio::Frame> to) const {
    const Coding c = coding(data_format());
    if (c != Coding::MuLaw && c != Coding::ALaw) {
        audio::decode(format(), bytes, to);
        return;
    }
    const unsigned channels = format().channels;
    const auto law = c == Coding::MuLaw ? from_mu_law : from_a_law;
    for (std::size_t i = 0; i * channels < bytes.size(); i++)
        to[i] = {law(bytes[i * channels]), law(bytes[i * channels + channels - 1])};
}

void Cs4231a::exchange(std::span<audio::Frame> frames) {
    auto& s = state_;
    const audio::Format f = format();
    const unsigned frame = f.bytes_per_frame();
    const Coding c = coding(data_format());
    if (c == Coding::Adpcm || c == Coding::Reserved || c == Coding::Reserved7) return;
    while (!frames.empty()) {
        const u32 block = block_bytes(), done = std::min(u32(s.transferred), block - frame);
        bytes_.assign(std::min<std::size_t>(frames.size(), (block - done) / frame) * frame, 0);
        if (dma_.records())
            audio::encode(f, std::vector<audio::Frame>(bytes_.size() / frame), bytes_);
        const std::size_t moved = dma_.transfer(bytes_) / frame;
        if (moved == 0) return;
        if (!dma_.records()) expand(std::span(bytes_).first(moved * frame), frames);
        frames = frames.subspan(moved);
        s.transferred = i32(done + moved * frame);
        if (u32(s.transferred) < block) continue;
        s.transferred = 0;
        s.dregs[alternate_status] |= records() ? capture_irq : playback_irq;
        update_irq();
    }
}

}  // namespace hw
