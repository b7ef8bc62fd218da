// SPDX-License-Identifier: GPL-2.0-or-later
//
// Crystal CS4231A, the codec of the Windows Sound System: one DMA channel, on which it plays or
// records (silence), and a timer. Programmed I/O and ADPCM are not there. (CS4231A data sheet,
// DS139, 1997.)
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "audio/mixer.h"
#include "hw/audio/isa-dma.h"
#include "util/timer.h"

namespace hw {

struct Cs4231aConfig {
    std::string audiodev;
    u32 iobase = 0x534, irq = 9, dma = 3;
};

struct Cs4231aState {
    std::array<u32, 16> regs{0x40};  // R0 to R3
    std::array<u8, 32> dregs{};      // I0 to I31
    i32 dma_running = 0, audio_free = 0;
    i32 transferred = 0;  // bytes since the last interrupt
    i32 aci_counter = 0;  // reads that still see a calibration under way
};

class Cs4231a final : public DeviceOf<Cs4231aConfig, Cs4231aState> {
public:
    static const DeviceType device_type_;
    Cs4231a() : DeviceOf(device_type_) {}

    const vmstate::Table& vmstate() const override;
    void hold_reset() override;
    void leave_reset() override { post_load(1); }

    u64 io_read(u64 port, unsigned);
    void io_write(u64 port, u64 value, unsigned);

protected:
    Result<void> realize(Platform&) override;
    Result<void> check_state(const Cs4231aState&, int) const override;
    void post_load(int) override;

private:
    bool mode2() const { return state_.dregs[12] & 0x40; }
    unsigned index() const { return state_.regs[0] & (mode2() ? 0x1f : 0x0f); }
    u8 read_indirect();
    void write_indirect(u8 value);
    /// Whether the channel records, and the register that has that side's format.
    bool records() const;
    u8 data_format() const;
    audio::Format format() const;
    u32 block_bytes() const;
    void update_irq();
    void update_voice();
    void update_timer();
    void timer_passed();
    void exchange(std::span<audio::Frame>);
    void expand(std::span<const u8> bytes, std::span<audio::Frame> to) const;

    std::optional<audio::Voice> voice_;
    std::optional<Timer> timer_;
    SoundDma dma_;
    std::unique_ptr<exec::MemoryRegion> registers_;
    std::vector<u8> bytes_;
};

}  // namespace hw
