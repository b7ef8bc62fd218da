// SPDX-License-Identifier: GPL-2.0-or-later
//
// A back end for sound, which -audiodev makes: it asks the voices that play for their next frames
// as the guest's time goes by, mixes them, and hands the mix to a file, to captures, or to nobody.
// It works in rounds, so a device that changes something audible has what was due before that
// fetched first (Voice::catch_up). Under the big lock.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audio/resampler.h"
#include "audio/wav-file.h"
#include "util/timer.h"

namespace audio {

class Mixer;

/// One stream of sound of a device, from or to it.
class Voice {
public:
    enum class Direction { Play, Record };
    /// Play: fills frames that are silent when it gets them. Record: hears them. May stop the
    /// voice, and start others.
    using Exchange = std::function<void(std::span<Frame>)>;

    /// Without a mixer nothing is ever asked for.
    Voice(Mixer*, Direction, Exchange);
    Voice(const Voice&) = delete;
    ~Voice();

    /// Frames a second, 1 to `fastest`; what is outside is moved there.
    static constexpr std::uint32_t fastest = 384'000;
    void set_frequency(std::uint32_t);
    std::uint32_t frequency() const { return frequency_; }
    /// Factors, 0 to 1.
    void set_volume(float left, float right);
    void set_active(bool);
    /// For a reset and for a state that was loaded: what was due before is forgotten, by all
    /// voices.
    void silence();
    bool active() const { return active_; }
    /// Brings the voice up to now.
    void catch_up();

private:
    friend class Mixer;
    void take_part(std::span<Frame> mix);

    Mixer* mixer_;
    Direction direction_;
    Exchange exchange_;
    std::uint32_t frequency_ = 44100;
    float left_ = 1, right_ = 1;
    bool active_ = false;
    Resampler resampler_;
    std::vector<Frame> frames_;
};

/// A recording of what a back end plays (wavcapture).
class Capture {
public:
    Capture(std::string path, WavFile file, const Format&, std::uint32_t source_frequency);
    void hear(std::span<const Frame> mix);

    const std::string& path() const { return path_; }
    const WavFile& file() const { return file_; }

private:
    std::string path_;
    WavFile file_;
    Resampler resampler_;
    std::vector<Frame> heard_, made_;
};

class Mixer {
public:
    struct Settings {
        std::string id;
        std::int64_t period_ns = 10'000'000;
        Format out;
        /// The frequency is that of the voice that starts first.
        bool follows_voice = false;
    };
    Mixer(Clock&, Settings, std::optional<WavFile>);
    Mixer(const Mixer&) = delete;
    ~Mixer();

    const std::string& id() const { return settings_.id; }

    /// The newest first.
    const std::vector<std::unique_ptr<Capture>>& captures() const { return captures_; }
    Result<void> capture(const std::string& path, const Format&);
    void stop_capture(std::size_t index);

    /// Mixes what is due.
    void run();
    /// Nothing is due until now.
    void forget();

private:
    friend class Voice;
    void add(Voice&);
    void remove(Voice&);
    void activity_changed(const Voice&);
    std::uint64_t due();
    void mix(std::size_t frames);

    Settings settings_;
    std::optional<WavFile> file_;
    bool begun_ = false;
    std::vector<Voice*> voices_;
    std::vector<std::unique_ptr<Capture>> captures_;
    Timer timer_;
    bool running_ = false;
    std::int64_t since_ = 0;   // when the first of the voices that play now began
    std::uint64_t mixed_ = 0;  // frames from then on
    std::vector<Frame> mix_;
};

}  // namespace audio
