// SPDX-License-Identifier: GPL-2.0-or-later
//
// Creative Sound Blaster 16: a DSP of version 4.05 that takes commands at a port and samples by DMA
// of 8 or 16 bits, and a CT1745 mixer whose registers are kept but attenuate nothing. Recording
// hears silence; ADPCM and MIDI are not there. ("Sound Blaster Series Hardware Programming Guide",
// 3rd edition.)
//
// In files: sb16.cc the card, its mixer and its samples, sb16-dsp.cc the commands.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "audio/mixer.h"
#include "hw/audio/isa-dma.h"
#include "util/timer.h"

namespace hw {

struct Sb16Config {
    std::string audiodev;
    u32 version = 0x405, iobase = 0x220, irq = 5, dma = 1, dma16 = 5;
};

struct Sb16State {
    u32 irq = 5, dma = 1, hdma = 5, port = 0x220, ver = 0x405;  // as configured, or by the mixer
    i32 in_index = 0;      // of in2_data: the next parameter of cmd
    i32 out_data_len = 0;  // of out_data, which is read from its end
    i32 fmt_stereo = 0, fmt_signed = 0, fmt_bits = 0;
    u32 fmt = 0;  // u8, s8, u16, s16
    i32 dma_auto = 0, block_size = 0, fifo = 0;
    i32 freq = 0, time_const = 0;  // -1: not this one
    i32 speaker = 0;
    i32 needed_bytes = 0, cmd = -1;  // parameters to come, of this command
    i32 use_hdma = 0, highspeed = 0, can_write = 1, v2x6 = 0;
    u8 csp_param = 0, csp_value = 0, csp_mode = 0;  // the ASP, a chip on some cards
    std::array<u8, 256> csp_regs{0, 0, 0, 0, 0, 1, 0, 0, 0, 0xf8};
    u8 csp_index = 0;
    std::array<u8, 4> csp_reg83{};
    i32 csp_reg83r = 0, csp_reg83w = 0;
    std::array<u8, 10> in2_data{};
    std::array<u8, 50> out_data{};
    u8 test_reg = 0, last_read_byte = 0;
    i32 nzero = 0;
    i32 left_till_irq = 0, dma_running = 0, bytes_per_second = 0, align = 0;
    i32 mixer_nreg = 0;
    std::array<u8, 256> mixer_regs{};
};

class Sb16 final : public DeviceOf<Sb16Config, Sb16State> {
public:
    static const DeviceType device_type_;
    Sb16() : DeviceOf(device_type_) {}

    const vmstate::Table& vmstate() const override;
    void hold_reset() override;
    void leave_reset() override;

    u64 io_read(u64 port, unsigned);
    void io_write(u64 port, u64 value, unsigned);
    /// The same for a group of ports that begins at `First`.
    template <u64 First>
    u64 read_from(u64 offset, unsigned size) {
        return io_read(First + offset, size);
    }
    template <u64 First>
    void write_from(u64 offset, u64 value, unsigned size) {
        io_write(First + offset, value, size);
    }

protected:
    Result<void> realize(Platform&) override;
    Result<void> check_state(const Sb16State&, int) const override;
    void post_load(int) override;

private:
    // sb16.cc
    void reset_mixer();
    void write_mixer(u8 value);
    u8 read_data();
    void set_irq(unsigned which, bool up);
    void acknowledge(unsigned which);
    void connect_dma();
    void run_dma(bool on);
    audio::Format format() const;
    void exchange(std::span<audio::Frame>);
    void hold_level(std::span<audio::Frame>);
    void silence_over() { set_irq(0, true); }

    // sb16-dsp.cc
    void reset_dsp();
    void write_reset(u8 value);
    void write_command(u8 value);
    void execute(u8 command, std::span<const u8> parameters);
    void answer(u8 value);
    void start_8bit(bool auto_init);
    void start_dma(u8 command, u8 mode, unsigned samples);
    void begin_transfer();
    u32 frequency() const;
    void silence(unsigned samples);
    void direct_output(u8 sample);
    u8 read_asp(u8 reg);
    void write_asp(u8 reg, u8 value);

    std::optional<audio::Voice> voice_, direct_;
    std::optional<Timer> silence_;
    std::array<SoundDma, 2> dma_;  // of 8 and of 16 bits
    std::array<std::unique_ptr<exec::MemoryRegion>, 3> regions_;
    std::vector<u8> bytes_;
    float level_ = 0;    // what a program put out by itself,
    u32 level_age_ = 0;  // and for how many frames it has stood
};

}  // namespace hw
