// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands of qapi/qom.json.
#include "qapi/context.h"
#include "qapi/qapi-commands-qom.h"
#include "qapi/qapi-visit-qom.h"
#include "qom/access.h"
#include "qom/type-table.h"
#include "qom/user-objects.h"

namespace qapi {

namespace {

Result<qom::Object*> resolve(Context& cx, const std::string& path) {
    bool ambiguous = false;
    // The empty path is a part of every path.
    qom::Object* object = path.empty() ? (ambiguous = true, nullptr)
                                       : cx.get<qom::Tree>().root.resolve(path, &ambiguous);
    if (ambiguous) return fail("Path '{}' is ambiguous", path);
    if (!object) return fail(ErrorClass::DeviceNotFound, "Device '{}' not found", path);
    return object;
}

std::vector<ObjectPropertyInfo> to_list(const std::vector<qom::PropertyInfo>& properties,
                                        bool with_help) {
    std::vector<ObjectPropertyInfo> list;
    for (const qom::PropertyInfo& p : properties) {
        list.emplace_back();
        list.back().name = p.name;
        list.back().type = p.type;
        if (with_help && !p.help.empty()) list.back().description = std::string(p.help);
    }
    return list;
}

}  // namespace

Result<std::vector<ObjectPropertyInfo>> qmp_qom_list(Context& cx, const QomListArgs& args) {
    qom::Object* object = TRY(resolve(cx, args.path));
    return to_list(qom::list_properties(cx.get<qom::Tree>().types, *object), false);
}

Result<Json> qmp_qom_get(Context& cx, const QomGetArgs& args) {
    qom::Object* object = TRY(resolve(cx, args.path));
    return qom::get(cx.get<qom::Tree>().types, *object, args.property);
}

Result<void> qmp_qom_set(Context& cx, const QomSetArgs& args) {
    qom::Object* object = TRY(resolve(cx, args.path));
    return qom::set(cx.get<qom::Tree>().types, *object, args.property, args.value);
}

Result<std::vector<ObjectTypeInfo>> qmp_qom_list_types(Context& cx, const QomListTypesArgs& args) {
    const qom::TypeTable& types = cx.get<qom::Tree>().types;
    std::vector<ObjectTypeInfo> list;
    for (const qom::Type* type : types.all()) {
        if (type->abstract && !args.abstract.value_or(false)) continue;
        if (args.implements && !types.is_a(*type, *args.implements)) continue;
        list.emplace_back();
        list.back().name = std::string(type->name);
        if (type->abstract) list.back().abstract = true;
        if (!type->parent.empty()) list.back().parent = std::string(type->parent);
    }
    return list;
}

Result<std::vector<ObjectPropertyInfo>> qmp_qom_list_properties(Context& cx,
                                                                const QomListPropertiesArgs& args) {
    const qom::TypeTable& types = cx.get<qom::Tree>().types;
    const qom::Type* type = types.find(args.q_typename);
    if (!type) return fail(ErrorClass::DeviceNotFound, "Class '{}' not found", args.q_typename);
    return to_list(qom::list_properties(types, *type), true);
}

Result<void> qmp_object_add(Context& cx, const ObjectOptions& options) {
    const Json json = to_json(options);
    TRY(cx.get<qom::UserObjects>().add(cx, *json.object()));
    return {};
}

Result<void> qmp_object_del(Context& cx, const ObjectDelArgs& args) {
    return cx.get<qom::UserObjects>().remove(args.id);
}

}  // namespace qapi
