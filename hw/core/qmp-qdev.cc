// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands of qapi/qdev.json.
#include "hw/core/devices.h"
#include "hw/core/types.h"
#include "qapi/context.h"
#include "qapi/keyval.h"
#include "qapi/qapi-commands-qdev.h"
#include "qom/type-table.h"

namespace qapi {

Result<std::vector<ObjectPropertyInfo>> qmp_device_list_properties(
    Context& cx, const DeviceListPropertiesArgs& args) {
    const qom::TypeTable& types = cx.get<hw::Devices>().types();
    const qom::Type* any = types.find(args.q_typename);
    if (!any) return fail(ErrorClass::DeviceNotFound, "Device '{}' not found", args.q_typename);
    const auto* type = types.find_as<hw::DeviceType>(args.q_typename);
    if (!type || type->abstract)
        return fail("Parameter 'typename' expects a non-abstract device type");

    // A board's own devices may be made by it alone: these have no defaults to show.
    const std::unique_ptr<hw::Device> device = type->create ? type->create() : nullptr;
    std::vector<ObjectPropertyInfo> list;
    const auto add = [&list](const auto& p) -> ObjectPropertyInfo& {
        ObjectPropertyInfo& info = list.emplace_back();
        info.name = std::string(p.name);
        info.type = std::string(p.type);
        if (!p.help.empty()) info.description = std::string(p.help);
        return info;
    };
    for (const qom::Type* ancestor : types.lineage(*type)) {
        for (const qom::Property& p : ancestor->properties) {
            ObjectPropertyInfo& info = add(p);
            if (p.shows_default && p.kind != qom::PropertyKind::String && device &&
                device->config())
                info.default_value = qom::get(p, device->config());
        }
        // What every device has ("realized") is not this type's to tell.
        if (ancestor->name != hw::device_type.name)
            for (const qom::Computed& c : ancestor->computed)
                add(c);
    }
    return list;
}

Result<Json> qmp_device_add(Context& cx, const JsonObject& arguments) {
    // The values are taken as text, as on the command line (QEMU 7.2 does so): "dma_mask": "0xff"
    // and "mmio": "on" are as good as a number and a boolean.
    Argument argument;
    argument.form = Argument::Form::options;
    JsonObject texts;
    for (const auto& [key, value] : arguments) {
        if (const bool* on = value.boolean())
            texts.set(key, *on ? "on" : "off");
        else if (value.number())
            texts.set(key, value.text());
        else
            texts.set(key, value);
    }
    argument.value = std::move(texts);
    TRY(cx.get<hw::Devices>().add(argument));
    return Json(JsonObject{});
}

Result<void> qmp_device_del(Context& cx, const DeviceDelArgs& args) {
    return cx.get<hw::Devices>().remove(args.id);
}

}  // namespace qapi
