// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the two interfaces on the ISA bus share: a message each way, and an interrupt line that an
// answer and the attention flag pull.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>

#include "exec/memory.h"
#include "hw/core/irq.h"
#include "hw/ipmi/ipmi.h"
#include "hw/isa/isa-bus.h"

namespace hw {

struct IpmiIsaConfig {
    u32 ioport = 0;
    i32 irq = 5;
    std::string bmc;
};

/// The first fields of both sections.
struct IpmiMessages {
    static constexpr std::size_t capacity = 300;
    bool obf_irq_set = false, atn_irq_set = false, irqs_enabled = false;
    u32 outpos = 0, outlen = 0;
    std::array<u8, capacity> outmsg{};
    u32 inlen = 0;
    std::array<u8, capacity> inmsg{};

    /// False: it does not fit.
    bool take(u8 byte) {
        if (inlen >= inmsg.size()) return false;
        inmsg[inlen++] = byte;
        return true;
    }
    std::span<const u8> request() const { return std::span(inmsg).first(inlen); }
    Result<void> check() const;
};

/// IRQ of an interface whose reasons are the flags above.
class IpmiIrq {
public:
    IpmiIrq(IpmiMessages& m) : m_(m) {}
    void raise(bool IpmiMessages::*reason) {
        if (!m_.irqs_enabled) return;
        m_.*reason = true;
        update();
    }
    void lower(bool IpmiMessages::*reason) {
        m_.*reason = false;
        update();
    }
    void update() { line.set(m_.obf_irq_set || m_.atn_irq_set); }
    IrqOut line;

private:
    IpmiMessages& m_;
};

/// What `info qtree` shows of either, and `bmc`, which it does not.
template <class Config>
constexpr auto ipmi_isa_properties() {
    return qom::properties(qom::property<&IpmiIsaConfig::ioport>("ioport"),
                           qom::property<&IpmiIsaConfig::irq>("irq"),
                           qom::property<&IpmiIsaConfig::bmc>("bmc")
                               .as("link<ipmi-bmc>", qom::PropertyKind::String)
                               .of_object());
}

}  // namespace hw
