// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands that look into processors.
#include <algorithm>

#include "accel/accel.h"
#include "exec/address-space.h"
#include "hw/core/device.h"
#include "hw/i386/x86-cpu.h"
#include "monitor/hmp-machine.h"
#include "monitor/hmp.h"
#include "qom/user-objects.h"
#include "system/run-control.h"
#include "target/i386/dump.h"
#include "target/i386/page-table-text.h"
#include "util/main-loop.h"

namespace monitor::machine {

namespace {

std::vector<hw::X86Cpu*> cpus(Hmp& hmp) {
    const auto* tree = hmp.services().find<qom::Tree>();
    return tree ? hw::x86_cpus(tree->root) : std::vector<hw::X86Cpu*>();
}

}  // namespace

Result<void> registers(Hmp& hmp, const HmpArguments& a) {
    const auto all = cpus(hmp);
    const auto wanted = a.maybe_number("vcpu").value_or(hmp.selected_cpu());
    if (!a.flag("a") && std::ranges::none_of(all, [&](auto* c) { return c->index() == wanted; })) {
        if (a.has("vcpu"))
            hmp.print("CPU#{} not available\n", wanted);
        else
            hmp.print("No CPU available\n");
        return {};
    }
    hmp.services().get<vm::RunControl>().while_stopped(held(hmp), [&] {
        for (hw::X86Cpu* c : all)
            if (a.flag("a") || c->index() == wanted)
                hmp.print("\nCPU#{}\n{}", c->index(), i386::dump(c->cpu().s, c->cpu().cpl()));
    });
    return {};
}

Result<void> with_cpu(Hmp& hmp, const std::function<void(hw::X86Cpu&)>& work) {
    for (hw::X86Cpu* c : cpus(hmp)) {
        if (c->index() != hmp.selected_cpu()) continue;
        hmp.services().get<vm::RunControl>().while_stopped(held(hmp), [&] { work(*c); });
        return {};
    }
    return fail("No CPU available");
}

bool read_virtual(Hmp& hmp, hw::X86Cpu& c, std::uint64_t address, std::span<std::uint8_t> out) {
    return hw::read_virtual(held(hmp), c, hmp.services().get<hw::Platform>().memory_space, address,
                            out);
}

namespace {

using PageTableText = std::string (*)(const i386::CpuState&, const i386::ReadPhysical&);

Result<void> page_tables(Hmp& hmp, PageTableText text) {
    hw::Platform* p = TRY(platform(hmp));
    const i386::ReadPhysical read = [&](std::uint64_t address, std::span<std::uint8_t> out) {
        return p->memory_space.read(held(hmp), address, out) == exec::MemTx::Ok;
    };
    return with_cpu(hmp, [&](hw::X86Cpu& c) { hmp.print_text(text(c.cpu().s, read)); });
}

}  // namespace

Result<void> tlb(Hmp& hmp, const HmpArguments&) {
    return page_tables(hmp, i386::tlb_text);
}
Result<void> mem(Hmp& hmp, const HmpArguments&) {
    return page_tables(hmp, i386::mem_text);
}

Result<void> lapic(Hmp& hmp, const HmpArguments& a) {
    const auto wanted = a.maybe_number("apic-id");
    for (hw::X86Cpu* c : cpus(hmp)) {
        if (wanted ? c->apic_id() != *wanted : c->index() != hmp.selected_cpu()) continue;
        if (!c->apic()) return fail("CPU #{} has no local APIC", c->index());
        hmp.services().get<vm::RunControl>().while_stopped(
            held(hmp), [&] { hmp.print_text(c->apic()->describe()); });
        return {};
    }
    return wanted ? fail("no CPU has the APIC ID {}", *wanted) : fail("No CPU available");
}

Result<void> single_step(Hmp& hmp, const HmpArguments& a) {
    const bool on = !a.has("option") || a.on("option");
    vm::RunControl& run = hmp.services().get<vm::RunControl>();
    auto* accelerator = hmp.services().find<accel::Accelerator>();
    if (!accelerator) return fail("No CPU available");
    run.while_stopped(held(hmp), [&] { accelerator->set_single_step(on); });
    run.set_single_step(on);
    return {};
}

std::optional<std::uint64_t> register_value(Hmp& hmp, std::string_view name) {
    std::optional<std::uint64_t> value;
    hmp.services().get<vm::RunControl>().while_stopped(held(hmp), [&] {
        for (hw::X86Cpu* c : cpus(hmp))
            if (c->index() == hmp.selected_cpu()) value = i386::register_by_name(c->cpu().s, name);
    });
    return value;
}

}  // namespace monitor::machine
