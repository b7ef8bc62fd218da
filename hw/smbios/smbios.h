// SPDX-License-Identifier: GPL-2.0-or-later
//
// The SMBIOS structures that firmware shows to guests (DSP0134, System Management BIOS Reference
// Specification 2.8): system, chassis, processors, memory.
#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "hw/core/int.h"
#include "util/result.h"

namespace hw {

/// What -smbios sets. A service.
struct SmbiosOptions {
    /// By type and the option's word: {1, "serial"}.
    std::map<std::pair<unsigned, std::string>, std::string> fields;
    std::vector<std::string> oem_strings;
    /// Whole structures, which replace the ones of their types.
    std::vector<std::vector<u8>> structures;
};

struct SmbiosFacts {
    std::string manufacturer = "QEMU";
    std::string product;  // "Standard PC (i440FX + PIIX, 1996)"
    std::string version;  // "pc-i440fx-7.2"
    std::array<u8, 16> uuid{};
    unsigned sockets = 1, cores_per_socket = 1, threads_per_socket = 1;
    u32 cpuid_1_eax = 0, cpuid_1_edx = 0;
    u64 ram_below_4g = 0, ram_above_4g = 0;
    SmbiosOptions options{};
};

/// Two files of fw_cfg.
struct SmbiosTables {
    std::vector<u8> anchor, tables;
};

SmbiosTables build_smbios_tables(const SmbiosFacts&);

/// Sets one field of the options, or refuses it: "Invalid parameter 'foo'".
Result<void> set_smbios_field(SmbiosOptions&, unsigned type, const std::string& name,
                              const std::string& value);
/// Takes a structure as a file has it: header, body, strings, two zeros.
Result<void> add_smbios_structure(SmbiosOptions&, std::vector<u8>);

}  // namespace hw
