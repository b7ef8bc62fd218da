// SPDX-License-Identifier: GPL-2.0-or-later
//
// IDENTIFY (PACKET) DEVICE data: 256 words (ATA/ATAPI-6, sections 8.15 and 8.16).
#include <algorithm>
#include <string_view>

#include "hw/ide/ide-channel.h"

namespace hw {

using namespace ata;

namespace {

class Words {
public:
    explicit Words(std::array<std::uint8_t, 512>& bytes) : bytes_(bytes) {}
    void clear() { bytes_.fill(0); }
    void set(unsigned word, unsigned value) {
        bytes_[2 * word] = static_cast<std::uint8_t>(value);
        bytes_[2 * word + 1] = static_cast<std::uint8_t>(value >> 8);
    }
    void set32(unsigned word, std::uint64_t value) {
        set(word, static_cast<unsigned>(value & 0xffff));
        set(word + 1, static_cast<unsigned>(value >> 16 & 0xffff));
    }
    /// ATA strings: blank-padded, the first character in the high byte of a word.
    void text(unsigned word, unsigned words, std::string_view s) {
        for (unsigned i = 0; i < 2 * words; i++)
            bytes_[(2 * word + i) ^ 1] = static_cast<std::uint8_t>(i < s.size() ? s[i] : ' ');
    }

private:
    std::array<std::uint8_t, 512>& bytes_;
};

/// Words that both kinds share: strings, and 512 "vendor" sectors of buffer.
void put_names(Words& w, const IdeDriveConfig& c) {
    w.text(10, 10, c.serial);
    w.set(20, 3);    // dual ported, with look-ahead
    w.set(21, 512);  // buffer size in sectors
    w.set(22, 4);    // ECC bytes
    w.text(23, 4, c.version);
    w.text(27, 20, c.model);
}

/// Sectors within reach of 28 bits, and all of them.
void put_size(Words& w, std::uint64_t sectors) {
    w.set32(60, std::min<std::uint64_t>(sectors, (1u << 28) - 1));
    w.set32(100, sectors);
    w.set32(102, sectors >> 32);
}

}  // namespace

void IdeChannel::resized(unsigned unit) {
    Back& b = backs_[unit];
    measure(b);
    if (b.config.kind != IdeKind::Disk || !drive(b).identify_set) return;
    Words w(drive(b).identify_data);
    put_size(w, b.nb_sectors);
}

void IdeChannel::identify_disk(Back& b) {
    Drive& d = drive(b);
    if (d.identify_set) return;
    const IdeDriveConfig& c = b.config;
    Words w(d.identify_data);
    w.clear();
    w.set(0, 0x0040);  // fixed
    w.set(1, b.cylinders);
    w.set(3, b.heads);
    w.set(4, 512 * b.sectors);
    w.set(5, 512);
    w.set(6, b.sectors);
    put_names(w, c);
    w.set(47, 0x8000 | max_multiple);
    w.set(48, 1);                          // doubleword I/O
    w.set(49, 1 << 11 | 1 << 9 | 1 << 8);  // IORDY, LBA, DMA
    w.set(51, 0x200);                      // PIO mode
    w.set(52, 0x200);                      // DMA mode
    w.set(53, 1 | 1 << 1 | 1 << 2);        // words 54-58, 64-70, 88 are valid
    w.set(54, b.cylinders);
    w.set(55, b.heads);
    w.set(56, b.sectors);
    w.set32(57, std::uint64_t{b.cylinders} * b.heads * b.sectors);
    if (d.mult_sectors) w.set(59, 0x100 | static_cast<unsigned>(d.mult_sectors));
    put_size(w, b.nb_sectors);
    w.set(62, 0x07);  // single word DMA 0-2
    w.set(63, 0x07);  // multiword DMA 0-2
    w.set(64, 0x03);  // PIO 3 and 4
    for (unsigned cycle = 65; cycle <= 68; cycle++)
        w.set(cycle, 120);              // ns
    if (c.discard) w.set(69, 1 << 14);  // trimmed sectors read the same each time
    w.set(80, 0xf0);                    // ATA/ATAPI-4 to 7
    w.set(81, 0x16);
    w.set(82, 1 << 14 | 1 << 5 | 1);                   // NOP, write cache, SMART
    w.set(83, 1 << 14 | 1 << 13 | 1 << 12 | 1 << 10);  // FLUSH CACHE (EXT), LBA48
    w.set(84, 1 << 14 | (c.wwn ? 1 << 8 : 0));
    w.set(85, 1 << 14 | (c.disk->write_cache() ? 1 << 5 : 0) | 1);  // the same, switched on
    w.set(86, 1 << 13 | 1 << 12 | 1 << 10);
    w.set(87, 1 << 14 | (c.wwn ? 1 << 8 : 0));
    w.set(88, 0x3f | 1 << 13);        // Ultra DMA 0-5, 5 selected
    w.set(93, 1 | 1 << 14 | 0x2000);  // 80-conductor cable
    unsigned exponent = 0;
    while (c.logical_block_size << exponent < c.physical_block_size)
        exponent++;
    w.set(106, 0x6000 | exponent);
    if (c.wwn)
        for (unsigned i = 0; i < 4; i++)
            w.set(108 + i, static_cast<unsigned>(c.wwn >> 16 * (3 - i) & 0xffff));
    if (c.discard) w.set(169, 1);  // TRIM
    w.set(217, c.rotation_rate);
    d.identify_set = 1;
}

void IdeChannel::identify_cdrom(Back& b) {
    Drive& d = drive(b);
    if (d.identify_set) return;
    Words w(d.identify_data);
    w.clear();
    w.set(0, 2 << 14 | 5 << 8 | 1 << 7 | 2 << 5);  // packet device, CD-ROM, removable, 50 us DRQ
    put_names(w, b.config);
    w.set(48, 1);
    w.set(49, 1 << 9 | 1 << 8);
    w.set(53, 7);
    w.set(62, 7);
    w.set(63, 7);
    w.set(64, 3);
    w.set(65, 0xb4);
    w.set(66, 0xb4);
    w.set(67, 0x12c);
    w.set(68, 0xb4);
    w.set(71, 30);  // PACKET to bus release, SERVICE to BSY cleared: ns
    w.set(72, 30);
    w.set(80, 0x1e);  // up to ATA/ATAPI-4
    if (b.config.wwn) {
        w.set(84, 1 << 8);
        w.set(87, 1 << 8);
        for (unsigned i = 0; i < 4; i++)
            w.set(108 + i, static_cast<unsigned>(b.config.wwn >> 16 * (3 - i) & 0xffff));
    }
    w.set(88, 0x3f | 1 << 13);
    d.identify_set = 1;
}

}  // namespace hw
