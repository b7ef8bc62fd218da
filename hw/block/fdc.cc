// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 82077AA: registers, phases and state. The commands are in fdc-commands.cc. Data sheet:
// order number 290166, sections 2.1 (registers) and 5 (command set).
#include "hw/block/fdc.h"

#include <algorithm>

#include "hw/block/fdc-bits.h"
#include "migration/vmstate/fields.h"

namespace hw {

using namespace fdc;

namespace {

using D = FloppyDriveState;
using S = FdcState;
using vmstate::field;

constexpr auto rate_fields = vmstate::fields(field<&D::media_rate>("media_rate"));
constexpr vmstate::Table rate_table{
    .name = "fdrive/media_rate", .fields = rate_fields, .needed = [](const void*) { return true; }};
constexpr auto changed_fields = vmstate::fields(field<&D::media_changed>("media_changed"));
constexpr vmstate::Table changed_table{
    .name = "fdrive/media_changed",
    .fields = changed_fields,
    .needed = vmstate::needed<D, [](const D& d) { return d.media_changed != 1; }>};
constexpr auto perpendicular_fields = vmstate::fields(field<&D::perpendicular>("perpendicular"));
constexpr vmstate::Table perpendicular_table{
    .name = "fdrive/perpendicular",
    .fields = perpendicular_fields,
    .needed = vmstate::needed<D, [](const D& d) { return d.perpendicular != 0; }>};
constexpr auto drive_fields =
    vmstate::fields(field<&D::head>("head"), field<&D::track>("track"), field<&D::sect>("sect"));
static_assert(vmstate::covers<D>(drive_fields, rate_fields, changed_fields, perpendicular_fields));
constexpr auto drive_subsections =
    vmstate::subsections(changed_table, rate_table, perpendicular_table);
constexpr vmstate::Table drive_table{
    .name = "fdrive", .fields = drive_fields, .subsections = drive_subsections};

/// The phase that older streams leave to be guessed from the main status register.
constexpr FdcPhase guessed_phase(const S& s) {
    if (s.msr & MSR_NONDMA) return FdcPhase::Execution;
    if (!(s.msr & MSR_RQM)) return FdcPhase::Execution;
    if (s.msr & MSR_DIO) return FdcPhase::Result;
    return FdcPhase::Command;
}

constexpr auto sensei_fields = vmstate::fields(field<&S::reset_sensei>("reset_sensei"));
constexpr vmstate::Table sensei_table{
    .name = "fdc/reset_sensei",
    .fields = sensei_fields,
    .needed = vmstate::needed<S, [](const S& s) { return s.reset_sensei != 0; }>};
constexpr auto timer_fields = vmstate::fields(vmstate::timer<&S::result_timer>("result_timer"));
constexpr vmstate::Table timer_table{
    .name = "fdc/result_timer",
    .fields = timer_fields,
    .needed = vmstate::needed<S, [](const S& s) { return s.result_timer != -1; }>};
constexpr auto phase_fields = vmstate::fields(field<&S::phase>("phase").within(0, 3));
constexpr vmstate::Table phase_table{
    .name = "fdc/phase",
    .fields = phase_fields,
    .needed = vmstate::needed<S, [](const S& s) { return s.phase != guessed_phase(s); }>};
constexpr auto chip_subsections = vmstate::subsections(sensei_table, timer_table, phase_table);
constexpr auto chip_fields = vmstate::fields(
    field<&S::sra>("sra"), field<&S::srb>("srb"), field<&S::dor>("dor_vmstate"),
    field<&S::tdr>("tdr"), field<&S::dsr>("dsr"), field<&S::msr>("msr"),
    field<&S::status0>("status0"), field<&S::status1>("status1"), field<&S::status2>("status2"),
    field<&S::fifo>("fifo"), field<&S::data_pos>("data_pos"), field<&S::data_len>("data_len"),
    field<&S::data_state>("data_state"), field<&S::data_dir>("data_dir"), field<&S::eot>("eot"),
    field<&S::timer0>("timer0"), field<&S::timer1>("timer1"), field<&S::precomp_trk>("precomp_trk"),
    field<&S::config>("config"), field<&S::lock>("lock"), field<&S::pwrd>("pwrd"),
    vmstate::field_equal<std::uint8_t, &S::num_floppies>("num_floppies"),
    vmstate::structs<&S::drives>("drives", drive_table));
static_assert(vmstate::covers<S>(chip_fields, sensei_fields, timer_fields, phase_fields));
constexpr vmstate::Table chip_table{.name = "fdc",
                                    .version = 2,
                                    .minimum_version = 2,
                                    .fields = chip_fields,
                                    .subsections = chip_subsections};
/// On the ISA bus the chip is a part of its card.
constexpr auto isa_fields = vmstate::fields(vmstate::self<S>("state", chip_table));
constexpr vmstate::Table isa_table{
    .name = "fdc", .version = 2, .minimum_version = 2, .fields = isa_fields};

constexpr auto register_ops = exec::memory_ops<&IsaFdc::read, &IsaFdc::write>({.impl = {1, 1}});
constexpr auto dir_ops = exec::memory_ops<&IsaFdc::read_dir, &IsaFdc::write_ccr>({.impl = {1, 1}});

}  // namespace

IsaFdc::IsaFdc() : DeviceOf(isa_fdc_type) {}

const vmstate::Table& IsaFdc::vmstate() const {
    return isa_table;
}

Result<void> IsaFdc::realize(Platform& p) {
    IsaBus& bus = isa_bus(*this);
    irq_.connect(bus.irq(config_.irq));
    if ((dma_ = bus.dma(config_.dma)))
        dma_->register_channel(
            config_.dma & 3,
            [](void* self, unsigned, unsigned position, unsigned size) {
                return static_cast<IsaFdc*>(self)->dma(position, size);
            },
            this);
    // Port 0 of the eight (SRA) belongs to nobody on a PC/AT, and 6 is the IDE channel's.
    registers_ = exec::MemoryRegion::io(p.memory, "fdc", 5, register_ops, this);
    dir_ = exec::MemoryRegion::io(p.memory, "fdc", 1, dir_ops, this);
    bus.io().add_subregion(config_.iobase + 1, *registers_);
    bus.io().add_subregion(config_.iobase + 7, *dir_);
    buses_.push_back(std::make_unique<FloppyBus>(*this));
    return {};
}

FloppyType IsaFdc::drive_type(unsigned unit) const {
    const FloppyDrive* d = static_cast<FloppyBus&>(*buses_[0]).drive(unit);
    return d ? d->drive_type() : FloppyType::None;
}

block::BlockBackend* IsaFdc::disk() const {
    const FloppyDrive* d = static_cast<FloppyBus&>(*buses_[0]).drive(selected());
    return d ? d->disk() : nullptr;
}

/// Formats by size (KiB); an empty drive counts as having its type's usual medium.
void IsaFdc::measure(unsigned unit) {
    struct Format {
        std::uint32_t kib;
        std::uint8_t sectors, tracks, sides, rate;
        FloppyType type;
    };
    constexpr Format formats[] = {
        {1440, 18, 80, 2, 0, FloppyType::F144}, {720, 9, 80, 2, 2, FloppyType::F144},
        {1600, 20, 80, 2, 0, FloppyType::F144}, {1680, 21, 80, 2, 0, FloppyType::F144},
        {2880, 36, 80, 2, 3, FloppyType::F288}, {1200, 15, 80, 2, 0, FloppyType::F120},
        {360, 9, 40, 2, 1, FloppyType::F120},   {320, 8, 40, 2, 1, FloppyType::F120},
        {180, 9, 40, 1, 1, FloppyType::F120},   {160, 8, 40, 1, 1, FloppyType::F120},
    };
    geometry_[unit] = {};
    const FloppyDrive* d = floppy_bus().drive(unit);
    if (!d || !d->disk()) return;
    const bool inserted = d->disk()->inserted();
    const Format* best = nullptr;
    for (const Format& f : formats) {
        const bool fits =
            inserted ? d->disk()->size() == std::uint64_t{f.kib} * 1024 : f.type == d->drive_type();
        if (fits && !best) best = &f;
    }
    for (const Format& f : formats)
        if (!best && f.type == d->drive_type()) best = &f;
    if (!best) return;
    geometry_[unit] = {best->sectors, best->tracks, best->sides == 2};
    // Without a disk nothing says where a track ends or the last one is.
    if (!inserted) geometry_[unit].last_sect = geometry_[unit].max_track = 0xff;
    state_.drives[unit].media_rate = inserted ? best->rate : 0;
}

void IsaFdc::drive_changed(unsigned unit) {
    state_.drives[unit].media_changed = 1;
    measure(unit);
}

// ---- state ------------------------------------------------------------------------------------

void IsaFdc::hold_reset() {
    state_ = {};
    for (unsigned n = 0; n < 2; n++)
        measure(n);
    reset(false);
    irq_.lower();
}

void IsaFdc::pre_save(FdcState&) {}

void IsaFdc::post_load(int) {
    for (unsigned n = 0; n < 2; n++) {
        const std::uint8_t rate = state_.drives[n].media_rate;
        measure(n);
        state_.drives[n].media_rate = rate;
    }
    // A stream without the phase's subsection means the obvious one.
    if (state_.phase == FdcPhase::Reconstruct) state_.phase = guessed_phase(state_);
}

void IsaFdc::raise_irq() {
    if (!(state_.sra & SRA_INTPEND)) {
        irq_.raise();
        state_.sra |= SRA_INTPEND;
    }
    state_.reset_sensei = 0;
}

void IsaFdc::lower_irq() {
    state_.status0 = 0;
    if (!(state_.sra & SRA_INTPEND)) return;
    irq_.lower();
    state_.sra &= static_cast<std::uint8_t>(~SRA_INTPEND);
}

void IsaFdc::reset(bool interrupt) {
    lower_irq();
    state_.sra = floppy_bus().drive(1) ? 0 : SRA_nDRV2;
    state_.srb = SRB_RESET;
    state_.dor = DOR_nRESET | (dma_ ? DOR_DMAEN : 0);
    state_.msr = MSR_RQM;
    state_.reset_sensei = 0;
    state_.data_state = 0;
    for (unsigned n = 0; n < 2; n++)
        seek(state_.drives[n], geometry_[n], 0, 0, 1, true, false);
    to_command_phase();
    if (interrupt) {
        state_.status0 |= ST0_ready_changed;
        raise_irq();
        state_.reset_sensei = sense_count;
    }
}

void IsaFdc::to_command_phase() {
    state_.phase = FdcPhase::Command;
    state_.data_dir = direction_write;
    state_.data_pos = 0;
    state_.data_len = 1;
    state_.msr &= static_cast<std::uint8_t>(~(MSR_CMDBUSY | MSR_DIO));
    state_.msr |= MSR_RQM;
}

void IsaFdc::to_result_phase(unsigned length) {
    state_.phase = FdcPhase::Result;
    state_.data_dir = direction_read;
    state_.data_pos = 0;
    state_.data_len = length;
    state_.msr |= MSR_CMDBUSY | MSR_RQM | MSR_DIO;
}

void IsaFdc::select(unsigned unit) {
    state_.dor = static_cast<std::uint8_t>((state_.dor & ~DOR_SEL) | (unit & DOR_SEL));
}

// ---- registers --------------------------------------------------------------------------------

std::uint64_t IsaFdc::read(exec::hwaddr offset, unsigned) {
    // The region begins at the second port.
    switch (offset == 7 ? 7 : offset + 1) {
        case 1: return state_.srb;
        case 2: return state_.dor;
        case 3: return state_.tdr;
        case 4:
            state_.dsr &= static_cast<std::uint8_t>(~DSR_PWRDOWN);
            state_.dor |= DOR_nRESET;
            return state_.msr;
        case 5: return read_fifo();
        case 7: return drive().media_changed ? DIR_DSKCHG : 0;
        default: return 0xff;
    }
}

void IsaFdc::write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    const auto v = static_cast<std::uint8_t>(value);
    const bool in_reset = !(state_.dor & DOR_nRESET);
    switch (offset == 7 ? 7 : offset + 1) {
        case 2: write_dor(v); break;
        case 3:
            if (!in_reset) state_.tdr = v & 3;
            break;
        case 4:
            if (in_reset) break;
            if (v & (DSR_SWRESET | DSR_PWRDOWN)) reset(true);
            state_.dsr = v;
            break;
        case 5: write_fifo(v); break;
        case 7:
            if (!in_reset) state_.dsr = static_cast<std::uint8_t>((state_.dsr & ~3) | (v & 3));
            break;
        default: break;
    }
}

void IsaFdc::write_dor(std::uint8_t v) {
    auto follow = [&](std::uint8_t dor_bit, std::uint8_t srb_bit) {
        state_.srb =
            static_cast<std::uint8_t>(v & dor_bit ? state_.srb | srb_bit : state_.srb & ~srb_bit);
    };
    follow(DOR_MOTEN0, SRB_MTR0);
    follow(DOR_MOTEN1, SRB_MTR1);
    follow(1, SRB_DR0);
    if (v & DOR_nRESET && !(state_.dor & DOR_nRESET)) {
        reset(true);
        state_.dsr &= static_cast<std::uint8_t>(~DSR_SWRESET);
    }
    state_.dor = v;
}

}  // namespace hw
