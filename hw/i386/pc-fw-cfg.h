// SPDX-License-Identifier: GPL-2.0-or-later
//
// The fw_cfg items of a PC: what SeaBIOS and the kernel loader ask for.
#pragma once

#include "hw/core/machine.h"
#include "hw/i386/linux-image.h"
#include "hw/i386/multiboot-image.h"
#include "hw/i386/pc-memory.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/timer/hpet.h"

namespace hw {

/// Sixteen bytes in the order they are written; zeros for an empty text.
FwCfg::Bytes uuid_bytes(const std::string& text);

struct PcFwCfgFacts {
    const Hpet* hpet = nullptr;  // null: none
    bool s3 = true, s4 = true, system_states = true;
    unsigned nodes = 0;
    unsigned apic_ids = 1;        // one beyond the highest that a processor may have
    u64 reserved_memory_end = 0;  // 0: nothing to say
    bool reserves_hypertransport = true;
};
Result<void> fill_fw_cfg(FwCfg&, const MachineConfig&, const PcMemory&, const PcFwCfgFacts&);
/// -kernel: the pieces, and the option ROM that puts them in place, whose file has `rom_name`.
Result<void> add_kernel(FwCfg&, LinuxImage, std::string_view rom_name, FwCfg::Bytes rom);
Result<void> add_kernel(FwCfg&, const MultibootImage&, std::string_view rom_name, FwCfg::Bytes rom);

}  // namespace hw
