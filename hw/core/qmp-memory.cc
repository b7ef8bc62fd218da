// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands of qapi/machine.json about guest memory, and the one that pokes the processors.
#include <algorithm>
#include <vector>

#include "exec/address-space.h"
#include "exec/memory-backend.h"
#include "hw/core/machine.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-machine.h"
#include "qom/user-objects.h"
#include "util/main-loop.h"

namespace qapi {

Result<std::vector<Memdev>> qmp_query_memdev(Context& cx) {
    std::vector<Memdev> list;
    qom::Object* objects = cx.get<qom::Tree>().root.child("objects");
    for (qom::Object* o : objects ? objects->children() : std::vector<qom::Object*>()) {
        auto* backend = dynamic_cast<exec::MemoryBackend*>(o);
        if (!backend) continue;
        const auto& c = *static_cast<const exec::MemoryBackendConfig*>(backend->config());
        Memdev& m = list.emplace_back();
        m.id = o->name();
        m.size = c.size;
        m.merge = c.merge;
        m.dump = c.dump;
        m.prealloc = c.prealloc;
        m.share = c.share;
        m.reserve = c.reserve;
        m.policy = HostMemPolicy(c.policy);
    }
    return list;
}

Result<HumanReadableText> qmp_x_query_ramblock(Context& cx) {
    // Blocks have no addresses here. The column shows those they would have if they stood one after
    // another at multiples of 64 pages, as QEMU 7.2 lays them out.
    constexpr std::uint64_t step = 64 * exec::page_size;
    struct Row {
        const exec::RamBlock* block;
        std::uint64_t offset;
    };
    std::vector<Row> rows;
    std::uint64_t offset = 0;
    for (const auto& block : cx.get<exec::MemoryMap>().ram_blocks()) {
        rows.push_back({block.get(), offset});
        offset += (block->size() + step - 1) / step * step;
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.block->size() > b.block->size(); });
    HumanReadableText text;
    text.human_readable_text = fmt::format("{:>24} {:>8}  {:>18} {:>18} {:>18}\n", "Block Name",
                                           "PSize", "Offset", "Used", "Total");
    for (const Row& r : rows)
        text.human_readable_text +=
            fmt::format("{:>24} {:>8}  {:#018x} {:#018x} {:#018x}\n", r.block->idstr(), "4 KiB",
                        r.offset, r.block->size(), r.block->size());
    return text;
}

Result<void> qmp_inject_nmi(Context& cx) {
    auto* machine = cx.find<hw::Machine>();
    if (!machine || !machine->takes_nmi())
        return fail("this feature or command is not currently supported");
    machine->inject_nmi();
    return {};
}

}  // namespace qapi
