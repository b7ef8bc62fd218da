// SPDX-License-Identifier: GPL-2.0-or-later
//
// query-cpus-fast.
#include "hw/i386/x86-cpu.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-machine.h"
#include "qom/user-objects.h"
#include "system/vm.h"

namespace qapi {

Result<std::vector<CpuInfoFast>> qmp_query_cpus_fast(Context& cx) {
    const hw::SmpTopology& smp = cx.get<vm::Vm>().config().machine.smp;
    std::vector<CpuInfoFast> list;
    for (hw::X86Cpu* cpu : hw::x86_cpus(cx.get<qom::Tree>().root)) {
        const unsigned index = cpu->index();
        CpuInfoFast info;
        info.cpu_index = index;
        info.qom_path = cpu->path();
        info.thread_id = cpu->vcpu().thread_id();
        CpuInstanceProperties& place = info.props.emplace();
        place.thread_id = index % smp.threads;
        place.core_id = index / smp.threads % smp.cores;
        const unsigned dies = index / smp.threads / smp.cores;
        if (smp.dies > 1) place.die_id = dies % smp.dies;
        place.socket_id = dies / smp.dies;
        info.target = SysEmuTarget::x86_64;
        list.push_back(std::move(info));
    }
    return list;
}

}  // namespace qapi
