// SPDX-License-Identifier: GPL-2.0-or-later
//
// The command set of disks, and the few commands a CD-ROM drive shares (ATA/ATAPI-6, chapter 8).
#include <algorithm>

#include "hw/ide/ide-channel.h"

namespace hw {

using namespace ata;

/// A row: opcode, name, who has it, what it does. A handler returns true when the command is over
/// and the drive may interrupt.
struct IdeChannel::Command {
    std::uint8_t opcode;
    std::uint8_t kinds;
    bool (IdeChannel::*run)(Back&, std::uint8_t opcode);
    bool sets_dsc = false;
};

namespace {

constexpr std::uint8_t disk = 1, cdrom = 2, both = disk | cdrom;
constexpr std::uint8_t opcode_device_reset = 0x08;
constexpr std::uint8_t device_lba = 0x40, device_obsolete_bits = 0xa0;

bool is_lba48(std::uint8_t opcode) {
    constexpr std::uint8_t extended[] = {0x24, 0x25, 0x27, 0x29, 0x34, 0x35, 0x39, 0x42, 0xea};
    return std::find(std::begin(extended), std::end(extended), opcode) != std::end(extended);
}

}  // namespace

std::span<const IdeChannel::Command> IdeChannel::commands() {
    using C = IdeChannel;
    static constexpr Command table[] = {
        {0x00, both, &C::no_operation},         // NOP
        {0x06, disk, &C::data_set_management},  // DATA SET MANAGEMENT
        {0x08, cdrom, &C::device_reset},        // DEVICE RESET
        {0x10, disk, &C::nop, true},            // RECALIBRATE
        {0x20, both, &C::read_pio},             // READ SECTOR(S)
        {0x21, disk, &C::read_pio},             //  without retry
        {0x24, disk, &C::read_pio},             // READ SECTOR(S) EXT
        {0x25, disk, &C::read_dma},             // READ DMA EXT
        {0x27, disk, &C::native_max, true},     // READ NATIVE MAX ADDRESS EXT
        {0x29, disk, &C::read_multiple},        // READ MULTIPLE EXT
        {0x30, disk, &C::write_pio},            // WRITE SECTOR(S)
        {0x31, disk, &C::write_pio},            //  without retry
        {0x34, disk, &C::write_pio},            // WRITE SECTOR(S) EXT
        {0x35, disk, &C::write_dma},            // WRITE DMA EXT
        {0x39, disk, &C::write_multiple},       // WRITE MULTIPLE EXT
        {0x3c, disk, &C::write_pio},            // WRITE VERIFY
        {0x40, disk, &C::verify, true},         // READ VERIFY SECTOR(S)
        {0x41, disk, &C::verify, true},         //  without retry
        {0x42, disk, &C::verify, true},         // READ VERIFY SECTOR(S) EXT
        {0x70, disk, &C::seek, true},           // SEEK
        {0x90, both, &C::diagnose},             // EXECUTE DEVICE DIAGNOSTIC
        {0x91, disk, &C::specify, true},        // INITIALIZE DEVICE PARAMETERS
        {0x94, disk, &C::nop},                  // STANDBY IMMEDIATE (retired code)
        {0x95, disk, &C::nop},                  // IDLE IMMEDIATE
        {0x96, disk, &C::nop},                  // STANDBY
        {0x97, disk, &C::nop},                  // IDLE
        {0x98, disk, &C::power_mode, true},     // CHECK POWER MODE
        {0x99, disk, &C::nop},                  // SLEEP
        {0xa0, cdrom, &C::packet},              // PACKET
        {0xa1, cdrom, &C::identify_packet},     // IDENTIFY PACKET DEVICE
        {0xb0, disk, &C::smart},                // SMART
        {0xc4, disk, &C::read_multiple},        // READ MULTIPLE
        {0xc5, disk, &C::write_multiple},       // WRITE MULTIPLE
        {0xc6, disk, &C::set_multiple, true},   // SET MULTIPLE MODE
        {0xc8, disk, &C::read_dma},             // READ DMA
        {0xc9, disk, &C::read_dma},             //  without retry
        {0xca, disk, &C::write_dma},            // WRITE DMA
        {0xcb, disk, &C::write_dma},            //  without retry
        {0xe0, disk, &C::nop},                  // STANDBY IMMEDIATE
        {0xe1, disk, &C::nop},                  // IDLE IMMEDIATE
        {0xe2, disk, &C::nop},                  // STANDBY
        {0xe3, disk, &C::nop},                  // IDLE
        {0xe5, disk, &C::power_mode, true},     // CHECK POWER MODE
        {0xe6, disk, &C::nop},                  // SLEEP
        {0xe7, both, &C::flush_cache},          // FLUSH CACHE
        {0xea, disk, &C::flush_cache},          // FLUSH CACHE EXT
        {0xec, both, &C::identify},             // IDENTIFY DEVICE
        {0xef, both, &C::set_features, true},   // SET FEATURES
        {0xf5, disk, &C::nop, true},            // SECURITY FREEZE LOCK, of what is not offered
        {0xf8, disk, &C::native_max, true},     // READ NATIVE MAX ADDRESS
    };
    return table;
}

void IdeChannel::execute(std::uint8_t opcode) {
    Back& b = active();
    Drive& d = drive(b);
    if (b.unit != 0 && !b.config.disk) return;
    const bool is_cdrom = b.config.kind == IdeKind::Cdrom;
    // A busy drive listens to nothing but a packet device's reset (section 9.1).
    if (d.status & (BSY | DRQ) && !(opcode == opcode_device_reset && is_cdrom)) return;
    const auto rows = commands();
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Command& c) {
        return c.opcode == opcode && c.kinds & (is_cdrom ? cdrom : disk);
    });
    if (row == rows.end()) {
        abort_command(b);
        raise_irq();
        return;
    }
    d.status = DRDY | BSY;
    d.error = 0;
    b.buffer_index = 0;
    if ((this->*row->run)(b, opcode)) {
        d.status &= static_cast<std::uint8_t>(~BSY);
        if (row->sets_dsc && !d.error) d.status |= DSC;
        raise_irq();
    }
}

bool IdeChannel::nop(Back&, std::uint8_t) {
    return true;
}

/// Always refused (section 8.23): it shows a host that commands are listened to.
bool IdeChannel::no_operation(Back& b, std::uint8_t) {
    abort_command(b);
    return true;
}

bool IdeChannel::data_set_management(Back& b, std::uint8_t) {
    constexpr std::uint8_t feature_trim = 1;
    if (drive(b).feature == feature_trim && b.config.disk) {
        start_dma(b, DmaKind::Trim);
        return false;
    }
    abort_command(b);
    return true;
}

bool IdeChannel::device_reset(Back& b, std::uint8_t) {
    drain();
    b.generation++;
    halt_block(b);
    set_signature(b);
    drive(b).status = 0;  // DRDY stays off until the drive was asked with a packet
    drive(b).error = 0;
    return false;
}

bool IdeChannel::read_pio(Back& b, std::uint8_t opcode) {
    if (b.config.kind == IdeKind::Cdrom) {
        set_signature(b);  // section 9.12: the host finds out that it speaks to a packet device
        abort_command(b);
        return true;
    }
    if (!b.config.disk) {
        abort_command(b);
        return true;
    }
    take_count(b, is_lba48(opcode));
    drive(b).req_nb_sectors = 1;
    read_sectors(b);
    return false;
}

bool IdeChannel::write_pio(Back& b, std::uint8_t opcode) {
    if (!b.config.disk) {
        abort_command(b);
        return true;
    }
    take_count(b, is_lba48(opcode));
    drive(b).req_nb_sectors = 1;
    drive(b).status = DSC | DRDY;
    start_block(b, 0, 512, AfterBlock::WriteSectors);
    return false;
}

bool IdeChannel::read_multiple(Back& b, std::uint8_t opcode) {
    if (!b.config.disk || !drive(b).mult_sectors) {
        abort_command(b);
        return true;
    }
    take_count(b, is_lba48(opcode));
    drive(b).req_nb_sectors = drive(b).mult_sectors;
    read_sectors(b);
    return false;
}

bool IdeChannel::write_multiple(Back& b, std::uint8_t opcode) {
    Drive& d = drive(b);
    if (!b.config.disk || !d.mult_sectors) {
        abort_command(b);
        return true;
    }
    take_count(b, is_lba48(opcode));
    d.req_nb_sectors = d.mult_sectors;
    const auto n = std::min<std::int64_t>(d.nsector, d.req_nb_sectors);
    d.status = DSC | DRDY;
    start_block(b, 0, static_cast<std::int32_t>(512 * n), AfterBlock::WriteSectors);
    return false;
}

bool IdeChannel::read_dma(Back& b, std::uint8_t opcode) {
    if (!b.config.disk) {
        abort_command(b);
        return true;
    }
    take_count(b, is_lba48(opcode));
    start_dma(b, DmaKind::Read);
    return false;
}

bool IdeChannel::write_dma(Back& b, std::uint8_t opcode) {
    if (!b.config.disk) {
        abort_command(b);
        return true;
    }
    take_count(b, is_lba48(opcode));
    start_dma(b, DmaKind::Write);
    return false;
}

bool IdeChannel::verify(Back& b, std::uint8_t opcode) {
    take_count(b, is_lba48(opcode));
    return true;
}

bool IdeChannel::seek(Back&, std::uint8_t) {
    return true;
}

bool IdeChannel::native_max(Back& b, std::uint8_t opcode) {
    // Without the LBA bit the answer would have to be a cylinder, which nobody asks for.
    if (b.nb_sectors == 0 || !(drive(b).select & device_lba)) {
        abort_command(b);
        return true;
    }
    take_count(b, is_lba48(opcode));
    set_address(b, static_cast<std::int64_t>(b.nb_sectors - 1));
    return true;
}

bool IdeChannel::diagnose(Back& b, std::uint8_t) {
    Drive& d = drive(b);
    set_signature(b);
    d.select = device_obsolete_bits;
    // A packet device shows no DRDY after a diagnostic; that and the signature tell it apart.
    d.status = b.config.kind == IdeKind::Cdrom && b.config.disk ? 0 : DSC | DRDY;
    d.error = 0x01;  // device 0 passed, device 1 passed or not present
    return false;
}

bool IdeChannel::specify(Back& b, std::uint8_t) {
    Drive& d = drive(b);
    if (b.config.disk && b.config.kind != IdeKind::Cdrom) {
        b.heads = (d.select & 0xf) + 1u;
        b.sectors = d.nsector;
    }
    return true;
}

bool IdeChannel::power_mode(Back& b, std::uint8_t) {
    drive(b).nsector = 0xff;  // active or idle
    return true;
}

bool IdeChannel::packet(Back& b, std::uint8_t) {
    Drive& d = drive(b);
    constexpr std::uint8_t feature_dma = 1, feature_overlap = 2;
    if (d.feature & feature_overlap) {
        abort_command(b);
        return true;
    }
    d.status = DRDY | DSC;
    b.atapi_dma = d.feature & feature_dma;
    d.nsector = 1;
    start_block(b, 0, packet_size, AfterBlock::AtapiPacket);
    return false;
}

bool IdeChannel::identify_packet(Back& b, std::uint8_t) {
    identify_cdrom(b);
    drive(b).status = DRDY | DSC;
    std::copy_n(drive(b).identify_data.begin(), 512, buffer(b));
    start_block(b, 0, 512, AfterBlock::Stop);
    raise_irq();
    return false;
}

bool IdeChannel::identify(Back& b, std::uint8_t) {
    if (!b.config.disk || b.config.kind == IdeKind::Cdrom) {
        if (b.config.disk) set_signature(b);
        abort_command(b);
        return true;
    }
    identify_disk(b);
    drive(b).status = DRDY | DSC;
    std::copy_n(drive(b).identify_data.begin(), 512, buffer(b));
    start_block(b, 0, 512, AfterBlock::Stop);
    raise_irq();
    return false;
}

bool IdeChannel::set_multiple(Back& b, std::uint8_t) {
    Drive& d = drive(b);
    const auto n = d.nsector & 0xff;
    if (n > max_multiple || (n & (n - 1)) != 0) {
        abort_command(b);
        return true;
    }
    d.mult_sectors = static_cast<std::int32_t>(n);
    return true;
}

bool IdeChannel::flush_cache(Back& b, std::uint8_t) {
    if (!b.config.disk || !b.config.disk->inserted()) return true;
    drive(b).status |= BSY;
    b.config.disk->flush([this, &b, generation = b.generation](int error) {
        if (b.generation != generation) return;
        if (error && handle_error(b, false, error, retry_flush)) return;
        drive(b).status = DRDY | DSC;
        raise_irq();
    });
    return false;
}

bool IdeChannel::set_features(Back& b, std::uint8_t) {
    Drive& d = drive(b);
    if (!b.config.disk) {
        abort_command(b);
        return true;
    }
    if (!d.identify_set) b.config.kind == IdeKind::Cdrom ? identify_cdrom(b) : identify_disk(b);
    auto set_word = [&](unsigned n, unsigned v) {
        d.identify_data[2 * n] = static_cast<std::uint8_t>(v);
        d.identify_data[2 * n + 1] = static_cast<std::uint8_t>(v >> 8);
    };
    // Subcommands (section 8.46.2).
    switch (d.feature) {
        case 0x02:  // enable write cache
            b.config.disk->set_write_cache(true);
            set_word(85, 1 << 14 | 1 << 5 | 1);
            return true;
        case 0x82:  // disable it: what it held must be on the medium first
            b.config.disk->set_write_cache(false);
            set_word(85, 1 << 14 | 1);
            return flush_cache(b, 0);
        case 0x03: {  // set transfer mode; words 62, 63 and 88 show which one is on
            const unsigned mode = d.nsector & 7;
            const unsigned type = d.nsector >> 3 & 0x1f;
            if (type > 2 && type != 4 && type != 8) break;
            if (type == 0 || type == 1) {  // PIO
                set_word(62, 0x07);
                set_word(63, 0x07);
                set_word(88, 0x3f);
            } else if (type == 2) {  // single word DMA
                set_word(62, 0x07 | 1u << (mode + 8));
                set_word(63, 0x07);
                set_word(88, 0x3f);
            } else if (type == 4) {  // multiword DMA
                set_word(62, 0x07);
                set_word(63, 0x07 | 1u << (mode + 8));
                set_word(88, 0x3f);
            } else {  // ultra DMA
                set_word(62, 0x07);
                set_word(63, 0x07);
                set_word(88, 0x3f | 1u << (mode + 8));
            }
            return true;
        }
        // Read look-ahead, release and service interrupts, APM, acoustics, reverting to defaults:
        // accepted, nothing to do.
        case 0xcc:
        case 0x66:
        case 0xaa:
        case 0x55:
        case 0x05:
        case 0x85:
        case 0x69:
        case 0x67:
        case 0x96:
        case 0x9a:
        case 0x42:
        case 0xc2: return true;
    }
    abort_command(b);
    return true;
}

}  // namespace hw
