// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where a PC's memory is: RAM below and above the hole for PCI, firmware at the top of the first 4
// GiB and its last 128 KiB once more below 1 MiB, option ROM space between.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exec/address-space.h"
#include "exec/memory.h"
#include "hw/core/machine.h"

namespace hw {

class PcMemory {
public:
    /// Takes the RAM back end or allocates "pc.ram", and maps it.
    Result<void> build(Platform&, const MachineConfig&, std::uint64_t max_ram_below_4g);
    /// Loads -bios or else `firmware`, and maps it into `pci_memory`: what PCI memory cycles reach.
    /// Null on a board without PCI: then it lies in system memory.
    Result<void> map_firmware(Platform&, const MachineConfig&, const std::string& name,
                              exec::MemoryRegion* pci_memory);
    /// System memory with SMRAM laid over it.
    exec::AddressSpace& smm_space() { return *smm_space_; }
    void map_smram(Platform&, exec::MemoryRegion& smram);

    exec::MemoryRegion& ram() { return *ram_; }
    std::uint64_t below_4g() const { return below_4g_; }
    std::uint64_t above_4g() const { return above_4g_; }

private:
    std::uint64_t below_4g_ = 0, above_4g_ = 0;
    std::unique_ptr<exec::MemoryRegion> ram_, low_, high_, bios_, isa_bios_, option_roms_;
    std::unique_ptr<exec::MemoryRegion> smm_root_, smm_system_;
    std::unique_ptr<exec::AddressSpace> smm_space_;
};

/// Finds a firmware or option ROM file: as a path, then in -L's folders and the usual ones.
Result<std::vector<std::uint8_t>> read_firmware(const MachineConfig&, const std::string& name);

}  // namespace hw
