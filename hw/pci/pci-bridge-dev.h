// SPDX-License-Identifier: GPL-2.0-or-later
//
// "pci-bridge": a PCI-to-PCI bridge with a hot-plug controller (Red Hat's 1b36:0001).
#pragma once

#include <optional>

#include "hw/pci/pci-bridge.h"
#include "hw/pci/shpc.h"

namespace hw {

struct PciBridgeDevConfig : PciConfig {
    u8 chassis_nr = 0;
    qom::OnOffAuto msi = qom::OnOffAuto::Auto;
    bool shpc = true;
    // What firmware is asked to keep free behind it; all ones: it decides.
    u32 bus_reserve = ~u32{0};
    u64 io_reserve = ~u64{0}, mem_reserve = ~u64{0}, pref32_reserve = ~u64{0},
        pref64_reserve = ~u64{0};
};

struct PciBridgeDevState {
    PciState dev;
    Shpc::Registers shpc{};
    bool has_shpc = true;  // not saved: a property
};

class PciBridgeDev final : public PciBridgeOf<PciBridgeDevConfig, PciBridgeDevState> {
public:
    PciBridgeDev();
    const vmstate::Table& vmstate() const override;
    u32 config_read(unsigned address, unsigned size) override;
    void config_write(unsigned address, u32 value, unsigned size) override;

protected:
    Result<void> realize_bridge(Platform&) override;
    void bridge_reset() override;
    void bridge_loaded() override;

private:
    void add_shpc(Platform&);
    void remove(unsigned slot);
    void set_hotplug_interrupt(bool level);

    std::optional<Shpc> shpc_;
    std::unique_ptr<exec::MemoryRegion> bar_, registers_;
};

extern const PciDeviceType pci_bridge_dev_type;

}  // namespace hw
