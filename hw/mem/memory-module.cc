// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/mem/memory-module.h"

#include "qapi/context.h"
#include "qapi/json.h"
#include "qom/property.h"
#include "qom/user-objects.h"

namespace hw {

namespace {

using C = PcDimmConfig;
constexpr auto properties = qom::properties(
    qom::property<&C::addr>("addr"),
    qom::property<&C::memdev>("memdev").as("link<memory-backend>", qom::PropertyKind::String),
    qom::property<&C::node>("node"), qom::property<&C::slot>("slot"));

constexpr qom::Computed values[]{
    {.name = "size", .type = "uint64", .get = [](const qom::Object& o, std::string_view) {
         return qapi::Json(static_cast<const MemoryModule&>(o).size());
     }}};

}  // namespace

const DeviceType PcDimm::device_type_{
    {.name = "pc-dimm",
     .parent = "device",
     .properties = properties,
     .description = "DIMM memory module",
     .computed = values},
    "",
    Category::Misc,
    true,
    true,
    []() -> std::unique_ptr<Device> { return std::make_unique<PcDimm>(); }};

void MemoryModule::leave() {
    if (!place_) return;
    if (auto* handler = place_->handler()) handler->unplugged(*this);
    place_->remove(*this);
    backend_->set_used(false);
}

std::uint64_t alignment_of(const exec::MemoryBackend& b) {
    constexpr std::uint64_t huge_page = 2 << 20;
    const exec::MemoryBackendConfig& c = b.settings();
    if (b.type_name() == "memory-backend-ram") return huge_page;
    if (c.hugetlb) return c.hugetlbsize ? c.hugetlbsize : huge_page;
    return std::max(exec::page_size, c.align);
}

Result<std::uint64_t> MemoryModule::usable_size(const exec::MemoryBackend& b) const {
    return b.block()->size();
}

Result<exec::MemoryBackend*> MemoryModule::find_backend(Platform& p) {
    const std::string& name = settings().memdev;
    if (name.empty()) return fail("'memdev' property must be set");
    qom::Object* object = name.starts_with('/') ? root().resolve(name)
                                                : p.services.get<qom::UserObjects>().find(name);
    if (!object) return fail(ErrorClass::DeviceNotFound, "Device '{}' not found", name);
    auto* b = dynamic_cast<exec::MemoryBackend*>(object);
    if (!b) return fail("Invalid parameter type for 'memdev', expected: memory-backend");
    if (b->in_use()) return fail("can't use already busy memdev: {}", b->name());
    return b;
}

Result<void> MemoryModule::realize(Platform& p) {
    PcDimmConfig& c = settings();
    auto* place = p.services.find<DeviceMemory>();
    if (!place) return fail("Device '{}' can not be hotplugged on this machine", type_name());
    exec::MemoryBackend* b = TRY(find_backend(p));
    if (!place->handler())
        return fail("memory hotplug is not enabled: missing acpi device or acpi disabled");
    TRY(may_plug(*place));
    const unsigned nodes = std::max(place->facts().nodes, 1u);
    if (c.node >= nodes)
        return fail("'DIMM property node has value {}' which exceeds the number of numa nodes: {}",
                    c.node, nodes);
    const auto size = TRY(usable_size(*b));
    const int slot = TRY(place->choose_slot(c.slot));
    c.addr = TRY(place->choose_address(c.addr, size, alignment_of(*b)));
    c.slot = slot;
    c.memdev = b->path();
    memory_ = exec::MemoryRegion::ram(p.memory, b->block()->idstr(), *b->block());
    if (nonvolatile()) {
        memory_->set_nonvolatile();
        whole_ = std::move(memory_);
        memory_ = exec::MemoryRegion::alias(p.memory, "nvdimm-memory", *whole_, 0, size);
    }
    backend_ = b;
    b->set_used(true);
    place_ = place;
    place->add(*this);
    place->handler()->plugged(*this);
    return {};
}

Result<void> MemoryModule::request_unplug() {
    return place_->handler()->request_unplug(*this);
}

}  // namespace hw
