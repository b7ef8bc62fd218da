// SPDX-License-Identifier: GPL-2.0-or-later
//
// Ensoniq AudioPCI ES1370: two channels that play and one that records (silence), each with a
// circular buffer in memory. The AK4531 behind it takes what it is told and attenuates nothing; the
// UART and the joystick are not there. ("AudioPCI ES1370 specification", 1997.)
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "audio/mixer.h"
#include "hw/core/int.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct Es1370Config : PciConfig {
    std::string audiodev;
};

struct Es1370Channel {
    u32 shift = 0;     // bytes of a frame, as a power of two
    u32 leftover = 0;  // bytes of the current word that are done
    u32 scount = 0;    // frames until the interrupt, less one: now, and from the start
    u32 frame_addr = 0;
    u32 frame_cnt = 0;  // words: done, and there are, less one
};

struct Es1370State {
    PciState dev;
    std::array<Es1370Channel, 3> chan{};  // DAC1, DAC2, ADC
    u32 ctl = 1, status = 0x60, mempage = 0, codec = 0, sctl = 0;
};

class Es1370 final : public PciDeviceOf<Es1370Config, Es1370State> {
public:
    Es1370();
    const vmstate::Table& vmstate() const override;
    u64 io_read(u64 offset, unsigned size);
    void io_write(u64 offset, u64 value, unsigned size);

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    Result<void> check_chip(const Es1370State&, int) const override;
    void chip_loaded(int) override;

private:
    static constexpr unsigned adc = 2, channels = 3;

    u32 read_word(unsigned at) const;
    void write_word(unsigned at, u32 value);
    u32* paged(unsigned at);
    audio::Format format(unsigned n) const;
    void update_irq();
    void update_voices();
    void exchange(unsigned n, std::span<audio::Frame>);

    std::array<std::optional<audio::Voice>, channels> voices_;
    std::array<bool, channels> stopped_{};  // at the end of its count, in stop mode
    std::unique_ptr<exec::MemoryRegion> registers_;
    std::vector<u8> bytes_;
};
extern const PciDeviceType es1370_type;

}  // namespace hw
