// SPDX-License-Identifier: GPL-2.0-or-later
//
// The PC speaker and port 61h, which gates the PIT's counter 2 and shows its output (PIIX4,
// "NMI Status and Control Register"). With an audiodev= it can be heard.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "audio/mixer.h"
#include "hw/isa/isa-bus.h"
#include "hw/timer/i8254.h"

namespace hw {

struct PcSpeakerConfig {
    std::string audiodev;
    u32 iobase = 0x61;
    bool migrate = true;
};

struct PcSpeakerState {
    u8 data_on = 0;
    u8 dummy_refresh_clock = 0;  // bit 4 toggles at each read: programs time loops by it
};

class PcSpeaker final : public DeviceOf<PcSpeakerConfig, PcSpeakerState> {
public:
    static const DeviceType device_type_;

    PcSpeaker() : DeviceOf(device_type_) {}

    const vmstate::Table& vmstate() const override;
    bool needed() const override { return config_.migrate; }

    /// Before realize.
    void connect_pit(Pit& pit) { pit_ = &pit; }
    PcSpeakerConfig& settings() { return config_; }

    u64 io_read(u64, unsigned);
    void io_write(u64, u64 value, unsigned);

protected:
    Result<void> realize(Platform&) override;
    void post_load(int) override {
        if (voice_) voice_->silence();
        switch_sound();
    }

private:
    void switch_sound();
    void play(std::span<audio::Frame>);

    Pit* pit_ = nullptr;
    std::optional<audio::Voice> voice_;
    i64 heard_since_ = 0;  // ns
    u64 heard_ = 0;        // frames from then on
    std::unique_ptr<exec::MemoryRegion> registers_;
};

}  // namespace hw
