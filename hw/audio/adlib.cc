// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/adlib.h"

#include "audio/audiodevs.h"

namespace hw {
namespace {

using C = AdlibConfig;
constexpr auto properties = qom::properties(
    qom::property<&C::audiodev>("audiodev", "ID of an audiodev to use as a backend"),
    qom::property<&C::iobase>("iobase"), qom::property<&C::freq>("freq"));

constexpr auto ops = exec::memory_ops<&Adlib::io_read, &Adlib::io_write>({.impl = {1, 1}});

// Register 04h, and the status.
enum : u8 { irq_reset = 0x80, mask_1 = 0x40, mask_2 = 0x20, start_2 = 0x02, start_1 = 0x01 };
constexpr std::array<u8, 2> mask{mask_1, mask_2}, start{start_1, start_2};
constexpr u8 irq_flag = 0x80;
/// Bits that tell an OPL2 from its successor.
constexpr u8 is_opl2 = 0x06;
constexpr std::array<i64, 2> tick_ns{80'000, 320'000};

}  // namespace

const DeviceType Adlib::device_type_ =
    isa_type<Adlib>("adlib", properties, Category::Sound, true, "Yamaha YM3812 (OPL2)");

Result<void> Adlib::realize(Platform& p) {
    if (config_.freq < 1000 || config_.freq > audio::Voice::fastest)
        return fail("adlib: freq={} is not between 1000 and {}", config_.freq,
                    audio::Voice::fastest);
    auto* mixer = TRY(audio::find_mixer(p.services, type_name(), config_.audiodev));
    voice_.emplace(mixer, audio::Voice::Direction::Play,
                   [this](std::span<audio::Frame> f) { play(f); });
    voice_->set_frequency(config_.freq);
    resampler_.set_rates(Opl2::frequency, config_.freq);
    for (unsigned n = 0; n < 2; n++)
        timers_[n].emplace(p.clocks.virt, [this, n] { timer_passed(n); });
    const IsaBus& bus = isa_bus(*this);
    regions_[0] = bus.add_io(config_.iobase, "adlib", 4, ops, this);
    regions_[1] = bus.add_io(config_.iobase + 8, "adlib", 2, ops, this);
    regions_[2] = bus.add_io(0x388, "adlib", 4, ops, this);
    return {};
}

void Adlib::hold_reset() {
    chip_.reset();
    address_ = status_ = control_ = 0;
    for (auto& t : timers_)
        if (t) t->cancel();
    if (voice_) voice_->silence();
}

u64 Adlib::io_read(u64 offset, unsigned) {
    return offset & 1 ? 0xff : status_ | is_opl2;
}

void Adlib::io_write(u64 offset, u64 wide, unsigned) {
    const u8 value = u8(wide);
    if (!(offset & 1)) {
        address_ = value;
        return;
    }
    if (address_ == 0x04) return write_control(value);
    voice_->catch_up();
    chip_.write(address_, value);
    if (!chip_.silent()) voice_->set_active(true);
}

void Adlib::write_control(u8 value) {
    if (value & irq_reset) {
        status_ = 0;
        return;
    }
    const u8 before = control_;
    control_ = value;
    for (unsigned n = 0; n < 2; n++) {
        if (value & mask[n]) status_ &= u8(~mask[n]);
        if (!(value & start[n]))
            timers_[n]->cancel();
        else if (!(before & start[n]))
            start_timer(n);
    }
    if (!(status_ & (mask_1 | mask_2))) status_ = 0;
}

void Adlib::start_timer(unsigned n) {
    const i64 ticks = 256 - chip_.timer_preset(n);
    timers_[n]->set(timers_[n]->clock().now_ns() + ticks * tick_ns[n]);
}

/// It starts over by itself.
void Adlib::timer_passed(unsigned n) {
    if (!(control_ & mask[n])) status_ |= u8(irq_flag | mask[n]);
    start_timer(n);
}

void Adlib::play(std::span<audio::Frame> frames) {
    frames_.assign(resampler_.needed(frames.size()), {});
    chip_.play(frames_);
    resampler_.add(frames_, frames);
    if (chip_.silent()) voice_->set_active(false);
}

}  // namespace hw
