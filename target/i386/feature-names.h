// SPDX-License-Identifier: GPL-2.0-or-later
//
// The features by the names that -cpu and the monitor use.
#pragma once

#include "target/i386/feature-set.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace i386 {

/// The bits of a feature word that have names; empty where there is none.
struct FeatureWordNames {
    FeatureWord word;
    std::string_view place;  ///< "CPUID.07H:EBX", "MSR(10AH)"
    std::array<std::string_view, 32> bit;
};
/// In the order in which they are listed and warned about.
std::span<const FeatureWordNames> feature_word_names();

/// Another way to write a name.
struct FeatureAlias {
    std::string_view alias, name;
};
std::span<const FeatureAlias> feature_aliases();

/// Those of a set that have a name, in the order in which they are listed.
std::vector<std::string_view> names_of(const FeatureSet&);

std::optional<Feature> find_feature(std::string_view name);

/// "CPUID.07H:EBX.rdseed [bit 18]".
std::string describe(const FeatureWordNames& word, unsigned bit);

}  // namespace i386
