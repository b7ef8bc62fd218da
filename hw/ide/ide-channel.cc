// SPDX-License-Identifier: GPL-2.0-or-later
//
// Registers, data port and resets of an ATA channel (ATA/ATAPI-6, chapters 7 and 9).
#include "hw/ide/ide-channel.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace hw {

using namespace ata;

namespace {

// Command block registers.
enum Register : unsigned {
    DataPort,
    Features,
    SectorCount,
    LbaLow,
    LbaMid,
    LbaHigh,
    DeviceHead,
    CommandCode,
};
constexpr unsigned error_register = Features, status_register = CommandCode;
constexpr std::uint8_t device_obsolete_bits = 0xa0;
constexpr std::uint8_t device_dev = 0x10, device_head = 0x0f;

}  // namespace

void IdeChannel::connect_drive(unsigned unit, const IdeDriveConfig& config) {
    Back& b = backs_[unit];
    b.config = config;
    if (b.config.model.empty())
        b.config.model = config.kind == IdeKind::Cdrom ? "QEMU DVD-ROM" : "QEMU HARDDISK";
    measure(b);
    reset_drive(b);
}

void IdeChannel::disconnect_drive(unsigned unit) {
    backs_[unit] = {.unit = unit, .generation = backs_[unit].generation + 1};
    reset_drive(backs_[unit]);
}

/// Cylinders, heads and sectors for those who still think in them: 16 heads of 63 sectors, as
/// BIOSes translate best.
void IdeChannel::measure(Back& b) {
    b.nb_sectors = b.config.disk->sectors();
    b.heads = b.config.heads ? b.config.heads : 16;
    b.sectors = b.config.sectors ? b.config.sectors : 63;
    const std::uint64_t cylinders = b.nb_sectors / (std::uint64_t{b.heads} * b.sectors);
    b.cylinders = b.config.cylinders
                      ? b.config.cylinders
                      : static_cast<std::uint32_t>(std::clamp<std::uint64_t>(cylinders, 2, 16383));
}

std::uint8_t* IdeChannel::buffer(Back& b) {
    auto& bytes = drive(b).io_buffer;
    if (bytes.size() < buffer_size) bytes.resize(buffer_size);
    return bytes.data();
}

void IdeChannel::raise_irq() {
    if (bus_.cmd & control_no_interrupt) return;
    if (dma_) dma_->interrupt();
    irq_.raise();
}

// ---- resets -----------------------------------------------------------------------------------

// What the registers hold after a reset or a diagnostic tells drives apart (section 9.12).
void IdeChannel::set_signature(Back& b) {
    Drive& d = drive(b);
    d.select &= static_cast<std::uint8_t>(~device_head);
    d.nsector = 1;
    d.sector = 1;
    const bool packet = b.config.kind == IdeKind::Cdrom && b.config.disk;
    d.lcyl = packet ? 0x14 : b.config.disk ? 0 : 0xff;
    d.hcyl = packet ? 0xeb : b.config.disk ? 0 : 0xff;
}

void IdeChannel::reset_drive(Back& b) {
    Drive& d = drive(b);
    b.generation++;
    b.lba = -1;
    b.cd_sector_size = b.buffer_index = 0;
    b.atapi_dma = false;
    Drive fresh;
    fresh.identify_set = d.identify_set;
    fresh.identify_data = d.identify_data;
    fresh.io_buffer.swap(d.io_buffer);
    d = std::move(fresh);
    set_signature(b);
}

void IdeChannel::reset() {
    drain();
    bus_ = {};
    dma_waiting_ = false;
    for (Back& b : backs_) {
        reset_drive(b);
        drive(b).identify_set = 0;
        drive(b).io_buffer = {};
    }
    if (dma_) dma_->reset();
    irq_.lower();
}

void IdeChannel::software_reset() {
    drain();
    for (Back& b : backs_) {
        halt_block(b);
        reset_drive(b);
        diagnose(b, 0);
    }
    dma_waiting_ = false;
    if (dma_) dma_->finish(false);
    clear_retry();
    bus_.error_status = 0;
    bus_.cmd &= static_cast<std::uint8_t>(~control_reset);
}

void IdeChannel::drain() {
    for (Back& b : backs_)
        if (b.config.disk) b.config.disk->drain();
}

void IdeChannel::prepare_save() {
    for (Back& b : backs_)
        if (drive(b).status & DRQ || drive(b).retries_pio) buffer(b);
    // A command that waits for its engine is given again where the state goes. A packet's reply may
    // stand in the buffer already; the packet takes its place.
    if (!dma_waiting_) return;
    Back& b = backs_[bus_.retry_unit & 1];
    bus_.error_status = waiting_retry_;
    if (waiting_retry_ != retry_atapi) return;
    std::copy(b.packet.begin(), b.packet.end(), buffer(b));
    atapi_packet_waits(b);
}

void IdeChannel::loaded() {
    dma_waiting_ = false;
    for (Back& b : backs_) {
        Drive& d = drive(b);
        b.generation++;
        b.lba = -1;
        b.atapi_dma = d.feature & 1;
        b.buffer_index = d.cur_io_buffer_offset + d.cur_io_buffer_len;
        // Word 85 says whether the guest had the write cache on.
        if (d.identify_set && b.config.disk && b.config.kind == IdeKind::Disk)
            b.config.disk->set_write_cache(d.identify_data[2 * 85] & 1 << 5);
        d.retries_pio = bus_.error_status & retry_pio && (bus_.retry_unit & 1) == b.unit;
        if (!(d.status & DRQ) && !d.retries_pio) {
            d.cur_io_buffer_offset = d.cur_io_buffer_len = 0;
            d.after_block = AfterBlock::Nothing;
        }
    }
}

// ---- the medium -------------------------------------------------------------------------------

void IdeChannel::medium_changed(unsigned unit, bool medium) {
    Back& b = backs_[unit];
    Drive& d = drive(b);
    measure(b);
    if (b.config.kind != IdeKind::Cdrom) return;
    d.tray_open = !medium;
    d.cdrom_changed = 1;
    d.new_media = true;
    d.eject_request = false;
    raise_irq();
}

void IdeChannel::eject_requested(unsigned unit, bool force) {
    Drive& d = drives_[unit];
    d.eject_request = true;
    if (force) d.tray_locked = false;
}

// ---- registers --------------------------------------------------------------------------------

std::uint64_t IdeChannel::command_read(exec::hwaddr offset, unsigned size) {
    Back& b = active();
    Drive& d = drive(b);
    if (offset == DataPort) {
        if (size == 1) return 0xff;
        std::uint32_t v = data_read16(b);
        if (size == 4) v |= std::uint32_t{data_read16(b)} << 16;
        return v;
    }
    if (size > 1) {
        const std::uint64_t low = command_read(offset, 1);
        return low | (offset < CommandCode ? command_read(offset + 1, 1) << 8 : 0xff00);
    }
    // Nobody drives the bus of an empty cable, and pull-downs read 0. The first drive answers for a
    // second that is not there with a status of 0 (section 9.16.1).
    const bool alone = !b.config.disk && b.unit != 0;
    if (!(has_drive(0) || has_drive(1)) ||
        (alone && (offset == status_register || offset == error_register))) {
        if (offset == status_register) irq_.lower();
        return 0;
    }
    const bool high = bus_.cmd & control_high_order;
    switch (offset) {
        case error_register: return high ? d.hob_feature : d.error;
        case SectorCount: return high ? d.hob_nsector : d.nsector & 0xff;
        case LbaLow: return high ? d.hob_sector : d.sector;
        case LbaMid: return high ? d.hob_lcyl : d.lcyl;
        case LbaHigh: return high ? d.hob_hcyl : d.hcyl;
        case DeviceHead: return d.select;
        default: irq_.lower(); return d.status;
    }
}

void IdeChannel::command_write(exec::hwaddr offset, std::uint64_t value, unsigned size) {
    Back& b = active();
    if (offset == DataPort) {
        if (size == 1) return;
        for (unsigned i = 0; i < size; i += 2, value >>= 16) {
            Drive& d = drive(b);
            const bool out = d.after_block == AfterBlock::WriteSectors ||
                             d.after_block == AfterBlock::AtapiPacket;
            if (!(d.status & DRQ) || !out || d.cur_io_buffer_len < 2) return;
            std::uint8_t* p = buffer(b) + d.cur_io_buffer_offset;
            p[0] = static_cast<std::uint8_t>(value);
            p[1] = static_cast<std::uint8_t>(value >> 8);
            d.cur_io_buffer_offset += 2;
            d.cur_io_buffer_len -= 2;
            if (d.cur_io_buffer_len < 2) {
                d.status &= static_cast<std::uint8_t>(~DRQ);
                block_done(b);
            }
        }
        return;
    }
    for (unsigned i = 0; i < size && offset + i <= CommandCode; i++)
        write_registers(static_cast<unsigned>(offset + i),
                        static_cast<std::uint8_t>(value >> 8 * i));
}

// Both drives take every write to the command block (section 9.1); each keeps the value before, for
// the high order bytes of 48-bit commands.
void IdeChannel::write_registers(unsigned reg, std::uint8_t value) {
    if (reg != CommandCode && drive(active()).status & (BSY | DRQ)) return;
    bus_.cmd &= static_cast<std::uint8_t>(~control_high_order);
    if (reg == CommandCode) {
        execute(value);
        return;
    }
    if (reg == DeviceHead) bus_.unit = value & device_dev ? 1 : 0;
    for (Drive& d : drives_)
        switch (reg) {
            case Features:
                d.hob_feature = d.feature;
                d.feature = value;
                break;
            case SectorCount:
                d.hob_nsector = static_cast<std::uint8_t>(d.nsector);
                d.nsector = value;
                break;
            case LbaLow:
                d.hob_sector = d.sector;
                d.sector = value;
                break;
            case LbaMid:
                d.hob_lcyl = d.lcyl;
                d.lcyl = value;
                break;
            case LbaHigh:
                d.hob_hcyl = d.hcyl;
                d.hcyl = value;
                break;
            default: d.select = value | device_obsolete_bits; break;
        }
}

/// The alternate status register does not acknowledge the interrupt.
std::uint64_t IdeChannel::control_read(exec::hwaddr, unsigned) {
    const Back& b = active();
    if (!b.config.disk && (b.unit != 0 || !(has_drive(0) || has_drive(1)))) return 0;
    return drive(b).status;
}

void IdeChannel::control_write(exec::hwaddr, std::uint64_t value, unsigned) {
    const auto v = static_cast<std::uint8_t>(value);
    const bool reset = v & control_reset && !(bus_.cmd & control_reset);
    bus_.cmd = v;
    if (reset) software_reset();
}

// ---- data blocks by PIO -----------------------------------------------------------------------

std::uint16_t IdeChannel::data_read16(Back& b) {
    Drive& d = drive(b);
    const bool in = d.after_block == AfterBlock::ReadSectors || d.after_block == AfterBlock::Stop ||
                    d.after_block == AfterBlock::AtapiReply;
    if (!(d.status & DRQ) || !in || d.cur_io_buffer_len < 2) return 0;
    const std::uint8_t* p = buffer(b) + d.cur_io_buffer_offset;
    const auto v = static_cast<std::uint16_t>(p[0] | p[1] << 8);
    d.cur_io_buffer_offset += 2;
    d.cur_io_buffer_len -= 2;
    if (d.cur_io_buffer_len < 2) {
        d.status &= static_cast<std::uint8_t>(~DRQ);
        block_done(b);
    }
    return v;
}

void IdeChannel::start_block(Back& b, std::int32_t offset, std::int32_t length, AfterBlock then) {
    Drive& d = drive(b);
    assert(offset >= 0 && length >= 0 && offset + length <= std::int32_t{buffer_size});
    buffer(b);
    d.cur_io_buffer_offset = offset;
    d.cur_io_buffer_len = length;
    d.after_block = then;
    set_retry(b);
    if (!(d.status & ERR)) d.status |= DRQ;
}

void IdeChannel::halt_block(Back& b) {
    Drive& d = drive(b);
    d.after_block = AfterBlock::Stop;
    d.cur_io_buffer_offset = d.cur_io_buffer_len = 0;
    d.status &= static_cast<std::uint8_t>(~DRQ);
}

void IdeChannel::stop_block(Back& b) {
    halt_block(b);
}

void IdeChannel::block_done(Back& b) {
    switch (drive(b).after_block) {
        case AfterBlock::ReadSectors: read_sectors(b); break;
        case AfterBlock::WriteSectors: write_sectors(b); break;
        case AfterBlock::Stop: stop_block(b); break;
        case AfterBlock::AtapiReply: atapi_next_block(b); break;
        case AfterBlock::AtapiPacket: atapi_command(b); break;
        case AfterBlock::Nothing: break;
    }
}

void IdeChannel::abort_command(Back& b) {
    halt_block(b);
    drive(b).status = DRDY | ERR;
    drive(b).error = error_abort;
}

}  // namespace hw
