// SPDX-License-Identifier: GPL-2.0-or-later
//
// The SMBIOS structures that firmware shows to guests (DSP0134, System Management BIOS Reference
// Specification 2.8): system, chassis, processors, memory.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "hw/core/int.h"

namespace hw {

struct SmbiosFacts {
    std::string manufacturer = "QEMU";
    std::string product;  // "Standard PC (i440FX + PIIX, 1996)"
    std::string version;  // "pc-i440fx-7.2"
    std::array<u8, 16> uuid{};
    unsigned sockets = 1, cores_per_socket = 1, threads_per_socket = 1;
    u32 cpuid_1_eax = 0, cpuid_1_edx = 0;
    u64 ram_below_4g = 0, ram_above_4g = 0;
};

/// Two files of fw_cfg.
struct SmbiosTables {
    std::vector<u8> anchor, tables;
};

SmbiosTables build_smbios_tables(const SmbiosFacts&);

}  // namespace hw
