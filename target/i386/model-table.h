// SPDX-License-Identifier: GPL-2.0-or-later
//
// The processor models: what each asks for. The facts were captured from QEMU 7.2 by running it.
#pragma once

#include "target/i386/feature-set.h"

#include <span>
#include <string_view>

namespace i386 {

/// What CPUID says of the caches.
enum class Caches : u8 { legacy, epyc, rome, milan };

struct ModelFacts {
    std::string_view name;      ///< "Haswell-v1", or "base" and "max", which have no versions
    std::string_view model_id;  ///< brand string
    std::string_view note;      ///< what the version is about, for listings
    std::string_view vendor;
    unsigned family, model, stepping;
    u32 level, xlevel;  ///< at least this; features may raise it
    unsigned physical_bits;
    Caches caches;
    std::array<u32, 14> words;  ///< in the order of model_words
};

/// The feature words of ModelFacts::words.
constexpr FeatureWord model_words[14] = {
    feat_1_edx,   feat_1_ecx,         feat_7_0_ebx,       feat_7_0_ecx,       feat_7_0_edx,
    feat_7_1_eax, feat_8000_0001_edx, feat_8000_0001_ecx, feat_8000_0008_ebx, feat_8000_000a_edx,
    feat_d_1_eax, feat_6_eax,         feat_msr_10a,       feat_msr_cf};

/// Sorted by name, base and max at the end.
std::span<const ModelFacts> model_table();

/// A name for one version. Every name without its "-vN" is one too, for version 1.
struct ModelAlias {
    std::string_view name, version;
};
std::span<const ModelAlias> model_aliases();

/// By name or alias; null when there is none.
const ModelFacts* find_model(std::string_view name);

}  // namespace i386
