// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the versions of a machine save differently, and rewriting one version's sections for
// another.
#pragma once

#include "document.h"

namespace devstate {

/// A section on its way into a new file.
struct Part {
    std::uint32_t section_id = 0;
    std::string idstr;
    std::uint32_t instance_id = 0, version_id = 0;
    std::vector<std::uint8_t> data;
    bool footer = true;
};

struct Rewritten {
    std::vector<Part> parts;
    bool footers = true;
    /// What the other version has no place for, where it was not as after a reset.
    std::vector<std::string> lost;
};

/// `machine`: "pc", "pc-i440fx-6.2".
Result<Rewritten> rewrite_for(const Document&, const std::string& machine);
/// The whole sections of a document as they are.
std::vector<Part> parts_of(const Document&);

}  // namespace devstate
