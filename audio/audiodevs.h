// SPDX-License-Identifier: GPL-2.0-or-later
//
// The back ends for sound of one VM, by id. A service: sound cards look up their audiodev= here.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audio/mixer.h"
#include "migration/vmstate/registry.h"
#include "qapi/qapi-types-audio.h"

namespace qapi {
class Context;
}

namespace audio {

class Audiodevs {
public:
    Audiodevs(Clock&, vmstate::Registry&);
    Audiodevs(const Audiodevs&) = delete;
    ~Audiodevs();

    /// What -audiodev does.
    Result<void> add(const qapi::Audiodev&);
    Mixer* find(std::string_view id) const;
    /// Where cards play that were not told where: nowhere.
    Mixer& fallback();

    const std::vector<std::unique_ptr<Mixer>>& all() const { return mixers_; }
    /// What `wavcapture` records, of every back end, the newest of each first.
    std::vector<std::pair<Mixer*, std::size_t>> captures() const;

private:
    class Section;
    void take(Mixer::Settings, std::optional<WavFile>);

    Clock& clock_;
    vmstate::Registry& states_;
    std::unique_ptr<Section> section_;
    std::vector<std::unique_ptr<Mixer>> mixers_;
    Mixer* fallback_ = nullptr;
};

/// The back end that a device of type `device` names, which may be empty. Null: this VM has no
/// sound at all, as in tests of single chips.
Result<Mixer*> find_mixer(const qapi::Context& services, std::string_view device,
                          std::string_view audiodev);

/// The kinds that `-audiodev help` lists.
std::span<const std::string_view> driver_names();

}  // namespace audio
