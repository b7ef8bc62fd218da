// SPDX-License-Identifier: GPL-2.0-or-later
#include "qom/user-objects.h"

#include <algorithm>

#include "qapi/json.h"
#include "qapi/keyval.h"
#include "qom/access.h"
#include "qom/type-table.h"

namespace qom {

UserObjects::~UserObjects() {
    while (!objects_.empty())
        objects_.pop_back();
}

UserObject* UserObjects::find(std::string_view id) const {
    return dynamic_cast<UserObject*>(container_.child(id));
}

Result<UserObject*> UserObjects::add(qapi::Context& cx, const qapi::JsonObject& options) {
    std::string type_name, id;
    for (const auto& [key, value] : options) {
        if (key == "qom-type" && value.string()) type_name = *value.string();
        if (key == "id" && value.string()) id = *value.string();
    }
    const auto* type = types_.find_as<UserObjectType>(type_name);
    if (!type || type->abstract)
        return fail("Parameter 'qom-type' does not accept value '{}'", type_name);
    if (!qapi::is_identifier(id))
        return fail("Parameter 'id' expects an identifier")
            .with_hint(
                "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
    if (container_.child(id))
        return fail("attempt to add duplicate property '{}' to object (type 'container')", id);

    std::unique_ptr<UserObject> object = type->create();
    for (const auto& [key, value] : options)
        if (key != "qom-type" && key != "id") TRY(set(types_, *object, key, value));
    container_.add_child(id, *object);
    TRY(object->complete(cx));
    objects_.push_back(std::move(object));
    return objects_.back().get();
}

Result<void> UserObjects::remove(std::string_view id) {
    auto place = std::find_if(objects_.begin(), objects_.end(),
                              [&](const auto& o) { return o->name() == id; });
    if (place == objects_.end()) return fail("object '{}' not found", id);
    if ((*place)->in_use()) return fail("object '{}' is in use, can not be deleted", id);
    objects_.erase(place);
    return {};
}

}  // namespace qom
