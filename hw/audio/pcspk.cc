// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/pcspk.h"

#include <cstdlib>

#include "audio/audiodevs.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

constexpr unsigned speaker_channel = 2;
constexpr unsigned gate2 = 1 << 0, speaker_data = 1 << 1, refresh_toggle = 1 << 4, out2 = 1 << 5;

constexpr auto properties = qom::properties(qom::property<&PcSpeakerConfig::audiodev>("audiodev"),
                                            qom::property<&PcSpeakerConfig::iobase>("iobase"),
                                            qom::property<&PcSpeakerConfig::migrate>("migrate"));

using S = PcSpeakerState;
constexpr auto fields =
    vmstate::fields(vmstate::field<&S::data_on>("data_on"),
                    vmstate::field<&S::dummy_refresh_clock>("dummy_refresh_clock"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "pcspk", .fields = fields};

constexpr auto io_ops =
    exec::memory_ops<&PcSpeaker::io_read, &PcSpeaker::io_write>({.impl = {.min = 1, .max = 1}});

}  // namespace

const DeviceType PcSpeaker::device_type_ =
    isa_type<PcSpeaker>("isa-pcspk", properties, Category::Sound, false);

const vmstate::Table& PcSpeaker::vmstate() const {
    return table;
}

Result<void> PcSpeaker::realize(Platform& p) {
    if (!pit_) return fail("pcspk: the machine has no PIT");
    if (!config_.audiodev.empty()) {
        auto* mixer = TRY(audio::find_mixer(p.services, type_name(), config_.audiodev));
        voice_.emplace(mixer, audio::Voice::Direction::Play,
                       [this](std::span<audio::Frame> f) { play(f); });
        pit_->before_out2_changes = [this] { voice_->catch_up(); };
    }
    registers_ = isa_bus(*this).add_io(config_.iobase, "pcspk", 1, io_ops, this);
    return {};
}

u64 PcSpeaker::io_read(u64, unsigned) {
    state_.dummy_refresh_clock ^= refresh_toggle;
    return (pit_->gate(speaker_channel) ? gate2 : 0u) | (state_.data_on ? speaker_data : 0u) |
           state_.dummy_refresh_clock | (pit_->out(speaker_channel) ? out2 : 0u);
}

void PcSpeaker::io_write(u64, u64 value, unsigned) {
    const bool on = value & speaker_data;
    if (voice_ && on != bool(state_.data_on)) voice_->catch_up();
    state_.data_on = on;
    switch_sound();
    pit_->set_gate(speaker_channel, value & gate2);
}

void PcSpeaker::switch_sound() {
    if (!voice_ || voice_->active() == bool(state_.data_on)) return;
    heard_since_ = platform().clocks.virt.now_ns();
    heard_ = 0;
    voice_->set_active(state_.data_on);
}

/// Each frame is what the cone gets on average while it lasts, so that programs which play samples
/// by the width of pulses are heard too.
void PcSpeaker::play(std::span<audio::Frame> frames) {
    constexpr float loudness = 0.25f;
    const auto at = [this](u64 frame) {
        return heard_since_ + i64(muldiv(frame, nanoseconds_per_second, voice_->frequency()));
    };
    const i64 now = platform().clocks.virt.now_ns();
    if (std::abs(now - at(heard_)) > 2 * nanoseconds_per_second)  // the clock was set
        heard_since_ = now, heard_ = 0;
    for (audio::Frame& f : frames) {
        const float high = pit_->share_high(speaker_channel, at(heard_), at(heard_ + 1));
        f.left = f.right = (2 * high - 1) * loudness;
        heard_++;
    }
}

}  // namespace hw
