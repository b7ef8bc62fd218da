// SPDX-License-Identifier: GPL-2.0-or-later
#include "monitor/hmp-audio.h"

#include "audio/audiodevs.h"
#include "monitor/hmp.h"

namespace monitor::sound {

Result<void> info_capture(Hmp& hmp, const HmpArguments&) {
    auto* all = hmp.services().find<audio::Audiodevs>();
    if (!all) return {};
    std::size_t number = 0;
    for (const auto& [mixer, index] : all->captures()) {
        const audio::Capture& c = *mixer->captures()[index];
        const audio::Format& f = c.file().format();
        hmp.print("[{}]: Capturing audio({},{},{}) to {}: {} bytes\n", number++, f.frequency,
                  f.bytes_per_sample() * 8, f.channels, c.path(), c.file().data_bytes());
    }
    return {};
}

Result<void> wavcapture(Hmp& hmp, const HmpArguments& a) {
    auto* all = hmp.services().find<audio::Audiodevs>();
    audio::Mixer* mixer = all ? all->find(a.text("audiodev")) : nullptr;
    if (!mixer) {
        hmp.print("Audiodev '{}' not found\n", a.text("audiodev"));
        return {};
    }
    const auto frequency = a.maybe_number("freq").value_or(44100);
    const auto bits = a.maybe_number("bits").value_or(16);
    const auto channels = a.maybe_number("nchannels").value_or(2);
    std::string wrong;
    if (bits != 8 && bits != 16)
        wrong = fmt::format("incorrect bit count {}, must be 8 or 16", bits);
    else if (channels != 1 && channels != 2)
        wrong = fmt::format("incorrect channel count {}, must be 1 or 2", channels);
    else if (frequency < 1000 || frequency > 384'000)
        wrong = fmt::format("incorrect frequency {}, must be 1000 to 384000", frequency);
    else if (auto done = mixer->capture(
                 a.text("path"),
                 {.frequency = static_cast<std::uint32_t>(frequency),
                  .channels = static_cast<unsigned>(channels),
                  .sample = bits == 8 ? qapi::AudioFormat::u8 : qapi::AudioFormat::s16});
             !done)
        wrong = done.error().description();
    if (!wrong.empty()) hmp.print("{}\nFailed to add wave capture\n", wrong);
    return {};
}

Result<void> stopcapture(Hmp& hmp, const HmpArguments& a) {
    auto* all = hmp.services().find<audio::Audiodevs>();
    const auto captures = all ? all->captures() : decltype(all->captures()){};
    const auto n = a.number("n");
    if (n < 0 || static_cast<std::size_t>(n) >= captures.size()) return {};
    const auto& [mixer, index] = captures[static_cast<std::size_t>(n)];
    mixer->stop_capture(index);
    return {};
}

}  // namespace monitor::sound
