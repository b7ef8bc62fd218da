// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a CD-ROM drive tells of the disc in it. Specification: MMC-3 (T10/1363-D).
#include <algorithm>
#include <cstring>

#include "hw/ide/atapi.h"
#include "hw/ide/ide-channel.h"

namespace hw {

using namespace atapi;

bool IdeChannel::has_medium(const Back& b) {
    return b.config.disk && b.config.disk->inserted();
}

std::uint32_t IdeChannel::cd_sectors(const Back& b) {
    return static_cast<std::uint32_t>(b.config.disk->sectors() / 4);
}

/// A CD holds 80 minutes; what is larger must be a DVD.
bool IdeChannel::is_dvd(const Back& b) {
    constexpr std::uint32_t most_of_a_cd = 80 * 60 * 75;
    return cd_sectors(b) > most_of_a_cd;
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
    constexpr std::uint8_t lead_out_track[] = {0, 0x16, 0xaa, 0};
    q = std::copy(std::begin(lead_out_track), std::end(lead_out_track), q);
    put_address(q, lead_out);
    q += 4;
    const auto length = static_cast<std::int32_t>(q - p);
    put16(p, static_cast<unsigned>(length - 2));
    atapi_reply(b, length, limit);
}

void IdeChannel::atapi_get_configuration(Back& b) {
    std::uint8_t* p = buffer(b);
    const auto limit = static_cast<std::int32_t>(be16(p + 7));
    if (be16(p + 2) != 0) {  // there is but the first feature, the list of profiles
        atapi_error(b, illegal_request, asc_invalid_field);
        return;
    }
    constexpr unsigned profile_cd = 0x08, profile_dvd = 0x10;
    std::memset(p, 0, 20);
    const bool medium = has_medium(b) && !drive(b).tray_open;
    const bool dvd = medium && is_dvd(b);
    put32(p, 16);
    if (medium) put16(p + 6, dvd ? profile_dvd : profile_cd);
    p[10] = 0x03;  // persistent and current
    p[11] = 8;
    put16(p + 12, profile_dvd);
    p[14] = dvd;
    put16(p + 16, profile_cd);
    p[18] = medium && !dvd;
    atapi_reply(b, 20, limit);
}

/// READ DVD STRUCTURE (MMC-3, section 5.27).
void IdeChannel::atapi_dvd_structure(Back& b) {
    std::uint8_t* p = buffer(b);
    const unsigned media_type = p[1] & 0x0f, format = p[7];
    const auto limit = static_cast<std::int32_t>(be16(p + 8));
    enum Format : unsigned { physical = 0, copyright = 1, manufacturing = 4, list = 0xff };
    constexpr unsigned header = 4;
    const struct {
        unsigned format, length;
    } formats[] = {{physical, 2048 + header},
                   {copyright, 4 + header},
                   {3, 188 + header},
                   {manufacturing, 2048 + header}};
    if (format != list && !is_dvd(b)) {
        atapi_error(b, illegal_request, asc_incompatible_format);
        return;
    }
    if (media_type ||
        (format != physical && format != copyright && format != manufacturing && format != list)) {
        atapi_error(b, illegal_request, asc_invalid_field);
        return;
    }
    std::memset(p, 0, 2048 + header);
    unsigned length = header;
    if (format == list) {
        for (const auto& f : formats) {
            p[length] = static_cast<std::uint8_t>(f.format);
            p[length + 1] = 0x40;  // can be read
            put16(p + length + 2, f.length);
            length += 4;
        }
    } else {
        length = format == copyright ? 4 + header : 2048 + header;
        if (format == physical) {
            p[4] = 0x01;                       // DVD-ROM, part 1 of its book
            p[5] = 0x0f;                       // 120 mm, no maximum rate
            p[6] = 0x01;                       // one layer, with embossed data
            put32(p + 12, cd_sectors(b) - 1);  // last sector, of the disc and of its layer
            put32(p + 16, cd_sectors(b) - 1);
        }
    }
    put16(p, length - 2);
    atapi_reply(b, static_cast<std::int32_t>(length), limit);
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
