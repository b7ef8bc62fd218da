// SPDX-License-Identifier: GPL-2.0-or-later
//
// National Semiconductor DP8390D network interface controller with the memory, address PROM and
// port layout of Novell's NE2000, which ne2k_isa and ne2k_pci share.
// Data sheet: DP8390D/NS32490D Network Interface Controller (July 1995).
#pragma once

#include <array>

#include "exec/memory.h"
#include "migration/vmstate/table.h"
#include "net/net-client.h"

namespace hw {

struct Dp8390State {
    std::uint8_t rxcr = 0, cmd = 0;
    std::uint32_t start = 0, stop = 0;  // of the receive ring, in bytes
    std::uint8_t boundary = 0, tsr = 0, tpsr = 0;
    std::uint16_t tcnt = 0, rcnt = 0;
    std::uint32_t rsar = 0;
    std::uint8_t rsr = 0, isr = 0, dcfg = 0, imr = 0;
    std::array<std::uint8_t, 6> phys{};
    std::uint8_t curpag = 0;
    std::array<std::uint8_t, 8> mult{};
    /// The PROM's 32 bytes, and 32 KiB of memory from 4000h on.
    std::array<std::uint8_t, 0xc000> mem{};
};
/// "ne2000"
extern const vmstate::Table dp8390_table;

class Dp8390 : public net::Card {
public:
    explicit Dp8390(Dp8390State& state) : chip_(state) {}

    /// The 32 ports of a card.
    std::uint64_t port_read(exec::hwaddr offset, unsigned size);
    void port_write(exec::hwaddr offset, std::uint64_t value, unsigned size);

protected:
    /// The interrupt pin.
    virtual void set_irq(bool up) = 0;
    virtual bool running() const = 0;
    void reset_chip();
    void update_irq();

private:
    bool ready() override;
    void receive(std::span<const std::uint8_t> frame) override;
    bool wanted(std::span<const std::uint8_t> frame) const;

    void soft_reset();
    std::uint8_t read_register(unsigned n) const;
    void write_register(unsigned n, std::uint8_t value);
    void write_command(std::uint8_t value);
    void transmit();
    std::uint64_t read_data(unsigned size);
    void write_data(std::uint64_t value, unsigned size);
    void advance_dma(unsigned bytes);
    bool has_memory(std::uint32_t address) const;

    Dp8390State& chip_;
};

}  // namespace hw
