// SPDX-License-Identifier: GPL-2.0-or-later
#include "audio/mixer.h"

#include <algorithm>
namespace audio {

namespace {

std::uint64_t frames_in(std::int64_t ns, std::uint32_t frequency) {
    return static_cast<std::uint64_t>(static_cast<unsigned __int128>(ns) * frequency /
                                      nanoseconds_per_second);
}

}  // namespace

// ---- voices -----------------------------------------------------------------------------------

Voice::Voice(Mixer* mixer, Direction direction, Exchange exchange)
    : mixer_(mixer), direction_(direction), exchange_(std::move(exchange)) {
    if (mixer_) mixer_->add(*this);
}

Voice::~Voice() {
    if (mixer_) mixer_->remove(*this);
}

void Voice::catch_up() {
    if (mixer_ && active_) mixer_->run();
}

void Voice::set_frequency(std::uint32_t hz) {
    hz = std::clamp(hz, 1u, fastest);
    if (hz == frequency_) return;
    catch_up();
    frequency_ = hz;
    if (active_) resampler_.set_rates(frequency_, mixer_->settings_.out.frequency);
}

void Voice::set_volume(float left, float right) {
    if (left == left_ && right == right_) return;
    catch_up();
    left_ = left;
    right_ = right;
}

void Voice::set_active(bool on) {
    if (!mixer_ || on == active_) return;
    mixer_->run();
    active_ = on;
    mixer_->activity_changed(*this);
    if (on) {
        resampler_.restart();
        resampler_.set_rates(frequency_, mixer_->settings_.out.frequency);
    }
}

void Voice::silence() {
    if (!mixer_) return;
    mixer_->forget();
    set_active(false);
}

void Voice::take_part(std::span<Frame> mix) {
    frames_.assign(resampler_.needed(mix.size()), {});
    if (!frames_.empty()) exchange_(frames_);
    if (direction_ == Direction::Record) {
        std::vector<Frame> unheard(mix.size());
        return resampler_.add(frames_, unheard);
    }
    for (Frame& f : frames_) {
        f.left *= left_;
        f.right *= right_;
    }
    resampler_.add(frames_, mix);
}

// ---- captures ---------------------------------------------------------------------------------

Capture::Capture(std::string path, WavFile file, const Format& format, std::uint32_t source)
    : path_(std::move(path)), file_(std::move(file)) {
    resampler_.set_rates(source, format.frequency);
    file_.begin(format);
}

void Capture::hear(std::span<const Frame> mix) {
    heard_.insert(heard_.end(), mix.begin(), mix.end());
    made_.assign(resampler_.available(heard_.size()), {});
    const std::size_t used = resampler_.needed(made_.size());
    resampler_.add(std::span(heard_).first(used), made_);
    heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(used));
    file_.write(made_);
}

Result<void> Mixer::capture(const std::string& path, const Format& format) {
    auto file = TRY(WavFile::create(path));
    run();
    captures_.insert(captures_.begin(), std::make_unique<Capture>(path, std::move(file), format,
                                                                  settings_.out.frequency));
    return {};
}

void Mixer::stop_capture(std::size_t index) {
    run();
    captures_.erase(captures_.begin() + static_cast<std::ptrdiff_t>(index));
}

// ---- the mixer --------------------------------------------------------------------------------

Mixer::Mixer(Clock& clock, Settings settings, std::optional<WavFile> file)
    : settings_(std::move(settings)), file_(std::move(file)), timer_(clock, [this] { run(); }) {}

Mixer::~Mixer() = default;

void Mixer::add(Voice& voice) {
    voices_.push_back(&voice);
}

void Mixer::remove(Voice& voice) {
    voice.active_ = false;
    std::erase(voices_, &voice);
}

void Mixer::activity_changed(const Voice& voice) {
    const auto playing = std::ranges::count_if(voices_, &Voice::active_);
    if (playing == 0) return timer_.cancel();
    if (!voice.active_ || playing > 1) return;
    if (!begun_) {
        begun_ = true;
        if (settings_.follows_voice) settings_.out.frequency = voice.frequency_;
        if (file_) file_->begin(settings_.out);
    }
    if (running_) return;  // one voice after the other, in the same round
    since_ = timer_.clock().now_ns();
    mixed_ = 0;
    timer_.set(since_ + settings_.period_ns);
}

/// Frames since the first voice began.
std::uint64_t Mixer::due() {
    const std::int64_t now = timer_.clock().now_ns();
    if (now < since_) since_ = now, mixed_ = 0;  // the clock was set back
    return frames_in(now - since_, settings_.out.frequency);
}

void Mixer::forget() {
    if (std::ranges::any_of(voices_, &Voice::active_)) mixed_ = due();
}

void Mixer::run() {
    if (running_ || std::ranges::none_of(voices_, &Voice::active_)) return;
    running_ = true;
    const std::uint64_t end = due();
    // The clock was set ahead: nobody hears that time.
    if (end - mixed_ > settings_.out.frequency) mixed_ = end;
    constexpr std::uint64_t at_once = 1024;
    while (mixed_ < end) {
        const auto n = std::min(end - mixed_, at_once);
        mixed_ += n;
        mix(static_cast<std::size_t>(n));
    }
    running_ = false;
    if (std::ranges::any_of(voices_, &Voice::active_))
        timer_.set(timer_.clock().now_ns() + settings_.period_ns);
}

void Mixer::mix(std::size_t frames) {
    mix_.assign(frames, {});
    for (std::size_t i = 0; i < voices_.size(); i++)
        if (voices_[i]->active_) voices_[i]->take_part(mix_);
    if (file_) file_->write(mix_);
    for (auto& c : captures_)
        c->hear(mix_);
}

}  // namespace audio
