// SPDX-License-Identifier: GPL-2.0-or-later
//
// The USB host controllers of the PIIX3 and PIIX4: frames of a millisecond, in each of which the
// controller walks a list of transfers in memory.
// Specification: Universal Host Controller Interface (UHCI) Design Guide, revision 1.1 (1996).
//
// In files: uhci.cc registers, uhci-schedule.cc the lists.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "hw/pci/pci-device.h"
#include "hw/usb/usb-bus.h"
#include "util/timer.h"

namespace hw {

struct UhciConfig : PciConfig {
    std::uint32_t bandwidth = 1280;  // bytes a frame
    std::uint32_t maxframes = 128;   // to catch up with at once
};

struct UhciPort {
    std::uint16_t ctrl = 0x0080;
};
struct UhciState {
    static constexpr unsigned port_count = 2;
    PciState dev;
    std::uint8_t num_ports = port_count;
    std::array<UhciPort, port_count> ports{};
    std::uint16_t cmd = 0, status = 0x20, intr = 0, frnum = 0;
    std::uint32_t fl_base_addr = 0;
    std::uint8_t sof_timing = 64;
    std::uint8_t status2 = 0;  // which causes of USBINT there were: 1 complete, 2 short
    std::int64_t frame_timer = -1;
    std::int64_t expire_time = 0;  // when the frame under way ends
    std::uint32_t pending_int_mask = 0;
};

class Uhci final : public PciDeviceOf<UhciConfig, UhciState>, private UsbHost {
public:
    explicit Uhci(const PciDeviceType&);
    ~Uhci() override;
    const vmstate::Table& vmstate() const override;
    std::span<const std::unique_ptr<Bus>> child_buses() const override { return buses_; }

    std::uint64_t port_read(exec::hwaddr offset, unsigned size);
    void port_write(exec::hwaddr offset, std::uint64_t value, unsigned size);

protected:
    Result<void> realize_chip(Platform&) override;
    void chip_reset() override { reset_controller(); }
    void chip_loaded(int) override;
    void pre_save(UhciState& s) override { s.frame_timer = timer_ ? timer_->deadline_ns() : -1; }

private:
    UsbBus& bus() const { return static_cast<UsbBus&>(*buses_.front()); }
    void port_changed(unsigned port, UsbDevice*) override;
    void reset_controller();
    void write_command(std::uint16_t value);
    void write_port(unsigned port, std::uint16_t value);
    void update_irq();
    void tick();

    // uhci-schedule.cc
    enum class Next { Horizontal, Vertical, Halt };
    void run_frame();
    Next run_transfer(std::uint32_t at, std::uint32_t& link);
    Next finish(std::uint32_t at, std::uint32_t control, std::uint32_t errors, Next);
    UsbDevice* device_at(unsigned address) const;
    void halt(std::uint16_t cause);
    std::uint32_t load(std::uint32_t at);
    void store(std::uint32_t at, std::uint32_t value);

    std::unique_ptr<exec::MemoryRegion> ports_;
    std::vector<std::unique_ptr<Bus>> buses_;
    std::optional<Timer> timer_;
    std::uint32_t moved_ = 0;                // bytes, in the frame under way
    std::vector<std::uint32_t> idle_heads_;  // queues met since the last transfer
};

extern const PciDeviceType piix3_uhci_type, piix4_uhci_type;

// USBCMD, USBSTS, PORTSC (section 2.1).
inline constexpr std::uint16_t uhci_run = 0x0001, uhci_hcreset = 0x0002, uhci_greset = 0x0004;
inline constexpr std::uint16_t uhci_usbint = 0x0001, uhci_usberr = 0x0002, uhci_resume = 0x0004,
                               uhci_hserr = 0x0008, uhci_hcperr = 0x0010, uhci_halted = 0x0020;
inline constexpr std::uint16_t uhci_connected = 0x0001, uhci_connect_change = 0x0002,
                               uhci_enabled = 0x0004, uhci_enable_change = 0x0008,
                               uhci_low_speed = 0x0100, uhci_port_reset = 0x0200;

}  // namespace hw
