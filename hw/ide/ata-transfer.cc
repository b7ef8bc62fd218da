// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sectors between disk and host: addresses (ATA/ATAPI-6, section 6.2), PIO data blocks, DMA, TRIM.
#include <algorithm>
#include <cassert>

#include "hw/ide/ide-channel.h"

namespace hw {

using namespace ata;

namespace {

constexpr std::uint8_t device_lba = 0x40;
constexpr unsigned sector_bytes = 512;

}  // namespace

/// The sector count as the command means it: 0 stands for the most there can be.
void IdeChannel::take_count(Back& b, bool lba48) {
    Drive& d = drive(b);
    d.lba48 = lba48;
    if (!lba48) {
        if (!(d.nsector & 0xff)) d.nsector = 256;
    } else if (!d.nsector && !d.hob_nsector) {
        d.nsector = 65536;
    } else {
        d.nsector = std::uint32_t{d.hob_nsector} << 8 | (d.nsector & 0xff);
    }
}

std::int64_t IdeChannel::address(const Back& b) const {
    const Drive& d = drives_[b.unit];
    if (d.select & device_lba) {
        if (!d.lba48) return (d.select & 0x0f) << 24 | d.hcyl << 16 | d.lcyl << 8 | d.sector;
        return std::int64_t{d.hob_hcyl} << 40 | std::int64_t{d.hob_lcyl} << 32 |
               std::int64_t{d.hob_sector} << 24 | std::int64_t{d.hcyl} << 16 |
               std::int64_t{d.lcyl} << 8 | d.sector;
    }
    const std::int64_t cylinder = d.hcyl << 8 | d.lcyl;
    return (cylinder * b.heads + (d.select & 0x0f)) * b.sectors + (d.sector - 1);
}

void IdeChannel::set_address(Back& b, std::int64_t sector) {
    Drive& d = drive(b);
    auto byte = [&](unsigned n) { return static_cast<std::uint8_t>(sector >> 8 * n); };
    if (d.select & device_lba) {
        d.sector = byte(0);
        d.lcyl = byte(1);
        d.hcyl = byte(2);
        if (!d.lba48) {
            d.select = static_cast<std::uint8_t>((d.select & 0xf0) | (sector >> 24 & 0x0f));
        } else {
            d.hob_sector = byte(3);
            d.hob_lcyl = byte(4);
            d.hob_hcyl = byte(5);
        }
        return;
    }
    if (!b.heads || !b.sectors) return;
    const std::int64_t per_cylinder = std::int64_t{b.heads} * b.sectors;
    const std::int64_t cylinder = sector / per_cylinder, rest = sector % per_cylinder;
    d.hcyl = static_cast<std::uint8_t>(cylinder >> 8);
    d.lcyl = static_cast<std::uint8_t>(cylinder);
    d.select = static_cast<std::uint8_t>((d.select & 0xf0) | (rest / b.sectors & 0x0f));
    d.sector = static_cast<std::uint8_t>(rest % b.sectors + 1);
}

bool IdeChannel::in_range(const Back& b, std::int64_t sector, std::uint64_t count) const {
    return sector >= 0 && static_cast<std::uint64_t>(sector) <= b.nb_sectors &&
           count <= b.nb_sectors - static_cast<std::uint64_t>(sector);
}

// ---- PIO --------------------------------------------------------------------------------------

void IdeChannel::read_sectors(Back& b) {
    Drive& d = drive(b);
    d.status = DRDY | DSC;
    d.error = 0;
    if (d.nsector == 0) {
        stop_block(b);
        return;
    }
    d.status |= BSY;
    const auto n = static_cast<std::uint32_t>(
        std::min<std::int64_t>(d.nsector, std::max(d.req_nb_sectors, 1)));
    const std::int64_t sector = address(b);
    if (!in_range(b, sector, n) || n > buffer_size / sector_bytes) {
        transfer_failed(b);
        return;
    }
    b.config.disk->read(
        static_cast<std::uint64_t>(sector) * sector_bytes, {buffer(b), n * sector_bytes},
        [this, &b, n, sector, generation = b.generation](int error) {
            if (b.generation != generation) return;
            if (error && handle_error(b, true, error, retry_pio | retry_read)) return;
            Drive& s = drive(b);
            s.status &= static_cast<std::uint8_t>(~BSY);
            set_address(b, sector + n);
            s.nsector -= n;
            start_block(b, 0, static_cast<std::int32_t>(n * sector_bytes), AfterBlock::ReadSectors);
            raise_irq();
        });
}

void IdeChannel::write_sectors(Back& b) {
    Drive& d = drive(b);
    d.status = DRDY | DSC | BSY;
    const auto n = static_cast<std::uint32_t>(
        std::min<std::int64_t>(d.nsector, std::max(d.req_nb_sectors, 1)));
    const std::int64_t sector = address(b);
    if (!b.config.disk || !in_range(b, sector, n) || n > buffer_size / sector_bytes) {
        transfer_failed(b);
        return;
    }
    b.config.disk->write(
        static_cast<std::uint64_t>(sector) * sector_bytes, {buffer(b), n * sector_bytes},
        [this, &b, n, sector, generation = b.generation](int error) {
            if (b.generation != generation) return;
            if (error && handle_error(b, false, error, retry_pio)) return;
            Drive& s = drive(b);
            s.status &= static_cast<std::uint8_t>(~BSY);
            s.nsector -= n;
            set_address(b, sector + n);
            const auto next =
                static_cast<std::int32_t>(std::min<std::int64_t>(s.nsector, s.req_nb_sectors));
            if (next == 0)
                stop_block(b);
            else
                start_block(b, 0, next * std::int32_t{sector_bytes}, AfterBlock::WriteSectors);
            raise_irq();
        });
}

// ---- DMA --------------------------------------------------------------------------------------

void IdeChannel::begin_dma(Back& b, std::int32_t retry, std::function<void()> go) {
    drive(b).status = DRDY | DSC | DRQ;
    set_retry(b);
    if (!dma_) {  // the ISA controller has no engine; the command hangs as it would there
        return;
    }
    dma_waiting_ = true;
    waiting_retry_ = retry;
    dma_->wait_for_start([this, &b, go = std::move(go), generation = b.generation] {
        if (b.generation != generation) return;
        dma_waiting_ = false;
        go();
    });
}

void IdeChannel::start_dma(Back& b, DmaKind kind) {
    begin_dma(b, retry_bits(kind), [this, &b, kind] { dma_step(b, kind); });
}

std::int32_t IdeChannel::retry_bits(DmaKind kind) {
    switch (kind) {
        case DmaKind::Read: return retry_dma | retry_read;
        case DmaKind::Write: return retry_dma;
        case DmaKind::Trim: return retry_dma | retry_trim;
    }
    return 0;
}

void IdeChannel::dma_over(Back& b, bool more) {
    dma_waiting_ = false;
    clear_retry();
    if (dma_) dma_->finish(more);
}

void IdeChannel::dma_failed(Back& b) {
    abort_command(b);
    dma_over(b, false);
    raise_irq();
}

/// One buffer's worth, until the command's sectors or the descriptors' memory run out.
void IdeChannel::dma_step(Back& b, DmaKind kind) {
    Drive& d = drive(b);
    const std::size_t limit =
        std::min<std::size_t>(std::size_t{d.nsector} * sector_bytes, 256 * sector_bytes);
    const std::size_t room = dma_->room(limit) / sector_bytes * sector_bytes;
    if (room == 0) {
        // The descriptors were too short: the engine goes idle, and no interrupt tells the driver
        // (Bus Master IDE 1.0, section 3.1, "Interrupt 0, Active 0").
        d.status = DRDY | DSC;
        dma_over(b, false);
        return;
    }
    if (kind == DmaKind::Trim) {
        trim(b, room);
        return;
    }
    const std::int64_t sector = address(b);
    const auto count = static_cast<std::uint32_t>(room / sector_bytes);
    if (!b.config.disk->inserted() || !in_range(b, sector, d.nsector)) {
        dma_failed(b);
        return;
    }
    const auto offset = static_cast<std::uint64_t>(sector) * sector_bytes;
    const std::span<std::uint8_t> bytes{buffer(b), room};
    const auto done = [this, &b, kind, count, bytes, generation = b.generation](int error) {
        if (b.generation != generation) return;
        if (error && handle_error(b, kind == DmaKind::Read, error, retry_bits(kind))) return;
        if (kind == DmaKind::Read) dma_->to_memory(bytes);
        dma_moved(b, kind, count);
    };
    if (kind == DmaKind::Read) {
        b.config.disk->read(offset, bytes, done);
    } else {
        dma_->from_memory(bytes);
        b.config.disk->write(offset, bytes, done);
    }
}

void IdeChannel::dma_moved(Back& b, DmaKind kind, std::uint32_t sectors) {
    Drive& d = drive(b);
    set_address(b, address(b) + sectors);
    d.nsector -= sectors;
    if (d.nsector) {
        dma_step(b, kind);
        return;
    }
    d.status = DRDY | DSC;
    const bool more = dma_->room(1) != 0;
    raise_irq();
    dma_over(b, more);
}

/// The range list of DATA SET MANAGEMENT: eight bytes each, 48 bits of LBA and 16 of length.
void IdeChannel::trim(Back& b, std::size_t bytes) {
    std::vector<std::uint8_t> list(bytes);
    dma_->from_memory(list);
    struct Pending {
        unsigned left = 1;
        int error = 0;
        bool out_of_range = false;
    };
    auto pending = std::make_shared<Pending>();  // lives as long as its last answer
    auto one_done = [this, &b, pending, bytes, generation = b.generation](int error) {
        if (error) pending->error = error;
        if (--pending->left || b.generation != generation) return;
        if (pending->out_of_range) {
            dma_failed(b);
            return;
        }
        if (pending->error && handle_error(b, false, pending->error, retry_bits(DmaKind::Trim)))
            return;
        dma_moved(b, DmaKind::Trim, static_cast<std::uint32_t>(bytes / sector_bytes));
    };
    for (std::size_t at = 0; at + 8 <= list.size(); at += 8) {
        std::uint64_t entry = 0;
        for (unsigned i = 0; i < 8; i++)
            entry |= std::uint64_t{list[at + i]} << 8 * i;
        const std::uint64_t sector = entry & 0xffffffffffff, count = entry >> 48;
        if (!count) continue;
        if (!in_range(b, static_cast<std::int64_t>(sector), count)) {
            pending->out_of_range = true;
            break;
        }
        if (!b.config.discard) continue;
        pending->left++;
        b.config.disk->discard(sector * sector_bytes, count * sector_bytes, one_done);
    }
    one_done(0);
}

}  // namespace hw
