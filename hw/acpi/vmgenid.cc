// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/vmgenid.h"

#include <algorithm>
#include <cctype>
#include <random>

#include "exec/address-space.h"
#include "hw/acpi/acpi-core.h"
#include "hw/acpi/aml.h"
#include "hw/nvram/fw_cfg.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-machine.h"

namespace hw {
namespace {

constexpr const char *guid_file = "etc/vmgenid_guid", *address_file = "etc/vmgenid_addr";
// A page of its own, and not at its start, so that no firmware takes it for a table.
constexpr std::size_t page = 4096, guid_offset = 40;

constexpr auto properties = qom::properties(qom::property<&VmGenIdConfig::guid>(
    "guid", "UUID (aka GUID) or \"auto\" for random value (default)"));

using S = VmGenIdState;
constexpr auto fields = vmstate::fields(vmstate::field<&S::vmgenid_addr_le>("vmgenid_addr_le"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table_{.name = "vmgenid", .fields = fields};

constexpr std::array<unsigned, 16> guest_order{3, 2, 1,  0,  5,  4,  7,  6,
                                               8, 9, 10, 11, 12, 13, 14, 15};

Result<std::array<u8, 16>> parse_guid(const std::string& text) {
    std::array<u8, 16> bytes{};
    if (text == "auto") {
        std::random_device random;
        for (u8& b : bytes)
            b = static_cast<u8>(random());
        bytes[6] = static_cast<u8>((bytes[6] & 0x0f) | 0x40);  // version 4, RFC 4122
        bytes[8] = static_cast<u8>((bytes[8] & 0x3f) | 0x80);
        return bytes;
    }
    std::string digits;
    for (std::size_t i = 0; i < text.size(); i++) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) break;
        if (!dash) digits += text[i];
    }
    if (text.size() != 36 || digits.size() != 32)
        return fail("Property 'vmgenid.guid' doesn't take value '{}'", text)
            .with_hint("expected a UUID or 'auto'");
    for (std::size_t i = 0; i < bytes.size(); i++)
        bytes[i] = static_cast<u8>(std::stoul(digits.substr(2 * i, 2), nullptr, 16));
    return bytes;
}

AcpiFacts::Extra build_ssdt() {
    using namespace aml;
    // A double word whose value firmware completes with the address of the file.
    constexpr u32 to_patch = 0x01000000 | guid_offset;
    AcpiFacts::Extra extra{.signature = "SSDT", .revision = 1, .oem_table_id = "VMGENID"};
    const Bytes address = name("ADDR", package({integer(to_patch), integer(0)}));
    const Bytes wanted{0x0c, guid_offset, 0, 0, 1};  // DWordConst
    extra.body =
        concat({scope("\\_SB", {device("VGEN", {name("_HID", string("QEMUVGID")),
                                                name("_CID", string("VM_Gen_Counter")),
                                                name("_DDN", string("VM_Gen_Counter")), address})}),
                scope("\\_GPE", {method("_E05", 0, {notify(path("\\_SB.VGEN"), integer(0x80))})})});
    const auto found =
        std::search(extra.body.begin(), extra.body.end(), wanted.begin(), wanted.end());
    const auto at = static_cast<u32>(found - extra.body.begin()) + 1;
    extra.body[at + 3] = 0;
    extra.pointer = {.at = at,
                     .file = guid_file,
                     .address_file = address_file,
                     .address_offset = guid_offset,
                     .alignment = page};
    return extra;
}

}  // namespace

const DeviceType VmGenId::device_type_{
    {.name = "vmgenid", .parent = "device", .properties = properties},
    "",
    Category::Misc,
    true,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<VmGenId>(); }};

std::span<const DeviceType* const> vmgenid_types() {
    static constexpr const DeviceType* types[] = {&VmGenId::device_type_};
    return types;
}

VmGenId::~VmGenId() {
    if (realized()) platform().services.withdraw<VmGenId>();
}

const vmstate::Table& VmGenId::vmstate() const {
    return table_;
}

Result<void> VmGenId::realize(Platform& p) {
    const auto guid = TRY(parse_guid(config_.guid));
    for (std::size_t i = 0; i < guid.size(); i++)
        guid_[i] = guid[guest_order[i]];
    if (p.services.find<VmGenId>()) return fail("at most one vmgenid device is permitted");
    auto* fw_cfg = p.services.find<FwCfg>();
    acpi_ = p.services.find<AcpiCore>();
    if (!fw_cfg || !fw_cfg->dma())
        return fail(
            "vmgenid requires DMA write support in fw_cfg, which this machine type does not "
            "provide");
    if (!acpi_) return fail("vmgenid requires ACPI, which this machine does not have");
    std::vector<u8> file(page);
    std::copy(guid_.begin(), guid_.end(), file.begin() + guid_offset);
    TRY(fw_cfg->add_file(guid_file, std::move(file)));
    TRY(fw_cfg->add_writable_file(address_file, std::vector<u8>(8),
                                  [this](const FwCfg::Bytes& b, std::size_t, std::size_t) {
                                      std::copy_n(b.begin(), 8, state_.vmgenid_addr_le.begin());
                                  }));
    p.services.provide<VmGenId>(*this);
    return {};
}

void VmGenId::hold_reset() {
    state_ = {};
}

/// After a load: a guest that was saved with another number gets this one, and hears of it. Where
/// nothing but zeros are, the guest's memory is not there; then there is nobody to tell.
void VmGenId::tell_guest() {
    u64 address = 0;
    for (std::size_t i = 8; i-- > 0;)
        address = address << 8 | state_.vmgenid_addr_le[i];
    if (!address) return;
    auto& memory = platform().memory_space;
    std::array<u8, 16> there{};
    if (memory.dma_read(address, there) != exec::MemTx::Ok || there == guid_ ||
        std::all_of(there.begin(), there.end(), [](u8 b) { return b == 0; }))
        return;
    memory.dma_write(address, guid_);
    acpi_->raise_gpe(gpe);
}

std::string VmGenId::text() const {
    std::string text;
    for (std::size_t i = 0; i < guid_.size(); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += fmt::format("{:02x}", guid_[guest_order[i]]);
    }
    return text;
}

AcpiFacts::Extra VmGenId::table() const {
    return build_ssdt();
}

}  // namespace hw

namespace qapi {

Result<GuidInfo> qmp_query_vm_generation_id(Context& cx) {
    auto* device = cx.find<hw::VmGenId>();
    if (!device) return fail("VM Generation ID device not found");
    GuidInfo info;
    info.guid = device->text();
    return info;
}

}  // namespace qapi
