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
}  // namespace

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
    if (!d.tray_open && has_medium(b) && d.cdrom_changed) {
        if (d.cdrom_changed == 1) {
            atapi_error(b, not_ready, asc_medium_not_present);
            d.cdrom_changed = 2;
        } else {
            atapi_error(b, unit_attention, asc_medium_may_have_changed);
            d.cdrom_changed = 0;
        }
        return false;
    }
    if (d.tray_open || !has_medium(b)) {
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
        {0x2b, 0, &C::atapi_seek},                          // SEEK(10)
        {0x43, 0, &C::atapi_read_toc},                      // READ TOC/PMA/ATIP
        {0x46, without_medium | passes_attention,
         &C::atapi_get_configuration},                                      // GET CONFIGURATION
        {0x4a, without_medium | passes_attention, &C::atapi_event_status},  // GET EVENT STATUS
        {0x51, 0, &C::atapi_disc_information},                              // READ DISC INFORMATION
        {0x5a, without_medium, &C::atapi_mode_sense},                       // MODE SENSE(10)
        {opcode_read12, 0, &C::atapi_read12},                               // READ(12)
        {0xad, 0, &C::atapi_dvd_structure},                                 // READ DVD STRUCTURE
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

void IdeChannel::atapi_seek(Back& b) {
    if (be32(buffer(b) + 2) >= cd_sectors(b))
        atapi_error(b, illegal_request, asc_lba_out_of_range);
    else
        atapi_ok(b);
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
    if (p[1] & 1) {
        atapi_product_data(b, p[2], limit);
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

/// Vital product data (SPC-2, section 8.4): which pages there are, and what the drive is called.
void IdeChannel::atapi_product_data(Back& b, std::uint8_t page, std::int32_t limit) {
    constexpr std::uint8_t page_list = 0x00, page_identification = 0x83;
    constexpr unsigned name_length = 20;
    if (page != page_list && page != page_identification) {
        atapi_error(b, illegal_request, asc_invalid_field);
        return;
    }
    std::uint8_t* p = buffer(b);
    std::memset(p, 0, 8);
    p[0] = 0x05;  // CD-ROM
    p[1] = page;
    if (page == page_list) {
        p[3] = 2;
        p[4] = page_list;
        p[5] = page_identification;
        atapi_reply(b, 6, limit);
        return;
    }
    p[3] = 4 + name_length;
    p[4] = 2;  // ASCII, of the vendor's choice
    p[7] = name_length;
    put_text(p + 8, name_length, b.config.serial);
    atapi_reply(b, 8 + name_length, limit);
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
        p[12] = 0x71;  // plays audio; mode 2 form 1 and 2, multi-session
        p[13] = 0x60;  // catalogue numbers, bar codes
        p[14] = static_cast<std::uint8_t>(1 | 1 << 3 | 1 << 5 | (d.tray_locked ? 1 << 1 : 0));
        put16(p + 16, 704);  // kB/s
        p[19] = 2;           // volume levels
        put16(p + 20, 512);  // buffer, KB
        put16(p + 22, 704);
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
        atapi_reply(b, 4, limit);
        return;
    }
    put16(p, 4);  // what follows the header; hosts do not count its second half
    p[2] = media_class;
    const bool loaded = !d.tray_open && has_medium(b);
    if (d.new_media && loaded) {
        p[4] = 2;
        d.new_media = false;
    } else if (d.eject_request) {
        p[4] = 1;
        d.eject_request = false;
    }
    p[5] = d.tray_open ? 1 : loaded ? 2 : 0;
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
        atapi_error(b, has_medium(b) ? not_ready : illegal_request, asc_removal_prevented);
        return;
    }
    const bool moves = d.tray_open == start;
    d.tray_open = !start;
    if (moves) b.config.disk->tray_moved(d.tray_open);
    atapi_ok(b);
}

}  // namespace hw
