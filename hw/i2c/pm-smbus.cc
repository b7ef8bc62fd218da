// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i2c/pm-smbus.h"

#include <algorithm>
#include <vector>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

enum : u64 {
    HST_STS = 0x00,
    HST_CNT = 0x02,
    HST_CMD = 0x03,
    HST_ADD = 0x04,
    HST_DAT0 = 0x05,
    HST_DAT1 = 0x06,
    BLK_DAT = 0x07,
    AUX_CTL = 0x0d,
};
enum : u8 {
    sts_host_busy = 0x01,
    sts_intr = 0x02,
    sts_dev_err = 0x04,
    sts_byte_done = 0x80,

    cnt_intren = 0x01,
    cnt_kill = 0x02,
    cnt_protocol = 0x1c,
    cnt_start = 0x40,

    aux_block_buffer = 0x02,
};
enum Protocol : u8 { quick, byte, byte_data, word_data, process_call, block_data, i2c_read };

using S = PmSmbusState;
constexpr auto fields = vmstate::fields(
    vmstate::field<&S::smb_stat>("smb_stat"), vmstate::field<&S::smb_ctl>("smb_ctl"),
    vmstate::field<&S::smb_cmd>("smb_cmd"), vmstate::field<&S::smb_addr>("smb_addr"),
    vmstate::field<&S::smb_data0>("smb_data0"), vmstate::field<&S::smb_data1>("smb_data1"),
    vmstate::field<&S::smb_index>("smb_index"), vmstate::field<&S::smb_data>("smb_data"),
    vmstate::field<&S::smb_auxctl>("smb_auxctl"), vmstate::field<&S::smb_blkdata>("smb_blkdata"),
    vmstate::field<&S::i2c_enable>("i2c_enable"), vmstate::field<&S::op_done>("op_done"),
    vmstate::field<&S::in_i2c_block_read>("in_i2c_block_read"),
    vmstate::field<&S::start_transaction_on_status_read>("start_transaction_on_status_read"));
static_assert(vmstate::covers<S>(fields));
Result<void> check(const S& s, int) {
    if (s.smb_index >= s.smb_data.size())
        return fail("smb_index {} is beyond the buffer", s.smb_index);
    return {};
}

constexpr auto ops = exec::memory_ops<&PmSmbus::read, &PmSmbus::write>(
    {.valid = {1, 1, false}, .impl = {1, 1, false}});

}  // namespace

constinit const vmstate::Table pm_smbus_table{
    .name = "pmsmb", .fields = fields, .check = vmstate::check<S, check>};

std::unique_ptr<exec::MemoryRegion> PmSmbus::make_region(exec::MemoryMap& map) {
    return exec::MemoryRegion::io(map, "pm-smbus", size, ops, this);
}

void PmSmbus::reset() {
    state_ = {};
    state_.op_done = true;
    state_.smb_auxctl = aux_block_buffer;  // PIIX4 has no other way
    update_irq();
}

void PmSmbus::update_irq() {
    irq.set(state_.smb_ctl & cnt_intren && state_.smb_stat & (sts_intr | sts_byte_done));
}

/// False: no chip at that address answered, or the protocol is unknown.
bool PmSmbus::transact() {
    S& s = state_;
    SmbusDevice* chip = bus_.find(s.smb_addr >> 1);
    if (!chip) return false;
    const bool reads = s.smb_addr & 1;
    std::vector<u8> out{s.smb_cmd};
    switch (const u8 protocol = (s.smb_ctl & cnt_protocol) >> 2) {
        case quick: chip->write({}); return true;
        case byte:
            if (reads)
                s.smb_data0 = chip->read_byte();
            else
                chip->write(out);
            return true;
        case byte_data:
        case word_data:
        case process_call: {
            const bool word = protocol != byte_data;
            if (!reads || protocol == process_call) {
                out.push_back(s.smb_data0);
                if (word) out.push_back(s.smb_data1);
                chip->write(out);
                if (!reads) return true;
            } else {
                chip->write(out);
            }
            s.smb_data0 = chip->read_byte();
            if (word) s.smb_data1 = chip->read_byte();
            return true;
        }
        case block_data:
            if (reads) {
                chip->write(out);
                s.smb_data0 = std::min<u8>(chip->read_byte(), u8(s.smb_data.size()));
                for (unsigned i = 0; i < s.smb_data0; i++)
                    s.smb_data[i] = chip->read_byte();
            } else {
                const unsigned length = std::min<unsigned>(s.smb_data0, s.smb_data.size());
                out.push_back(u8(length));
                out.insert(out.end(), s.smb_data.begin(), s.smb_data.begin() + length);
                chip->write(out);
            }
            s.smb_index = 0;
            return true;
        default: return false;
    }
}

/// The transaction happens when the guest has seen the controller busy once: drivers that wait for
/// it to become busy first would wait for good otherwise.
void PmSmbus::start() {
    if (state_.smb_stat & sts_host_busy) return;
    state_.smb_stat = sts_host_busy;
    state_.op_done = false;
    state_.start_transaction_on_status_read = true;
    if (state_.smb_ctl & cnt_intren) finish();  // nobody polls
}

void PmSmbus::finish() {
    state_.start_transaction_on_status_read = false;
    state_.smb_stat = transact() ? sts_intr : sts_dev_err;
    state_.op_done = true;
    update_irq();
}

u64 PmSmbus::read(u64 offset, unsigned) {
    S& s = state_;
    switch (offset) {
        case HST_STS: {
            const u8 status = s.smb_stat;
            if (s.start_transaction_on_status_read) finish();
            return status;
        }
        case HST_CNT: s.smb_index = 0; return s.smb_ctl & 0x1f;
        case HST_CMD: return s.smb_cmd;
        case HST_ADD: return s.smb_addr;
        case HST_DAT0: return s.smb_data0;
        case HST_DAT1: return s.smb_data1;
        case BLK_DAT: {
            const u8 value = s.smb_data[s.smb_index];
            s.smb_index = u32((s.smb_index + 1) % s.smb_data.size());
            return value;
        }
        case AUX_CTL: return s.smb_auxctl;
        default: return 0;
    }
}

void PmSmbus::write(u64 offset, u64 wide, unsigned) {
    S& s = state_;
    const u8 value = u8(wide);
    switch (offset) {
        case HST_STS:
            s.smb_stat &= u8(~(value & ~sts_host_busy));
            update_irq();
            break;
        case HST_CNT:
            s.smb_ctl = value & u8(~cnt_start);
            if (value & cnt_kill) {
                s = {};
                s.op_done = true;
                s.smb_auxctl = aux_block_buffer;
            } else if (value & cnt_start) {
                start();
            }
            update_irq();
            break;
        case HST_CMD: s.smb_cmd = value; break;
        case HST_ADD: s.smb_addr = value; break;
        case HST_DAT0: s.smb_data0 = value; break;
        case HST_DAT1: s.smb_data1 = value; break;
        case BLK_DAT:
            s.smb_data[s.smb_index] = value;
            s.smb_index = u32((s.smb_index + 1) % s.smb_data.size());
            break;
        case AUX_CTL: s.smb_auxctl = value & aux_block_buffer; break;
        default: break;
    }
}

}  // namespace hw
