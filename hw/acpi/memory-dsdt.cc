// SPDX-License-Identifier: GPL-2.0-or-later
//
// The part of the DSDT for memory modules, over the registers of hw/acpi/memory-hotplug.h.
#include <fmt/core.h>

#include "hw/acpi/aml.h"
#include "hw/acpi/tables.h"

namespace hw {
namespace {

using namespace aml;

/// What a slot's memory decodes (_CRS): one QWordMemory descriptor, filled in by halves, for the
/// integers of this table have 32 bits.
Bytes resources_of_a_slot() {
    // 6.4.3.5.1, table 6.49: offsets of the minimum, the maximum and the length
    constexpr u64 min_at = 14, max_at = 22, len_at = 38, half = 4;
    const Bytes range = path("MRNG");
    Terms body{acquire(path("MLCK")), store(arg(0), path("MSEL")),
               name("MRNG", resources({qword_memory_window(0, 0)}))};
    for (const auto& [at, field_name] : {std::pair{min_at, "MNLO"},
                                         {min_at + half, "MNHI"},
                                         {max_at, "MXLO"},
                                         {max_at + half, "MXHI"},
                                         {len_at, "LNLO"},
                                         {len_at + half, "LNHI"}})
        body.push_back(create_dword_field(range, at, field_name));
    const Bytes low = path("MXLO"), high = path("MXHI");
    const Terms last{store(path("MBLO"), path("MNLO")), store(path("MBHI"), path("MNHI")),
                     store(path("MLLO"), path("LNLO")), store(path("MLHI"), path("LNHI")),
                     // maximum = minimum + length - 1
                     add(path("MNLO"), path("LNLO"), low), add(path("MNHI"), path("LNHI"), high),
                     if_(less(low, path("MNLO")), {add(high, integer(1), high)}),
                     if_(equal(low, integer(0)), {subtract(high, integer(1), high)}),
                     subtract(low, integer(1), low), release(path("MLCK")), ret(range)};
    body.insert(body.end(), last.begin(), last.end());
    return method("MCRS", 1, body, true);
}

/// One pass over all slots: tells what came and what should go.
Bytes scan(unsigned slots) {
    return method(
        "MSCN", 0,
        {acquire(path("MLCK")), store(integer(0), local(0)),
         while_(less(local(0), integer(slots)),
                {store(local(0), path("MSEL")),
                 if_(equal(path("MINS"), integer(1)),
                     {call("MNTF", {local(0), integer(1)}), store(integer(1), path("MINS"))}),
                 else_({if_(equal(path("MREM"), integer(1)), {call("MNTF", {local(0), integer(3)}),
                                                              store(integer(1), path("MREM"))})}),
                 add(local(0), integer(1), local(0))}),
         release(path("MLCK"))},
        true);
}

}  // namespace

Bytes build_memory_hotplug(const AcpiFacts& f) {
    const unsigned slots = f.device_memory.slots;
    auto selected = [](const Terms& then) {
        Terms body{acquire(path("MLCK")), store(arg(0), path("MSEL"))};
        body.insert(body.end(), then.begin(), then.end());
        return body;
    };
    Terms body{
        name("_HID", string("PNP0A06")),
        name("_UID", string("Memory modules")),
        operation_region("MHPR", Space::SystemIO, f.memory_hotplug_port, 0x18),
        field("MHPR", Access::DWord, Update::Preserve,
              {{"MBLO", 32}, {"MBHI", 32}, {"MLLO", 32}, {"MLHI", 32}, {"MPXD", 32}}),
        field("MHPR", Access::Byte, Update::WriteAsZeros,
              {{"", 0x14 * 8}, {"MENA", 1}, {"MINS", 1}, {"MREM", 1}, {"MEJE", 1}}),
        field("MHPR", Access::DWord, Update::Preserve, {{"MSEL", 32}, {"MOEV", 32}, {"MOSC", 32}}),
        mutex("MLCK"),
        method("MSTA", 1,
               selected({store(integer(0), local(0)),
                         if_(equal(path("MENA"), integer(1)), {store(integer(0x0f), local(0))}),
                         release(path("MLCK")), ret(local(0))}),
               true),
        method("MPXM", 1,
               selected({store(path("MPXD"), local(0)), release(path("MLCK")), ret(local(0))}),
               true),
        method("MOST", 3,
               selected({store(arg(1), path("MOEV")), store(arg(2), path("MOSC")),
                         release(path("MLCK"))}),
               true),
        method("MEJ0", 1, selected({store(integer(1), path("MEJE")), release(path("MLCK"))}), true),
        resources_of_a_slot()};
    Terms told;
    for (unsigned i = 0; i < slots; i++) {
        const std::string m = fmt::format("M{:03X}", i);
        body.push_back(device(m, {name("_HID", eisa_id("PNP0C80")), name("_UID", integer(i)),
                                  method("_STA", 0, {ret(call("MSTA", {integer(i)}))}),
                                  method("_CRS", 0, {ret(call("MCRS", {integer(i)}))}),
                                  method("_PXM", 0, {ret(call("MPXM", {integer(i)}))}),
                                  method("_OST", 3, {call("MOST", {integer(i), arg(0), arg(1)})}),
                                  method("_EJ0", 1, {call("MEJ0", {integer(i)})})}));
        told.push_back(if_(equal(arg(0), integer(i)), {notify(path(m), arg(1))}));
    }
    body.push_back(method("MNTF", 2, told));
    body.push_back(scan(slots));
    return device("MEMS", body);
}

}  // namespace hw
