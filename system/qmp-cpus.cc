// SPDX-License-Identifier: GPL-2.0-or-later
//
// query-cpus-fast and query-hotpluggable-cpus.
#include "hw/i386/x86-cpu.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-machine.h"
#include "qom/user-objects.h"
#include "system/vm.h"

namespace qapi {

namespace {

CpuInstanceProperties place_of(unsigned index, const hw::SmpTopology& smp) {
    CpuInstanceProperties place;
    place.thread_id = index % smp.threads;
    place.core_id = index / smp.threads % smp.cores;
    const unsigned dies = index / smp.threads / smp.cores;
    if (smp.dies > 1) place.die_id = dies % smp.dies;
    place.socket_id = dies / smp.dies;
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
        cpu.props = place_of(index, smp);
        if (index < present.size()) cpu.qom_path = present[index]->path();
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
        info.props = place_of(index, smp);
        info.target = SysEmuTarget::x86_64;
        list.push_back(std::move(info));
    }
    return list;
}

}  // namespace qapi
