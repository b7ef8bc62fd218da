// SPDX-License-Identifier: GPL-2.0-or-later
//
// USB as a host controller's driver sees it: packets to an address, answered at once. Everything
// below that (bits, handshakes, timing) has no part in a virtual cable.
// Specification: Universal Serial Bus 1.1, chapter 8.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hw/core/bus.h"

namespace hw {

struct UsbPacket {
    enum Pid : std::uint8_t { In = 0x69, Out = 0xe1, Setup = 0x2d };
    Pid pid;
    std::uint8_t endpoint;
    std::span<std::uint8_t> data;  // where an IN goes, what an OUT or SETUP brings
};
struct UsbAnswer {
    enum Status : std::uint8_t { Ok, Nak, Stall, Babble } status;
    std::size_t length = 0;  // of an IN; no more than there is room
};

class UsbDevice : public Device {
public:
    using Device::Device;
    virtual bool low_speed() const = 0;
    /// 0 until the host has given it one.
    virtual std::uint8_t usb_address() const = 0;
    virtual UsbAnswer handle(const UsbPacket&) = 0;
    /// The host drives a reset on its port.
    virtual void port_reset() = 0;
};

/// The controller behind a bus.
class UsbHost {
public:
    virtual ~UsbHost() = default;
    /// A device came to a port, or went (null).
    virtual void port_changed(unsigned port, UsbDevice*) = 0;
};

class UsbBus final : public Bus {
public:
    UsbBus(Device& parent, UsbHost&, unsigned ports);

    std::string_view kind() const override { return "usb-bus"; }
    Result<void> attach(Device&) override;
    void detach(Device&) override;
    bool full() const override;
    bool hotplug() const override { return true; }

    /// Null: the port is empty.
    UsbDevice* port(unsigned n) const { return ports_[n]; }

private:
    UsbHost& host_;
    std::vector<UsbDevice*> ports_;
};
extern const qom::Type usb_bus_type;

}  // namespace hw
