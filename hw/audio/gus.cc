// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/gus.h"

#include "audio/audiodevs.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

using C = GusConfig;
using S = GusState;
constexpr auto properties = qom::properties(
    qom::property<&C::audiodev>("audiodev", "ID of an audiodev to use as a backend"),
    qom::property<&C::freq>("freq"), qom::property<&C::iobase>("iobase"),
    qom::property<&C::irq>("irq"), qom::property<&C::dma>("dma"));

constexpr auto fields = vmstate::fields(
    vmstate::field<&S::pos>("pos"), vmstate::field<&S::left>("left"),
    vmstate::field<&S::shift>("shift"), vmstate::field<&S::irqs>("irqs"),
    vmstate::field<&S::samples>("samples"), vmstate::field<&S::last_ticks>("last_ticks"),
    vmstate::buffer<&S::himem>("himem"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "gus", .version = 2, .minimum_version = 2, .fields = fields};

/// Ports from the card's first one; the second half is 100h further.
struct Ports {
    u32 at, count;
    exec::MemoryOps ops;
};
template <u64 First>
constexpr Ports ports_from(u32 count) {
    return {First, count,
            exec::memory_ops<&Gus::read_from<First>, &Gus::write_from<First>>({.impl = {1, 2}})};
}
constexpr std::array ports{ports_from<0x000>(1), ports_from<0x006>(10), ports_from<0x102>(6)};
enum : u64 {
    port_mix_control = 0x000,
    port_irq_status = 0x006,
    port_timer_control = 0x008,
    port_timer_data = 0x009,
    port_adlib_latch = 0x00a,
    port_latch = 0x00b,
    port_joystick = 0x00f,
    port_voice = 0x102,
    port_register = 0x103,
    port_data_low = 0x104,
    port_data_high = 0x105,
    port_dram = 0x107,
};

// GF1 registers that are the whole chip's; those below 0Eh are a voice's.
enum : u8 {
    reg_active_voices = 0x0e,
    reg_irq_source = 0x0f,
    reg_dma_control = 0x41,
    reg_dma_start = 0x42,
    reg_dram_low = 0x43,
    reg_dram_high = 0x44,
    reg_timer_control = 0x45,
    reg_timer_1 = 0x46,
    reg_timer_2 = 0x47,
    reg_sampling = 0x49,
    reg_reset = 0x4c,
    read_bit = 0x80,
};

enum : u8 {
    irq_timer_1 = 0x04,
    irq_timer_2 = 0x08,
    irq_wave = 0x20,
    irq_volume = 0x40,
    irq_dma = 0x80
};
enum : u8 { latch_is_irq = 0x40 };
enum : u8 { reset_run = 0x01, reset_irq_enable = 0x04 };
enum : u8 {
    dma_enable = 0x01,
    dma_to_host = 0x02,
    dma_tc_irq = 0x20,
    dma_data_16 = 0x40,  // read: the interrupt is pending
    dma_invert = 0x80,
};

constexpr std::array<i64, 2> tick_ns{80'000, 320'000};
constexpr std::array<u8, 2> timer_irq{irq_timer_1, irq_timer_2}, timer_flag{0x40, 0x20},
    timer_start{0x01, 0x02};

}  // namespace

const DeviceType Gus::device_type_ =
    isa_type<Gus>("gus", properties, Category::Sound, true, "Gravis Ultrasound GF1");

const vmstate::Table& Gus::vmstate() const {
    return table;
}

u16 Gus::word(u32 place) const {
    return u16(state_.himem[place] | state_.himem[place + 1] << 8);
}
void Gus::set_word(u32 place, u16 value) {
    at(place) = u8(value);
    at(place + 1) = u8(value >> 8);
}
void Gus::set_bits(u32 place, u32 value) {
    set_word(place, u16(value));
    set_word(place + 2, u16(value >> 16));
}

Result<void> Gus::realize(Platform& p) {
    if (config_.freq < 1000 || config_.freq > audio::Voice::fastest)
        return fail("gus: freq={} is not between 1000 and {}", config_.freq, audio::Voice::fastest);
    if (config_.irq > 15) return fail("gus: irq={} is no interrupt line", config_.irq);
    if (!dma_.connect(isa_bus(*this), config_.dma))
        return fail("gus: dma={}: the machine has no such channel", config_.dma);
    auto* mixer = TRY(audio::find_mixer(p.services, type_name(), config_.audiodev));
    voice_.emplace(mixer, audio::Voice::Direction::Play,
                   [this](std::span<audio::Frame> f) { play(f); });
    voice_->set_frequency(config_.freq);
    for (unsigned n = 0; n < 2; n++)
        timers_[n].emplace(p.clocks.virt, [this, n] { timer_passed(n); });
    for (std::size_t i = 0; i < ports.size(); i++)
        regions_[i] = isa_bus(*this).add_io(config_.iobase + ports[i].at, "gus", ports[i].count,
                                            ports[i].ops, this);
    return {};
}

void Gus::hold_reset() {
    state_.pos = state_.left = state_.irqs = 0;
    state_.shift = 2;
    state_.samples = 1024;
    state_.last_ticks = 0;
    state_.himem.fill(0);
    clock_ = 0;
}

void Gus::post_load(int) {
    for (unsigned n = 0; n < 2; n++) {
        timers_[n]->cancel();
        if (at(timer_running) & timer_start[n]) start_timer(n);
    }
    voice_->silence();
    look_at_voices();
}

// ---- ports ------------------------------------------------------------------------------------

u64 Gus::io_read(u64 port, unsigned size) {
    if (voice_) voice_->catch_up();
    switch (port) {
        case port_irq_status: return at(irq_status);
        case port_timer_control: return at(timer_status);
        case port_timer_data: return at(adlib_data);
        case port_adlib_latch: return at(adlib_address);
        case port_voice: return at(voice_select);
        case port_register: return at(register_select);
        case port_data_low: return size == 2 ? read_register() : read_register() & 0xff;
        case port_data_high: return read_register() >> 8;
        case port_dram: return at(dram_address());
        default: return 0xff;
    }
}

void Gus::io_write(u64 port, u64 wide, unsigned size) {
    const u8 value = u8(wide);
    voice_->catch_up();
    switch (port) {
        case port_mix_control: at(mix_control) = value; break;
        case port_timer_control: at(adlib_address) = value; break;
        case port_timer_data: write_adlib(value); break;
        case port_latch: write_latch(value); break;
        case port_joystick: at(joystick_2xf) = value; break;
        case port_voice: at(voice_select) = value & 31; break;
        case port_register: at(register_select) = value; break;
        case port_data_low:
            if (size == 2)
                write_register(u16(wide), true, true);
            else
                write_register(value, true, false);
            break;
        case port_data_high: write_register(u16(value << 8), false, true); break;
        case port_dram: at(dram_address()) = value; break;
        default: break;
    }
}

/// Which of its lines the card uses, chosen by software on a real one; here it is as configured.
void Gus::write_latch(u8 value) {
    at(at(mix_control) & latch_is_irq ? irq_latch : dma_latch) = value;
}

// ---- GF1 registers ----------------------------------------------------------------------------

/// A register of 8 bits is the high byte.
void Gus::write_register(u16 value, bool low, bool high) {
    const u8 selected = at(register_select), byte = u8(value >> 8);
    const auto merge = [&](u32 place) {
        if (low) at(place) = u8(value);
        if (high) at(place + 1) = byte;
    };
    if (selected < reg_active_voices) {
        merge(GusState::voice_registers + at(voice_select) * GusState::voice_bytes + 2u * selected);
        return look_at_voices();
    }
    if (selected == reg_dma_start) return merge(dma_start);
    if (selected == reg_dram_low) return merge(dram_low);
    if (!high) return;
    switch (selected) {
        case reg_active_voices:
            at(active_voices) = byte;
            look_at_voices();
            break;
        case reg_dma_control:
            at(dma_control) = u8(byte & ~dma_data_16) | (at(dma_control) & dma_data_16);
            if (byte & dma_enable) run_dma();
            break;
        case reg_dram_high: at(dram_high) = byte & 0x0f; break;
        case reg_timer_control: write_timer_control(byte); break;
        case reg_timer_1: at(timer_count) = byte; break;
        case reg_timer_2: at(timer_2_count) = byte; break;
        case reg_sampling: at(sampling_control) = byte & u8(~1); break;
        case reg_reset:
            at(reset_register) = byte & 7;
            if (!(byte & reset_run)) {
                set_bits(wave_irqs, 0);
                set_bits(volume_irqs, 0);
                at(irq_status) = at(timer_status) = at(timer_running) = 0;
                at(timer_control) = at(dma_control) = at(sampling_control) = 0;
                at(active_voices) = 0xcd;
                for (unsigned v = 0; v < 32; v++) {
                    set_reg(v, 0x0, 0x0100);  // stopped
                    set_reg(v, 0xd, 0x0100);
                }
                for (auto& t : timers_)
                    t->cancel();
            }
            update_irq();
            look_at_voices();
            break;
        default: break;
    }
}

u16 Gus::read_register() {
    const u8 selected = at(register_select);
    const auto high = [](u8 v) { return u16(v << 8 | v); };
    if ((selected & ~read_bit) < reg_active_voices && selected & read_bit)
        return reg(at(voice_select), selected & 0xfu);
    switch (selected) {
        case read_bit | reg_active_voices: return high(at(active_voices));
        case read_bit | reg_irq_source: return high(take_voice_irq());
        case reg_dma_control: {
            const u8 value = u8(at(dma_control) & ~dma_data_16) |
                             (at(irq_status) & irq_dma ? u8(dma_data_16) : u8(0));
            at(irq_status) &= u8(~irq_dma);
            update_irq();
            return high(value);
        }
        case reg_timer_control: return high(at(timer_control));
        case reg_sampling: return high(at(sampling_control));
        case reg_reset: return high(at(reset_register));
        default: return 0xffff;
    }
}

void Gus::update_irq() {
    const bool up = at(irq_status) && at(reset_register) & reset_irq_enable;
    state_.irqs = up;
    isa_bus(*this).irq(config_.irq).set(up);
}

// ---- timers -----------------------------------------------------------------------------------

void Gus::write_timer_control(u8 value) {
    at(timer_control) = value;
    for (unsigned n = 0; n < 2; n++)
        if (!(value & timer_irq[n])) at(irq_status) &= u8(~timer_irq[n]);
    update_irq();
}

/// As on an AdLib card: register 4 starts the timers and clears their flags.
void Gus::write_adlib(u8 value) {
    at(adlib_data) = value;
    if (at(adlib_address) != 4) return;
    if (value & 0x80) {
        at(timer_status) = 0;
        return;
    }
    for (unsigned n = 0; n < 2; n++) {
        const bool was = at(timer_running) & timer_start[n];
        if (!(value & timer_start[n]))
            timers_[n]->cancel();
        else if (!was)
            start_timer(n);
    }
    at(timer_running) = value & 3;
}

void Gus::start_timer(unsigned n) {
    const i64 ticks = 256 - at(n ? timer_2_count : timer_count);
    timers_[n]->set(timers_[n]->clock().now_ns() + ticks * tick_ns[n]);
}

void Gus::timer_passed(unsigned n) {
    if (!(at(adlib_data) & timer_flag[n])) at(timer_status) |= u8(0x80 | timer_flag[n]);
    if (at(timer_control) & timer_irq[n]) {
        at(irq_status) |= timer_irq[n];
        update_irq();
    }
    start_timer(n);
}

// ---- DMA --------------------------------------------------------------------------------------

/// All that the controller has, at once; its end is what the guest waits for.
void Gus::run_dma() {
    const u8 control = at(dma_control);
    u32 address = u32{word(dma_start)} << 4;
    const bool wide = control & dma_data_16;
    std::array<u8, 4096> piece;
    std::size_t moved = piece.size();
    u32 total = 0;
    do {
        if (control & dma_to_host)
            for (u32 i = 0; i < piece.size(); i++)
                piece[i] = at((address + i) & 0xfffff);
        moved = dma_.transfer_once(piece);
        if (!(control & dma_to_host))
            for (u32 i = 0; i < moved; i++) {
                const bool sign = control & dma_invert && (!wide || i & 1);
                at((address + i) & 0xfffff) = sign ? piece[i] ^ 0x80 : piece[i];
            }
        address += u32(moved);
        total += u32(moved);
    } while (moved == piece.size() && !dma_.ended() && total < GusState::memory_bytes);
    if (!dma_.ended()) return;
    at(dma_control) &= u8(~dma_enable);
    if (control & dma_tc_irq) at(irq_status) |= irq_dma;
    update_irq();
}

}  // namespace hw
