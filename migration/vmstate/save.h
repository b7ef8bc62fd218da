// SPDX-License-Identifier: GPL-2.0-or-later
//
// Saving through a table, and QEMU's JSON description of what was saved.
#pragma once

#include <cstdint>
#include <string>

#include "migration/vmstate/stream.h"
#include "migration/vmstate/table.h"

namespace vmstate {

/// Writes fields and subsections of `owner` as the table's own version.
void save(const Table&, const void* owner, Writer&);

/// save(), and adds the description of the very bytes that were written:
///     "vmsd_name": NAME, "version": N, "fields": [...], "subsections": [...]
/// for a section the caller has opened with {"name": ..., "instance_id": ...
void save_and_describe(const Table&, const void* owner, Writer&, std::string& json);

/// The whole object of one section: {"name": IDSTR, "instance_id": N, "vmsd_name": ...}.
std::string describe_section(const Table&, const void* owner, std::string_view idstr,
                             std::int64_t instance);

/// Whether the elements of this array are described once: none of them can differ in layout.
bool laid_out_alike(const Field&);

/// How many elements the field has in this owner; 1 when it is no array.
std::uint32_t element_count(const Field&, const void* owner);

}  // namespace vmstate
