// SPDX-License-Identifier: GPL-2.0-or-later
//
// Packet commands of a CD-ROM drive. Specifications: ATA/ATAPI-6 section 9.8 (packet protocol),
// MMC-3 (T10/1363-D) and SPC-2 (T10/1236-D) for the commands and their data.
#include <algorithm>
#include <cstring>

#include "hw/ide/ide-channel.h"

namespace hw {

using namespace ata;

namespace {

// Interrupt reason (the sector count register).
constexpr std::uint32_t reason_cd = 1, reason_io = 2, reason_mask = 7;

// Sense keys, and additional sense codes (SPC-2, annex C).
constexpr std::uint8_t not_ready = 0x02, illegal_request = 0x05, unit_attention = 0x06;
constexpr std::uint8_t asc_lba_out_of_range = 0x21, asc_invalid_opcode = 0x20,
                       asc_invalid_field = 0x24, asc_medium_may_have_changed = 0x28,
                       asc_saving_not_supported = 0x39, asc_medium_not_present = 0x3a,
                       asc_removal_prevented = 0x53;

enum Opcode : std::uint8_t {
    TestUnitReady = 0x00,
    RequestSense = 0x03,
    Inquiry = 0x12,
    StartStopUnit = 0x1b,
    PreventAllowRemoval = 0x1e,
    ReadCapacity = 0x25,
    Read10 = 0x28,
    Seek10 = 0x2b,
    ReadToc = 0x43,
    GetConfiguration = 0x46,
    GetEventStatus = 0x4a,
    ReadDiscInformation = 0x51,
    ModeSense10 = 0x5a,
    Read12 = 0xa8,
    SetSpeed = 0xbb,
    MechanismStatus = 0xbd,
    ReadCd = 0xbe,
};

constexpr std::int32_t data_sector = 2048, raw_sector = 2352;

unsigned be16(const std::uint8_t* p) {
    return static_cast<unsigned>(p[0] << 8 | p[1]);
}
std::uint32_t be32(const std::uint8_t* p) {
    return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}
void put16(std::uint8_t* p, unsigned v) {
    p[0] = static_cast<std::uint8_t>(v >> 8);
    p[1] = static_cast<std::uint8_t>(v);
}
void put32(std::uint8_t* p, std::uint32_t v) {
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}
void put_text(std::uint8_t* p, std::size_t width, std::string_view s) {
    for (std::size_t i = 0; i < width; i++)
        p[i] = static_cast<std::uint8_t>(i < s.size() ? s[i] : ' ');
}
/// Minute, second, frame of a block; block 0 is at 00:02:00.
void put_msf(std::uint8_t* p, std::uint32_t lba) {
    lba += 150;
    p[0] = static_cast<std::uint8_t>(lba / 75 / 60);
    p[1] = static_cast<std::uint8_t>(lba / 75 % 60);
    p[2] = static_cast<std::uint8_t>(lba % 75);
}

bool has_medium(const IdeDriveConfig& c) {
    return c.disk && c.disk->inserted();
}

/// Commands that answer without a medium, and while a unit attention waits (SPC-2, section 5.6).
bool works_without_medium(std::uint8_t op) {
    return op == RequestSense || op == Inquiry || op == StartStopUnit ||
           op == PreventAllowRemoval || op == GetConfiguration || op == GetEventStatus ||
           op == ModeSense10 || op == SetSpeed || op == MechanismStatus;
}
bool passes_unit_attention(std::uint8_t op) {
    return op == RequestSense || op == Inquiry || op == GetConfiguration || op == GetEventStatus;
}

}  // namespace

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
        begin_dma(b, [this, &b] { atapi_dma_step(b); });
        return;
    }
    d.status = DRDY | DSC;
    atapi_next_block(b);
}

// ---- data phase -------------------------------------------------------------------------------

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
        auto* at = buffer(b) + (b.cd_sector_size == raw_sector ? 16 : 0);
        b.config.disk->read(
            static_cast<std::uint64_t>(lba) * data_sector, {at, std::size_t{data_sector}},
            [this, &b, lba, generation = b.generation](int error) {
                if (b.generation != generation) return;
                Drive& s = drive(b);
                s.status &= static_cast<std::uint8_t>(~BSY);
                if (error) {
                    atapi_error(b, error == ENOMEDIUM ? not_ready : illegal_request,
                                error == ENOMEDIUM ? asc_medium_not_present : asc_lba_out_of_range);
                    return;
                }
                b.buffer_index = 0;
                b.lba = lba + 1;
                atapi_next_block(b);
            });
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
    auto* at = buffer(b) + (b.cd_sector_size == raw_sector ? 16 : 0);
    b.config.disk->read(
        static_cast<std::uint64_t>(b.lba) * data_sector,
        {at, static_cast<std::size_t>(count * data_sector)},
        [this, &b, bytes, count, generation = b.generation](int error) {
            if (b.generation != generation) return;
            if (error) {
                atapi_error(b, error == ENOMEDIUM ? not_ready : illegal_request,
                            error == ENOMEDIUM ? asc_medium_not_present : asc_lba_out_of_range);
                dma_over(b, false);
                return;
            }
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
    b.lba = lba;
    b.cd_sector_size = sector_size;
    b.buffer_index = sector_size;  // nothing in the buffer yet
    d.packet_transfer_size = static_cast<std::int32_t>(count) * sector_size;
    d.elementary_transfer_size = 0;
    if (sector_size == raw_sector) std::memset(buffer(b), 0, raw_sector);
    if (b.atapi_dma) {
        begin_dma(b, [this, &b] { atapi_dma_step(b); });
        return;
    }
    d.status = DRDY | DSC;
    atapi_next_block(b);
}

// ---- commands ---------------------------------------------------------------------------------

/// False: the command was answered with a sense key.
bool IdeChannel::atapi_medium_check(Back& b, std::uint8_t op) {
    Drive& d = drive(b);
    if (d.sense_key == unit_attention && !passes_unit_attention(op)) {
        atapi_error(b, d.sense_key, d.asc);
        d.sense_key = 0;
        return false;
    }
    // A new medium is first seen as none, then announced, as drivers that poll expect of a tray.
    if (!works_without_medium(op) && !d.tray_open && has_medium(b.config) && d.cdrom_changed) {
        if (d.cdrom_changed == 1) {
            atapi_error(b, not_ready, asc_medium_not_present);
            d.cdrom_changed = 2;
        } else {
            atapi_error(b, unit_attention, asc_medium_may_have_changed);
            d.cdrom_changed = 0;
        }
        return false;
    }
    if (!works_without_medium(op) && (d.tray_open || !has_medium(b.config))) {
        atapi_error(b, not_ready, asc_medium_not_present);
        return false;
    }
    return true;
}

void IdeChannel::atapi_command(Back& b) {
    Drive& d = drive(b);
    std::uint8_t* cdb = buffer(b);
    const std::uint8_t op = cdb[0];
    if (!atapi_medium_check(b, op)) return;
    switch (op) {
        case TestUnitReady:
        case Seek10:
        case SetSpeed: atapi_ok(b); break;
        case RequestSense: atapi_request_sense(b); break;
        case Inquiry: atapi_inquiry(b); break;
        case StartStopUnit: atapi_start_stop(b); break;
        case PreventAllowRemoval:
            d.tray_locked = cdb[4] & 1;
            atapi_ok(b);
            break;
        case ReadCapacity:
            put32(cdb, static_cast<std::uint32_t>(b.config.disk->sectors() / 4 - 1));
            put32(cdb + 4, data_sector);
            atapi_reply(b, 8, 8);
            break;
        case Read10: atapi_read(b, be32(cdb + 2), be16(cdb + 7), data_sector); break;
        case Read12: atapi_read(b, be32(cdb + 2), be32(cdb + 6), data_sector); break;
        case ReadCd: atapi_read_cd(b); break;
        case ReadToc: atapi_read_toc(b); break;
        case GetConfiguration: atapi_get_configuration(b); break;
        case GetEventStatus: atapi_event_status(b); break;
        case ReadDiscInformation: atapi_disc_information(b); break;
        case ModeSense10: atapi_mode_sense(b); break;
        case MechanismStatus: {
            const unsigned limit = be16(cdb + 8);
            std::memset(cdb, 0, 8);
            cdb[5] = 1;  // one slot
            atapi_reply(b, 8, static_cast<std::int32_t>(limit));
            break;
        }
        default: atapi_error(b, illegal_request, asc_invalid_opcode);
    }
}

void IdeChannel::atapi_request_sense(Back& b) {
    Drive& d = drive(b);
    std::uint8_t* p = buffer(b);
    const int limit = p[4];
    std::memset(p, 0, 18);
    p[0] = 0x70 | 1 << 7;
    p[2] = d.sense_key;
    p[7] = 10;
    p[12] = d.asc;
    if (d.sense_key == unit_attention) d.sense_key = 0;
    atapi_reply(b, 18, limit);
}

void IdeChannel::atapi_inquiry(Back& b) {
    std::uint8_t* p = buffer(b);
    const int limit = p[4];
    if (p[1] & 1) {  // vital product data is not offered
        atapi_error(b, illegal_request, asc_invalid_field);
        return;
    }
    std::memset(p, 0, 36);
    p[0] = 0x05;  // CD-ROM
    p[1] = 0x80;  // removable
    p[2] = 0x00;
    p[3] = 0x21;  // ATAPI-2
    p[4] = 31;
    put_text(p + 8, 8, "QEMU");
    put_text(p + 16, 16, "QEMU DVD-ROM");
    put_text(p + 32, 4, b.config.version);
    atapi_reply(b, 36, limit);
}

void IdeChannel::atapi_mode_sense(Back& b) {
    const Drive& d = drive(b);
    std::uint8_t* p = buffer(b);
    const auto limit = static_cast<std::int32_t>(be16(p + 7));
    const unsigned control = p[2] >> 6, page = p[2] & 0x3f;
    if (control == 3) {
        atapi_error(b, illegal_request, asc_saving_not_supported);
        return;
    }
    if (control != 0 || (page != 0x01 && page != 0x0e && page != 0x2a)) {
        atapi_error(b, illegal_request, asc_invalid_field);
        return;
    }
    const int length = page == 0x01 ? 16 : page == 0x0e ? 24 : 30;
    std::memset(p, 0, static_cast<std::size_t>(length));
    put16(p, static_cast<unsigned>(length - 2));
    p[2] = 0x70;  // medium type
    p[8] = static_cast<std::uint8_t>(page);
    p[9] = static_cast<std::uint8_t>(length - 10);
    if (page == 0x01) {
        p[11] = 5;  // read retries
    } else if (page == 0x0e) {
        p[10] = 0x04;                                                     // immediate
        constexpr std::uint8_t ports[] = {1, 0xff, 2, 0xff, 0, 0, 0, 0};  // channel, volume
        std::copy(std::begin(ports), std::end(ports), p + 16);
    } else {           // CD capabilities and mechanical status (MMC-3, table 381)
        p[10] = 0x3b;  // reads CD-R(W), DVD-ROM, DVD-R
        p[12] = 0x70;  // mode 2 form 1 and 2, multi-session
        p[13] = 1 << 2 | 1 << 0 | 1 << 1;
        p[14] = static_cast<std::uint8_t>(1 | 1 << 3 | 1 << 5 | (d.tray_locked ? 1 << 1 : 0));
        put16(p + 16, 706);  // kB/s
        p[19] = 2;           // volume levels
        put16(p + 20, 512);  // buffer, KB
        put16(p + 22, 706);
    }
    atapi_reply(b, length, limit);
}

void IdeChannel::atapi_read_cd(Back& b) {
    const std::uint8_t* p = buffer(b);
    const std::uint32_t lba = be32(p + 2);
    const std::uint32_t count = std::uint32_t{p[6]} << 16 | std::uint32_t{p[7]} << 8 | p[8];
    // What of a sector the host wants (byte 9): nothing, user data, or all of it.
    switch (p[9] & 0xf8) {
        case 0x00: atapi_ok(b); break;
        case 0x10: atapi_read(b, lba, count, data_sector); break;
        case 0xf8: atapi_read(b, lba, count, raw_sector); break;
        default: atapi_error(b, illegal_request, asc_invalid_field);
    }
}

void IdeChannel::atapi_read_toc(Back& b) {
    std::uint8_t* p = buffer(b);
    const bool msf = p[1] & 2;
    const unsigned format = p[9] >> 6, start = p[6];
    const auto limit = static_cast<std::int32_t>(be16(p + 7));
    const auto lead_out = static_cast<std::uint32_t>(b.config.disk->sectors() / 4);
    auto put_address = [&](std::uint8_t* at, std::uint32_t lba) {
        put32(at, 0);
        msf ? put_msf(at + 1, lba) : put32(at, lba);
    };
    if (format == 1) {  // multi-session: the first session is the last
        std::memset(p, 0, 12);
        p[1] = 0x0a;
        p[2] = p[3] = 1;
        atapi_reply(b, 12, limit);
        return;
    }
    if (format != 0 || (start > 1 && start != 0xaa)) {
        atapi_error(b, illegal_request, asc_invalid_field);
        return;
    }
    std::uint8_t* q = p + 2;
    *q++ = 1;  // first and last track
    *q++ = 1;
    if (start <= 1) {
        constexpr std::uint8_t data_track[] = {0, 0x14, 1, 0};
        q = std::copy(std::begin(data_track), std::end(data_track), q);
        put_address(q, 0);
        q += 4;
    }
    constexpr std::uint8_t lead_out_track[] = {0, 0x14, 0xaa, 0};
    q = std::copy(std::begin(lead_out_track), std::end(lead_out_track), q);
    put_address(q, lead_out);
    q += 4;
    const auto length = static_cast<std::int32_t>(q - p);
    put16(p, static_cast<unsigned>(length - 2));
    atapi_reply(b, length, limit);
}

void IdeChannel::atapi_get_configuration(Back& b) {
    const Drive& d = drive(b);
    std::uint8_t* p = buffer(b);
    const auto limit = static_cast<std::int32_t>(be16(p + 7));
    if (p[1] & 3 && (p[1] & 3) != 2) {
        atapi_error(b, illegal_request, asc_invalid_field);
        return;
    }
    constexpr unsigned profile_cd = 0x08, profile_dvd = 0x10;
    // A CD holds 80 minutes; what is larger must be a DVD.
    constexpr std::uint64_t cd_max_sectors = 80 * 60 * 75 * 4;
    std::memset(p, 0, 40);
    const bool medium = has_medium(b.config) && !d.tray_open;
    const bool dvd = medium && b.config.disk->sectors() > cd_max_sectors;
    if (medium) put16(p + 6, dvd ? profile_dvd : profile_cd);
    p[10] = 0x03;  // feature 0, profile list: persistent and current
    p[11] = 8;
    put16(p + 12, profile_dvd);
    p[14] = dvd;
    put16(p + 16, profile_cd);
    p[18] = medium && !dvd;
    put16(p + 20, 1);  // feature 1, core
    p[22] = 0x08 | 0x03;
    p[23] = 8;
    put32(p + 24, 2);  // ATAPI
    p[28] = 1;         // device busy events
    put16(p + 32, 3);  // feature 3, removable medium
    p[34] = 0x08 | 0x03;
    p[35] = 4;
    p[36] = 0x39;  // tray, ejects, locks
    put32(p, 36);
    atapi_reply(b, 40, limit);
}

void IdeChannel::atapi_event_status(Back& b) {
    Drive& d = drive(b);
    std::uint8_t* p = buffer(b);
    const auto limit = static_cast<std::int32_t>(be16(p + 7));
    constexpr std::uint8_t media_class = 4;
    if (!(p[1] & 1)) {  // only polled operation is offered
        atapi_error(b, illegal_request, asc_invalid_field);
        return;
    }
    const bool asked = p[4] & 1 << media_class;
    std::memset(p, 0, 8);
    p[3] = 1 << media_class;
    if (!asked) {
        p[2] = 0x80;  // no event
        put16(p, 2);
        atapi_reply(b, 4, limit);
        return;
    }
    put16(p, 6);
    p[2] = media_class;
    if (d.new_media) {
        p[4] = 2;
        d.new_media = false;
    } else if (d.eject_request) {
        p[4] = 1;
        d.eject_request = false;
    }
    p[5] = static_cast<std::uint8_t>((d.tray_open ? 1 : 0) | (has_medium(b.config) ? 2 : 0));
    atapi_reply(b, 8, limit);
}

void IdeChannel::atapi_start_stop(Back& b) {
    Drive& d = drive(b);
    const std::uint8_t* p = buffer(b);
    const bool load_eject = p[4] & 2, start = p[4] & 1;
    if (p[4] & 0xf0 || !load_eject) {  // a power condition, or just the motor
        atapi_ok(b);
        return;
    }
    if (!start && !d.tray_open && d.tray_locked) {
        atapi_error(b, has_medium(b.config) ? not_ready : illegal_request, asc_removal_prevented);
        return;
    }
    d.tray_open = !start;
    atapi_ok(b);
}

void IdeChannel::atapi_disc_information(Back& b) {
    std::uint8_t* p = buffer(b);
    const auto limit = static_cast<std::int32_t>(be16(p + 7));
    if (p[1] & 7) {
        atapi_error(b, illegal_request, asc_invalid_field);
        return;
    }
    std::memset(p, 0, 34);
    p[1] = 32;
    p[2] = 0xe;  // last session complete, disc finalized
    p[3] = p[4] = p[5] = p[6] = 1;
    p[7] = 0x20;  // unrestricted use
    atapi_reply(b, 34, limit);
}

// ---- the medium -------------------------------------------------------------------------------

void IdeChannel::medium_changed(unsigned unit, bool medium) {
    Back& b = backs_[unit];
    Drive& d = drive(b);
    measure(b);
    if (b.config.kind != IdeKind::Cdrom) return;
    d.sense_key = unit_attention;
    d.asc = asc_medium_may_have_changed;
    d.cdrom_changed = 1;
    d.new_media = true;
    d.eject_request = false;
    d.tray_open = !medium && d.tray_open;
}

void IdeChannel::eject_requested(unsigned unit, bool force) {
    Drive& d = drives_[unit];
    d.eject_request = true;
    if (force) d.tray_locked = false;
}

}  // namespace hw
