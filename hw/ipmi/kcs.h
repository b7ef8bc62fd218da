// SPDX-License-Identifier: GPL-2.0-or-later
//
// "isa-ipmi-kcs": the Keyboard Controller Style interface, two ports (IPMI 2.0, section 9).
#pragma once

#include "hw/ipmi/ipmi-isa.h"

namespace hw {

struct IpmiKcsState {
    IpmiMessages messages;
    bool write_end = false;
    u8 status_reg = 0;
    u8 data_out_reg = 0;
    std::int16_t data_in_reg = 0;  // -1: nothing was written
    std::int16_t cmd_reg = 0;
    u8 waiting_rsp = 0;  // counts requests
};

class IpmiKcs final : public DeviceOf<IpmiIsaConfig, IpmiKcsState>, public IpmiInterface {
public:
    static const DeviceType device_type_;
    IpmiKcs();
    const vmstate::Table& vmstate() const override;

    u64 read(u64 offset, unsigned size);
    void write(u64 offset, u64 value, unsigned size);

    void set_attention(bool on, bool interrupts) override;
    void enable_interrupts(bool on) override;

protected:
    Result<void> realize(Platform&) override;
    Result<void> check_state(const IpmiKcsState&, int version) const override;
    void post_load(int) override { irq_.update(); }

private:
    enum class Phase : u8 { Idle, Read, Write, Error };
    Phase phase() const { return Phase(state_.status_reg >> 6); }
    void set_phase(Phase p) { state_.status_reg = u8((state_.status_reg & 0x3f) | u8(p) << 6); }
    void put(u8 byte);
    void take(u8 byte);
    void command(u8 code);
    void process();
    void refuse(u8 why);

    IpmiIrq irq_{state_.messages};
    std::unique_ptr<exec::MemoryRegion> ports_;
};

}  // namespace hw
