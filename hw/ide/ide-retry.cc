// SPDX-License-Identifier: GPL-2.0-or-later
//
// What follows an error of the disk: the guest is told, or the VM stops (werror=stop) and the
// command is done again when it goes on, here or where its state was moved to.
#include "hw/ide/ide-channel.h"

namespace hw {

using namespace ata;

void IdeChannel::set_retry(Back& b) {
    bus_.retry_unit = static_cast<std::uint8_t>(b.unit);
    bus_.retry_sector_num = address(b);
    bus_.retry_nsector = drive(b).nsector;
}

void IdeChannel::clear_retry() {
    bus_.retry_unit = 0xff;
    bus_.retry_sector_num = 0;
    bus_.retry_nsector = 0;
}

void IdeChannel::transfer_failed(Back& b) {
    abort_command(b);
    raise_irq();
}

/// True: the command does not go on now.
bool IdeChannel::handle_error(Back& b, bool is_read, int error, std::int32_t retry) {
    using enum block::ErrorAction;
    switch (b.config.disk->handle_error(is_read, error)) {
        case Ignore: return false;
        case Report: retry& retry_dma ? dma_failed(b) : transfer_failed(b); return true;
        case Stop:
            // Until the VM stands still, a moment from now, the guest sees a drive at work.
            drive(b).status |= BSY;
            drive(b).retries_pio = retry & retry_pio;
            bus_.retry_unit = static_cast<std::uint8_t>(b.unit);
            bus_.error_status = retry;
            return true;
    }
    return true;
}

void IdeChannel::retry(unsigned unit) {
    const std::int32_t what = bus_.error_status;
    if (!what || bus_.retry_unit != unit) return;
    Back& b = backs_[unit];
    Drive& d = drive(b);
    bus_.error_status = 0;
    d.retries_pio = false;
    const bool packet = !(what & (retry_dma | retry_pio | retry_flush));
    if (packet) {
        atapi_again(b);
    } else if (dma_waiting_) {
        // Only a saved state needed to know: the command still waits here.
    } else if (what & retry_flush) {
        flush_cache(b, 0);
    } else if (what & retry_pio) {
        what& retry_read ? read_sectors(b) : write_sectors(b);
    } else if (dma_) {
        set_address(b, bus_.retry_sector_num);
        d.nsector = bus_.retry_nsector;
        dma_->restart();
        start_dma(b, what & retry_trim   ? DmaKind::Trim
                     : what & retry_read ? DmaKind::Read
                                         : DmaKind::Write);
    }
}

}  // namespace hw
