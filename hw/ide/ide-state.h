// SPDX-License-Identifier: GPL-2.0-or-later
//
// What migrates of an ATA channel and its two drives.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "migration/vmstate/table.h"

namespace hw {

namespace ata {

/// Sectors a READ or WRITE MULTIPLE may move at once.
inline constexpr unsigned max_multiple = 16;
/// The drive's buffer: 256 sectors and a pad.
inline constexpr std::uint32_t buffer_size = 256 * 512 + 4;
inline constexpr unsigned packet_size = 12;

// Status register (ATA/ATAPI-6, section 7.15).
enum Status : std::uint8_t {
    ERR = 0x01,
    DRQ = 0x08,
    DSC = 0x10,
    DF = 0x20,
    DRDY = 0x40,
    BSY = 0x80
};
// Error register.
inline constexpr std::uint8_t error_abort = 0x04, error_media_change_request = 0x08,
                              error_id_not_found = 0x10, error_media_changed = 0x20,
                              error_uncorrectable = 0x40;
// Device control register.
inline constexpr std::uint8_t control_no_interrupt = 0x02, control_reset = 0x04,
                              control_high_order = 0x80;

/// IdeBusState::error_status, what is to be done again; the values are the wire's.
enum Retry : std::int32_t {
    retry_dma = 0x08,
    retry_pio = 0x10,
    retry_read = 0x20,
    retry_atapi = 0x20,  // neither DMA nor PIO: a packet
    retry_flush = 0x40,
    retry_trim = 0x80,
};

/// What happens when the host has moved the last byte of a PIO data block; the numbers are the
/// wire's.
enum class AfterBlock : std::uint8_t {
    ReadSectors = 0,
    WriteSectors = 1,
    Stop = 2,
    AtapiReply = 3,
    AtapiPacket = 4,
    Nothing = 5,
};

}  // namespace ata

struct IdeDriveState {
    std::int32_t mult_sectors = ata::max_multiple;
    std::int32_t identify_set = 0;
    std::array<std::uint8_t, 512> identify_data{};
    std::uint8_t feature = 0, error = 0;
    std::uint32_t nsector = 1;
    std::uint8_t sector = 1, lcyl = 0xff, hcyl = 0xff;
    std::uint8_t hob_feature = 0, hob_sector = 0, hob_nsector = 0, hob_lcyl = 0, hob_hcyl = 0;
    std::uint8_t select = 0xa0;
    std::uint8_t status = ata::DRDY | ata::DSC;
    std::uint8_t lba48 = 0;
    std::uint8_t sense_key = 0, asc = 0;
    std::uint8_t cdrom_changed = 0;
    // A PIO data block under way. The buffer is empty until a drive first needs it.
    std::int32_t req_nb_sectors = 0;
    std::vector<std::uint8_t> io_buffer;
    std::int32_t cur_io_buffer_offset = 0, cur_io_buffer_len = 0;
    ata::AfterBlock after_block = ata::AfterBlock::Nothing;
    std::int32_t elementary_transfer_size = 0, packet_transfer_size = 0;
    bool tray_open = false, tray_locked = false;
    bool new_media = false, eject_request = false;
    bool retries_pio = false;  // the bus's error_status is about this drive's data block
};

struct IdeBusState {
    std::uint8_t cmd = 0;   // device control register
    std::uint8_t unit = 0;  // the drive that answers
    // What to do again when a VM that was stopped by an I/O error goes on.
    std::int32_t error_status = 0;
    std::int64_t retry_sector_num = 0;
    std::uint32_t retry_nsector = 0;
    std::uint8_t retry_unit = 0;
};

extern const vmstate::Table ide_drive_table;
extern const vmstate::Table ide_bus_table;

}  // namespace hw
