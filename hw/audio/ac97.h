// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 82801AA (ICH) AC'97 audio: three bus masters, that fetch lists of buffers and play them or
// record (silence) into them, and a codec with variable rates, an STAC9700. ("ICH/ICH0 datasheet",
// 290655, chapter 13; "Audio Codec '97" 2.3.)
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "audio/mixer.h"
#include "hw/core/int.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct Ac97Config : PciConfig {
    std::string audiodev;
};

/// A bus master, and the descriptor that it works on.
struct Ac97BusMaster {
    u32 bdbar = 0;
    u8 civ = 0, lvi = 0;
    u16 sr = 0x0001, picb = 0;
    u8 piv = 0, cr = 0;
    u32 bd_valid = 0, bd_addr = 0, bd_ctl_len = 0;
};

struct Ac97State {
    PciState dev;
    u32 glob_cnt = 0, glob_sta = 0, cas = 0;
    std::array<Ac97BusMaster, 3> bm_regs{};  // PCM in, PCM out, microphone
    std::array<u8, 256> mixer_data{};
};

class Ac97 final : public PciDeviceOf<Ac97Config, Ac97State> {
public:
    Ac97();
    const vmstate::Table& vmstate() const override;

    u64 mixer_read(u64 offset, unsigned size);
    void mixer_write(u64 offset, u64 value, unsigned size);
    u64 master_read(u64 offset, unsigned size);
    void master_write(u64 offset, u64 value, unsigned size);

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    Result<void> check_chip(const Ac97State&, int) const override;
    void chip_loaded(int) override;

private:
    enum Master : unsigned { pcm_in, pcm_out, microphone, masters };

    u16 codec(unsigned reg) const {
        return u16(state_.mixer_data[reg] | state_.mixer_data[reg + 1] << 8);
    }
    void set_codec(unsigned reg, u16 value);
    void reset_codec();
    void apply_codec();
    u8 master_byte(unsigned offset) const;
    void write_master_byte(unsigned n, unsigned reg, u8 value);
    void write_control(unsigned n, u8 value);
    void write_global_control(u32 value);
    void fetch(unsigned n);
    void buffer_done(unsigned n);
    void update_irq();
    void update_voice(unsigned n);
    void exchange(unsigned n, std::span<audio::Frame>);

    std::array<std::optional<audio::Voice>, masters> voices_;
    std::unique_ptr<exec::MemoryRegion> mixer_, bus_masters_;
    std::vector<u8> bytes_;
};
extern const PciDeviceType ac97_type;

}  // namespace hw
