// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 8237A DMA controller (data sheet 231466-005; the PC's boards called it i8257), with the
// page registers that extend its addresses. A PC has two: bytes on channels 0-3, words on 5-7.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "exec/address-space.h"
#include "hw/isa/isa-bus.h"
#include "util/timer.h"

namespace hw {

struct DmaConfig {
    i32 base = 0;
    i32 page_base = 0x80;
    i32 pageh_base = -1;  // bits 24-30 of addresses, EISA; none
    i32 dshift = 0;       // 1: counts words, registers two ports apart
};

struct DmaChannel {
    std::array<i32, 2> now{};   // address, and bytes transferred
    std::array<u16, 2> base{};  // as programmed: address, count - 1
    u8 mode = 0;
    u8 page = 0;
    u8 pageh = 0;
    u8 dack = 0;
    u8 eop = 0;
};

struct DmaState {
    u8 command = 0;
    u8 mask = 0xff;
    u8 flip_flop = 0;
    i32 dshift = 0;
    std::array<DmaChannel, 4> regs{};
};

class I8257 final : public DeviceOf<DmaConfig, DmaState>, public IsaDma {
public:
    static const DeviceType device_type_;

    I8257() : DeviceOf(device_type_) {}
    explicit I8257(const DmaConfig& config) : I8257() { config_ = config; }

    const vmstate::Table& vmstate() const override;
    void hold_reset() override;

    void register_channel(unsigned channel, Transfer, void* device) override;
    void set_request(unsigned channel, bool up) override;
    Direction direction(unsigned channel) const override {
        return Direction(state_.regs[channel].mode >> 2 & 3);
    }
    bool auto_init(unsigned channel) const override { return state_.regs[channel].mode & 0x10; }
    unsigned read_memory(unsigned channel, std::span<u8> to, unsigned position) override;
    unsigned write_memory(unsigned channel, std::span<const u8> from, unsigned position) override;
    void schedule() override;
    /// Lets every requesting channel transfer, now.
    void run();

    u64 channel_read(u64 offset, unsigned);
    void channel_write(u64 offset, u64 value, unsigned);
    u64 control_read(u64 offset, unsigned);
    void control_write(u64 offset, u64 value, unsigned);
    u64 page_read(u64 offset, unsigned);
    void page_write(u64 offset, u64 value, unsigned);
    u64 page0_read(u64, unsigned) { return state_.regs[0].page; }
    void page0_write(u64, u64 value, unsigned) { state_.regs[0].page = u8(value); }

protected:
    Result<void> realize(Platform&) override;
    void post_load(int) override { schedule(); }

private:
    struct Client {
        Transfer transfer = nullptr;
        void* device = nullptr;
    };
    bool toggle_flip_flop();
    u64 address(const DmaChannel&) const;
    void master_clear();

    u8 status_ = 0;  // requests in bits 4-7, terminal counts in 0-3; peripherals set it anew
    bool running_ = false;
    std::array<Client, 4> clients_{};
    exec::AddressSpace* memory_ = nullptr;
    std::optional<Timer> soon_;
    std::array<std::unique_ptr<exec::MemoryRegion>, 4> regions_;
};

}  // namespace hw
