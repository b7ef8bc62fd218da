// SPDX-License-Identifier: GPL-2.0-or-later
//
// Gravis UltraSound: the GF1, which plays up to 32 voices out of a megabyte of its own memory, that
// is filled by DMA or through a port. It records nothing and has no MIDI. ("UltraSound Software
// Development Kit" 2.22, chapters 2 and 3.)
//
// In files: gus.cc the card, its ports, timers and DMA, gus-voices.cc the voices.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "audio/mixer.h"
#include "hw/audio/isa-dma.h"
#include "util/timer.h"

namespace hw {

struct GusConfig {
    std::string audiodev;
    u32 freq = 44100, iobase = 0x240, irq = 7, dma = 3;
};

/// The memory, and behind it the registers, at places that the wire format has.
struct GusState {
    static constexpr u32 memory_bytes = 0x100000, voice_registers = 0x100020, voice_bytes = 0x20;

    i32 pos = 0, left = 0, shift = 2, irqs = 0, samples = 1024;
    i64 last_ticks = 0;
    std::array<u8, memory_bytes + 0x1020> himem{};
};

class Gus final : public DeviceOf<GusConfig, GusState> {
public:
    static const DeviceType device_type_;
    Gus() : DeviceOf(device_type_) {}

    const vmstate::Table& vmstate() const override;
    void hold_reset() override;
    void leave_reset() override { post_load(2); }

    u64 io_read(u64 port, unsigned size);
    void io_write(u64 port, u64 value, unsigned size);
    template <u64 First>
    u64 read_from(u64 offset, unsigned size) {
        return io_read(First + offset, size);
    }
    template <u64 First>
    void write_from(u64 offset, u64 value, unsigned size) {
        io_write(First + offset, value, size);
    }

    /// Where the registers are in the state; words have their low byte first.
    enum At : u32 {
        dma_latch = 0x10003e,
        irq_latch = 0x10003f,
        joystick_2xf = 0x10005c,
        dma_start = 0x10005e,    // word: GF1 register 42h
        dram_low = 0x10007c,     // word: 43h
        dram_high = 0x10007e,    // 44h
        wave_irqs = 0x10009c,    // a bit a voice
        volume_irqs = 0x1000bc,  // a bit a voice
        irq_status = 0x1000fc,   // port 2X6
        timer_status = 0x1000fd,
        timer_running = 0x1000fe,
        mix_control = 0x1000ff,  // port 2X0
        voice_select = 0x10011c,
        register_select = 0x10011d,
        dma_control = 0x10013d,       // 41h
        timer_control = 0x10013e,     // 45h
        timer_count = 0x10013f,       // 46h
        timer_2_count = 0x10015c,     // 47h
        sampling_control = 0x10015d,  // 49h
        reset_register = 0x10015e,    // 4Ch
        active_voices = 0x10015f,     // 0Eh
        adlib_address = 0x10019c,     // port 2X8
        adlib_data = 0x10019d,        // port 2X9
    };

protected:
    Result<void> realize(Platform&) override;
    void post_load(int) override;

private:
    u8& at(u32 place) { return state_.himem[place]; }
    u16 word(u32 place) const;
    void set_word(u32 place, u16 value);
    u32 bits(u32 place) const { return word(place) | u32{word(place + 2)} << 16; }
    void set_bits(u32 place, u32 value);
    u32 dram_address() const {
        return (word(dram_low) | u32{state_.himem[dram_high]} << 16) & 0xfffff;
    }

    // gus.cc
    void write_register(u16 value, bool low, bool high);
    u16 read_register();
    void write_latch(u8 value);
    void write_timer_control(u8 value);
    void write_adlib(u8 value);
    void start_timer(unsigned n);
    void timer_passed(unsigned n);
    void run_dma();
    void update_irq();

    // gus-voices.cc
    u16 reg(unsigned voice, unsigned n) const {
        return word(GusState::voice_registers + voice * GusState::voice_bytes + 2 * n);
    }
    void set_reg(unsigned voice, unsigned n, u16 value) {
        set_word(GusState::voice_registers + voice * GusState::voice_bytes + 2 * n, value);
    }
    unsigned voices() const;
    u32 chip_frequency() const;
    bool anything_moves() const;
    void look_at_voices();
    u8 take_voice_irq();
    void play(std::span<audio::Frame>);
    void play_voice(unsigned voice, std::span<audio::Frame>);
    float sample(u32 address, bool wide) const;
    bool step_volume(unsigned voice);
    bool step_address(unsigned voice);

    std::optional<audio::Voice> voice_;
    audio::Resampler resampler_;
    std::vector<audio::Frame> frames_;
    std::array<std::optional<Timer>, 2> timers_;
    SoundDma dma_;
    std::array<std::unique_ptr<exec::MemoryRegion>, 3> regions_;
    u32 clock_ = 0;  // samples, for slow volume ramps
};

}  // namespace hw
