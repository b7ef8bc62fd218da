// SPDX-License-Identifier: GPL-2.0-or-later
//
// Packets: how a command's data and its end reach the host (ATA/ATAPI-6, section 9.8), and reading
// sectors. What the commands say is in atapi-commands.cc.
#include "hw/ide/atapi.h"

#include <algorithm>
#include <cstring>

#include "hw/ide/ide-channel.h"

namespace hw {

using namespace ata;
using namespace atapi;

// ---- how a command ends -----------------------------------------------------------------------

void IdeChannel::atapi_ok(Back& b) {
    Drive& d = drive(b);
    d.error = 0;
    d.status = DRDY | DSC;
    d.nsector = (d.nsector & ~reason_mask) | reason_io | reason_cd;
    stop_block(b);
    raise_irq();
}

void IdeChannel::atapi_error(Back& b, std::uint8_t sense_key, std::uint8_t asc) {
    Drive& d = drive(b);
    d.error = static_cast<std::uint8_t>(sense_key << 4);
    d.status = DRDY | ERR;
    d.nsector = (d.nsector & ~reason_mask) | reason_io | reason_cd;
    d.sense_key = sense_key;
    d.asc = asc;
    stop_block(b);
    raise_irq();
}

/// `size` bytes of answer stand in the buffer; the host asked for `limit`.
void IdeChannel::atapi_reply(Back& b, std::int32_t size, std::int32_t limit) {
    Drive& d = drive(b);
    d.packet_transfer_size = std::min(size, limit);
    d.elementary_transfer_size = 0;
    b.lba = -1;
    b.buffer_index = 0;
    if (b.atapi_dma) {
        begin_dma(b, retry_atapi, [this, &b] { atapi_dma_step(b); });
        return;
    }
    d.status = DRDY | DSC;
    atapi_next_block(b);
}

// ---- data phase -------------------------------------------------------------------------------

/// Where a sector's data go: behind sync and header (MMC-3, figure 4) when all of it is wanted.
std::uint8_t* IdeChannel::user_data(Back& b, std::int64_t lba) {
    std::uint8_t* p = buffer(b);
    if (b.cd_sector_size != raw_sector) return p;
    std::fill_n(p + 1, 10, std::uint8_t{0xff});
    put_msf(p + 12, static_cast<std::uint32_t>(lba));
    p[15] = 1;  // mode
    return p + 16;
}

/// By PIO in blocks no larger than the byte count limit that the host put in the cylinder
/// registers.
void IdeChannel::atapi_next_block(Back& b) {
    Drive& d = drive(b);
    if (d.packet_transfer_size <= 0) {
        atapi_ok(b);
        return;
    }
    if (b.lba >= 0 && b.buffer_index >= b.cd_sector_size) {
        d.status |= BSY;
        const std::int64_t lba = b.lba;
        auto* at = user_data(b, lba);
        b.config.disk->read(static_cast<std::uint64_t>(lba) * data_sector,
                            {at, std::size_t{data_sector}},
                            [this, &b, lba, generation = b.generation](int error) {
                                if (b.generation != generation) return;
                                if (error && !atapi_goes_on(b, error)) return;
                                drive(b).status &= static_cast<std::uint8_t>(~BSY);
                                b.buffer_index = 0;
                                b.lba = lba + 1;
                                atapi_next_block(b);
                            });
        // In the middle of a block the host reads on without a look at the status.
        if (d.elementary_transfer_size > 0) b.config.disk->drain();
        return;
    }
    if (d.elementary_transfer_size <= 0) {
        std::int32_t limit = d.lcyl | d.hcyl << 8;
        if (limit == 0xffff) limit--;
        if (limit == 0) limit = 0xfffe;
        std::int32_t size = d.packet_transfer_size;
        if (size > limit) size = limit & ~1;
        d.lcyl = static_cast<std::uint8_t>(size);
        d.hcyl = static_cast<std::uint8_t>(size >> 8);
        d.elementary_transfer_size = size;
        d.nsector = (d.nsector & ~reason_mask) | reason_io;
        std::int32_t now = size;
        if (b.lba >= 0) now = std::min(now, b.cd_sector_size - b.buffer_index);
        d.packet_transfer_size -= now;
        d.elementary_transfer_size -= now;
        b.buffer_index += now;
        start_block(b, b.buffer_index - now, now, AfterBlock::AtapiReply);
        raise_irq();
        return;
    }
    // The rest of a block that spans sectors: the host sees one block, without an interrupt.
    std::int32_t now = d.elementary_transfer_size;
    if (b.lba >= 0) now = std::min(now, b.cd_sector_size - b.buffer_index);
    d.packet_transfer_size -= now;
    d.elementary_transfer_size -= now;
    b.buffer_index += now;
    start_block(b, b.buffer_index - now, now, AfterBlock::AtapiReply);
}

/// By DMA: what the buffer holds, then sector after sector.
void IdeChannel::atapi_dma_step(Back& b) {
    Drive& d = drive(b);
    if (b.lba < 0) {
        const auto n = static_cast<std::size_t>(std::max(d.packet_transfer_size, 0));
        const std::size_t room = dma_->room(n);
        dma_->to_memory({buffer(b), std::min(n, room)});
        d.packet_transfer_size = 0;
    }
    if (d.packet_transfer_size <= 0) {
        d.status = DRDY | DSC;
        d.nsector = (d.nsector & ~reason_mask) | reason_io | reason_cd;
        const bool more = dma_->room(1) != 0;
        raise_irq();
        dma_over(b, more);
        return;
    }
    const std::int32_t whole = data_sector * 32;
    const std::int32_t bytes =
        b.cd_sector_size == raw_sector ? raw_sector : std::min(d.packet_transfer_size, whole);
    if (dma_->room(static_cast<std::size_t>(bytes)) < static_cast<std::size_t>(bytes)) {
        d.status = DRDY | DSC;
        dma_over(b, false);
        return;
    }
    const std::int64_t count = bytes / b.cd_sector_size;
    auto* at = user_data(b, b.lba);
    b.config.disk->read(static_cast<std::uint64_t>(b.lba) * data_sector,
                        {at, static_cast<std::size_t>(count * data_sector)},
                        [this, &b, bytes, count, generation = b.generation](int error) {
                            if (b.generation != generation) return;
                            if (error && !atapi_goes_on(b, error)) return;
                            dma_->to_memory({buffer(b), static_cast<std::size_t>(bytes)});
                            drive(b).packet_transfer_size -= bytes;
                            b.lba += count;
                            atapi_dma_step(b);
                        });
}

void IdeChannel::atapi_read(Back& b, std::uint32_t lba, std::uint32_t count,
                            std::int32_t sector_size) {
    Drive& d = drive(b);
    const std::uint64_t total = b.config.disk->sectors() / 4;
    if (count == 0) {
        atapi_ok(b);
        return;
    }
    if (lba >= total || count > total - lba || count > 0x7fffffff / raw_sector) {
        atapi_error(b, illegal_request, asc_lba_out_of_range);
        return;
    }
    b.lba = b.first_lba = lba;
    b.sector_count = count;
    b.cd_sector_size = sector_size;
    b.buffer_index = sector_size;  // nothing in the buffer yet
    d.packet_transfer_size = static_cast<std::int32_t>(count) * sector_size;
    d.elementary_transfer_size = 0;
    if (sector_size == raw_sector) std::memset(buffer(b), 0, raw_sector);
    if (b.atapi_dma) {
        begin_dma(b, retry_atapi, [this, &b] { atapi_dma_step(b); });
        return;
    }
    d.status = DRDY | DSC;
    atapi_next_block(b);
}

// ---- errors of the medium ---------------------------------------------------------------------

/// Whether a read of sectors goes on as if nothing had happened.
bool IdeChannel::atapi_goes_on(Back& b, int error) {
    using enum block::ErrorAction;
    const block::ErrorAction action = b.config.disk->handle_error(true, error);
    if (action == Ignore) return true;
    // In the middle of a data block the host does not look at the status any more.
    const bool in_block = !b.atapi_dma && drive(b).elementary_transfer_size > 0;
    if (action == Stop && !in_block) {
        atapi_keep_read(b);
        bus_.error_status = retry_atapi;
        bus_.retry_unit = static_cast<std::uint8_t>(b.unit);
        return false;
    }
    if (error == ENOMEDIUM)
        atapi_error(b, not_ready, asc_medium_not_present);
    else
        atapi_error(b, illegal_request, asc_lba_out_of_range);
    if (b.atapi_dma) dma_over(b, false);
    return false;
}

/// The read as a packet again, in the buffer and so in a stream: by DMA from its start, since the
/// descriptors begin anew, otherwise what the host has not had yet.
void IdeChannel::atapi_keep_read(Back& b) {
    Drive& d = drive(b);
    const bool raw = b.cd_sector_size == raw_sector;
    const auto lba = static_cast<std::uint32_t>(b.atapi_dma ? b.first_lba : b.lba);
    const auto count = b.atapi_dma
                           ? b.sector_count
                           : static_cast<std::uint32_t>(d.packet_transfer_size / b.cd_sector_size);
    std::uint8_t* cdb = buffer(b);
    std::fill_n(cdb, packet_size, std::uint8_t{0});
    cdb[0] = raw ? opcode_read_cd : opcode_read12;
    put32(cdb + 2, lba);
    if (raw) {
        cdb[6] = static_cast<std::uint8_t>(count >> 16);
        put16(cdb + 7, count & 0xffff);
        cdb[9] = whole_sector;
    } else {
        put32(cdb + 6, count);
    }
    atapi_packet_waits(b);
}

void IdeChannel::atapi_packet_waits(Back& b) {
    Drive& d = drive(b);
    d.after_block = AfterBlock::AtapiPacket;
    d.cur_io_buffer_offset = packet_size;
    d.cur_io_buffer_len = 0;
    d.status |= BSY | DRQ;
}

void IdeChannel::atapi_again(Back& b) {
    Drive& d = drive(b);
    if (b.config.kind != IdeKind::Cdrom || d.after_block != AfterBlock::AtapiPacket) return;
    buffer(b);
    d.status = DRDY | DSC;
    b.atapi_dma = d.feature & 1;
    if (dma_) dma_->restart();
    atapi_command(b);
}

}  // namespace hw
