// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/net/pcnet.h"

#include <algorithm>

#include "migration/vmstate/fields.h"
#include "net/network.h"
#include "qapi/context.h"
#include "qom/property.h"

namespace hw {
namespace {

using S = PcnetChip;
using vmstate::field;
constexpr auto chip_fields = vmstate::fields(
    field<&S::rap>("rap"), field<&S::isr>("isr"), field<&S::lnkst>("lnkst"),
    field<&S::rdra>("rdra"), field<&S::tdra>("tdra"), vmstate::buffer<&S::prom>("prom"),
    field<&S::csr>("csr"), field<&S::bcr>("bcr"), field<&S::timer>("timer"),
    field<&S::xmit_pos>("xmit_pos"), vmstate::buffer<&S::buffer>("buffer"),
    field<&S::tx_busy>("tx_busy"), vmstate::timer<&S::poll_timer>("poll_timer"));
static_assert(vmstate::covers<S>(chip_fields));
constexpr vmstate::Table chip_table{
    .name = "pcnet", .version = 3, .minimum_version = 2, .fields = chip_fields};
constexpr auto fields =
    vmstate::fields(vmstate::structs<&PcnetState::dev>("parent_obj", pci_device_table),
                    vmstate::structs<&PcnetState::state>("state", chip_table));
static_assert(vmstate::covers<PcnetState>(fields));
constexpr vmstate::Table table{
    .name = "pcnet", .version = 3, .minimum_version = 2, .fields = fields};

using P = PcnetConfig;
using qom::property;
constexpr auto properties = qom::properties(
    property<&P::mac>("mac", "Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56"),
    property<&P::netdev>("netdev", "ID of a netdev to use as a backend"),
    property<&P::bootindex>("bootindex").without_default());

constexpr auto ops = exec::memory_ops<&Pcnet::io_read, &Pcnet::io_write>({.impl = {1, 4}});

/// Registers that are not 0 after a reset.
struct Initial {
    u8 at;
    u16 value;
};
constexpr Initial bcr_at_reset[] = {{0, 0x0005},  {1, 0x0005},  {2, 0x0002}, {4, 0x00c0},
                                    {5, 0x0084},  {6, 0x0088},  {7, 0x0090}, {18, 0x9001},
                                    {19, 0x0002}, {20, 0x0200}, {22, 0xff06}};
constexpr i32 link_good = 0x40;

}  // namespace

constinit const PciDeviceType pcnet_type{
    {{.name = "pcnet", .parent = "pci-device", .properties = properties},
     "PCI",
     Category::Network,
     true,
     true,
     [] { return std::unique_ptr<Device>(new Pcnet); }},
    0x1022,
    0x2000,
    0x10,
    0x0200,
    0x00,
    0x0000,
    0x0000,
    "efi-pcnet.rom"};

Pcnet::Pcnet() : PciDeviceOf(pcnet_type) {}

const vmstate::Table& Pcnet::vmstate() const {
    return table;
}

Result<void> Pcnet::realize_chip(Platform& p) {
    TRY(sign_in(p.services.find<net::Network>(), type_name(), id(), config_.mac, config_.netdev));
    auto& config = state_.dev.config;
    config[pci::interrupt_pin] = 1;
    config[pci::interrupt_pin + 1] = 0x06;  // MIN_GNT and MAX_LAT
    config[pci::interrupt_pin + 2] = 0xff;
    set_config16(pci::status, 0x0280);
    // The address, and a sum over it that drivers look at ("Address PROM Space").
    auto& prom = state_.state.prom;
    std::copy(mac().begin(), mac().end(), prom.begin());
    prom[9] = 0x11;
    prom[14] = prom[15] = 'W';
    u16 sum = 0;
    for (u8 b : prom)
        sum = u16(sum + b);
    prom[12] = u8(sum);
    prom[13] = u8(sum >> 8);
    poll_.emplace(p.clocks.virt, [this] { poll(); });
    io_ = exec::MemoryRegion::io(p.memory, "pcnet-io", 0x20, ops, this);
    mmio_ = exec::MemoryRegion::io(p.memory, "pcnet-mmio", 0x20, ops, this);
    add_bar(0, pci::bar_io, *io_);
    add_bar(1, pci::bar_memory, *mmio_);
    return {};
}

void Pcnet::chip_reset() {
    auto& s = state_.state;
    s.bcr.fill(0);
    for (const Initial& i : bcr_at_reset)
        s.bcr[i.at] = i.value;
    s.buffer.fill(0);
    s.timer = 0;
    soft_reset();
    link_changed(link_up());
}

Result<void> Pcnet::check_chip(const PcnetState& state, int) const {
    const S& s = state.state;
    if (s.xmit_pos < -1 || s.xmit_pos > i32(s.buffer.size()))
        return fail("pcnet: {} bytes of a frame", s.xmit_pos);
    if (s.isr != 0 && s.isr != 1) return fail("pcnet: an interrupt line at {}", s.isr);
    return {};
}

void Pcnet::chip_loaded(int) {
    restore_link(state_.state.lnkst & link_good);
    poll_->restore(state_.state.poll_timer);
}

void Pcnet::link_changed(bool up) {
    state_.state.lnkst = up ? link_good : 0;
}

}  // namespace hw
