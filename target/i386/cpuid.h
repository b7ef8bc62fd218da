// SPDX-License-Identifier: GPL-2.0-or-later
//
// CPU models: what CPUID answers. The table's facts were captured from QEMU 7.2 (accelerator TCG).
#pragma once

#include "target/i386/feature-set.h"
#include "util/result.h"

#include <span>
#include <string>
#include <string_view>

namespace i386 {

struct CpuModel {
    std::string name;
    std::string vendor;    ///< 12 characters
    u32 signature = 0;     ///< CPUID.1:EAX
    u32 level = 0;         ///< highest basic leaf
    u32 xlevel = 0;        ///< highest extended leaf, or 0
    std::string model_id;  ///< brand string, at most 48 characters
    unsigned physical_bits = 40;
    FeatureSet features;
    /// Topology, set by the machine.
    unsigned cores = 1, threads = 1, cpus = 1;
};

/// The names of the models there are, in the order of a listing.
std::span<const std::string_view> cpu_model_names();

/// `-cpu NAME[,+feature][,-feature][,feature=on|off][,property=value]...`. Features that were asked
/// for and do not exist here are left out, each with a line in `warnings`.
Result<CpuModel> parse_cpu_model(std::string_view option, std::string& warnings);

/// The features this emulator can give a guest.
const FeatureSet& supported_features();

}  // namespace i386
