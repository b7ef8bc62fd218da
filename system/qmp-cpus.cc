// SPDX-License-Identifier: GPL-2.0-or-later
//
// query-cpus-fast, query-hotpluggable-cpus, and x-query-numa, whose one node has all of them.
#include "hw/i386/topology.h"
#include "hw/i386/x86-cpu.h"
#include "hw/mem/device-memory.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-machine.h"
#include "qom/user-objects.h"
#include "system/vm.h"

namespace qapi {

namespace {

unsigned nodes(Context& cx) {
    const auto* memory = cx.find<hw::DeviceMemory>();
    return memory ? memory->facts().nodes : 0;
}

CpuInstanceProperties place_of(Context& cx, unsigned index, const hw::SmpTopology& smp) {
    const hw::CpuPlace p = hw::place_of(index, smp);
    CpuInstanceProperties place;
    if (nodes(cx)) place.node_id = 0;
    place.thread_id = p.thread;
    place.core_id = p.core;
    if (smp.dies > 1) place.die_id = p.die;
    place.socket_id = p.socket;
    return place;
}

}  // namespace

Result<std::vector<HotpluggableCPU>> qmp_query_hotpluggable_cpus(Context& cx) {
    const vm::Vm& vm = cx.get<vm::Vm>();
    if (!vm.config().machine_type->hotpluggable_cpus)
        return fail("The feature 'query-hotpluggable-cpus' is not enabled");
    const auto present = hw::x86_cpus(cx.get<qom::Tree>().root);
    const hw::SmpTopology& smp = vm.config().machine.smp;
    std::vector<HotpluggableCPU> list;
    // The last one first, as QEMU lists them.
    for (unsigned index = smp.max_cpus; index-- > 0;) {
        HotpluggableCPU& cpu = list.emplace_back();
        cpu.type = std::string(present[0]->type_name());
        cpu.vcpus_count = 1;
        cpu.props = place_of(cx, index, smp);
        for (const hw::X86Cpu* there : present)
            if (there->index() == index) cpu.qom_path = there->path();
    }
    return list;
}

Result<std::vector<CpuInfoFast>> qmp_query_cpus_fast(Context& cx) {
    const hw::SmpTopology& smp = cx.get<vm::Vm>().config().machine.smp;
    std::vector<CpuInfoFast> list;
    for (hw::X86Cpu* cpu : hw::x86_cpus(cx.get<qom::Tree>().root)) {
        const unsigned index = cpu->index();
        CpuInfoFast info;
        info.cpu_index = index;
        info.qom_path = cpu->path();
        info.thread_id = cpu->vcpu().thread_id();
        info.props = place_of(cx, index, smp);
        info.target = SysEmuTarget::x86_64;
        list.push_back(std::move(info));
    }
    return list;
}

Result<HumanReadableText> qmp_x_query_numa(Context& cx) {
    constexpr std::uint64_t mib = 1 << 20;
    HumanReadableText answer;
    std::string& text = answer.human_readable_text;
    text = fmt::format("{} nodes\n", nodes(cx));
    if (!nodes(cx)) return answer;
    text += "node 0 cpus:";
    for (const hw::X86Cpu* cpu : hw::x86_cpus(cx.get<qom::Tree>().root))
        text += fmt::format(" {}", cpu->index());
    const std::uint64_t base = cx.get<vm::Vm>().config().machine.ram_size,
                        plugged = cx.get<hw::DeviceMemory>().plugged_size();
    text += fmt::format("\nnode 0 size: {} MB\nnode 0 plugged: {} MB\n", (base + plugged) / mib,
                        plugged / mib);
    return answer;
}

}  // namespace qapi
