// SPDX-License-Identifier: GPL-2.0-or-later
//
// "smbus-ipmi": the SMBus System Interface, SSIF (IPMI 2.0, section 12): messages as blocks of up
// to 32 bytes.
#pragma once

#include <array>

#include "hw/i2c/i2c-bus.h"
#include "hw/ipmi/ipmi.h"

namespace hw {

struct SmbusIpmiConfig {
    u8 address = 0;
    std::string bmc;
};

struct SmbusIpmiState {
    static constexpr std::size_t capacity = 255, block = 32;
    u8 address = 0;
    i32 mode = 0;  // of a transaction under way; there never is one
    i32 data_len = 0;
    std::array<u8, 34> data_buf{};
    u8 waiting_rsp = 0;
    u32 outlen = 0;
    u32 currblk = 0;
    std::array<u8, capacity> outmsg{};
    u32 outpos = 0;
    std::array<u8, block + 1> outbuf{};  // length, block
    u32 inlen = 0;
    std::array<u8, capacity> inmsg{};
};

class SmbusIpmi final : public DeviceOf<SmbusIpmiConfig, SmbusIpmiState>,
                        public SmbusDevice,
                        public IpmiInterface {
public:
    static const DeviceType device_type_;
    SmbusIpmi() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;

    u8 smbus_address() const override { return config_.address; }
    void write(std::span<const u8> bytes) override;
    u8 read_byte() override;

    // Attention is for a wire that this board does not have, SMBALERT#.
    void set_attention(bool, bool) override {}
    void enable_interrupts(bool) override {}

protected:
    Result<void> realize(Platform&) override;
    Result<void> check_state(const SmbusIpmiState&, int version) const override;

private:
    void take(std::span<const u8> block, bool first, bool last);
    void process();
    void fill_first();
    void fill_next();
    void put(std::span<const u8> head, std::size_t count);
};

}  // namespace hw
