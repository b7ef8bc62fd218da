// SPDX-License-Identifier: GPL-2.0-or-later
//
// The SMBus host controller of Intel's chip sets (82371AB PIIX4, 11.2; ICH9, 5.20): a byte-wide
// register block that makes one transaction at a time. Part of a chip set's PM function.
#pragma once

#include <array>
#include <memory>

#include "exec/memory.h"
#include "hw/core/int.h"
#include "hw/core/irq.h"
#include "hw/i2c/i2c-bus.h"
#include "migration/vmstate/table.h"

namespace hw {

struct PmSmbusState {
    u8 smb_stat = 0;
    u8 smb_ctl = 0;
    u8 smb_cmd = 0;
    u8 smb_addr = 0;
    u8 smb_data0 = 0;
    u8 smb_data1 = 0;
    u32 smb_index = 0;
    std::array<u8, 32> smb_data{};
    u8 smb_auxctl = 0;
    u8 smb_blkdata = 0;
    bool i2c_enable = false;
    bool op_done = false;
    bool in_i2c_block_read = false;
    bool start_transaction_on_status_read = false;
};
/// "pmsmb"
extern const vmstate::Table pm_smbus_table;

class PmSmbus {
public:
    static constexpr u64 size = 64;

    PmSmbus(PmSmbusState& state, I2cBus& bus) : state_(state), bus_(bus) { reset(); }

    void reset();
    std::unique_ptr<exec::MemoryRegion> make_region(exec::MemoryMap&);
    u64 read(u64 offset, unsigned);
    void write(u64 offset, u64 value, unsigned);

    IrqOut irq;

private:
    void start();
    void finish();
    bool transact();
    void update_irq();

    PmSmbusState& state_;
    I2cBus& bus_;
};

}  // namespace hw
