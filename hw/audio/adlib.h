// SPDX-License-Identifier: GPL-2.0-or-later
//
// AdLib Music Synthesizer Card: an OPL2 at ports 388h and 389h, and where a Sound Blaster has it.
// Its state is not saved, as on QEMU 7.2: a tone that sounds ends when the machine moves.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "audio/mixer.h"
#include "hw/audio/opl2.h"
#include "hw/isa/isa-bus.h"
#include "util/timer.h"

namespace hw {

struct AdlibConfig {
    std::string audiodev;
    u32 iobase = 0x220;
    u32 freq = 44100;
};

class Adlib final : public Device {
public:
    static const DeviceType device_type_;
    Adlib() : Device(device_type_) {}
    void* config() override { return &config_; }
    void hold_reset() override;

    u64 io_read(u64 offset, unsigned);
    void io_write(u64 offset, u64 value, unsigned);

protected:
    Result<void> realize(Platform&) override;

private:
    void write_control(u8 value);
    void start_timer(unsigned n);
    void timer_passed(unsigned n);
    void play(std::span<audio::Frame>);

    AdlibConfig config_;
    Opl2 chip_;
    u8 address_ = 0, status_ = 0, control_ = 0;
    std::array<std::optional<Timer>, 2> timers_;
    std::optional<audio::Voice> voice_;
    audio::Resampler resampler_;
    std::vector<audio::Frame> frames_;
    std::array<std::unique_ptr<exec::MemoryRegion>, 3> regions_;
};

}  // namespace hw
