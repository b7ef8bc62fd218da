// SPDX-License-Identifier: GPL-2.0-or-later
//
// The Intelligent Platform Management Interface: a management controller (BMC) that answers
// messages, and the system interfaces through which software on the machine sends them.
// Specification: IPMI 2.0, document revision 1.1; sections below are its.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hw/core/device.h"
#include "hw/core/int.h"

namespace hw {

/// Completion codes (table 5-2).
enum class Completion : u8 {
    Ok = 0x00,
    NodeBusy = 0xc0,
    InvalidCommand = 0xc1,
    Timeout = 0xc3,
    OutOfSpace = 0xc4,
    ReservationCancelled = 0xc5,
    RequestTruncated = 0xc6,
    LengthInvalid = 0xc7,
    ParameterOutOfRange = 0xc9,
    CannotReturnBytes = 0xca,
    NotPresent = 0xcb,
    InvalidField = 0xcc,
};

class IpmiBmc;

/// What the BMC tells the interface it is reached by.
class IpmiInterface {
public:
    /// Either may go first.
    virtual ~IpmiInterface();
    /// Something waits to be asked for (SMS_ATN), worth an interrupt or not.
    virtual void set_attention(bool on, bool interrupts) = 0;
    virtual void enable_interrupts(bool on) = 0;

protected:
    friend class IpmiBmc;
    IpmiBmc* bmc_ = nullptr;  // set by attach()
};

class IpmiBmc : public Device {
public:
    using Device::Device;
    ~IpmiBmc() override;
    /// Answers a request `netFn/LUN, command, data...` by `netFn/LUN, command, completion code,
    /// data...`. At most `longest` bytes.
    static constexpr std::size_t longest = 255;
    virtual std::vector<u8> answer(std::span<const u8> request) = 0;
    virtual u8 slave_address() const = 0;

    /// One interface to a BMC.
    Result<void> attach(IpmiInterface&);
    void detach() { interface_ = nullptr; }

protected:
    IpmiInterface* interface() const { return interface_; }

private:
    IpmiInterface* interface_ = nullptr;
};

extern const qom::Type ipmi_bmc_type;

/// For an interface's realize: the BMC of its `bmc` property.
Result<IpmiBmc*> find_bmc(const Device& interface, const std::string& bmc);

}  // namespace hw
