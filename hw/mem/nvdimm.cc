// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/mem/nvdimm.h"

#include <cctype>

#include "qapi/json.h"
#include "qom/property.h"
#include "util/cutils.h"

namespace hw {

namespace {

using C = NvdimmConfig;

constexpr qom::CustomProperty label_size{
    [](void* member, const qapi::Json& value) -> Result<void> {
        std::optional<std::uint64_t> size = value.unsigned_integer();
        if (const std::string* text = value.string()) size = parse_size(*text);
        if (!size) return fail("Parameter 'label-size' expects size");
        if (*size < Nvdimm::least_label_size)
            return fail("Property 'nvdimm.label-size' ({:#x}) is required at least {:#x}", *size,
                        Nvdimm::least_label_size);
        *static_cast<std::uint64_t*>(member) = *size;
        return {};
    },
    [](const void* member) { return qapi::Json(*static_cast<const std::uint64_t*>(member)); }};

bool is_uuid(const std::string& text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); i++) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i])))
            return false;
    }
    return true;
}

constexpr qom::CustomProperty uuid{
    [](void* member, const qapi::Json& value) -> Result<void> {
        const std::string* text = value.string();
        if (!text || !is_uuid(*text)) return fail("Property 'nvdimm.uuid' has invalid value");
        *static_cast<std::string*>(member) = *text;
        return {};
    },
    [](const void* member) { return qapi::Json(*static_cast<const std::string*>(member)); }};

constexpr auto properties = qom::properties(
    qom::custom_property<&C::label_size>("label-size", "int", label_size).of_object(),
    qom::property<&C::unarmed>("unarmed"),
    qom::custom_property<&C::uuid>("uuid", "QemuUUID", uuid).of_object());

}  // namespace

const DeviceType Nvdimm::device_type_{
    {.name = "nvdimm",
     .parent = "pc-dimm",
     .properties = properties,
     .description = "DIMM memory module"},
    "",
    Category::Misc,
    true,
    true,
    []() -> std::unique_ptr<Device> { return std::make_unique<Nvdimm>(); }};

Result<void> Nvdimm::may_plug(const DeviceMemory& place) const {
    if (!place.facts().nvdimm) return fail("nvdimm is not enabled: missing 'nvdimm' in '-M'");
    return {};
}

Result<std::uint64_t> Nvdimm::usable_size(const exec::MemoryBackend& b) const {
    const std::uint64_t whole = b.block()->size(), unit = alignment_of(b);
    const std::uint64_t size =
        whole > config_.label_size ? (whole - config_.label_size) / unit * unit : 0;
    if (!size)
        return fail(
            "the size of memdev {} ({:#x}) is too small to contain nvdimm label ({:#x}) and "
            "aligned PMEM ({:#x})",
            b.name(), whole, config_.label_size, unit);
    if (!config_.unarmed && b.settings().readonly)
        return fail("'unarmed' property must be 'on' since memdev {} is read-only", b.name());
    return size;
}

std::span<std::uint8_t> Nvdimm::labels() const {
    const exec::RamBlock& block = *backend()->block();
    const auto size = static_cast<std::size_t>(config_.label_size);
    return {block.host() + block.size() - size, size};
}

void Nvdimm::labels_written(std::uint64_t offset, std::uint64_t length) {
    exec::RamBlock& block = *backend()->block();
    block.mark_dirty(block.size() - config_.label_size + offset, length);
}

}  // namespace hw
