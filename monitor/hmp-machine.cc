// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands that look into the machine itself, for which QMP has no words.
#include "monitor/hmp-machine.h"

#include <algorithm>

#include "exec/address-space.h"
#include "exec/mtree.h"
#include "hw/core/device.h"
#include "hw/core/machine.h"
#include "hw/core/qtree.h"
#include "hw/intc/interrupt-text.h"
#include "monitor/hmp.h"
#include "qom/tree-text.h"
#include "qom/user-objects.h"
#include "util/main-loop.h"

namespace monitor::machine {

Result<hw::Platform*> platform(Hmp& hmp) {
    auto* found = hmp.services().find<hw::Platform>();
    if (!found) return fail("there is no machine");
    return found;
}

Bql& held(Hmp& hmp) {
    return hmp.services().get<MainLoop>().held();
}

Result<void> mtree(Hmp& hmp, const HmpArguments& a) {
    hw::Platform* p = TRY(platform(hmp));
    hmp.print_text(a.flag("f") ? exec::mtree_flat(p->memory) : exec::mtree(p->memory, a.flag("D")));
    return {};
}

Result<void> pic(Hmp& hmp, const HmpArguments&) {
    auto* tree = hmp.services().find<qom::Tree>();
    if (!tree) return fail("there is no machine");
    hmp.print_text(hw::interrupt_controllers_text(tree->root));
    return {};
}

Result<void> qtree(Hmp& hmp, const HmpArguments&) {
    auto* board = hmp.services().find<hw::Machine>();
    const auto* tree = hmp.services().find<qom::Tree>();
    if (!board || !tree) return fail("there is no machine");
    hmp.print_text(hw::qtree(tree->types, *board));
    return {};
}

Result<void> qom_tree(Hmp& hmp, const HmpArguments& a) {
    auto* tree = hmp.services().find<qom::Tree>();
    if (!tree) return fail("there is no machine");
    const std::string path = a.maybe_text("path").value_or("/machine");
    const qom::Object* top = tree->root.resolve(path);
    if (!top) {
        hmp.print("Path '{}' could not be resolved.\n", path);
        return {};
    }
    hmp.print_text(qom::tree_text(*top));
    return {};
}

Result<void> port_in(Hmp& hmp, const HmpArguments& a) {
    hw::Platform* p = TRY(platform(hmp));
    const HmpFormat f = hmp.complete_format(a.format());
    const unsigned size = std::min(f.size, 4u);
    const auto port = static_cast<std::uint16_t>(a.number("addr"));
    std::uint64_t value = 0;
    (void)p->io_space.load(held(hmp), port, size, value);
    hmp.print("port{}[{:#06x}] = 0x{:0{}x}\n",
              size == 1   ? 'b'
              : size == 2 ? 'w'
                          : 'l',
              port, value, size * 2);
    return {};
}

Result<void> port_out(Hmp& hmp, const HmpArguments& a) {
    hw::Platform* p = TRY(platform(hmp));
    const HmpFormat f = hmp.complete_format(a.format());
    const unsigned size = std::min(f.size, 4u);
    (void)p->io_space.store(held(hmp), static_cast<std::uint16_t>(a.number("addr")), size,
                            static_cast<std::uint64_t>(a.number("val")));
    return {};
}

}  // namespace monitor::machine
