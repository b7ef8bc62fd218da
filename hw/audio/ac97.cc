// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/ac97.h"

#include <algorithm>
#include <cmath>

#include "audio/audiodevs.h"
#include "migration/vmstate/fields.h"
#include "qom/property.h"

namespace hw {
namespace {

using M = Ac97BusMaster;
constexpr auto master_fields = vmstate::fields(
    vmstate::field<&M::bdbar>("bdbar"), vmstate::field<&M::civ>("civ").within(0, 31),
    vmstate::field<&M::lvi>("lvi").within(0, 31), vmstate::field<&M::sr>("sr"),
    vmstate::field<&M::picb>("picb"), vmstate::field<&M::piv>("piv").within(0, 31),
    vmstate::field<&M::cr>("cr"), vmstate::field<&M::bd_valid>("bd_valid"),
    vmstate::field<&M::bd_addr>("bd.addr"), vmstate::field<&M::bd_ctl_len>("bd.ctl_len"));
static_assert(vmstate::covers<M>(master_fields));
constexpr vmstate::Table master_table{.name = "ac97_bm_regs", .fields = master_fields};

using S = Ac97State;
constexpr auto fields = vmstate::fields(
    vmstate::structs<&S::dev>("dev", pci_device_table), vmstate::field<&S::glob_cnt>("glob_cnt"),
    vmstate::field<&S::glob_sta>("glob_sta"), vmstate::field<&S::cas>("cas"),
    vmstate::structs<&S::bm_regs>("bm_regs", master_table),
    vmstate::buffer<&S::mixer_data>("mixer_data"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "ac97", .version = 3, .minimum_version = 2, .fields = fields};

constexpr auto properties = qom::properties(
    qom::property<&Ac97Config::audiodev>("audiodev", "ID of an audiodev to use as a backend"));

constexpr auto mixer_ops =
    exec::memory_ops<&Ac97::mixer_read, &Ac97::mixer_write>({.impl = {1, 2}});
constexpr auto master_ops =
    exec::memory_ops<&Ac97::master_read, &Ac97::master_write>({.impl = {1, 4}});

// Native audio mixer: the codec's registers.
enum : unsigned {
    codec_reset = 0x00,
    master_volume = 0x02,
    pcm_out_volume = 0x18,
    record_select = 0x1a,
    record_gain = 0x1c,
    powerdown = 0x26,
    extended_id = 0x28,
    extended_control = 0x2a,
    front_rate = 0x2c,
    surround_rate = 0x2e,
    lfe_rate = 0x30,
    record_rate = 0x32,
    microphone_rate = 0x34,
    vendor_id_1 = 0x7c,
    vendor_id_2 = 0x7e,
    codec_bytes = 0x80,
};
constexpr u16 variable_rate = 0x0001, variable_microphone_rate = 0x0008;
constexpr u16 fixed_rate = 48000, slowest = 8000;
constexpr u16 mute = 0x8000;
constexpr u16 powered_up = 0x000f;

/// Registers that are not plain: what a reset leaves in them, and what can be written.
struct CodecRegister {
    u8 at;
    u16 initial, writable;
};
constexpr CodecRegister codec_registers[] = {
    {master_volume, 0x8000, 0xbf3f},
    {pcm_out_volume, 0x8808, 0x9f1f},
    {record_select, 0x0000, 0x0707},
    {record_gain, 0x8808, 0x8f0f},
    {powerdown, 0x000f, 0x7ff0},
    {extended_id, 0x0809, 0},
    {extended_control, 0x0009, 0xffff},
    {front_rate, fixed_rate, 0xffff},
    {surround_rate, fixed_rate, 0xffff},
    {lfe_rate, fixed_rate, 0xffff},
    {record_rate, fixed_rate, 0xffff},
    {microphone_rate, fixed_rate, 0xffff},
    {vendor_id_1, 0x8384, 0},
    {vendor_id_2, 0x7600, 0},
};
/// Inputs and outputs that this codec lacks.
bool absent(unsigned reg) {
    return (reg > master_volume && reg < pcm_out_volume) || (reg > record_gain && reg < 0x24) ||
           (reg >= 0x6c && reg < 0x70);
}

// Native audio bus master: 16 bytes for each, then the whole controller's.
enum : unsigned {
    bdbar = 0x0,
    civ = 0x4,
    lvi = 0x5,
    sr = 0x6,
    picb = 0x8,
    piv = 0xa,
    cr = 0xb,
    glob_cnt = 0x2c,
    glob_sta = 0x30,
    cas = 0x34,
};
enum : u16 {
    sr_halted = 0x01,
    sr_at_last = 0x02,
    sr_last_irq = 0x04,
    sr_buffer_irq = 0x08,
    sr_fifo = 0x10
};
constexpr u16 sr_write_one_clears = sr_last_irq | sr_buffer_irq | sr_fifo;
enum : u8 { cr_run = 0x01, cr_reset = 0x02, cr_last_enable = 0x04, cr_buffer_enable = 0x10 };
constexpr u8 cr_kept = 0x1d;
constexpr u32 cold_reset_off = 0x02, warm_reset = 0x04;
constexpr u32 primary_ready = 0x100;
constexpr std::array<u32, 3> interrupt_of{0x20, 0x40, 0x80};
constexpr u32 descriptor_interrupts = 1u << 31;
constexpr unsigned descriptors = 32;

constexpr std::array<u8, 3> rate_of{record_rate, front_rate, microphone_rate};

}  // namespace

constinit const PciDeviceType ac97_type{
    {{.name = "AC97",
      .parent = "pci-device",
      .properties = properties,
      .description = "Intel 82801AA AC97 Audio"},
     "PCI",
     Category::Sound,
     true,
     true,
     []() -> std::unique_ptr<Device> { return std::make_unique<Ac97>(); }},
    0x8086,
    0x2415,
    0x01,
    0x0401};

Ac97::Ac97() : PciDeviceOf(ac97_type) {}

const vmstate::Table& Ac97::vmstate() const {
    return table;
}

Result<void> Ac97::realize_chip(Platform& p) {
    auto* mixer = TRY(audio::find_mixer(p.services, type_name(), config_.audiodev));
    state_.dev.config[pci::interrupt_pin] = 1;
    set_config16(pci::status, 0x0280);  // fast back-to-back, medium DEVSEL
    for (unsigned n = 0; n < masters; n++)
        voices_[n].emplace(
            mixer, n == pcm_out ? audio::Voice::Direction::Play : audio::Voice::Direction::Record,
            [this, n](std::span<audio::Frame> f) { exchange(n, f); });
    mixer_ = exec::MemoryRegion::io(p.memory, "ac97-nam", 0x400, mixer_ops, this);
    bus_masters_ = exec::MemoryRegion::io(p.memory, "ac97-nabm", 0x100, master_ops, this);
    add_bar(0, pci::bar_io, *mixer_);
    add_bar(1, pci::bar_io, *bus_masters_);
    return {};
}

void Ac97::chip_reset() {
    for (auto& v : voices_)
        v->silence();
    state_.glob_cnt = state_.glob_sta = state_.cas = 0;
    state_.bm_regs = {};
    reset_codec();
}

Result<void> Ac97::check_chip(const S& s, int) const {
    for (const M& m : s.bm_regs)
        if (m.bd_valid > 1) return fail("ac97: a descriptor that is {} valid", m.bd_valid);
    return {};
}

void Ac97::chip_loaded(int) {
    for (auto& v : voices_)
        v->silence();
    for (unsigned n = 0; n < masters; n++)
        update_voice(n);
    apply_codec();
}

// ---- the codec --------------------------------------------------------------------------------

void Ac97::set_codec(unsigned reg, u16 value) {
    state_.mixer_data[reg] = u8(value);
    state_.mixer_data[reg + 1] = u8(value >> 8);
}

void Ac97::reset_codec() {
    state_.mixer_data.fill(0);
    for (const CodecRegister& r : codec_registers)
        set_codec(r.at, r.initial);
    apply_codec();
}

/// Steps of 1.5 dB down, from 0 dB or from +12 dB.
void Ac97::apply_codec() {
    const u16 master = codec(master_volume), pcm = codec(pcm_out_volume);
    const auto factor = [&](unsigned shift) {
        if ((master | pcm) & mute) return 0.0f;
        const int steps = int(master >> shift & 0x3f) + int(pcm >> shift & 0x1f) - 8;
        return std::pow(10.0f, -1.5f / 20 * float(steps));
    };
    if (!voices_[pcm_out]) return;
    voices_[pcm_out]->set_volume(factor(8), factor(0));
    for (unsigned n = 0; n < masters; n++)
        voices_[n]->set_frequency(codec(rate_of[n]));
}

u64 Ac97::mixer_read(u64 offset, unsigned size) {
    state_.cas = 0;
    if (size != 2 || offset >= codec_bytes) return ~u64{0};
    return codec(unsigned(offset) & ~1u);
}

void Ac97::mixer_write(u64 offset, u64 wide, unsigned size) {
    state_.cas = 0;
    if (size != 2 || offset >= codec_bytes) return;
    const unsigned reg = unsigned(offset) & ~1u;
    u16 value = u16(wide);
    if (reg == codec_reset) return reset_codec();
    if (absent(reg)) return;
    const auto* r = std::ranges::find(codec_registers, reg, &CodecRegister::at);
    if (r != std::end(codec_registers)) {
        if (!r->writable) return;
        value &= r->writable;
    }
    if (reg == powerdown) value |= powered_up;
    const u16 variable = codec(extended_control);
    if (reg >= front_rate && reg <= record_rate && !(variable & variable_rate)) return;
    if (reg == microphone_rate && !(variable & variable_microphone_rate)) return;
    if (reg >= front_rate && reg <= microphone_rate) value = std::clamp(value, slowest, fixed_rate);
    set_codec(reg, value);
    if (reg == extended_control) {
        if (!(value & variable_rate))
            for (unsigned at = front_rate; at <= record_rate; at += 2)
                set_codec(at, fixed_rate);
        if (!(value & variable_microphone_rate)) set_codec(microphone_rate, fixed_rate);
    }
    apply_codec();
}

// ---- registers of the bus masters -------------------------------------------------------------

u8 Ac97::master_byte(unsigned offset) const {
    const auto part = [&](u32 value, unsigned at) { return u8(value >> 8 * (offset - at)); };
    if (offset < 0x10 * masters && offset % 0x10 < 0xc) {
        const M& m = state_.bm_regs[offset / 0x10];
        offset %= 0x10;
        switch (offset) {
            case civ: return m.civ;
            case lvi: return m.lvi;
            case sr:
            case sr + 1: return part(m.sr, sr);
            case picb:
            case picb + 1: return part(m.picb, picb);
            case piv: return m.piv;
            case cr: return m.cr;
            default: return part(m.bdbar, bdbar);
        }
    }
    if (offset >= glob_cnt && offset < glob_cnt + 4) return part(state_.glob_cnt, glob_cnt);
    if (offset >= glob_sta && offset < glob_sta + 4)
        return part(state_.glob_sta | primary_ready, glob_sta);
    return 0xff;
}

u64 Ac97::master_read(u64 offset, unsigned size) {
    voices_[pcm_out]->catch_up();
    if (offset == cas) {  // taking the semaphore
        const u32 taken = state_.cas;
        state_.cas = 1;
        return taken;
    }
    u64 value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= u64{master_byte(unsigned(offset) + i)} << 8 * i;
    return value;
}

void Ac97::master_write(u64 offset, u64 value, unsigned size) {
    voices_[pcm_out]->catch_up();
    if (offset == glob_cnt) return write_global_control(u32(value));
    if (offset >= 0x10 * masters) return;
    for (unsigned i = 0; i < size; i++) {
        const unsigned at = unsigned(offset) + i;
        if (at < 0x10 * masters) write_master_byte(at / 0x10, at % 0x10, u8(value >> 8 * i));
    }
}

void Ac97::write_master_byte(unsigned n, unsigned reg, u8 value) {
    M& m = state_.bm_regs[n];
    switch (reg) {
        case bdbar: value &= 0xf8; [[fallthrough]];
        case bdbar + 1:
        case bdbar + 2:
        case bdbar + 3: m.bdbar = (m.bdbar & ~(0xffu << 8 * reg)) | u32{value} << 8 * reg; break;
        case lvi:
            m.lvi = value % descriptors;
            // More was put behind the last one: it goes on.
            if (m.cr & cr_run && m.sr & sr_halted && m.sr & sr_at_last) {
                m.sr &= u16(~(sr_halted | sr_at_last));
                m.civ = m.piv;
                m.piv = (m.piv + 1) % descriptors;
                fetch(n);
            }
            break;
        case sr:
            m.sr &= u16(~(value & sr_write_one_clears));
            update_irq();
            break;
        case cr: write_control(n, value); break;
        default: break;
    }
    update_voice(n);
}

void Ac97::write_control(unsigned n, u8 value) {
    M& m = state_.bm_regs[n];
    if (value & cr_reset) {
        if (value & cr_run)
            return platform().log.guest_error("ac97: reset of a running bus master");
        const u8 enables = m.cr & (cr_kept & ~cr_run);
        m = {};
        m.cr = enables;
        update_irq();
        return;
    }
    const bool ran = m.cr & cr_run;
    m.cr = value & cr_kept;
    if (!(value & cr_run)) {
        m.sr |= sr_halted;
    } else if (!ran) {
        m.sr &= u16(~sr_halted);
        if (!m.bd_valid || m.picb == 0) {
            m.civ = m.piv;
            m.piv = (m.piv + 1) % descriptors;
            fetch(n);
        }
    }
    update_irq();
}

void Ac97::write_global_control(u32 value) {
    auto& s = state_;
    const bool was_off = s.glob_cnt & cold_reset_off;
    s.glob_cnt = value & 0x3f & ~warm_reset;
    if (!was_off || value & cold_reset_off) return;
    s.bm_regs = {};
    reset_codec();
    update_irq();
    for (unsigned n = 0; n < masters; n++)
        update_voice(n);
}

void Ac97::update_irq() {
    auto& s = state_;
    u32 asking = 0;
    for (unsigned n = 0; n < masters; n++) {
        const M& m = s.bm_regs[n];
        if ((m.sr & sr_last_irq && m.cr & cr_last_enable) ||
            (m.sr & sr_buffer_irq && m.cr & cr_buffer_enable))
            asking |= interrupt_of[n];
    }
    s.glob_sta = (s.glob_sta & ~(interrupt_of[0] | interrupt_of[1] | interrupt_of[2])) | asking;
    set_intx(asking != 0);
}

// ---- buffers ----------------------------------------------------------------------------------

void Ac97::update_voice(unsigned n) {
    const M& m = state_.bm_regs[n];
    voices_[n]->set_frequency(codec(rate_of[n]));
    voices_[n]->set_active(m.cr & cr_run && !(m.sr & sr_halted));
}

/// Descriptor CIV: an address, a length in samples and flags. (13.2.1.)
void Ac97::fetch(unsigned n) {
    M& m = state_.bm_regs[n];
    std::array<u8, 8> d{};
    dma_read(m.bdbar + 8u * m.civ, d);
    const auto word = [&](unsigned at) {
        return u32{d[at]} | u32{d[at + 1]} << 8 | u32{d[at + 2]} << 16 | u32{d[at + 3]} << 24;
    };
    m.bd_addr = word(0) & ~3u;
    m.bd_ctl_len = word(4);
    m.bd_valid = 1;
    m.picb = u16(m.bd_ctl_len);
}

void Ac97::buffer_done(unsigned n) {
    M& m = state_.bm_regs[n];
    m.bd_valid = 0;
    if (m.bd_ctl_len & descriptor_interrupts) m.sr |= sr_buffer_irq;
    if (m.civ == m.lvi) {
        m.sr |= sr_last_irq | sr_at_last | sr_halted;
    } else {
        m.civ = m.piv;
        m.piv = (m.piv + 1) % descriptors;
        fetch(n);
    }
    update_irq();
}

/// The microphone has one channel of 16 bits, the others two.
void Ac97::exchange(unsigned n, std::span<audio::Frame> frames) {
    M& m = state_.bm_regs[n];
    const unsigned channels = n == microphone ? 1 : 2;
    const audio::Format format{.channels = channels};
    unsigned empty = 0;
    while (!frames.empty() && !(m.sr & sr_halted)) {
        if (m.picb == 0 || !m.bd_valid) {
            if (++empty > descriptors) break;
            buffer_done(n);
            continue;
        }
        empty = 0;
        const unsigned samples = unsigned(std::min<std::size_t>(frames.size() * channels, m.picb));
        bytes_.assign(samples * 2, 0);
        if (n == pcm_out) {
            dma_read(m.bd_addr, bytes_);
            audio::decode(format, bytes_, frames);
        } else {
            dma_write(m.bd_addr, bytes_);
        }
        m.bd_addr += samples * 2;
        m.picb -= u16(samples);
        frames = frames.subspan((samples + channels - 1) / channels);
        if (m.picb == 0) buffer_done(n);
    }
    if (m.sr & sr_halted) voices_[n]->set_active(false);
}

}  // namespace hw
