// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 82371SB PIIX3, function 0. Data sheet: order number 290550, sections 2.2 (configuration
// registers) and 2.5 (RC, the reset control register).
#include "hw/isa/piix3.h"

#include "hw/core/system-requests.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"
#include "qapi/qapi-types-run-state.h"

namespace hw {

namespace {

constexpr unsigned pirqrc = 0x60;  // PIRQRC[A:D]; bit 7 = not routed
constexpr unsigned pirqs = 4;
constexpr unsigned isa_irqs = 16;

// Reset control register.
constexpr std::uint8_t reset_cpu = 1 << 2, system_reset = 1 << 1;

/// The configuration registers' values after a hard reset; those not named are 0 or keep theirs.
struct Default {
    std::uint8_t at, value;
};
constexpr Default defaults[] = {
    {pci::status, 0x00}, {pci::status + 1, 0x02},  // medium DEVSEL timing
    {0x4c, 0x4d},                                  // IORT, ISA I/O recovery
    {0x4e, 0x03},                                  // XBCS, X-bus chip select
    {0x4f, 0x00},        {0x60, 0x80},             // PIRQRC
    {0x61, 0x80},        {0x62, 0x80},
    {0x63, 0x80},        {0x69, 0x02},  // TOM
    {0x70, 0x80},                       // MBIRQ0
    {0x76, 0x0c},                       // MBDMA
    {0x77, 0x0c},        {0x78, 0x02},  // PCSC
    {0x79, 0x00},        {0x80, 0x00},
    {0x82, 0x00},  // DLC
    {0xa0, 0x08},  // SMICNTL
    {0xa2, 0x00},        {0xa3, 0x00},
    {0xa4, 0x00},        {0xa5, 0x00},
    {0xa6, 0x00},        {0xa7, 0x00},
    {0xa8, 0x0f},  // FTMR
    {0xaa, 0x00},        {0xab, 0x00},
    {0xac, 0x00},        {0xae, 0x00},
};

/// The board wires INTA# of slot n to PIRQ (n - 1) mod 4, and the next pins to the next PIRQs.
unsigned route_pin(unsigned devfn, unsigned pin) {
    return (pin + pci::slot_of(devfn) - 1) & 3;
}

constexpr auto rcr_fields = vmstate::fields(vmstate::field<&Piix3State::rcr>("rcr"));
constexpr vmstate::Table rcr_table{
    .name = "PIIX3/rcr",
    .fields = rcr_fields,
    .needed = vmstate::needed<Piix3State, [](const Piix3State& s) { return s.rcr != 0; }>};
constexpr auto subsections = vmstate::subsections(rcr_table);
constexpr auto fields = vmstate::fields(
    vmstate::structs<&Piix3State::dev>("dev", pci_device_table),
    vmstate::field<&Piix3State::pci_irq_levels>("pci_irq_levels_vmstate").from_version(3));
static_assert(vmstate::covers<Piix3State>(fields, rcr_fields));
constexpr vmstate::Table table{.name = "PIIX3",
                               .version = 3,
                               .minimum_version = 2,
                               .fields = fields,
                               .subsections = subsections};

constexpr auto reset_control_ops =
    exec::memory_ops<&Piix3::reset_control_read, &Piix3::reset_control_write>({.impl = {1, 1}});

}  // namespace

const PciDeviceType piix3_type{
    {{.name = "PIIX3", .parent = "pci-piix3", .description = "ISA bridge"},
     "PCI",
     Category::Bridge,
     false,
     false,
     [] { return std::unique_ptr<Device>(new Piix3); }},
    0x8086,
    0x7000,
    0x00,
    0x0601};

Piix3::Piix3() : PciDeviceOf(piix3_type) {}

const vmstate::Table& Piix3::vmstate() const {
    return table;
}

Result<void> Piix3::realize_chip(Platform& p) {
    requests_ = p.services.find<SystemRequests>();
    pci_bus().connect_interrupts(
        route_pin, pirqs,
        [](void* self, int wire, int level) { static_cast<Piix3*>(self)->set_pirq(wire, level); },
        this);
    // Above the host bridge's address register, which ignores byte accesses.
    reset_control_ =
        exec::MemoryRegion::io(p.memory, "piix3-reset-control", 1, reset_control_ops, this);
    p.system_io.add_subregion(0xcf9, *reset_control_, 1);
    return {};
}

void Piix3::chip_reset() {
    for (const Default& d : defaults)
        state_.dev.config[d.at] = d.value;
    state_.rcr = 0;
    drive(routed_levels());
}

// ---- interrupt routing ------------------------------------------------------------------------

std::uint16_t Piix3::routed_levels() const {
    std::uint16_t levels = 0;
    for (unsigned wire = 0; wire < pirqs; wire++) {
        const unsigned irq = state_.dev.config[pirqrc + wire];
        if (irq < isa_irqs && pci_bus().interrupt_level(wire))
            levels |= static_cast<std::uint16_t>(1 << irq);
    }
    return levels;
}

void Piix3::drive(std::uint16_t levels) {
    const std::uint16_t changed = levels ^ driven_;
    driven_ = levels;
    for (unsigned irq = 0; irq < isa_irqs; irq++)
        if (changed >> irq & 1) isa_irq_[irq].set(levels >> irq & 1);
}

void Piix3::set_pirq(int, int) {
    drive(routed_levels());
}

void Piix3::config_written(unsigned address, unsigned size) {
    if (address < pirqrc + pirqs && address + size > pirqrc) drive(routed_levels());
}

void Piix3::pre_save(Piix3State& s) {
    for (unsigned wire = 0; wire < pirqs; wire++)
        s.pci_irq_levels[wire] = pci_bus().interrupt_level(wire);
}

// ---- reset control ----------------------------------------------------------------------------

std::uint64_t Piix3::reset_control_read(exec::hwaddr, unsigned) {
    return state_.rcr;
}

void Piix3::reset_control_write(exec::hwaddr, std::uint64_t value, unsigned) {
    if (value & reset_cpu) {
        if (requests_) requests_->request_reset(qapi::ShutdownCause::guest_reset);
        return;
    }
    state_.rcr = static_cast<std::uint8_t>(value & system_reset);
}

}  // namespace hw
