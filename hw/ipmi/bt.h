// SPDX-License-Identifier: GPL-2.0-or-later
//
// "isa-ipmi-bt": the Block Transfer interface, whole messages through a port (IPMI 2.0, section
// 11).
#pragma once

#include "hw/ipmi/ipmi-isa.h"

namespace hw {

struct IpmiBtState {
    IpmiMessages messages;
    u8 control_reg = 0;
    u8 mask_reg = 0;
    u8 waiting_rsp = 0;  // counts requests
    u8 waiting_seq = 0;  // the last request's number
};

class IpmiBt final : public DeviceOf<IpmiIsaConfig, IpmiBtState>, public IpmiInterface {
public:
    static const DeviceType device_type_;
    IpmiBt();
    const vmstate::Table& vmstate() const override;

    u64 read(u64 offset, unsigned size);
    void write(u64 offset, u64 value, unsigned size);

    void set_attention(bool on, bool interrupts) override;
    void enable_interrupts(bool on) override;

protected:
    Result<void> realize(Platform&) override;
    Result<void> check_state(const IpmiBtState&, int version) const override;
    void post_load(int) override { irq_.update(); }

private:
    void control(u8 value);
    void mask(u8 value);
    void process();
    std::vector<u8> capabilities() const;
    void set_irq(bool IpmiMessages::*reason, bool on);

    IpmiIrq irq_{state_.messages};
    std::unique_ptr<exec::MemoryRegion> ports_;
};

}  // namespace hw
