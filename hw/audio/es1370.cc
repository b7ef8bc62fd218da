// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/es1370.h"

#include <algorithm>

#include "audio/audiodevs.h"
#include "migration/vmstate/fields.h"
#include "qom/property.h"

namespace hw {
namespace {

using C = Es1370Channel;
constexpr auto channel_fields = vmstate::fields(
    vmstate::field<&C::shift>("shift").within(0, 2), vmstate::field<&C::leftover>("leftover"),
    vmstate::field<&C::scount>("scount"), vmstate::field<&C::frame_addr>("frame_addr"),
    vmstate::field<&C::frame_cnt>("frame_cnt"));
static_assert(vmstate::covers<C>(channel_fields));
constexpr vmstate::Table channel_table{
    .name = "es1370_channel", .version = 2, .minimum_version = 2, .fields = channel_fields};

using S = Es1370State;
constexpr auto fields = vmstate::fields(
    vmstate::structs<&S::dev>("dev", pci_device_table),
    vmstate::structs<&S::chan>("chan", channel_table), vmstate::field<&S::ctl>("ctl"),
    vmstate::field<&S::status>("status"), vmstate::field<&S::mempage>("mempage"),
    vmstate::field<&S::codec>("codec"), vmstate::field<&S::sctl>("sctl"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "es1370", .version = 2, .minimum_version = 2, .fields = fields};

constexpr auto properties = qom::properties(
    qom::property<&Es1370Config::audiodev>("audiodev", "ID of an audiodev to use as a backend"));
constexpr auto ops = exec::memory_ops<&Es1370::io_read, &Es1370::io_write>({.impl = {1, 4}});

enum : unsigned {
    control = 0x00,
    interrupt_status = 0x04,
    memory_page = 0x0c,
    codec_write = 0x10,
    serial_control = 0x20,
    sample_counts = 0x24,  // three of them
    paged_registers = 0x30,
};
constexpr u32 memory_page_bits = 0x0f;
constexpr u32 intr = 1u << 31;

/// What belongs to a channel in the registers of all.
struct ChannelBits {
    u32 enable;  // of the control
    u32 pause;   // of the serial control, as the rest
    u32 interrupt_enable;
    u32 stop_mode;
    unsigned format;  // two bits: stereo, 16 bits
    u32 interrupt;    // of the status
};
constexpr std::array<ChannelBits, 3> bits{{
    {1u << 6, 1u << 11, 1u << 8, 1u << 13, 0, 1u << 2},
    {1u << 5, 1u << 12, 1u << 9, 1u << 14, 2, 1u << 1},
    {1u << 4, 0, 1u << 10, 1u << 15, 4, 1u << 0},
}};
constexpr std::array<u32, 4> dac1_rates{5512, 11025, 22050, 44100};
constexpr u32 programmable_clock = 1'411'200;

}  // namespace

constinit const PciDeviceType es1370_type{
    {{.name = "ES1370",
      .parent = "pci-device",
      .properties = properties,
      .description = "ENSONIQ AudioPCI ES1370"},
     "PCI",
     Category::Sound,
     true,
     true,
     []() -> std::unique_ptr<Device> { return std::make_unique<Es1370>(); }},
    0x1274,
    0x5000,
    0x00,
    0x0401,
    0x00,
    0x4942,
    0x4c4c};

Es1370::Es1370() : PciDeviceOf(es1370_type) {}

const vmstate::Table& Es1370::vmstate() const {
    return table;
}

Result<void> Es1370::realize_chip(Platform& p) {
    auto* mixer = TRY(audio::find_mixer(p.services, type_name(), config_.audiodev));
    auto& config = state_.dev.config;
    config[pci::interrupt_pin] = 1;
    config[pci::interrupt_pin + 1] = 0x0c;  // MIN_GNT and MAX_LAT, in quarters of a microsecond
    config[pci::interrupt_pin + 2] = 0x80;
    set_config16(pci::status, 0x0400);  // slow DEVSEL
    for (unsigned n = 0; n < channels; n++)
        voices_[n].emplace(
            mixer, n == adc ? audio::Voice::Direction::Record : audio::Voice::Direction::Play,
            [this, n](std::span<audio::Frame> f) { exchange(n, f); });
    registers_ = exec::MemoryRegion::io(p.memory, "es1370", 0x100, ops, this);
    add_bar(0, pci::bar_io, *registers_);
    return {};
}

void Es1370::chip_reset() {
    for (auto& v : voices_)
        v->silence();
    stopped_ = {};
    const PciState dev = state_.dev;
    state_ = {};
    state_.dev = dev;
    update_voices();
}

Result<void> Es1370::check_chip(const S& s, int) const {
    for (const C& c : s.chan)
        if (c.leftover > 3) return fail("es1370: {} bytes of a word of 4", c.leftover);
    return {};
}

void Es1370::chip_loaded(int) {
    for (auto& v : voices_)
        v->silence();
    stopped_ = {};
    update_voices();
}

// ---- registers --------------------------------------------------------------------------------

/// Page 0Ch: address and size for DAC1, then for DAC2; page 0Dh: for the ADC.
u32* Es1370::paged(unsigned at) {
    const unsigned n = (at - paged_registers) / 8;
    const bool size = at & 4;
    C* c = state_.mempage == 0x0c             ? &state_.chan[n]
           : state_.mempage == 0x0d && n == 0 ? &state_.chan[adc]
                                              : nullptr;
    return !c ? nullptr : size ? &c->frame_cnt : &c->frame_addr;
}

u32 Es1370::read_word(unsigned at) const {
    const auto& s = state_;
    switch (at) {
        case control: return s.ctl;
        case interrupt_status: return s.status;
        case memory_page: return s.mempage;
        case codec_write: return s.codec;
        case serial_control: return s.sctl;
        case sample_counts:
        case sample_counts + 4:
        case sample_counts + 8: return s.chan[(at - sample_counts) / 4].scount;
        default:
            if (at >= paged_registers && at < paged_registers + 0x10)
                if (const u32* reg = const_cast<Es1370*>(this)->paged(at)) return *reg;
            return ~0u;
    }
}

u64 Es1370::io_read(u64 offset, unsigned) {
    for (auto& v : voices_)
        v->catch_up();
    return read_word(unsigned(offset) & ~3u) >> 8 * (offset & 3);
}

void Es1370::io_write(u64 offset, u64 value, unsigned size) {
    for (auto& v : voices_)
        v->catch_up();
    const unsigned at = unsigned(offset) & ~3u, shift = 8 * (offset & 3);
    if (size < 4) {  // the other bytes stay
        const u32 mask = ((1u << 8 * size) - 1) << shift;
        value = (read_word(at) & ~mask) | (u32(value) << shift & mask);
    }
    write_word(at, u32(value));
}

void Es1370::write_word(unsigned at, u32 value) {
    auto& s = state_;
    switch (at) {
        case control: s.ctl = value; break;
        case memory_page: s.mempage = value & memory_page_bits; return;
        case codec_write: s.codec = value & 0xffff; return;
        case serial_control:
            s.sctl = value;
            for (unsigned n = 0; n < channels; n++) {
                // Taking its leave away is also what acknowledges an interrupt.
                if (!(value & bits[n].interrupt_enable)) s.status &= ~bits[n].interrupt;
                if (!(value & bits[n].stop_mode)) stopped_[n] = false;
                s.chan[n].shift =
                    (value >> bits[n].format & 1) + (value >> bits[n].format >> 1 & 1);
            }
            update_irq();
            break;
        case sample_counts:
        case sample_counts + 4:
        case sample_counts + 8: {
            const unsigned n = (at - sample_counts) / 4;
            s.chan[n].scount = (value & 0xffff) | value << 16;
            stopped_[n] = false;
            return;
        }
        default:
            if (at < paged_registers || at >= paged_registers + 0x10) return;
            if (u32* reg = paged(at)) {
                *reg = value;
                C& c = s.chan[s.mempage == 0x0d ? adc : (at - paged_registers) / 8];
                c.leftover = 0;
            }
            return;
    }
    update_voices();
}

void Es1370::update_irq() {
    u32& status = state_.status;
    const bool asks = status & (bits[0].interrupt | bits[1].interrupt | bits[2].interrupt);
    status = (status & ~intr) | (asks ? intr : 0);
    set_intx(asks);
}

// ---- samples ----------------------------------------------------------------------------------

audio::Format Es1370::format(unsigned n) const {
    const u32 f = state_.sctl >> bits[n].format;
    return {.frequency = n == 0 ? dac1_rates[state_.ctl >> 12 & 3]
                                : programmable_clock / ((state_.ctl >> 16 & 0x1fff) + 2),
            .channels = f & 1 ? 2u : 1u,
            .sample = f & 2 ? qapi::AudioFormat::s16 : qapi::AudioFormat::u8};
}

void Es1370::update_voices() {
    for (unsigned n = 0; n < channels; n++) {
        const bool on =
            state_.ctl & bits[n].enable && !(state_.sctl & bits[n].pause) && !stopped_[n];
        voices_[n]->set_frequency(format(n).frequency);
        voices_[n]->set_active(on);
    }
}

/// Round the buffer, with an interrupt whenever the count has run out.
void Es1370::exchange(unsigned n, std::span<audio::Frame> frames) {
    C& c = state_.chan[n];
    const audio::Format f = format(n);
    const u32 frame = f.bytes_per_frame();
    while (!frames.empty() && voices_[n]->active()) {
        const u32 size = ((c.frame_cnt & 0xffff) + 1) * 4;
        u32 at = (c.frame_cnt >> 16) * 4 + c.leftover;
        if (at + frame > size) at = 0;
        const u32 until_irq = (c.scount >> 16) + 1, until_end = (size - at) / frame;
        const u32 count = std::min({u32(frames.size()), until_irq, until_end});
        bytes_.assign(count * frame, 0);
        const auto from = c.frame_addr + at;
        if (n == adc) {
            audio::encode(f, std::vector<audio::Frame>(count), bytes_);
            dma_write(from, bytes_);
        } else {
            dma_read(from, bytes_);
            audio::decode(f, bytes_, frames);
        }
        frames = frames.subspan(count);
        at = at + count * frame;
        if (at + frame > size) at = 0;
        c.leftover = at & 3;
        c.frame_cnt = (c.frame_cnt & 0xffff) | at / 4 << 16;
        if (count < until_irq) {
            c.scount -= count << 16;
            continue;
        }
        c.scount = (c.scount & 0xffff) | c.scount << 16;
        if (state_.sctl & bits[n].interrupt_enable) state_.status |= bits[n].interrupt;
        update_irq();
        if (state_.sctl & bits[n].stop_mode) {
            stopped_[n] = true;
            voices_[n]->set_active(false);
        }
    }
}

}  // namespace hw
