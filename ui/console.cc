// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/console.h"

#include "qapi/context.h"
#include "qom/user-objects.h"

namespace ui {

Result<Console*> find_console(qapi::Context& cx, const std::string& device, unsigned head) {
    const auto* consoles = cx.find<Consoles>();
    // By its id, or by its path in the object tree.
    const qom::Object* object = nullptr;
    qom::Object& root = cx.get<qom::Tree>().root;
    object = root.resolve(device.starts_with('/') ? device : "/machine/peripheral/" + device);
    if (!object || device.empty())
        return fail(ErrorClass::DeviceNotFound, "Device '{}' not found", device);
    if (consoles)
        for (Console* c : consoles->all())
            if (c->device() == object && c->head() == head) return c;
    return fail("Device {} (head {}) is not bound to a QemuConsole", device, head);
}

}  // namespace ui
