// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/usb/uhci.h"

#include <limits>

#include "migration/vmstate/fields.h"
#include "qom/property.h"

namespace hw {

namespace {

using S = UhciState;
using vmstate::field;
constexpr auto port_fields = vmstate::fields(field<&UhciPort::ctrl>("ctrl"));
constexpr vmstate::Table port_table{.name = "uhci port", .fields = port_fields};
constexpr auto fields =
    vmstate::fields(vmstate::structs<&S::dev>("dev", pci_device_table),
                    vmstate::field_equal<std::uint8_t, &S::num_ports>("num_ports_vmstate"),
                    vmstate::structs<&S::ports>("ports", port_table), field<&S::cmd>("cmd"),
                    field<&S::status>("status"), field<&S::intr>("intr"), field<&S::frnum>("frnum"),
                    field<&S::fl_base_addr>("fl_base_addr"), field<&S::sof_timing>("sof_timing"),
                    field<&S::status2>("status2"), vmstate::timer<&S::frame_timer>("frame_timer"),
                    field<&S::expire_time>("expire_time")
                        .from_version(2)
                        .within(0, std::numeric_limits<std::int64_t>::max()),
                    field<&S::pending_int_mask>("pending_int_mask").from_version(3));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "uhci", .version = 3, .minimum_version = 1, .fields = fields};

using P = UhciConfig;
constexpr auto properties =
    qom::properties(qom::property<&P::bandwidth>("bandwidth"),
                    qom::property<&P::maxframes>("maxframes").between(1, 1000));

constexpr auto ops =
    exec::memory_ops<&Uhci::port_read, &Uhci::port_write>({.valid = {1, 4}, .impl = {2, 2}});
constexpr std::uint64_t register_bytes = 32;
constexpr std::int64_t frame_ns = 1'000'000;
constexpr std::uint16_t frame_mask = 0x7ff;
/// Ports that are not there.
constexpr std::uint16_t no_port = 0xff7f;
/// PORTSC: bits that a write leaves, and that it clears where it has ones.
constexpr std::uint16_t port_read_only = 0x01bb,
                        port_clears = uhci_connect_change | uhci_enable_change;
// USBINTR.
constexpr std::uint16_t intr_error = 1, intr_resume = 2, intr_complete = 4, intr_short = 8;

consteval PciDeviceType variant(std::string_view name, std::uint16_t device,
                                std::unique_ptr<Device> (*create)()) {
    return {{{.name = name, .parent = "pci-uhci-usb", .properties = properties},
             "PCI",
             Category::Usb,
             true,
             true,
             create},
            0x8086,
            device,
            0x01,
            0x0c03,
            0x00};
}

}  // namespace

constinit const PciDeviceType piix3_uhci_type = variant(
    "piix3-usb-uhci", 0x7020, [] { return std::unique_ptr<Device>(new Uhci(piix3_uhci_type)); });
constinit const PciDeviceType piix4_uhci_type = variant(
    "piix4-usb-uhci", 0x7112, [] { return std::unique_ptr<Device>(new Uhci(piix4_uhci_type)); });

Uhci::Uhci(const PciDeviceType& type) : PciDeviceOf(type) {}
Uhci::~Uhci() = default;

const vmstate::Table& Uhci::vmstate() const {
    return table;
}

Result<void> Uhci::realize_chip(Platform& p) {
    // SBRNUM and MSTAT (82371SB data sheet, 2.4.12 and 2.4.13).
    constexpr unsigned serial_bus_release = 0x60, miscellaneous_status = 0x6a;
    constexpr std::uint8_t usb_1_0 = 0x10, clock_48_mhz = 0x01, pin_d = 4;
    auto& config = state_.dev.config;
    config[serial_bus_release] = usb_1_0;
    config[miscellaneous_status] = clock_48_mhz;
    config[pci::interrupt_pin] = pin_d;
    buses_.push_back(std::make_unique<UsbBus>(*this, static_cast<UsbHost&>(*this), S::port_count));
    timer_.emplace(p.clocks.virt, [this] { tick(); });
    ports_ = exec::MemoryRegion::io(p.memory, "uhci", register_bytes, ops, this);
    add_bar(4, pci::bar_io, *ports_);
    return {};
}

void Uhci::port_changed(unsigned n, UsbDevice* device) {
    auto& ctrl = state_.ports[n].ctrl;
    if (device) {
        ctrl |= uhci_connected | uhci_connect_change;
        ctrl = static_cast<std::uint16_t>((ctrl & ~uhci_low_speed) |
                                          (device->low_speed() ? uhci_low_speed : 0));
        return;
    }
    if (ctrl & uhci_enabled) ctrl |= uhci_enable_change;
    ctrl &= static_cast<std::uint16_t>(~(uhci_connected | uhci_enabled | uhci_low_speed));
    ctrl |= uhci_connect_change;
}

void Uhci::reset_controller() {
    const PciState dev = state_.dev;
    state_ = {};
    state_.dev = dev;
    if (timer_) timer_->cancel();
    if (buses_.empty()) return;
    for (unsigned n = 0; n < S::port_count; n++)
        if (UsbDevice* device = bus().port(n)) port_changed(n, device);
    update_irq();
}

void Uhci::chip_loaded(int version) {
    if (version < 2) state_.expire_time = platform().clocks.virt.now_ns() + frame_ns;
    timer_->restore(state_.frame_timer);
}

void Uhci::update_irq() {
    const S& s = state_;
    set_intx((s.status2 & 1 && s.intr & intr_complete) || (s.status2 & 2 && s.intr & intr_short) ||
             (s.status & uhci_usberr && s.intr & intr_error) ||
             (s.status & uhci_resume && s.intr & intr_resume) ||
             s.status & (uhci_hserr | uhci_hcperr));
}

// ---- registers --------------------------------------------------------------------------------

std::uint64_t Uhci::port_read(exec::hwaddr offset, unsigned) {
    const S& s = state_;
    switch (offset) {
        case 0x00: return s.cmd;
        case 0x02: return s.status;
        case 0x04: return s.intr;
        case 0x06: return s.frnum;
        case 0x08: return s.fl_base_addr & 0xffff;
        case 0x0a: return s.fl_base_addr >> 16;
        case 0x0c: return s.sof_timing;
        case 0x10:
        case 0x12: return s.ports[(offset - 0x10) / 2].ctrl;
        default: return no_port;
    }
}

void Uhci::port_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
    S& s = state_;
    const auto v = static_cast<std::uint16_t>(value);
    switch (offset) {
        case 0x00: write_command(v); break;
        case 0x02:
            s.status &= static_cast<std::uint16_t>(~v);
            // One bit stands for two causes; both go with it.
            if (v & uhci_usbint) s.status2 = 0;
            update_irq();
            break;
        case 0x04:
            s.intr = v;
            update_irq();
            break;
        case 0x06:
            if (s.status & uhci_halted) s.frnum = v & frame_mask;
            break;
        case 0x08: s.fl_base_addr = (s.fl_base_addr & 0xffff0000) | (v & 0xf000); break;
        case 0x0a:
            s.fl_base_addr = (s.fl_base_addr & 0xffff) | static_cast<std::uint32_t>(v) << 16;
            break;
        case 0x0c: s.sof_timing = static_cast<std::uint8_t>(v); break;
        case 0x10:
        case 0x12: write_port(static_cast<unsigned>(offset - 0x10) / 2, v); break;
        default: break;
    }
}

void Uhci::write_command(std::uint16_t v) {
    S& s = state_;
    if (v & uhci_greset) {
        for (unsigned n = 0; n < S::port_count; n++)
            if (UsbDevice* device = bus().port(n)) device->port_reset();
        reset_controller();
        return;
    }
    if (v & uhci_hcreset) {
        reset_controller();
        return;
    }
    if (v & uhci_run && !(s.cmd & uhci_run)) {
        s.expire_time = platform().clocks.virt.now_ns() + frame_ns;
        timer_->set(s.expire_time);
        s.status &= static_cast<std::uint16_t>(~uhci_halted);
    } else if (!(v & uhci_run)) {
        s.status |= uhci_halted;
    }
    s.cmd = v;
}

void Uhci::write_port(unsigned n, std::uint16_t v) {
    auto& ctrl = state_.ports[n].ctrl;
    UsbDevice* device = bus().port(n);
    if (device && v & uhci_port_reset && !(ctrl & uhci_port_reset)) device->port_reset();
    // An empty port cannot be enabled.
    if (!(ctrl & uhci_connected)) v &= static_cast<std::uint16_t>(~uhci_enabled);
    ctrl = static_cast<std::uint16_t>((ctrl & port_read_only) | (v & ~port_read_only));
    ctrl &= static_cast<std::uint16_t>(~(v & port_clears));
}

// ---- time -------------------------------------------------------------------------------------

void Uhci::tick() {
    S& s = state_;
    if (!(s.cmd & uhci_run)) {
        s.status |= uhci_halted;
        return;
    }
    // What the last frame completed is told at its end.
    if (s.pending_int_mask) {
        s.status2 |= static_cast<std::uint8_t>(s.pending_int_mask);
        s.pending_int_mask = 0;
        s.status |= uhci_usbint;
        update_irq();
    }
    const std::int64_t now = platform().clocks.virt.now_ns();
    // Frames that nobody can catch up with pass without a transfer.
    if (const std::int64_t behind = (now - s.expire_time) / frame_ns - config_.maxframes;
        behind > 0) {
        s.expire_time += behind * frame_ns;
        s.frnum = static_cast<std::uint16_t>((s.frnum + behind) & frame_mask);
    }
    while (s.expire_time <= now) {
        run_frame();
        if (!(s.cmd & uhci_run)) return;
        s.expire_time += frame_ns;
        // Drivers expect the number of the next frame in the interrupt of this one.
        s.frnum = (s.frnum + 1) & frame_mask;
    }
    timer_->set(s.expire_time);
}

}  // namespace hw
