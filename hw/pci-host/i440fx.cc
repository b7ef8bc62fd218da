// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 82441FX. Data sheet: order number 290549, section 3.2 (registers PAM[6:0] and SMRAM).
#include "hw/pci-host/i440fx.h"

#include <algorithm>
#include <cassert>

#include "hw/core/devices.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"

namespace hw {

namespace {

// Configuration registers.
constexpr unsigned ram_size_in_8mb = 0x57;  // where the fourth DRAM row ends
constexpr unsigned pam0 = 0x59, pam6 = 0x5f;
constexpr unsigned smram_register = 0x72;

// Attribute bits of an area.
constexpr unsigned read_enable = 1, write_enable = 2;
// SMRAM register.
constexpr std::uint8_t d_open = 1 << 6, g_smrame = 1 << 3, c_base_seg_a0000 = 0b010;

constexpr exec::hwaddr compatible_segment = 0xa0000;
constexpr std::uint64_t compatible_segment_size = 0x20000;

struct Area {
    exec::hwaddr start;
    std::uint64_t size;
    unsigned pam, shift;  // register, and the bit its attributes start at
};
/// PAM0 holds the 64 KiB of the system BIOS in its upper half; the others two areas of 16 KiB each.
constexpr Area area(unsigned n) {
    if (n == 0) return {0xf0000, 0x10000, pam0, 4};
    return {0xc0000 + 0x4000u * (n - 1), 0x4000, pam0 + (n + 1) / 2, (n - 1) % 2 * 4};
}
static_assert(area(1).pam == 0x5a && area(12).start == 0xec000 && area(12).pam == pam6);

constexpr auto function_fields = vmstate::fields(
    vmstate::structs<&I440fxState::dev>("parent_obj", pci_device_table), vmstate::unused(1));
static_assert(vmstate::covers<I440fxState>(function_fields));
constexpr vmstate::Table function_table{
    .name = "I440FX", .version = 3, .minimum_version = 3, .fields = function_fields};

constexpr auto host_properties =
    qom::properties(qom::property<&I440fxHostConfig::pci_hole64_size>("pci-hole64-size")
                        .as("size", qom::PropertyKind::Size),
                    qom::property<&I440fxHostConfig::short_root_bus>("short_root_bus"),
                    qom::property<&I440fxHostConfig::x_pci_hole64_fix>("x-pci-hole64-fix"),
                    qom::property<&I440fxHostConfig::x_config_reg_migration_enabled>(
                        "x-config-reg-migration-enabled"),
                    qom::property<&I440fxHostConfig::bypass_iommu>("bypass-iommu"));

constexpr const DeviceType* types[] = {&i440fx_host_type, &i440fx_type};

}  // namespace

const DeviceType i440fx_host_type{
    {.name = "i440FX-pcihost", .parent = "pci-host-bridge", .properties = host_properties},
    "System",
    Category::Bridge,
    false,
    false,
    [] { return std::unique_ptr<Device>(new I440fxHost); }};

const PciDeviceType i440fx_type{
    {{.name = "i440FX", .parent = "pci-device", .description = "Host bridge"},
     "PCI",
     Category::Bridge,
     false,
     false,
     [] { return std::unique_ptr<Device>(new I440fx); }},
    0x8086,
    0x1237,
    0x02,
    0x0600};

std::span<const DeviceType* const> pci_host_types() {
    return types;
}

// ---- the bridge -------------------------------------------------------------------------------

I440fxHost::I440fxHost() : Device(i440fx_host_type) {}

I440fxHost::~I440fxHost() {
    if (buses_.empty()) return;
    vmstate::Registry& states = platform().states;
    states.remove(ports_);
    states.remove(bus());
}

exec::MemoryRegion& I440fxHost::smram() {
    return function_->smram();
}

Result<void> I440fxHost::realize(Platform& platform) {
    assert(ram_);
    pci_memory_ = exec::MemoryRegion::container(platform.memory, "pci", exec::MemoryRegion::whole);
    // Whatever the board has put nothing at is the bus's.
    platform.system_memory.add_subregion(0, *pci_memory_, -1);
    buses_.push_back(
        std::make_unique<PciBus>("pci.0", this,
                                 PciBus::Wiring{.memory = *pci_memory_,
                                                .io = platform.system_io,
                                                .master_space = platform.memory_space,
                                                .short_paths = config_.short_root_bus != 0}));
    ports_.create(platform.memory, platform.system_io, 0xcf8, 0xcfc, bus());
    // The order is the stream's.
    ports_.set_saved(config_.x_config_reg_migration_enabled);
    platform.states.add({}, ports_);
    platform.states.add({}, bus());

    auto function = std::make_unique<I440fx>();
    if (auto* devices = platform.services.find<Devices>()) TRY(devices->apply_globals(*function));
    function->connect({ram_, ram_size_, pci_memory_.get()});
    function->pci_config().addr.devfn = 0;
    function_ = function.get();
    TRY(bus().plug(std::move(function), platform));
    return {};
}

// ---- function 00.0 ----------------------------------------------------------------------------

I440fx::I440fx() : PciDeviceOf(i440fx_type) {}

const vmstate::Table& I440fx::vmstate() const {
    return function_table;
}

Result<void> I440fx::realize_chip(Platform& p) {
    using exec::MemoryRegion;
    exec::Transaction changes(p.memory);
    low_pci_ = MemoryRegion::alias(p.memory, "smram-region", *wiring_.pci_memory,
                                   compatible_segment, compatible_segment_size);
    p.system_memory.add_subregion(compatible_segment, *low_pci_, 1);

    smram_ = MemoryRegion::container(p.memory, "smram", std::uint64_t{4} << 30);
    smram_low_ = MemoryRegion::alias(p.memory, "smram-low", *wiring_.ram, compatible_segment,
                                     compatible_segment_size);
    smram_->add_subregion(compatible_segment, *smram_low_);

    for (unsigned n = 0; n < shadow_.size(); n++) {
        const Area a = area(n);
        Shadow& s = shadow_[n];
        s.ram = MemoryRegion::alias(p.memory, "pam-ram", *wiring_.ram, a.start, a.size);
        s.rom = MemoryRegion::alias(p.memory, "pam-rom", *wiring_.ram, a.start, a.size);
        s.rom->set_readonly(true);
        s.pci = MemoryRegion::alias(p.memory, "pam-pci", *wiring_.pci_memory, a.start, a.size);
        for (auto* r : {s.ram.get(), s.rom.get(), s.pci.get()}) {
            r->set_enabled(r == s.pci.get());
            p.system_memory.add_subregion(a.start, *r, 1);
        }
    }
    // SeaBIOS and coreboot take the size of memory from here when they have nothing better.
    const std::uint64_t units = wiring_.ram_size >> 23;
    state_.dev.config[ram_size_in_8mb] =
        static_cast<std::uint8_t>(std::min<std::uint64_t>(units, 255));
    state_.dev.config[smram_register] = c_base_seg_a0000;
    return {};
}

// QEMU 7.2 leaves PAM and SMRAM as they are, and SeaBIOS builds on it: it knows a reset, and the
// way back from S3, by what its shadowed copy remembers.
void I440fx::chip_reset() {
    update_memory();
}

void I440fx::config_written(unsigned address, unsigned size) {
    const bool pam = address <= pam6 && address + size > pam0;
    const bool smram = address <= smram_register && address + size > smram_register;
    if (pam || smram) update_memory();
}

void I440fx::update_memory() {
    exec::Transaction changes(platform().memory);
    for (unsigned n = 0; n < shadow_.size(); n++) {
        const Area a = area(n);
        const unsigned attributes = state_.dev.config[a.pam] >> a.shift & 3;
        // Write-only areas (reads from the ROM, writes to the RAM below it) behave as if closed:
        // no firmware for this machine copies itself that way.
        shadow_[n].ram->set_enabled(attributes == (read_enable | write_enable));
        shadow_[n].rom->set_enabled(attributes == read_enable);
        shadow_[n].pci->set_enabled(!(attributes & read_enable));
    }
    const std::uint8_t smram = state_.dev.config[smram_register];
    low_pci_->set_enabled(!(smram & d_open));
    smram_low_->set_enabled(smram & g_smrame);
}

}  // namespace hw
