// SPDX-License-Identifier: GPL-2.0-or-later
//
// PIIX4 power management function. Data sheet: order number 290562, sections 4.1 (configuration
// registers) and 7.1 (I/O registers).
#include "hw/acpi/piix4.h"

#include "exec/address-space.h"
#include "hw/core/devices.h"
#include "hw/core/system-requests.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"
#include "qapi/qapi-events-run-state.h"
#include "qapi/qapi-types-run-state.h"
#include "qom/property.h"

namespace hw {

namespace {

// Configuration registers.
constexpr unsigned pmba = 0x40, devactb = 0x58, pmregmisc = 0x80, smbba = 0x90, smbhstcfg = 0xd2;
// DEVRESG, DEVRESH, DEVRESI: which decoders firmware finds switched on.
constexpr unsigned devresg = 0x5f, devresh = 0x63, devresi = 0x67;
constexpr std::uint8_t apm_smi_enable = 1 << 1;  // of the fourth byte of DEVACTB

constexpr std::uint16_t gpe_base = 0xafe0, pci_hotplug_base = 0xae00, cpu_hotplug_base = 0xaf00,
                        apm_base = 0xb2;
// What firmware and ACPI tables write to APMC to leave and enter legacy mode (FADT).
constexpr unsigned gpe_pci_hotplug = 1, gpe_cpu_hotplug = 2;
constexpr std::uint8_t acpi_enable = 0xf1, acpi_disable = 0xf0;

using S = Piix4PmState;
using vmstate::field;
using vmstate::only_if;

constexpr auto apm_fields = vmstate::fields(field<&S::apmc>("apmc"), field<&S::apms>("apms"));
constexpr vmstate::Table apm_table{.name = "APM State", .fields = apm_fields};

constexpr bool slots(const S& s, int) {
    return s.has_memory_slots;
}
constexpr bool no_slots(const S& s, int) {
    return !s.has_memory_slots;
}
constexpr auto memory_fields =
    vmstate::fields(only_if<S, slots>(vmstate::structs<&S::memory_hotplug>("acpi_memory_hotplug",
                                                                           memory_hotplug_table)),
                    only_if<S, no_slots>(vmstate::structs<&S::memory_hotplug>(
                        "acpi_memory_hotplug", memory_selector_table)));
constexpr vmstate::Table memory_table{
    .name = "piix4_pm/memhp",
    .fields = memory_fields,
    .needed = vmstate::needed<S, [](const S& s) { return s.has_memory_hotplug; }>};
constexpr auto cpu_fields =
    vmstate::fields(vmstate::structs<&S::cpu_hotplug>("cpuhp_state", cpu_hotplug_table));
/// Whether the block is in its new form is nothing but the presence of this subsection. What a
/// stream lacks is taken from blank(), which has a mark that no guest leaves there.
constexpr u32 absent_selector = 0xffffffff;
constexpr u8 absent_command = 0xff;
Result<void> find_cpu_form(S& s, int) {
    CpuHotplugState& c = s.cpu_hotplug;
    s.cpu_hotplug_legacy = c.selector == absent_selector && c.command == absent_command;
    if (s.cpu_hotplug_legacy) c.selector = c.command = 0;
    return {};
}
constexpr vmstate::Table cpu_table{
    .name = "piix4_pm/cpuhp",
    .fields = cpu_fields,
    .needed = vmstate::needed<S, [](const S& s) { return !s.cpu_hotplug_legacy; }>,
    .check = vmstate::check<S, find_cpu_form>};
constexpr auto subsections = vmstate::subsections(memory_table, cpu_table);

constexpr bool bridges(const S& s, int) {
    return s.has_bridges;
}
constexpr bool no_bridges(const S& s, int) {
    return !s.has_bridges;
}
constexpr bool smbus(const S& s, int) {
    return s.has_smbus;
}
constexpr bool index(const S& s, int) {
    return s.has_bridges && s.has_acpi_index;
}

/// One bus's slots, as machines without bridge support have it.
consteval vmstate::Field first_bus() {
    vmstate::Field f = vmstate::structs<&S::pci_hotplug, &PciHotplugState::acpi_pcihp_pci_status>(
        "acpi_pci_hotplug.acpi_pcihp_pci_status[ACPI_PCIHP_BSEL_DEFAULT]", pci_hotplug_slots_table);
    f.array_length = 0;
    return f;
}
constexpr auto fields = vmstate::fields(
    vmstate::structs<&S::dev>("parent_obj", pci_device_table),
    field<&S::ar, &AcpiState::pm1_sts>("ar.pm1.evt.sts"),
    field<&S::ar, &AcpiState::pm1_en>("ar.pm1.evt.en"),
    field<&S::ar, &AcpiState::pm1_cnt>("ar.pm1.cnt.cnt"), vmstate::self<S>("apm", apm_table),
    only_if<S, smbus>(vmstate::structs<&S::smb>("smb", pm_smbus_table)),
    vmstate::timer<&S::ar, &AcpiState::tmr_timer>("ar.tmr.timer"),
    field<&S::ar, &AcpiState::tmr_overflow_time>("ar.tmr.overflow_time"),
    vmstate::structs<&S::ar, &AcpiState::gpe>("ar.gpe", acpi_gpe_table),
    only_if<S, no_bridges>(first_bus()),
    only_if<S, bridges>(field<&S::pci_hotplug, &PciHotplugState::hotplug_select>(
        "acpi_pci_hotplug.hotplug_select")),
    only_if<S, bridges>(vmstate::structs<&S::pci_hotplug, &PciHotplugState::acpi_pcihp_pci_status>(
        "acpi_pci_hotplug.acpi_pcihp_pci_status", pci_hotplug_slots_table)),
    only_if<S, index>(
        field<&S::pci_hotplug, &PciHotplugState::acpi_index>("acpi_pci_hotplug.acpi_index")));
static_assert(vmstate::covers<S>(
    fields, memory_fields, cpu_fields,
    // from the Config
    vmstate::not_saved<&S::has_bridges, &S::has_memory_hotplug, &S::has_acpi_index, &S::has_smbus,
                       &S::has_memory_slots>(),
    // whether the CPU subsection is there says it
    vmstate::not_saved<&S::cpu_hotplug_legacy>()));
constexpr vmstate::Table table{.name = "piix4_pm",
                               .version = 3,
                               .minimum_version = 3,
                               .fields = fields,
                               .subsections = subsections};

using P = Piix4PmConfig;
using qom::property;
constexpr auto properties = qom::properties(
    property<&P::smb_io_base>("smb_io_base"), property<&P::disable_s3>("disable_s3"),
    property<&P::disable_s4>("disable_s4"), property<&P::s4_val>("s4_val"),
    property<&P::pci_hotplug_with_bridges>("acpi-pci-hotplug-with-bridge-support"),
    property<&P::root_pci_hotplug>("acpi-root-pci-hotplug"),
    property<&P::memory_hotplug>("memory-hotplug-support"), property<&P::smm_compat>("smm-compat"),
    property<&P::smm_enabled>("smm-enabled"),
    property<&P::not_migrate_acpi_index>("x-not-migrate-acpi-index"));

constexpr auto event_ops =
    exec::memory_ops<&Piix4Pm::event_read, &Piix4Pm::event_write>({.impl = {2, 2}});
constexpr auto control_ops =
    exec::memory_ops<&Piix4Pm::control_read, &Piix4Pm::control_write>({.impl = {2, 2}});
constexpr auto timer_ops = exec::memory_ops<&Piix4Pm::timer_read, &Piix4Pm::timer_write>();
constexpr auto gpe_ops =
    exec::memory_ops<&Piix4Pm::gpe_read, &Piix4Pm::gpe_write>({.impl = {1, 1}});
constexpr auto apm_ops =
    exec::memory_ops<&Piix4Pm::apm_read, &Piix4Pm::apm_write>({.impl = {1, 1}});

}  // namespace

u32 removable_slots(const PciBus& bus) {
    u32 slots = 0xffffffff;
    for (unsigned n = 0; n < 256; n++)
        if (const PciDevice* d = bus.function(n); d && !d->device_type().hotpluggable)
            slots &= ~(1u << pci::slot_of(n));
    return slots;
}

constinit const PciDeviceType piix4_pm_type{
    {{.name = "PIIX4_PM", .parent = "pci-device", .properties = properties, .description = "PM"},
     "PCI",
     Category::Bridge,
     false,
     false,
     [] { return std::unique_ptr<Device>(new Piix4Pm); }},
    0x8086,
    0x7113,
    0x03,
    0x0680};

std::span<const DeviceType* const> piix4_types() {
    static constexpr const DeviceType* types[] = {&piix4_pm_type};
    return types;
}

Piix4Pm::Piix4Pm() : PciDeviceOf(piix4_pm_type) {}

Piix4Pm::~Piix4Pm() {
    if (buses_.empty()) return;
    platform().states.remove(smbus());
    platform().services.withdraw<OspmStatus>();
    if (device_memory_) device_memory_->set_handler(nullptr);
}

const vmstate::Table& Piix4Pm::vmstate() const {
    return table;
}

Result<void> Piix4Pm::realize_chip(Platform& p) {
    requests_ = p.services.find<SystemRequests>();
    auto& c = state_.dev.config;
    set_config16(pci::status, pci::status_devsel_medium | pci::status_fast_back);
    c[pci::interrupt_pin] = 1;
    c[smbhstcfg] = 0x09;  // SMBus on, interrupts by IRQ 9
    set_config32(smbba, config_.smb_io_base | 1);

    state_.has_bridges = config_.pci_hotplug_with_bridges;
    state_.has_memory_hotplug = config_.memory_hotplug;
    state_.has_acpi_index = !config_.not_migrate_acpi_index;
    state_.has_smbus = config_.saves_smbus;

    auto ask = [this](void (*what)(SystemRequests&)) {
        return [this, what] {
            if (requests_) what(*requests_);
        };
    };
    const auto off = [](SystemRequests& r) {
        r.request_shutdown(qapi::ShutdownCause::guest_shutdown);
    };
    acpi_.emplace(
        state_.ar, p.clocks.virt,
        AcpiCore::Requests{.soft_off = ask(off),
                           .suspend_to_ram = ask([](SystemRequests& r) { r.request_suspend(); }),
                           .suspend_to_disk =
                               [this, go_off = ask(off)] {
                                   if (auto* events = platform().services.find<qapi::EventSink>())
                                       emit(*events, qapi::SuspendDiskEvent{});
                                   go_off();
                               }},
        config_.s4_val);
    acpi_->sci.connect(sci_);
    PciBus& bus = pci_bus();
    pci_hotplug_.emplace(
        state_.pci_hotplug,
        PciHotplug::Slots{
            .removable = [&bus](unsigned n) { return n == 0 ? removable_slots(bus) : 0; },
            .eject =
                [this](unsigned n, unsigned slot) {
                    if (n == 0) eject(slot);
                },
            .acpi_index =
                [&bus](unsigned n, unsigned slot) {
                    PciDevice* d = n == 0 ? bus.function(pci::devfn(slot, 0)) : nullptr;
                    return d ? d->pci_config().acpi_index : 0;
                }},
        [this] { acpi_->raise_gpe(gpe_pci_hotplug); });
    if (config_.root_pci_hotplug) bus.set_hotplug_handler(this);
    cpu_hotplug_.emplace(
        state_.cpu_hotplug, processors_, [this] { acpi_->raise_gpe(gpe_cpu_hotplug); },
        eject_processor_, [this](unsigned index) { tell(processor_status(index)); });

    if (device_memory_) make_memory_hotplug(p);
    p.services.provide<OspmStatus>(*this);

    auto i2c = std::make_unique<I2cBus>(this, "i2c");
    smbus_.emplace(state_.smb, *i2c);
    p.states.add({}, *i2c);
    buses_.push_back(std::move(i2c));
    make_regions(p);
    return {};
}

void Piix4Pm::make_regions(Platform& p) {
    using exec::MemoryRegion;
    pm_ = MemoryRegion::container(p.memory, "piix4-pm", 64);
    event_ = MemoryRegion::io(p.memory, "acpi-evt", 4, event_ops, this);
    control_ = MemoryRegion::io(p.memory, "acpi-cnt", 2, control_ops, this);
    timer_ = MemoryRegion::io(p.memory, "acpi-tmr", 4, timer_ops, this);
    pm_->add_subregion(0, *event_);
    pm_->add_subregion(4, *control_);
    pm_->add_subregion(8, *timer_);
    pm_->set_enabled(false);
    p.system_io.add_subregion(0, *pm_);

    apm_ = MemoryRegion::io(p.memory, "apm-io", 2, apm_ops, this);
    gpe_ = MemoryRegion::io(p.memory, "acpi-gpe0", 4, gpe_ops, this);
    smb_ = smbus_->make_region(p.memory);
    pci_ = pci_hotplug_->make_region(p.memory);
    cpu_hotplug_->make_regions(p.memory);
    p.system_io.add_subregion(apm_base, *apm_);
    p.system_io.add_subregion(gpe_base, *gpe_);
    p.system_io.add_subregion(config_.smb_io_base, *smb_);
    p.system_io.add_subregion(pci_hotplug_base, *pci_);
    p.system_io.add_subregion(cpu_hotplug_base, cpu_hotplug_->legacy_region());
    p.system_io.add_subregion(cpu_hotplug_base, cpu_hotplug_->region());
}

bool Piix4Pm::port_taken(std::uint16_t port) const {
    const auto view = platform().io_space.view();
    const exec::FlatRange* r = view->find(port);
    return r && r->region != &platform().system_io;
}

void Piix4Pm::chip_reset() {
    auto& c = state_.dev.config;
    set_config32(devactb, 0);
    // Without SMM the firmware shall find it set up, and not try (SeaBIOS looks at this bit).
    if (!config_.smm_enabled) c[devactb + 3] = apm_smi_enable;
    c[pmba] = 0x01;
    c[pmregmisc] = 0;
    c[devresg] = static_cast<std::uint8_t>((port_taken(0x378) ? 0x80 : 0) | 0x10);
    c[devresh] = 0x60;
    c[devresi] =
        static_cast<std::uint8_t>((port_taken(0x3f8) ? 0x08 : 0) | (port_taken(0x2f8) ? 0x90 : 0));
    state_.apmc = state_.apms = 0;
    smbus_->reset();
    acpi_->reset();
    // Nor is there an SMI handler then that could switch to ACPI mode.
    acpi_->set_sci_enabled(!config_.smm_enabled);
    pci_hotplug_->reset();
    // The blocks for processors and memory keep what they have: so does what they tell of.
    update_io_space();
}

void Piix4Pm::config_written(unsigned address, unsigned size) {
    const bool moved = address < pmba + 4 && address + size > pmba;
    const bool switched = address <= pmregmisc && address + size > pmregmisc;
    const bool smbus = (address < smbba + 4 && address + size > smbba) ||
                       (address <= smbhstcfg && address + size > smbhstcfg);
    if (moved || switched || smbus) update_io_space();
}

void Piix4Pm::update_io_space() {
    exec::Transaction changes(platform().memory);
    pm_->set_enabled(state_.dev.config[pmregmisc] & 1);
    pm_->set_address(config32(pmba) & 0xffc0);
    config_.smb_io_base = config32(smbba) & 0xffc0;
    smb_->set_enabled(state_.dev.config[smbhstcfg] & 1);
    smb_->set_address(config_.smb_io_base);
}

void Piix4Pm::pre_save(Piix4PmState& s) {
    acpi_->pre_save();
    s.cpu_hotplug_legacy = !cpu_hotplug_->modern();
}

std::unique_ptr<vmstate::Staged> Piix4Pm::blank() {
    if (!realized()) return PciDeviceOf::blank();
    auto copy = stage();
    auto& s = *static_cast<Piix4PmState*>(copy->data());
    s.memory_hotplug.selector = 0;
    s.memory_hotplug.devs.assign(s.memory_hotplug.devs.size(), {});
    s.cpu_hotplug.selector = absent_selector;
    s.cpu_hotplug.command = absent_command;
    s.cpu_hotplug.devs.assign(processors_.size(), {});
    return copy;
}

void Piix4Pm::chip_loaded(int) {
    acpi_->post_load();
    cpu_hotplug_->set_modern(!state_.cpu_hotplug_legacy);
    update_io_space();
}

// ---- hotplug of PCI devices -------------------------------------------------------------------

// A guest looks for function 0 first, so that one comes last and stands for the slot.
void Piix4Pm::plugged(PciDevice& d) {
    if (pci::function_of(d.devfn()) == 0) pci_hotplug_->plugged(0, pci::slot_of(d.devfn()));
}

void Piix4Pm::request_unplug(PciDevice& d) {
    pci_hotplug_->request_unplug(0, pci::slot_of(d.devfn()));
}

void Piix4Pm::eject(unsigned slot) {
    auto* devices = platform().services.find<Devices>();
    for (unsigned f = 0; devices && f < pci::functions_per_slot; f++)
        if (PciDevice* d = pci_bus().function(pci::devfn(slot, f));
            d && d->device_type().hotpluggable)
            devices->finish_removal(*d);
}

void Piix4Pm::finish_unplugging() {
    for (unsigned slot = 0; slot < pci::slots_per_bus; slot++)
        if (state_.pci_hotplug.acpi_pcihp_pci_status[0].down >> slot & 1) eject(slot);
}

// ---- registers --------------------------------------------------------------------------------

u64 Piix4Pm::event_read(u64 offset, unsigned) {
    return u64{acpi_->read_event(offset & 2)} >> 8 * (offset & 1);
}
void Piix4Pm::event_write(u64 offset, u64 value, unsigned) {
    acpi_->write_event(offset & 2, static_cast<u16>(value << 8 * (offset & 1)));
}
u64 Piix4Pm::control_read(u64 offset, unsigned) {
    return u64{acpi_->read_control()} >> 8 * (offset & 1);
}
void Piix4Pm::control_write(u64 offset, u64 value, unsigned) {
    acpi_->write_control(static_cast<u16>(value << 8 * (offset & 1)));
}
u64 Piix4Pm::timer_read(u64 offset, unsigned) {
    return acpi_->read_timer() >> 8 * (offset & 3);
}
u64 Piix4Pm::gpe_read(u64 offset, unsigned) {
    return acpi_->read_gpe(offset);
}
void Piix4Pm::gpe_write(u64 offset, u64 value, unsigned) {
    acpi_->write_gpe(offset, static_cast<u8>(value));
}

u64 Piix4Pm::apm_read(u64 offset, unsigned) {
    return offset ? state_.apms : state_.apmc;
}

void Piix4Pm::apm_write(u64 offset, u64 value, unsigned) {
    const auto v = static_cast<u8>(value);
    if (offset) {
        state_.apms = v;
        return;
    }
    state_.apmc = v;
    if (v == acpi_enable || v == acpi_disable) {
        acpi_->set_sci_enabled(v == acpi_enable);
        return;
    }
    if (state_.dev.config[devactb + 3] & apm_smi_enable) smi_.raise();
}

}  // namespace hw
