// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 82540EM Gigabit Ethernet controller ("e1000") and its siblings 82544GC and 82545EM.
// Manual: PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual, order
// 317453.
//
// In files: e1000.cc registers, EEPROM, PHY and interrupts; e1000-tx.cc transmission; e1000-rx.cc
// reception; e1000-state.cc the saved form.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "hw/net/e1000-regs.h"
#include "hw/pci/pci-device.h"
#include "net/net-client.h"

namespace hw {

struct E1000Config : PciConfig {
    std::string mac, netdev;
    bool autonegotiation = true, mitigation = true, extra_mac_registers = true,
         migrate_tso_props = true, init_vet = true;
    std::int32_t bootindex = -1;
};

/// What a context descriptor says of the frames after it.
struct E1000Offload {
    std::uint8_t ipcss = 0, ipcso = 0;
    std::uint16_t ipcse = 0;
    std::uint8_t tucss = 0, tucso = 0;
    std::uint16_t tucse = 0;
    std::uint32_t paylen = 0;
    std::uint8_t hdr_len = 0;
    std::uint16_t mss = 0;
    std::int8_t ip = 0, tcp = 0;
};

struct E1000State {
    PciState dev;
    std::uint32_t rxbuf_size = 0, rxbuf_min_shift = 1;
    struct Eecd {
        std::uint32_t val_in = 0;
        std::uint16_t bitnum_in = 0, bitnum_out = 0, reading = 0;
        std::uint32_t old_eecd = 0;
    } eecd;
    E1000Offload props, tso_props;
    std::uint16_t tx_size = 0, tso_frames = 0;
    std::uint8_t sum_needed = 0;
    std::array<std::uint8_t, 256> tx_header{};
    std::array<std::uint8_t, 0x10000> tx_data{};
    std::array<std::uint16_t, 64> eeprom{};
    std::array<std::uint16_t, 32> phy{};
    std::array<std::uint32_t, e1000::register_count> mac{};
    bool mit_irq_level = false;
    bool cptse = false;  // the frame being gathered will be segmented
    // Which subsections this machine's streams have; from the Config.
    bool has_mitigation = true, has_full_mac = true, has_tso = true;
};
extern const vmstate::Table e1000_table;

class E1000 final : public PciDeviceOf<E1000Config, E1000State>, private net::Card {
public:
    explicit E1000(const PciDeviceType& type);
    net::Card& card() { return *this; }

    const vmstate::Table& vmstate() const override { return e1000_table; }
    std::uint64_t mmio_read(exec::hwaddr offset, unsigned size);
    void mmio_write(exec::hwaddr offset, std::uint64_t value, unsigned size);
    std::uint64_t io_read(exec::hwaddr, unsigned) { return 0; }
    void io_write(exec::hwaddr, std::uint64_t, unsigned) {}

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override;
    void chip_loaded(int) override;
    void config_written(unsigned address, unsigned size) override;

private:
    bool ready() override;
    void receive(std::span<const std::uint8_t> frame) override;
    void link_changed(bool up) override;

    std::uint32_t& reg(unsigned index) { return state_.mac[index]; }
    void raise(std::uint32_t causes) { set_causes(reg(e1000::ICR) | causes); }
    void set_causes(std::uint32_t causes);
    void update_pin();
    void set_line(bool up);
    void restart_negotiation();
    void negotiated();
    void write_eecd(std::uint32_t value);
    std::uint32_t read_eecd() const;
    std::uint32_t read_eerd() const;
    void write_mdic(std::uint32_t value);
    void write_phy(unsigned n, std::uint16_t value);
    void write_ctrl(std::uint32_t value);
    void write_rctl(std::uint32_t value);
    void reset_registers();
    void count(unsigned index);
    void count_bytes(unsigned low, std::size_t bytes);
    void count_size(unsigned smallest, std::size_t bytes);

    // e1000-tx.cc
    void transmit();
    bool descriptor(const std::array<std::uint8_t, 16>& d);
    void gather_segments(std::uint64_t address, std::size_t left);
    void load_context(const std::array<std::uint8_t, 16>& d);
    void emit();
    void send_frame(std::span<std::uint8_t> frame);

    // e1000-rx.cc
    bool wanted(std::span<const std::uint8_t> frame);
    void store(std::span<const std::uint8_t> bytes, std::uint8_t status, std::uint16_t tag);
    bool has_buffers(std::size_t bytes);
    std::uint64_t ring(unsigned low, unsigned high) const;

    std::unique_ptr<exec::MemoryRegion> mmio_, io_;
    std::optional<Timer> throttle_, negotiation_, transmission_;
    bool transmitting_ = false;
    unsigned frames_sent_ = 0;          // since transmit() began
    std::optional<std::uint16_t> tag_;  // the VLAN of the frame being gathered
    std::vector<std::uint8_t> received_, tagged_;
};

extern const PciDeviceType e1000_type, e1000_82544gc_type, e1000_82545em_type;

}  // namespace hw
