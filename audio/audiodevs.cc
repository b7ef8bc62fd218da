// SPDX-License-Identifier: GPL-2.0-or-later
#include "audio/audiodevs.h"

#include <array>

#include "migration/vmstate/fields.h"
#include "qapi/context.h"

namespace audio {

namespace {

using Side = std::optional<qapi::AudiodevPerDirectionOptions>;

/// Both sides are checked in the same way, though only one can be heard.
Result<void> check(std::string_view name, const Side& side) {
    if (!side) return {};
    const auto& s = *side;
    if (!s.mixing_engine.value_or(true))
        return fail("{}.mixing-engine=off is not supported: voices are always mixed", name);
    if (!s.fixed_settings.value_or(true) && (s.frequency || s.channels || s.format))
        return fail("You can't use frequency, channels or format with fixed-settings=off");
    if (s.frequency && (*s.frequency < 1000 || *s.frequency > Voice::fastest))
        return fail("{}.frequency: {} is not between 1000 and 384000", name, *s.frequency);
    if (s.channels && *s.channels != 1 && *s.channels != 2)
        return fail("{}.channels: {} is neither 1 nor 2", name, *s.channels);
    if (s.voices && *s.voices != 1) return fail("{}.voices: there is one, not {}", name, *s.voices);
    if (s.buffer_length)
        return fail("{}.buffer-length is not supported: this back end has no buffer", name);
    return {};
}

Format format(const Side& side) {
    Format f;
    if (!side) return f;
    f.frequency = side->frequency.value_or(f.frequency);
    f.channels = side->channels.value_or(f.channels);
    f.sample = side->format.value_or(f.sample);
    return f;
}

constexpr std::array<std::string_view, 2> drivers{"none", "wav"};

constexpr vmstate::Table nothing{.name = "audio"};
struct NoState {};

}  // namespace

/// Keeps the place that sound has among the sections of a stream: nothing is ever sent.
class Audiodevs::Section final : public vmstate::Stateful<NoState> {
public:
    const vmstate::Table& vmstate() const override { return nothing; }
    bool needed() const override { return false; }
    bool required() const override { return false; }
};

Audiodevs::Audiodevs(Clock& clock, vmstate::Registry& states) : clock_(clock), states_(states) {}

Audiodevs::~Audiodevs() {
    if (section_) states_.remove(*section_);
}

void Audiodevs::take(Mixer::Settings settings, std::optional<WavFile> file) {
    if (!section_) {
        section_ = std::make_unique<Section>();
        states_.add({}, *section_, 0);
    }
    mixers_.push_back(std::make_unique<Mixer>(clock_, std::move(settings), std::move(file)));
}

Result<void> Audiodevs::add(const qapi::Audiodev& a) {
    if (find(a.id)) return fail("Duplicate ID '{}' for audiodev", a.id);
    const auto period_us = a.timer_period.value_or(10'000);
    if (period_us == 0) return fail("timer-period: 0 microseconds are no period");
    const auto* wav = std::get_if<qapi::AudiodevWavOptions>(&a.u);
    const auto* none = std::get_if<qapi::AudiodevGenericOptions>(&a.u);
    const Side& in = wav ? wav->in : none->in;
    const Side& out = wav ? wav->out : none->out;
    TRY(check("in", in));
    TRY(check("out", out));
    Mixer::Settings settings{.id = a.id,
                             .period_ns = std::int64_t{period_us} * 1000,
                             .out = format(out),
                             .follows_voice = out && !out->fixed_settings.value_or(true)};
    std::optional<WavFile> file;
    if (wav) {
        TRY(WavFile::check(settings.out));
        file = TRY(WavFile::create(wav->path.value_or("qemu.wav")));
    }
    take(std::move(settings), std::move(file));
    return {};
}

Mixer* Audiodevs::find(std::string_view id) const {
    for (const auto& m : mixers_)
        if (m->id() == id) return m.get();
    return nullptr;
}

Mixer& Audiodevs::fallback() {
    if (!fallback_) {
        take({.id = {}}, {});
        fallback_ = mixers_.back().get();
    }
    return *fallback_;
}

std::vector<std::pair<Mixer*, std::size_t>> Audiodevs::captures() const {
    std::vector<std::pair<Mixer*, std::size_t>> list;
    for (const auto& m : mixers_)
        for (std::size_t i = 0; i < m->captures().size(); i++)
            list.emplace_back(m.get(), i);
    return list;
}

Result<Mixer*> find_mixer(const qapi::Context& services, std::string_view device,
                          std::string_view audiodev) {
    auto* all = services.find<Audiodevs>();
    if (audiodev.empty()) return all ? &all->fallback() : nullptr;
    if (Mixer* m = all ? all->find(audiodev) : nullptr) return m;
    return fail("Property '{}.audiodev' can't find value '{}'", device, audiodev);
}

std::span<const std::string_view> driver_names() {
    return drivers;
}

}  // namespace audio
