// SPDX-License-Identifier: GPL-2.0-or-later
//
// The packet commands of a CD-ROM drive and their data. Specifications: MMC-3 (T10/1363-D) and
// SPC-2 (T10/1236-D).
#include <algorithm>
#include <cstring>

#include "hw/ide/atapi.h"
#include "hw/ide/ide-channel.h"

namespace hw {

using namespace ata;
using namespace atapi;

namespace {

/// Commands that answer without a medium, and while a unit attention waits (SPC-2, section 5.6).
constexpr unsigned without_medium = 1, passes_attention = 2;

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

}  // namespace

std::uint32_t IdeChannel::cd_sectors(const Back& b) {
    return static_cast<std::uint32_t>(b.config.disk->sectors() / 4);
}

/// False: the command was answered with a sense key.
bool IdeChannel::atapi_medium_check(Back& b, unsigned flags) {
    Drive& d = drive(b);
    if (d.sense_key == unit_attention && !(flags & passes_attention)) {
        atapi_error(b, d.sense_key, d.asc);
        d.sense_key = 0;
        return false;
    }
    if (flags & without_medium) return true;
    // A new medium is first seen as none, then announced, as drivers that poll expect of a tray.
    if (!d.tray_open && has_medium(b.config) && d.cdrom_changed) {
        if (d.cdrom_changed == 1) {
            atapi_error(b, not_ready, asc_medium_not_present);
            d.cdrom_changed = 2;
        } else {
            atapi_error(b, unit_attention, asc_medium_may_have_changed);
            d.cdrom_changed = 0;
        }
        return false;
    }
    if (d.tray_open || !has_medium(b.config)) {
        atapi_error(b, not_ready, asc_medium_not_present);
        return false;
    }
    return true;
}

struct IdeChannel::Packet {
    std::uint8_t opcode;
    unsigned flags;
    void (IdeChannel::*run)(Back&);
};

std::span<const IdeChannel::Packet> IdeChannel::packets() {
    using C = IdeChannel;
    static constexpr Packet table[] = {
        {0x00, 0, &C::atapi_ok},                                             // TEST UNIT READY
        {0x03, without_medium | passes_attention, &C::atapi_request_sense},  // REQUEST SENSE
        {0x12, without_medium | passes_attention, &C::atapi_inquiry},        // INQUIRY
        {0x1b, without_medium, &C::atapi_start_stop},                        // START STOP UNIT
        {0x1e, without_medium, &C::atapi_prevent_removal},  // PREVENT ALLOW MEDIUM REMOVAL
        {0x25, 0, &C::atapi_read_capacity},                 // READ CD RECORDED CAPACITY
        {0x28, 0, &C::atapi_read10},                        // READ(10)
        {0x2b, 0, &C::atapi_ok},                            // SEEK(10)
        {0x43, 0, &C::atapi_read_toc},                      // READ TOC/PMA/ATIP
        {0x46, without_medium | passes_attention,
         &C::atapi_get_configuration},                                      // GET CONFIGURATION
        {0x4a, without_medium | passes_attention, &C::atapi_event_status},  // GET EVENT STATUS
        {0x51, 0, &C::atapi_disc_information},                              // READ DISC INFORMATION
        {0x5a, without_medium, &C::atapi_mode_sense},                       // MODE SENSE(10)
        {opcode_read12, 0, &C::atapi_read12},                               // READ(12)
        {0xbb, without_medium, &C::atapi_ok},                               // SET CD SPEED
        {0xbd, without_medium, &C::atapi_mechanism_status},                 // MECHANISM STATUS
        {opcode_read_cd, 0, &C::atapi_read_cd},                             // READ CD
    };
    return table;
}

void IdeChannel::atapi_command(Back& b) {
    const std::uint8_t* cdb = buffer(b);
    std::copy_n(cdb, packet_size, b.packet.begin());
    const auto rows = packets();
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const Packet& p) { return p.opcode == cdb[0]; });
    if (!atapi_medium_check(b, row == rows.end() ? 0 : row->flags)) return;
    if (row == rows.end())
        atapi_error(b, illegal_request, asc_invalid_opcode);
    else
        (this->*row->run)(b);
}

void IdeChannel::atapi_prevent_removal(Back& b) {
    drive(b).tray_locked = buffer(b)[4] & 1;
    atapi_ok(b);
}

void IdeChannel::atapi_read_capacity(Back& b) {
    std::uint8_t* p = buffer(b);
    put32(p, cd_sectors(b) - 1);
    put32(p + 4, data_sector);
    atapi_reply(b, 8, 8);
}

void IdeChannel::atapi_read10(Back& b) {
    const std::uint8_t* p = buffer(b);
    atapi_read(b, be32(p + 2), be16(p + 7), data_sector);
}

void IdeChannel::atapi_read12(Back& b) {
    const std::uint8_t* p = buffer(b);
    atapi_read(b, be32(p + 2), be32(p + 6), data_sector);
}

void IdeChannel::atapi_mechanism_status(Back& b) {
    std::uint8_t* p = buffer(b);
    const unsigned limit = be16(p + 8);
    std::memset(p, 0, 8);
    p[5] = 1;  // one slot
    atapi_reply(b, 8, static_cast<std::int32_t>(limit));
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
        case whole_sector: atapi_read(b, lba, count, raw_sector); break;
        default: atapi_error(b, illegal_request, asc_invalid_field);
    }
}

void IdeChannel::atapi_read_toc(Back& b) {
    std::uint8_t* p = buffer(b);
    const bool msf = p[1] & 2;
    const unsigned format = p[9] >> 6, start = p[6];
    const auto limit = static_cast<std::int32_t>(be16(p + 7));
    const std::uint32_t lead_out = cd_sectors(b);
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
    if (format == 2) {  // raw TOC: first track, last track, lead-out, the track
        constexpr std::uint8_t points[] = {0xa0, 0xa1, 0xa2, 1};
        std::memset(p, 0, 4 + 11 * std::size(points));
        p[2] = p[3] = 1;
        for (unsigned i = 0; i < std::size(points); i++) {
            std::uint8_t* entry = p + 4 + 11 * i;
            entry[0] = 1;     // session
            entry[1] = 0x14;  // data track
            entry[3] = points[i];
            if (points[i] == 0xa2)
                put_address(entry + 7, lead_out);
            else if (points[i] == 1)
                put_address(entry + 7, 0);
            else
                entry[8] = 1;
        }
        const auto length = static_cast<std::int32_t>(4 + 11 * std::size(points));
        put16(p, static_cast<unsigned>(length - 2));
        atapi_reply(b, length, limit);
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
    const bool moves = d.tray_open == start;
    d.tray_open = !start;
    if (moves) b.config.disk->tray_moved(d.tray_open);
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

}  // namespace hw
