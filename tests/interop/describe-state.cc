// SPDX-License-Identifier: GPL-2.0-or-later
//
// Prints the description of a machine's saved state, as the end of a migration stream would have
// it: describe-state -M pc -nodefaults. tests/interop/kit-test.py --describe compares it.
#include <cstdio>

#include "migration/vmstate/save.h"
#include "tests/live-vm.h"

int main(int argc, char** argv) {
    tests::LiveVm vm({argv + 1, argv + argc});
    std::string json = R"({"page_size": 4096, "devices": [)";
    bool first = true;
    for (const auto& e : vm.migration().savevm().entries()) {
        if (e.is_ram || !e.owner->needed()) continue;
        if (!std::exchange(first, false)) json += ", ";
        json += vmstate::describe_section(e.owner->vmstate(), e.owner->state_for_saving(), e.idstr,
                                          e.instance_id);
    }
    json += "]}";
    std::puts(json.c_str());
    return 0;
}
