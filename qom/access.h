// SPDX-License-Identifier: GPL-2.0-or-later
//
// An object's properties by name, whatever holds them: a Config member, a computed value, a link, a
// child. What qom-get, qom-set, qom-list and the command line go through. The error words are QEMU
// 7.2's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "qom/object.h"
#include "util/result.h"

namespace qapi {
class Json;
}

namespace qom {

class TypeTable;

struct PropertyInfo {
    std::string name, type;  // "child<irq>", "link<bus>", "uint32"
    std::string_view help{};
};

/// Own and inherited ones, "type" first, then links and children.
std::vector<PropertyInfo> list_properties(const TypeTable&, const Object&);
/// Those that every object of the type has.
std::vector<PropertyInfo> list_properties(const TypeTable&, const Type&);

Result<qapi::Json> get(const TypeTable&, const Object&, std::string_view name);
Result<void> set(const TypeTable&, Object&, std::string_view name, const qapi::Json& value);
/// From text, as the command line gives it.
Result<void> set_text(const TypeTable&, Object&, std::string_view name, std::string_view value);

}  // namespace qom
