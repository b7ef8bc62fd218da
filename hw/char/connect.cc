// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/char/connect.h"

#include "chardev/chardevs.h"
#include "qapi/context.h"

namespace hw {

Result<chardev::Chardev*> find_chardev(Platform& platform, const Device& device,
                                       std::string_view id) {
    if (id.empty()) return nullptr;
    auto* all = platform.services.find<chardev::Chardevs>();
    if (chardev::Chardev* found = all ? all->find(id) : nullptr) return found;
    return fail("Property '{}.chardev' can't find value '{}'", device.type_name(), id);
}

}  // namespace hw
