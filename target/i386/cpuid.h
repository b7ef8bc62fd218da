// SPDX-License-Identifier: GPL-2.0-or-later
//
// A CPU model as a machine gets it: what CPUID answers.
#pragma once

#include "target/i386/model-table.h"
#include "util/result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace i386 {

struct CpuModel {
    std::string name;
    std::string vendor;    ///< 12 characters, or none
    std::string model_id;  ///< brand string, at most 48 characters
    unsigned family = 0, model = 0, stepping = 0;
    u32 signature = 0;  ///< the three as CPUID.1:EAX has them
    u32 min_level = 0, min_xlevel = 0;
    u32 level = 0;   ///< highest basic leaf
    u32 xlevel = 0;  ///< highest extended leaf, or 0
    unsigned physical_bits = 40;
    Caches caches = Caches::legacy;
    bool tcg_leaves = true;    ///< 40000000h names the accelerator
    FeatureSet features;       ///< what the guest sees
    FeatureSet requested;      ///< what the model and -cpu ask for
    FeatureSet unavailable;    ///< asked for and not there
    u64 xsave_components = 0;  ///< that XCR0 may have
    /// Topology, set by the machine.
    unsigned cores = 1, threads = 1, cpus = 1;
};

/// Every name that -cpu takes, versions and aliases, in no order.
std::span<const std::string> cpu_model_names();

/// As -cpu and the monitor have it: a feature's name or another property, and its value in words.
struct CpuProperty {
    std::string name, value;
};

/// Features that were asked for and do not exist here are left out, each with a line in `warnings`.
using CpuWarnings = std::vector<std::string>;
Result<CpuModel> make_cpu_model(std::string_view name, std::span<const CpuProperty>,
                                CpuWarnings* warnings = nullptr);

/// `-cpu NAME[,+feature][,-feature][,property=value]...`.
Result<CpuModel> parse_cpu_model(std::string_view option, CpuWarnings* warnings = nullptr);

/// The features this emulator can give a guest.
const FeatureSet& supported_features();

/// The text of `-cpu help`.
std::string cpu_models_help();

}  // namespace i386
