// SPDX-License-Identifier: GPL-2.0-or-later
//
// What every PCI function has in common on the command line and on the wire.
#include "hw/pci/pci-properties.h"

#include <fmt/format.h>

#include "hw/pci/pci-bus.h"
#include "hw/pci/pci-device.h"
#include "migration/vmstate/fields.h"
#include "migration/vmstate/stream.h"
#include "qapi/json.h"

namespace hw {

namespace {

// ---- addr= --------------------------------------------------------------------------------------

Result<unsigned> parse_hex(std::string_view text, unsigned limit) {
    unsigned v = 0;
    if (text.starts_with("0x")) text.remove_prefix(2);
    if (text.empty() || text.size() > 2) return fail("not a hexadecimal number");
    for (char c : text) {
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return fail("not a hexadecimal number");
        v = v << 4 | static_cast<unsigned>(digit);
    }
    if (v >= limit) return fail("out of range");
    return v;
}

Result<void> set_address(void* member, const qapi::Json& value) {
    auto& a = *static_cast<PciAddress*>(member);
    if (const auto number = value.integer()) {
        if (*number < -1 || *number > 255)
            return fail(
                "Property 'addr' doesn't take value '{}': it is a slot and function from 0 "
                "to 255, or -1",
                *number);
        a.devfn = static_cast<std::int32_t>(*number);
        return {};
    }
    const std::string* text = value.string();
    if (!text) return fail("Invalid parameter type for 'addr', expected: string or integer");
    a.devfn = TRY(parse_pci_address(*text));
    return {};
}
qapi::Json get_address(const void* member) {
    return std::int64_t{static_cast<const PciAddress*>(member)->devfn};
}
std::string print_address(const void* member) {
    return format_pci_address(static_cast<const PciAddress*>(member)->devfn);
}
constexpr qom::CustomProperty address_property{set_address, get_address, print_address};

constexpr auto properties = qom::properties(
    qom::custom_property<&PciConfig::addr>(
        "addr", "int32", address_property,
        "Slot and optional function number, example: 06.0 or 06"),
    qom::property<&PciConfig::romfile>("romfile"), qom::property<&PciConfig::romsize>("romsize"),
    qom::property<&PciConfig::rombar>("rombar"),
    qom::property<&PciConfig::multifunction>("multifunction", "on/off"),
    qom::property<&PciConfig::x_pcie_lnksta_dllla>("x-pcie-lnksta-dllla", "on/off"),
    qom::property<&PciConfig::x_pcie_extcap_init>("x-pcie-extcap-init", "on/off"),
    qom::property<&PciConfig::failover_pair_id>("failover_pair_id"),
    qom::property<&PciConfig::acpi_index>("acpi-index"));

// ---- the wire -----------------------------------------------------------------------------------

// The configuration space is a buffer under a name of its own.
consteval vmstate::Field config_field() {
    vmstate::Field f = vmstate::buffer<&PciState::config>("config[0]");
    f.type = "pci config";
    return f;
}

void save_irq_state(const PciState& s, vmstate::Writer& w) {
    for (std::uint32_t level : s.irq_state)
        w.be32(level);
}
Result<void> load_irq_state(PciState& s, vmstate::Reader& r) {
    for (std::uint32_t& level : s.irq_state) {
        level = TRY(r.be32());
        if (level > 1) return r.refuse_at(r.offset() - 4, "0 or 1", std::to_string(level));
    }
    return {};
}
constexpr vmstate::Custom irq_state_form =
    vmstate::custom_form<PciState, save_irq_state, load_irq_state>;

constexpr auto device_fields = vmstate::fields(
    vmstate::field_less_equal<std::int32_t, &PciState::version_id>("version_id"), config_field(),
    vmstate::custom<&PciState::irq_state>("irq_state", "pci irq state", irq_state_form));
static_assert(vmstate::covers<PciState>(device_fields));

}  // namespace

constexpr vmstate::Table pci_device_table_value{
    .name = "PCIDevice", .version = 2, .minimum_version = 1, .fields = device_fields};
constinit const vmstate::Table pci_device_table = pci_device_table_value;

constinit const qom::Type pci_device_type{
    .name = "pci-device", .parent = "device", .abstract = true, .properties = properties};

std::span<const qom::Type* const> pci_base_types() {
    static constexpr qom::Type host{
        .name = "pci-host-bridge", .parent = "sys-bus-device", .abstract = true};
    static constexpr qom::Type piix3{.name = "pci-piix3", .parent = "pci-device", .abstract = true};
    static constexpr qom::Type ide{.name = "pci-ide", .parent = "pci-device", .abstract = true};
    static constexpr qom::Type bridge{
        .name = "base-pci-bridge", .parent = "pci-device", .abstract = true};
    static constexpr const qom::Type* types[] = {&pci_device_type, &pci_bus_type, &host,
                                                 &piix3,           &ide,          &bridge};
    return types;
}

Result<int> parse_pci_address(std::string_view text) {
    const auto bad = [&] {
        // The property's words are added to it.
        return fail("").with_hint(
            "A PCI address is SLOT or SLOT.FUNCTION in hexadecimal, up to 1f.7");
    };
    if (text == "-1") return -1;
    const auto dot = text.find('.');
    auto slot = parse_hex(text.substr(0, dot), pci::slots_per_bus);
    if (!slot) return bad();
    unsigned function = 0;
    if (dot != text.npos) {
        auto f = parse_hex(text.substr(dot + 1), pci::functions_per_slot);
        if (!f) return bad();
        function = *f;
    }
    return static_cast<int>(pci::devfn(*slot, function));
}

std::string format_pci_address(int devfn) {
    if (devfn < 0) return "-1";
    const auto n = static_cast<unsigned>(devfn);
    return fmt::format("{:02x}.{:x}", pci::slot_of(n), pci::function_of(n));
}

}  // namespace hw
