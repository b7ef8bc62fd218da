// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/sb16.h"

#include <algorithm>

#include "audio/audiodevs.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

using C = Sb16Config;
using S = Sb16State;
using vmstate::buffer;
using vmstate::field;

constexpr auto properties = qom::properties(
    qom::property<&C::audiodev>("audiodev", "ID of an audiodev to use as a backend"),
    qom::property<&C::version>("version"), qom::property<&C::iobase>("iobase"),
    qom::property<&C::irq>("irq"), qom::property<&C::dma>("dma"),
    qom::property<&C::dma16>("dma16"));

constexpr auto fields = vmstate::fields(
    field<&S::irq>("irq"), field<&S::dma>("dma"), field<&S::hdma>("hdma"), field<&S::port>("port"),
    field<&S::ver>("ver"), field<&S::in_index>("in_index").within(0, 9),
    field<&S::out_data_len>("out_data_len").within(0, 50), field<&S::fmt_stereo>("fmt_stereo"),
    field<&S::fmt_signed>("fmt_signed"), field<&S::fmt_bits>("fmt_bits"),
    field<&S::fmt>("fmt").within(0, 3), field<&S::dma_auto>("dma_auto"),
    field<&S::block_size>("block_size"), field<&S::fifo>("fifo"), field<&S::freq>("freq"),
    field<&S::time_const>("time_const"), field<&S::speaker>("speaker"),
    field<&S::needed_bytes>("needed_bytes").within(0, 10), field<&S::cmd>("cmd").within(-1, 255),
    field<&S::use_hdma>("use_hdma").within(0, 1), field<&S::highspeed>("highspeed"),
    field<&S::can_write>("can_write"), field<&S::v2x6>("v2x6"), field<&S::csp_param>("csp_param"),
    field<&S::csp_value>("csp_value"), field<&S::csp_mode>("csp_mode"),
    field<&S::csp_param>("csp_param"), buffer<&S::csp_regs>("csp_regs"),
    field<&S::csp_index>("csp_index"), buffer<&S::csp_reg83>("csp_reg83"),
    field<&S::csp_reg83r>("csp_reg83r"), field<&S::csp_reg83w>("csp_reg83w"),
    buffer<&S::in2_data>("in2_data"), buffer<&S::out_data>("out_data"),
    field<&S::test_reg>("test_reg"), field<&S::last_read_byte>("last_read_byte"),
    field<&S::nzero>("nzero"), field<&S::left_till_irq>("left_till_irq"),
    field<&S::dma_running>("dma_running"), field<&S::bytes_per_second>("bytes_per_second"),
    field<&S::align>("align"), field<&S::mixer_nreg>("mixer_nreg").within(0, 255),
    buffer<&S::mixer_regs>("mixer_regs"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "sb16", .fields = fields};

/// The ports that answer, from the card's first one.
struct Ports {
    u32 at, count;
    exec::MemoryOps ops;
};
template <u64 First>
constexpr Ports ports_from(u32 count) {
    return {First, count,
            exec::memory_ops<&Sb16::read_from<First>, &Sb16::write_from<First>>({.impl = {1, 1}})};
}
constexpr std::array ports{ports_from<0x4>(3), ports_from<0xa>(1), ports_from<0xc>(4)};
enum : u64 {
    mixer_address = 0x4,
    mixer_data = 0x5,
    dsp_reset = 0x6,
    dsp_read_data = 0xa,
    dsp_write = 0xc,
    dsp_read_status = 0xe,
    dsp_acknowledge_16 = 0xf,
};

enum : u8 { mixer_reset = 0x00, interrupt_setup = 0x80, dma_setup = 0x81, interrupt_status = 0x82 };

/// The lines that a bit of the interrupt setup register chooses.
constexpr std::array<u8, 4> irq_of_bit{2, 5, 7, 10};

u8 irq_bit(u32 irq) {
    const auto at = std::ranges::find(irq_of_bit, irq == 9 ? 2 : irq);
    return at == irq_of_bit.end() ? 0 : u8(1 << (at - irq_of_bit.begin()));
}

/// What the registers hold when the mixer was reset; those that are not named, 0xff.
struct Initial {
    u8 first, last, value;
};
constexpr Initial initial[] = {
    {0x02, 0x02, 0x04}, {0x04, 0x04, 0x88}, {0x06, 0x06, 0x04}, {0x08, 0x08, 0x00},
    {0x0a, 0x0a, 0x00}, {0x0c, 0x0c, 0x00}, {0x0e, 0x0e, 0x00}, {0x22, 0x22, 0x88},
    {0x26, 0x26, 0x88}, {0x30, 0x47, 0x20}, {0x7f, 0x7f, 0x00},
};

}  // namespace

const DeviceType Sb16::device_type_ =
    isa_type<Sb16>("sb16", properties, Category::Sound, true, "Creative Sound Blaster 16");

const vmstate::Table& Sb16::vmstate() const {
    return table;
}

Result<void> Sb16::realize(Platform& p) {
    if (!irq_bit(config_.irq))
        return fail("sb16: irq={} is not one of 2, 5, 7, 9 and 10", config_.irq);
    if (config_.dma > 3 || config_.dma == 2)
        return fail("sb16: dma={} is not one of 0, 1 and 3", config_.dma);
    if (config_.dma16 < 5 || config_.dma16 > 7)
        return fail("sb16: dma16={} is not one of 5, 6 and 7", config_.dma16);
    auto* mixer = TRY(audio::find_mixer(p.services, type_name(), config_.audiodev));
    using Direction = audio::Voice::Direction;
    voice_.emplace(mixer, Direction::Play, [this](std::span<audio::Frame> f) { exchange(f); });
    direct_.emplace(mixer, Direction::Play, [this](std::span<audio::Frame> f) { hold_level(f); });
    silence_.emplace(p.clocks.virt, [this] { silence_over(); });
    for (std::size_t i = 0; i < ports.size(); i++)
        regions_[i] = isa_bus(*this).add_io(config_.iobase + ports[i].at, "sb16", ports[i].count,
                                            ports[i].ops, this);
    hold_reset();
    connect_dma();
    return {};
}

void Sb16::hold_reset() {
    state_ = {};
    state_.irq = config_.irq;
    state_.dma = config_.dma;
    state_.hdma = config_.dma16;
    state_.port = config_.iobase;
    state_.ver = config_.version;
    reset_mixer();
    state_.mixer_regs[interrupt_setup] = irq_bit(config_.irq);
    state_.mixer_regs[dma_setup] = u8(1 << config_.dma | 1 << config_.dma16);
    state_.mixer_regs[interrupt_status] = 2 << 5;  // the card's version, until the DSP was reset
    if (silence_) silence_->cancel();
}

void Sb16::leave_reset() {
    post_load(1);
}

Result<void> Sb16::check_state(const S& s, int) const {
    if (!irq_bit(s.irq)) return fail("sb16: interrupt line {}", s.irq);
    if (s.dma > 3 || s.hdma < 5 || s.hdma > 7)
        return fail("sb16: DMA channels {} and {}", s.dma, s.hdma);
    if (s.left_till_irq < 0) return fail("sb16: {} bytes until an interrupt", s.left_till_irq);
    if (s.dma_running && s.block_size <= 0)
        return fail("sb16: a transfer in blocks of {} bytes", s.block_size);
    if (s.in_index + s.needed_bytes > i32(s.in2_data.size()))
        return fail("sb16: {} parameters, and {} to come", s.in_index, s.needed_bytes);
    return {};
}

void Sb16::post_load(int) {
    voice_->silence();
    direct_->silence();
    connect_dma();
    run_dma(state_.dma_running);
}

void Sb16::connect_dma() {
    dma_[0].connect(isa_bus(*this), state_.dma);
    dma_[1].connect(isa_bus(*this), state_.hdma);
}

// ---- ports ------------------------------------------------------------------------------------

u64 Sb16::io_read(u64 offset, unsigned) {
    auto& s = state_;
    switch (offset) {
        case mixer_data: return s.mixer_regs[size_t(s.mixer_nreg)];
        case dsp_read_data: return read_data();
        case dsp_write: return s.can_write ? 0x00 : 0x80;
        case dsp_read_status: {
            const u8 ready = s.out_data_len ? 0x80 : 0x00;
            acknowledge(0);
            return ready;
        }
        case dsp_acknowledge_16: acknowledge(1); return 0xff;
        default: return 0xff;
    }
}

void Sb16::io_write(u64 offset, u64 wide, unsigned) {
    const u8 value = u8(wide);
    switch (offset) {
        case mixer_address: state_.mixer_nreg = value; break;
        case mixer_data: write_mixer(value); break;
        case dsp_reset: write_reset(value); break;
        case dsp_write: write_command(value); break;
        default: break;
    }
}

u8 Sb16::read_data() {
    if (state_.out_data_len > 0)
        state_.last_read_byte = state_.out_data[size_t(--state_.out_data_len)];
    return state_.last_read_byte;
}

// ---- interrupts and the mixer -----------------------------------------------------------------

/// Bits of the interrupt status: a transfer of 8 bits, of 16.
void Sb16::set_irq(unsigned which, bool up) {
    u8& status = state_.mixer_regs[interrupt_status];
    status = up ? status | u8(1 << which) : status & u8(~(1 << which));
    isa_bus(*this).irq(state_.irq).set(status & 3 ? 1 : 0);
}

void Sb16::acknowledge(unsigned which) {
    if (state_.mixer_regs[interrupt_status] >> which & 1) set_irq(which, false);
}

void Sb16::reset_mixer() {
    auto& regs = state_.mixer_regs;
    const std::array<u8, 3> setup{regs[0x80], regs[0x81], regs[0x82]};
    regs.fill(0xff);
    for (const Initial& i : initial)
        std::fill(&regs[i.first], &regs[i.last] + 1, i.value);
    std::ranges::copy(setup, &regs[interrupt_setup]);
}

void Sb16::write_mixer(u8 value) {
    auto& s = state_;
    switch (s.mixer_nreg) {
        case mixer_reset: reset_mixer(); break;
        case interrupt_setup:
            for (unsigned i = 0; i < irq_of_bit.size(); i++)
                if (value >> i & 1) {
                    isa_bus(*this).irq(s.irq).set(0);
                    s.irq = irq_of_bit[i] == 2 ? 9 : irq_of_bit[i];
                    set_irq(0, s.mixer_regs[interrupt_status] & 1);
                    break;
                }
            break;
        case dma_setup:
            voice_->catch_up();
            for (u32 n : {0u, 1u, 3u})
                if (value >> n & 1) s.dma = n;
            for (u32 n : {5u, 6u, 7u})
                if (value >> n & 1) s.hdma = n;
            connect_dma();
            break;
        case interrupt_status: return;
        default: break;
    }
    s.mixer_regs[size_t(s.mixer_nreg)] = value;
}

// ---- samples ----------------------------------------------------------------------------------

audio::Format Sb16::format() const {
    constexpr qapi::AudioFormat formats[] = {qapi::AudioFormat::u8, qapi::AudioFormat::s8,
                                             qapi::AudioFormat::u16, qapi::AudioFormat::s16};
    return {.frequency = frequency(),
            .channels = state_.fmt_stereo ? 2u : 1u,
            .sample = formats[state_.fmt]};
}

void Sb16::run_dma(bool on) {
    if (on) voice_->set_frequency(frequency());
    voice_->set_active(on);
}

/// Takes samples until the next interrupt is due, and so on. What does not come is silent.
void Sb16::exchange(std::span<audio::Frame> frames) {
    auto& s = state_;
    SoundDma& dma = dma_[size_t(s.use_hdma)];
    while (!frames.empty() && s.dma_running) {
        const audio::Format f = format();
        const unsigned frame = f.bytes_per_frame();
        // A block that ends within a frame ends with it.
        const std::size_t until_irq = std::max<std::size_t>(1, size_t(s.left_till_irq) / frame);
        bytes_.assign(std::min(frames.size(), until_irq) * frame, 0);
        if (dma.records())
            audio::encode(f, std::vector<audio::Frame>(bytes_.size() / frame), bytes_);
        const std::size_t moved = dma.transfer(bytes_) / frame;
        if (moved == 0) return;
        if (!dma.records()) audio::decode(f, std::span(bytes_).first(moved * frame), frames);
        frames = frames.subspan(moved);
        s.left_till_irq -= i32(moved * frame);
        if (s.left_till_irq >= i32(frame)) continue;
        set_irq(unsigned(s.use_hdma), true);
        s.left_till_irq = s.block_size;
        if (!s.dma_auto) {
            s.dma_running = 0;
            run_dma(false);
        }
    }
}

/// A level that nobody changed for a tenth of a second is no sound.
void Sb16::hold_level(std::span<audio::Frame> frames) {
    for (audio::Frame& f : frames)
        f.left = f.right = level_;
    level_age_ += u32(frames.size());
    if (level_age_ > direct_->frequency() / 10) direct_->set_active(false);
}

}  // namespace hw
