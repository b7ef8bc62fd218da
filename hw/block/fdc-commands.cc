// SPDX-License-Identifier: GPL-2.0-or-later
//
// The 82077AA's command set and its data transfers (data sheet order number 290166, section 5).
#include <algorithm>
#include <compare>

#include "hw/block/fdc-bits.h"
#include "hw/block/fdc.h"

namespace hw {

using namespace fdc;

struct IsaFdc::Command {
    std::uint8_t value, mask;
    std::uint8_t parameters;
    void (IsaFdc::*run)();
};

std::span<const IsaFdc::Command> IsaFdc::commands() {
    using C = IsaFdc;
    static constexpr Command table[] = {
        {0x06, 0x1f, 8, &C::read_data},                   // READ DATA
        {0x05, 0x3f, 8, &C::write_data},                  // WRITE DATA
        {0x09, 0x3f, 8, &C::deleted_data},                // WRITE DELETED DATA
        {0x0c, 0x1f, 8, &C::deleted_data},                // READ DELETED DATA
        {0x11, 0x1f, 8, &C::scan<direction_scan_equal>},  // SCAN EQUAL
        {0x19, 0x1f, 8, &C::scan<direction_scan_low>},    // SCAN LOW OR EQUAL
        {0x1d, 0x1f, 8, &C::scan<direction_scan_high>},   // SCAN HIGH OR EQUAL
        {0x16, 0x1f, 8, &C::verify},                      // VERIFY
        {0x02, 0x9f, 8, &C::read_data},                   // READ TRACK
        {0x0a, 0xbf, 1, &C::read_id},                     // READ ID
        {0x0d, 0xbf, 5, &C::format},                      // FORMAT TRACK
        {0x0f, 0xff, 2, &C::seek_command},                // SEEK
        {0x8f, 0xff, 2, &C::relative_seek<-1>},           // RELATIVE SEEK, outwards
        {0xcf, 0xff, 2, &C::relative_seek<1>},            // and inwards
        {0x2e, 0xff, 0, &C::save},                        // SAVE
        {0x4e, 0xff, 17, &C::restore},                    // RESTORE
        {0x8e, 0xff, 5, &C::drive_specification},         // DRIVE SPECIFICATION
        {0x08, 0xff, 0, &C::sense_interrupt},             // SENSE INTERRUPT STATUS
        {0x07, 0xff, 1, &C::recalibrate},                 // RECALIBRATE
        {0x03, 0xff, 2, &C::specify},                     // SPECIFY
        {0x04, 0xff, 1, &C::sense_drive},                 // SENSE DRIVE STATUS
        {0x12, 0xff, 1, &C::perpendicular},               // PERPENDICULAR MODE
        {0x13, 0xff, 3, &C::configure},                   // CONFIGURE
        {0x17, 0xff, 2, &C::power_down},                  // POWERDOWN MODE
        {0x33, 0xff, 1, &C::accept},                      // OPTION
        {0x14, 0x7f, 0, &C::lock},                        // LOCK
        {0x0e, 0xff, 0, &C::dump_registers},              // DUMPREG
        {0x10, 0xff, 0, &C::version},                     // VERSION
        {0x18, 0xff, 0, &C::part_id},                     // PART ID
        {0x00, 0x00, 0, &C::invalid},                     // anything else
    };
    return table;
}

// ---- FIFO -------------------------------------------------------------------------------------

std::uint8_t IsaFdc::read_fifo() {
    state_.dsr &= static_cast<std::uint8_t>(~DSR_PWRDOWN);
    if (!(state_.msr & MSR_RQM) || !(state_.msr & MSR_DIO)) return 0;
    const unsigned at = state_.data_pos % sector_size;
    if (state_.phase == FdcPhase::Execution && at == 0) {
        if (state_.data_pos != 0 && !next_sector()) return 0;
        if (!disk() || disk()->read_now(position(), state_.fifo) != 0) state_.fifo.fill(0);
    }
    const std::uint8_t v = state_.fifo[at];
    if (++state_.data_pos == state_.data_len) {
        state_.msr &= static_cast<std::uint8_t>(~MSR_RQM);
        if (state_.phase == FdcPhase::Execution) {
            stop_transfer(0, 0, 0);
        } else {
            to_command_phase();
            lower_irq();
        }
    }
    return v;
}

void IsaFdc::write_fifo(std::uint8_t v) {
    if (!(state_.dor & DOR_nRESET)) return;
    if (!(state_.msr & MSR_RQM) || state_.msr & MSR_DIO) return;
    state_.dsr &= static_cast<std::uint8_t>(~DSR_PWRDOWN);
    const unsigned at = state_.data_pos++ % sector_size;
    state_.fifo[at] = v;
    if (state_.phase == FdcPhase::Execution) {
        const bool over = state_.data_pos == state_.data_len;
        if (at == sector_size - 1 || over) {
            if (!disk() || disk()->write_now(position(), state_.fifo) != 0) {
                stop_transfer(ST0_abnormal | ST0_seek_end, 0, 0);
                return;
            }
            if (over)
                stop_transfer(0, 0, 0);
            else
                next_sector();
        }
        return;
    }
    if (state_.data_pos == 1) {
        const auto table = commands();
        const auto row = std::find_if(table.begin(), table.end(),
                                      [&](const Command& c) { return (v & c.mask) == c.value; });
        state_.data_len = row->parameters + 1u;
        state_.msr |= MSR_CMDBUSY;
    }
    if (state_.data_pos == state_.data_len) execute();
}

void IsaFdc::execute() {
    if (state_.data_state & state_format) {
        format_sector();
        return;
    }
    const auto table = commands();
    const auto row = std::find_if(table.begin(), table.end(), [&](const Command& c) {
        return (state_.fifo[0] & c.mask) == c.value;
    });
    (this->*row->run)();
}

// ---- positions --------------------------------------------------------------------------------

IsaFdc::Seek IsaFdc::seek(FloppyDriveState& d, const Geometry& g, unsigned head, unsigned track,
                          unsigned sect, bool implied, bool inserted) {
    if (track > g.max_track || (head && !g.double_sided)) return Seek::NoTrack;
    if (sect > g.last_sect) return Seek::NoSector;
    Seek result = Seek::Same;
    if (d.head != head || d.track != track || d.sect != sect) {
        if (!implied && d.track != track) return Seek::NotImplied;
        d.head = static_cast<std::uint8_t>(head);
        // The change line is reset by a step pulse with a disk in the drive.
        if (d.track != track) {
            if (inserted) d.media_changed = 0;
            result = Seek::Moved;
        }
        d.track = static_cast<std::uint8_t>(track);
        d.sect = static_cast<std::uint8_t>(sect);
    }
    return result;
}

std::uint64_t IsaFdc::position() const {
    const FloppyDriveState& d = state_.drives[selected()];
    const Geometry& g = geometry_[selected()];
    const unsigned sides = g.double_sided ? 2 : 1;
    return ((std::uint64_t{d.track} * sides + d.head) * g.last_sect + d.sect - 1) * sector_size;
}

/// False: the command's last sector was done.
bool IsaFdc::next_sector() {
    FloppyDriveState& d = drive();
    const Geometry& g = geometry_[selected()];
    unsigned head = d.head, track = d.track, sect = d.sect + 1u;
    bool more = true;
    if (d.sect >= g.last_sect || d.sect == state_.eot) {
        sect = 1;
        if (state_.data_state & state_multi && d.head == 0 && g.double_sided) {
            head = 1;
        } else {
            head = state_.data_state & state_multi ? 0 : d.head;
            track++;
            state_.status0 |= ST0_seek_end;
            more = state_.data_state & state_multi && g.double_sided;
        }
    }
    seek(d, g, head, track, sect, true, true);
    return more;
}

// ---- transfers --------------------------------------------------------------------------------

void IsaFdc::stop_transfer(std::uint8_t status0, std::uint8_t status1, std::uint8_t status2) {
    const FloppyDriveState& d = drive();
    state_.status0 &= static_cast<std::uint8_t>(~(ST0_head | 3));
    state_.status0 |= static_cast<std::uint8_t>(status0 | selected() | (d.head ? ST0_head : 0));
    const std::uint8_t result[] = {state_.status0, status1, status2, d.track, d.head, d.sect, 2};
    std::copy(std::begin(result), std::end(result), state_.fifo.begin());
    if (dma_ && !(state_.msr & MSR_NONDMA)) dma_->set_request(config_.dma & 3, false);
    state_.msr &= static_cast<std::uint8_t>(~MSR_NONDMA);
    to_result_phase(7);
    raise_irq();
}

void IsaFdc::start_transfer(std::uint8_t direction) {
    select(state_.fifo[1] & 1);
    FloppyDriveState& d = drive();
    const std::uint8_t track = state_.fifo[2], head = state_.fifo[3], sect = state_.fifo[4];
    const bool inserted = disk() && disk()->inserted();
    auto refuse = [&](std::uint8_t status1) {
        stop_transfer(ST0_abnormal, status1, 0);
        state_.fifo[3] = track;
        state_.fifo[4] = head;
        state_.fifo[5] = sect;
    };
    switch (
        seek(d, geometry_[selected()], head, track, sect, state_.config & config_eis, inserted)) {
        case Seek::NoTrack:
        case Seek::NotImplied: return refuse(0);
        case Seek::NoSector: return refuse(ST1_end_of_cylinder);
        case Seek::Moved: state_.status0 |= ST0_seek_end; break;
        case Seek::Same: break;
    }
    if (inserted && (state_.dsr & DSR_DRATE) != d.media_rate)
        return refuse(ST1_missing_address_mark);
    state_.phase = FdcPhase::Execution;
    state_.data_dir = direction;
    state_.data_pos = 0;
    state_.data_state = state_.fifo[0] & 0x80 ? state_multi : 0;
    state_.eot = state_.fifo[6];
    if (state_.fifo[5] == 0) {
        state_.data_len = state_.fifo[8];
    } else {
        int sectors = state_.fifo[6] - sect + 1;
        if (state_.fifo[0] & 0x80) sectors += state_.fifo[6];
        state_.data_len = (128u << std::min<unsigned>(state_.fifo[5], 7)) *
                          static_cast<unsigned>(std::max(sectors, 1));
    }
    state_.msr |= MSR_CMDBUSY;
    if (direction == direction_verify) {
        // It reads all the same, for nobody.
        dma(0, state_.data_len);
    } else if (state_.dor & DOR_DMAEN && dma_) {
        state_.msr &= static_cast<std::uint8_t>(~MSR_RQM);
        dma_->set_request(config_.dma & 3, true);
        dma_->schedule();
    } else {
        state_.msr |= MSR_NONDMA | MSR_RQM;
        if (direction == direction_read) state_.msr |= MSR_DIO;
        raise_irq();
    }
}

unsigned IsaFdc::dma(unsigned position_in_channel, unsigned size) {
    if (!(state_.msr & MSR_CMDBUSY) || state_.phase != FdcPhase::Execution) return 0;
    if (!disk() || !disk()->inserted()) {
        stop_transfer(ST0_abnormal, 0, 0);
        return 0;
    }
    const unsigned channel = config_.dma & 3;
    const unsigned start = state_.data_pos;
    const bool writing = state_.data_dir == direction_write;
    bool found = false;
    size = std::min(size, state_.data_len);
    for (unsigned within = start % sector_size; state_.data_pos < size && !found;) {
        const unsigned n = std::min(size - state_.data_pos, sector_size - within);
        if (!writing || n < sector_size)
            if (disk()->read_now(position(), state_.fifo) != 0) state_.fifo.fill(0);
        const std::span<std::uint8_t> part{state_.fifo.data() + within, n};
        switch (state_.data_dir) {
            case direction_write:
                if (disk()->read_only()) {
                    stop_transfer(ST0_abnormal | ST0_seek_end, ST1_not_writable, 0);
                    return state_.data_pos;
                }
                dma_->read_memory(channel, part, state_.data_pos);
                if (disk()->write_now(position(), state_.fifo) != 0) {
                    stop_transfer(ST0_abnormal | ST0_seek_end, 0, 0);
                    return state_.data_pos;
                }
                break;
            case direction_read: dma_->write_memory(channel, part, state_.data_pos); break;
            case direction_verify: break;
            default: found = scan_hits(part); break;
        }
        if (found) break;
        state_.data_pos += n;
        within = state_.data_pos % sector_size;
        if (within == 0 && !next_sector()) break;
    }
    const unsigned moved = state_.data_pos;
    const bool scanning =
        state_.data_dir >= direction_scan_equal && state_.data_dir <= direction_scan_high;
    state_.data_len -= std::min(state_.data_len, moved - start);
    stop_transfer(0, 0, scanning ? ST2_scan_hit : 0);
    return position_in_channel + moved;
}

/// What memory has beside what the disk has (section 5.1.9).
bool IsaFdc::scan_hits(std::span<const std::uint8_t> disk_has) {
    std::array<std::uint8_t, sector_size> memory_has;
    const std::span<std::uint8_t> part{memory_has.data(), disk_has.size()};
    dma_->read_memory(config_.dma & 3, part, state_.data_pos);
    const auto order = std::lexicographical_compare_three_way(part.begin(), part.end(),
                                                              disk_has.begin(), disk_has.end());
    if (order == 0) return true;
    if (order < 0) return state_.data_dir == direction_scan_low;
    return state_.data_dir == direction_scan_high;
}

void IsaFdc::read_data() {
    start_transfer(direction_read);
}
void IsaFdc::write_data() {
    start_transfer(direction_write);
}
/// Sectors marked deleted are not told apart here: no image has any.
void IsaFdc::deleted_data() {
    stop_transfer(ST0_abnormal | ST0_seek_end, 0, 0);
}
void IsaFdc::verify() {
    start_transfer(direction_verify);
}

void IsaFdc::read_id() {
    select(state_.fifo[1] & 1);
    FloppyDriveState& d = drive();
    const Geometry& g = geometry_[selected()];
    d.head = state_.fifo[1] >> 2 & 1;
    const bool readable =
        disk() && disk()->inserted() && (state_.dsr & DSR_DRATE) == d.media_rate && g.last_sect;
    if (!readable) {
        stop_transfer(ST0_abnormal, ST1_missing_address_mark, 0);
        return;
    }
    // The next sector to come under the head.
    d.sect = static_cast<std::uint8_t>(d.sect % g.last_sect + 1);
    stop_transfer(0, 0, 0);
}

void IsaFdc::format() {
    select(state_.fifo[1] & 1);
    state_.data_state = state_format | (state_.fifo[0] & 0x80 ? state_multi : 0);
    state_.eot = state_.fifo[3];
    format_sector();
}

/// Formats without the sector IDs the host would send: the track is filled with zeros.
void IsaFdc::format_sector() {
    state_.data_state &= static_cast<std::uint8_t>(~state_format);
    FloppyDriveState& d = drive();
    const Geometry& g = geometry_[selected()];
    if (!disk() || !disk()->inserted() || disk()->read_only() || !g.last_sect) {
        stop_transfer(ST0_abnormal | ST0_seek_end, ST1_not_writable, 0);
        return;
    }
    d.head = state_.fifo[1] >> 2 & 1;
    state_.fifo.fill(0);
    for (unsigned s = 1; s <= std::min(g.last_sect, state_.eot); s++) {
        d.sect = static_cast<std::uint8_t>(s);
        if (disk()->write_now(position(), state_.fifo) != 0) {
            stop_transfer(ST0_abnormal | ST0_seek_end, 0, 0);
            return;
        }
    }
    stop_transfer(0, 0, 0);
}

// ---- control commands -------------------------------------------------------------------------

void IsaFdc::sense_interrupt() {
    if (state_.reset_sensei > 0) {
        state_.fifo[0] =
            static_cast<std::uint8_t>(ST0_ready_changed + sense_count - state_.reset_sensei);
        const int left = state_.reset_sensei - 1;
        state_.fifo[1] = drive().track;
        to_result_phase(2);
        lower_irq();
        state_.reset_sensei = left;
        return;
    }
    if (!(state_.sra & SRA_INTPEND)) {
        state_.fifo[0] = ST0_invalid;
        to_result_phase(1);
        return;
    }
    state_.fifo[0] = static_cast<std::uint8_t>((state_.status0 & ~(ST0_head | 3)) | selected());
    state_.fifo[1] = drive().track;
    to_result_phase(2);
    lower_irq();
    state_.status0 = ST0_ready_changed;
}

void IsaFdc::recalibrate() {
    select(state_.fifo[1] & 1);
    seek(drive(), geometry_[selected()], 0, 0, 1, true, disk() && disk()->inserted());
    to_command_phase();
    state_.status0 |= ST0_seek_end;
    raise_irq();
}

void IsaFdc::seek_command() {
    select(state_.fifo[1] & 1);
    const unsigned head = state_.fifo[1] >> 2 & 1, track = state_.fifo[2];
    to_command_phase();
    seek(drive(), geometry_[selected()], head, track, drive().sect, true,
         disk() && disk()->inserted());
    state_.status0 |= ST0_seek_end;
    raise_irq();
}

/// To the ends of the drive's travel and no further; the head stays.
void IsaFdc::seek_by(int cylinders) {
    select(state_.fifo[1] & 1);
    const Geometry& g = geometry_[selected()];
    const int last = std::max(g.max_track - 1, 0);
    const int track = std::clamp(drive().track + cylinders, 0, last);
    to_command_phase();
    seek(drive(), g, drive().head, static_cast<unsigned>(track), drive().sect, true,
         disk() && disk()->inserted());
    state_.status0 |= ST0_seek_end;
    raise_irq();
}

void IsaFdc::specify() {
    state_.timer0 = state_.fifo[1] >> 4;
    state_.timer1 = state_.fifo[2] >> 1;
    state_.dor = static_cast<std::uint8_t>(state_.fifo[2] & 1 ? state_.dor & ~DOR_DMAEN
                                                              : state_.dor | DOR_DMAEN);
    to_command_phase();
}

void IsaFdc::sense_drive() {
    select(state_.fifo[1] & 1);
    FloppyDriveState& d = drive();
    d.head = state_.fifo[1] >> 2 & 1;
    // WP is the same switch as "no disk".
    const bool protect = !disk() || !disk()->inserted() || disk()->read_only();
    state_.fifo[0] = static_cast<std::uint8_t>((protect ? 0x40 : 0) | (d.track == 0 ? 0x10 : 0) |
                                               d.head << 2 | selected() | 0x28);
    to_result_phase(1);
}

void IsaFdc::perpendicular() {
    if (state_.fifo[1] & 0x80) drive().perpendicular = state_.fifo[1] & 7;
    to_command_phase();
}

void IsaFdc::configure() {
    state_.config = state_.fifo[2];
    state_.precomp_trk = state_.fifo[3];
    to_command_phase();
}

void IsaFdc::lock() {
    state_.lock = state_.fifo[0] & 0x80 ? 1 : 0;
    state_.fifo[0] = static_cast<std::uint8_t>(state_.lock << 4);
    to_result_phase(1);
}

void IsaFdc::dump_registers() {
    const std::uint8_t registers[] = {
        state_.drives[0].track,
        state_.drives[1].track,
        0,
        0,
        state_.timer0,
        static_cast<std::uint8_t>(state_.timer1 << 1 | (state_.dor & DOR_DMAEN ? 1 : 0)),
        geometry_[selected()].last_sect,
        static_cast<std::uint8_t>(state_.lock << 7 | drive().perpendicular << 2),
        state_.config,
        state_.precomp_trk};
    std::copy(std::begin(registers), std::end(registers), state_.fifo.begin());
    to_result_phase(10);
}

void IsaFdc::save() {
    const std::uint8_t registers[] = {
        0,
        0,
        state_.drives[0].track,
        state_.drives[1].track,
        0,
        0,
        state_.timer0,
        state_.timer1,
        geometry_[selected()].last_sect,
        static_cast<std::uint8_t>(state_.lock << 7 | drive().perpendicular << 2),
        state_.config,
        state_.precomp_trk,
        state_.pwrd,
        0,
        0};
    std::copy(std::begin(registers), std::end(registers), state_.fifo.begin());
    to_result_phase(15);
}

void IsaFdc::restore() {
    // As SAVE gave them, after the opcode.
    const std::uint8_t* saved = &state_.fifo[1];
    select(saved[0] & 1);
    state_.drives[0].track = saved[2];
    state_.drives[1].track = saved[3];
    state_.timer0 = saved[6];
    state_.timer1 = saved[7];
    geometry_[selected()].last_sect = saved[8];
    state_.lock = saved[9] >> 7;
    drive().perpendicular = saved[9] >> 2 & 0xf;
    state_.config = saved[10];
    state_.precomp_trk = saved[11];
    state_.pwrd = saved[12];
    to_command_phase();
}

/// The parameters go on until one has its highest bit set (82078 data sheet, section 6.1.16).
void IsaFdc::drive_specification() {
    constexpr std::uint8_t done = 0x80, no_result_phase = 0x40;
    const std::uint8_t last = state_.fifo[state_.data_pos - 1];
    if (!(last & done)) {
        state_.msr &= static_cast<std::uint8_t>(~MSR_RQM);
    } else if (last & no_result_phase) {
        state_.fifo[0] = state_.fifo[1];
        state_.fifo[2] = state_.fifo[3] = 0;
        to_result_phase(4);
    } else {
        to_command_phase();
    }
}

void IsaFdc::version() {
    state_.fifo[0] = 0x90;  // an enhanced controller
    to_result_phase(1);
}
void IsaFdc::part_id() {
    state_.fifo[0] = 0x41;  // stepping 1
    to_result_phase(1);
}
void IsaFdc::power_down() {
    state_.pwrd = state_.fifo[1];
    state_.fifo[0] = state_.fifo[1];
    to_result_phase(1);
}
void IsaFdc::accept() {
    to_command_phase();
}
void IsaFdc::invalid() {
    state_.fifo[0] = ST0_invalid;
    to_result_phase(1);
}

}  // namespace hw
