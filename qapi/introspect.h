// SPDX-License-Identifier: GPL-2.0-or-later
//
// The compiled-in schema, as query-qmp-schema tells it.
#pragma once

#include <span>
#include <string_view>

namespace qapi {

/// One SchemaInfo a string, in JSON. Generated.
std::span<const std::string_view> introspection();

}  // namespace qapi
