// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/core/machine.h"

namespace hw {

namespace {

constexpr auto properties = qom::properties(
    qom::property<&MachineOptions::suppress_vmdesc>("suppress-vmdesc",
                                                    "no JSON description after a stream"),
    qom::property<&MachineOptions::dump_guest_core>("dump-guest-core",
                                                    "include guest memory in a core dump"),
    qom::property<&MachineOptions::mem_merge>("mem-merge", "let the host merge equal pages"),
    qom::property<&MachineOptions::usb>("usb", "add a USB controller"),
    qom::property<&MachineOptions::graphics>("graphics", "add a display adapter"),
    qom::property<&MachineOptions::memory_backend>("memory-backend",
                                                   "id of the object that is the guest's memory"));

}  // namespace

constinit const qom::Type machine_type{
    .name = "machine", .abstract = true, .properties = properties};

Machine::Machine(const MachineType& type) : Object(type) {
    add_child("peripheral", peripheral_);
    add_child("peripheral-anon", peripheral_anon_);
    add_child("unattached", unattached_);
}

void Machine::add_unattached(qom::Object& o) {
    if (!o.parent()) unattached_.add_child("device[*]", o);
}

}  // namespace hw
