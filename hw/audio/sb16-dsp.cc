// SPDX-License-Identifier: GPL-2.0-or-later
//
// The Sound Blaster's DSP: a byte that is a command, then its parameters. (The guide's chapter 6,
// and what drivers make of the commands that it leaves out.)
#include <algorithm>

#include "hw/audio/sb16.h"

namespace hw {
namespace {

/// How many bytes follow a command; those that are not here take none.
struct Parameters {
    u8 first, last, count;
};
constexpr Parameters parameters[] = {
    {0x04, 0x04, 1}, {0x05, 0x05, 2}, {0x0e, 0x0e, 2}, {0x0f, 0x0f, 1}, {0x10, 0x10, 1},
    {0x14, 0x14, 2}, {0x16, 0x17, 2}, {0x24, 0x24, 2}, {0x38, 0x38, 1}, {0x40, 0x40, 1},
    {0x41, 0x42, 2}, {0x48, 0x48, 2}, {0x74, 0x77, 2}, {0x80, 0x80, 2}, {0xb0, 0xcf, 3},
    {0xe0, 0xe0, 1}, {0xe2, 0xe2, 1}, {0xe4, 0xe4, 1}, {0xf9, 0xf9, 1},
};

constexpr std::string_view copyright = "COPYRIGHT (C) CREATIVE TECHNOLOGY LTD, 1992.";
constexpr u8 reset_answer = 0xaa;
constexpr i32 default_frequency = 11025;

unsigned word(std::span<const u8> p) {
    return p[0] | unsigned{p[1]} << 8;
}

}  // namespace

// ---- reset ------------------------------------------------------------------------------------

/// A one, then a zero.
void Sb16::write_reset(u8 value) {
    if (value & 1) {
        state_.v2x6 = value;
    } else if (state_.v2x6 & 1) {
        state_.v2x6 = 0;
        reset_dsp();
    }
}

void Sb16::reset_dsp() {
    auto& s = state_;
    run_dma(false);
    silence_->cancel();
    s.mixer_regs[0x82] = 0;
    set_irq(0, false);
    s.dma_running = s.dma_auto = s.fifo = s.use_hdma = s.highspeed = 0;
    s.fmt_stereo = s.fmt_signed = 0;
    s.fmt = 0;
    s.fmt_bits = 8;
    s.freq = default_frequency;
    s.time_const = -1;
    s.block_size = -1;
    s.left_till_irq = 0;
    s.speaker = s.nzero = 0;
    s.in_index = s.needed_bytes = s.out_data_len = 0;
    s.cmd = -1;
    answer(reset_answer);
}

// ---- commands ---------------------------------------------------------------------------------

void Sb16::answer(u8 value) {
    if (state_.out_data_len < i32(state_.out_data.size()))
        state_.out_data[size_t(state_.out_data_len++)] = value;
}

void Sb16::write_command(u8 value) {
    auto& s = state_;
    if (s.needed_bytes == 0) {
        s.cmd = value;
        s.in_index = 0;
        for (const Parameters& p : parameters)
            if (value >= p.first && value <= p.last) s.needed_bytes = p.count;
    } else {
        s.in2_data[size_t(s.in_index++)] = value;
        s.needed_bytes--;
    }
    if (s.needed_bytes) return;
    const u8 command = u8(s.cmd);
    const auto given = s.in2_data;
    const auto count = size_t(s.in_index);
    s.cmd = -1;
    s.in_index = 0;
    execute(command, std::span(given).first(count));
}

void Sb16::execute(u8 command, std::span<const u8> p) {
    auto& s = state_;
    switch (command) {
        case 0x03: answer(0x10); break;  // ASP: its status
        case 0x04:
            s.csp_mode = p[0];
            s.csp_reg83r = s.csp_reg83w = 0;
            break;
        case 0x05:
            s.csp_value = p[0];
            s.csp_param = p[1];
            break;
        case 0x0e: write_asp(p[0], p[1]); break;
        case 0x0f: answer(read_asp(p[0])); break;
        case 0xf9:
            answer(p[0] == 0x0e ? 0xff : p[0] == 0x0f ? 0x07 : p[0] == 0x37 ? 0x38 : 0);
            break;

        case 0x10: direct_output(p[0]); break;
        case 0x20: answer(0x80); break;  // a sample of silence
        case 0x14:
        case 0x24:
            s.block_size = i32(word(p)) + 1;
            start_8bit(false);
            break;
        case 0x91:
        case 0x99: start_8bit(false); break;
        case 0x1c:
        case 0x2c:
        case 0x90:
        case 0x98: start_8bit(true); break;

        case 0x40:
            s.time_const = p[0];
            s.freq = -1;
            break;
        case 0x41:
        case 0x42:
            s.freq = i32(unsigned{p[0]} << 8 | p[1]);
            s.time_const = -1;
            if (s.dma_running) voice_->set_frequency(frequency());
            break;
        case 0x48: s.block_size = i32(word(p)) + 1; break;
        case 0x80: silence(word(p) + 1); break;

        case 0xd0:
        case 0xd5:
            voice_->catch_up();
            s.dma_running = 0;
            run_dma(false);
            break;
        case 0xd4:
        case 0xd6:
            if (s.block_size <= 0) break;
            s.dma_running = 1;
            run_dma(true);
            break;
        case 0xd1: s.speaker = 1; break;
        case 0xd3: s.speaker = 0; break;
        case 0xd8: answer(s.speaker ? 0xff : 0x00); break;
        case 0xd9:
        case 0xda: s.dma_auto = 0; break;  // when this block has ended

        case 0xe0: answer(u8(~p[0])); break;
        case 0xe1:
            s.out_data_len = 0;
            answer(u8(s.ver));
            answer(u8(s.ver >> 8));
            break;
        case 0xe3:
            s.out_data_len = 0;
            answer(0);
            for (auto c = copyright.rbegin(); c != copyright.rend(); ++c)
                answer(u8(*c));
            break;
        case 0xe4: s.test_reg = p[0]; break;
        case 0xe8: answer(s.test_reg); break;
        case 0xf2: set_irq(0, true); break;
        case 0xf3: set_irq(1, true); break;
        case 0xf8:
        case 0xfa:
        case 0xfc: answer(0); break;
        default:
            if (command >= 0xb0 && command <= 0xcf)
                start_dma(command, p[0], word(p.subspan(1)) + 1);
            else
                platform().log.guest_error("sb16: DSP command {:#x} is not there", command);
    }
}

// ---- playing ----------------------------------------------------------------------------------

/// Frames a second. A time constant counts the bytes of both channels.
u32 Sb16::frequency() const {
    if (state_.freq > 0) return u32(state_.freq);
    if (state_.time_const < 0) return default_frequency;
    const u32 bytes = 1'000'000u / u32(256 - std::min(state_.time_const, 255));
    return bytes / (state_.fmt_stereo ? 2 : 1);
}

void Sb16::start_8bit(bool auto_init) {
    auto& s = state_;
    voice_->catch_up();
    s.use_hdma = 0;
    s.fmt_bits = 8;
    s.fmt_signed = 0;
    s.fmt = 0;
    s.fmt_stereo = s.mixer_regs[0x0e] & 2 ? 1 : 0;
    s.dma_auto = auto_init;
    if (s.block_size <= 0)
        return platform().log.guest_error("sb16: a transfer without a block size");
    begin_transfer();
}

/// Bx for 16 bits, Cx for 8: bit 2 starts over by itself, bit 1 the FIFO. The mode's bit 4 is
/// signed, bit 5 stereo. The count is of samples, of both channels.
void Sb16::start_dma(u8 command, u8 mode, unsigned samples) {
    auto& s = state_;
    voice_->catch_up();
    s.use_hdma = command < 0xc0;
    s.fmt_bits = s.use_hdma ? 16 : 8;
    s.fmt_signed = mode >> 4 & 1;
    s.fmt_stereo = mode >> 5 & 1;
    s.fmt = u32(s.use_hdma << 1 | s.fmt_signed);
    s.dma_auto = command >> 2 & 1;
    s.fifo = command >> 1 & 1;
    s.block_size = i32(samples * (s.use_hdma ? 2 : 1));
    begin_transfer();
}

void Sb16::begin_transfer() {
    auto& s = state_;
    if (s.freq <= 0) s.freq = i32(frequency());
    s.time_const = -1;
    s.left_till_irq = s.block_size;
    const unsigned frame = format().bytes_per_frame();
    s.bytes_per_second = i32(frequency() * frame);
    s.align = i32(frame) - 1;
    s.speaker = 1;
    s.dma_running = 1;
    run_dma(false);
    run_dma(true);
}

/// The interrupt of a block that is not heard.
void Sb16::silence(unsigned samples) {
    const u64 ns = muldiv(samples, nanoseconds_per_second, frequency());
    silence_->set(silence_->clock().now_ns() + i64(ns));
}

void Sb16::direct_output(u8 sample) {
    direct_->catch_up();
    level_ = float(sample - 0x80) / 128;
    level_age_ = 0;
    direct_->set_active(true);
}

// ---- the advanced signal processor ------------------------------------------------------------

/// Register 83h is four bytes deep. (What the wire format calls r is where it is written.)
void Sb16::write_asp(u8 reg, u8 value) {
    auto& s = state_;
    if (reg != 0x83) {
        s.csp_regs[reg] = value;
        return;
    }
    s.csp_reg83[size_t(s.csp_reg83r & 3)] = value;
    s.csp_reg83r++;
}

u8 Sb16::read_asp(u8 reg) {
    auto& s = state_;
    if (reg != 0x83) return s.csp_regs[reg];
    const u8 value = s.csp_reg83[size_t(s.csp_reg83w & 3)];
    s.csp_reg83w++;
    return value;
}

}  // namespace hw
