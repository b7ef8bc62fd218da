// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/edu.h"

#include "migration/vmstate/fields.h"
#include "qom/property.h"

namespace hw {
namespace {

enum Register : u64 {
    identification = 0x00,
    liveness = 0x04,
    factorial = 0x08,
    status = 0x20,
    interrupt_status = 0x24,
    interrupt_raise = 0x60,
    interrupt_acknowledge = 0x64,
    dma_source = 0x80,
    dma_destination = 0x88,
    dma_count = 0x90,
    dma_command = 0x98,
};
constexpr u32 version_1_0 = 0x010000ed;
constexpr u32 status_interrupts = 0x80;
constexpr u64 command_start = 1 << 0, command_to_ram = 1 << 1, command_interrupts = 1 << 2;
constexpr u32 reason_factorial = 0x01, reason_dma = 0x100;
constexpr u64 buffer_base = 0x40000;
constexpr std::int64_t dma_time_ns = 100'000'000;

constexpr auto properties =
    qom::properties(qom::property<&EduConfig::dma_mask>("dma_mask").of_object());

using S = EduState;
constexpr auto fields = vmstate::fields(vmstate::structs<&S::dev>("dev", pci_device_table));
constexpr vmstate::Table table{.name = "edu", .fields = fields};

constexpr auto ops =
    exec::memory_ops<&Edu::read, &Edu::write>({.valid = {4, 8, false}, .impl = {4, 8, false}});

}  // namespace

constinit const PciDeviceType edu_type = [] {
    PciDeviceType t{};
    t.name = "edu";
    t.parent = "pci-device";
    t.properties = properties;
    t.bus = "PCI";
    t.category = Category::Misc;
    t.create = []() -> std::unique_ptr<Device> { return std::make_unique<Edu>(); };
    t.vendor = 0x1234;
    t.device = 0x11e8;
    t.revision = 0x10;
    t.device_class = 0x00ff;
    return t;
}();

Edu::Edu() : PciDeviceOf(edu_type) {}

const vmstate::Table& Edu::vmstate() const {
    return table;
}

Result<void> Edu::realize_chip(Platform& platform) {
    state_.dev.config[pci::interrupt_pin] = 1;
    add_msi(0x40, 1, true, false);
    dma_timer_.emplace(platform.clocks.virt, [this] { finish_dma(); });
    registers_ = exec::MemoryRegion::io(platform.memory, "edu-mmio", 1 << 20, ops, this);
    add_bar(0, pci::bar_memory, *registers_);
    return {};
}

void Edu::chip_reset() {
    dma_timer_->cancel();
    const PciState header = state_.dev;
    state_ = {};
    state_.dev = header;
}

u64* Edu::dma_register(u64 offset) {
    switch (offset & ~u64{7}) {
        case dma_source: return &state_.dma_source;
        case dma_destination: return &state_.dma_destination;
        case dma_count: return &state_.dma_count;
        case dma_command: return &state_.dma_command;
        default: return nullptr;
    }
}

u64 Edu::read(u64 offset, unsigned size) {
    if (offset < dma_source && size != 4) return ~u64{0};
    switch (offset) {
        case identification: return version_1_0;
        case liveness: return state_.alive;
        case factorial: return state_.factorial;
        case status: return state_.status;
        case interrupt_status: return state_.irq_status;
        default: const u64* r = dma_register(offset); return r && offset % 8 == 0 ? *r : ~u64{0};
    }
}

void Edu::write(u64 offset, u64 value, unsigned size) {
    if (offset < dma_source && size != 4) return;
    const u32 v = static_cast<u32>(value);
    switch (offset) {
        case liveness: state_.alive = ~v; break;
        case factorial: compute(v); break;
        case status: state_.status = v & status_interrupts; break;
        case interrupt_raise: raise(v); break;
        case interrupt_acknowledge: acknowledge(v); break;
        case dma_command: start_dma(value); break;
        default:
            // What a transfer under way was started with stays.
            u64* r = dma_register(offset);
            if (r && offset % 8 == 0 && !(state_.dma_command & command_start)) *r = value;
    }
}

void Edu::raise(u32 reasons) {
    state_.irq_status |= reasons;
    if (!state_.irq_status) return;
    if (msi_enabled())
        msi_notify(0);
    else
        set_intx(1);
}

void Edu::acknowledge(u32 reasons) {
    state_.irq_status &= ~reasons;
    if (!state_.irq_status && !msi_enabled()) set_intx(0);
}

/// Modulo 2^32; from 34! on that is zero.
void Edu::compute(u32 n) {
    constexpr u32 first_zero = 34;
    u32 product = n < first_zero;
    for (u32 i = 2; i <= n && i < first_zero; i++)
        product *= i;
    state_.factorial = product;
    if (state_.status & status_interrupts) raise(reason_factorial);
}

void Edu::start_dma(u64 command) {
    if (!(command & command_start) || state_.dma_command & command_start) return;
    state_.dma_command = command;
    dma_timer_->set(platform().clocks.virt.now_ns() + dma_time_ns);
}

void Edu::finish_dma() {
    const bool to_ram = state_.dma_command & command_to_ram;
    const u64 inside = (to_ram ? state_.dma_source : state_.dma_destination) - buffer_base;
    const u64 address = (to_ram ? state_.dma_destination : state_.dma_source) & config_.dma_mask;
    const u64 count = state_.dma_count;
    if (inside >= state_.buffer.size() || count > state_.buffer.size() - inside) {
        platform().log.guest_error("edu: DMA of {} bytes at {:#x} misses the buffer", count,
                                   inside + buffer_base);
    } else {
        const auto bytes = std::span(state_.buffer).subspan(inside, count);
        if (to_ram)
            dma_write(address, bytes);
        else
            dma_read(address, bytes);
    }
    state_.dma_command &= ~command_start;
    if (state_.dma_command & command_interrupts) raise(reason_dma);
}

}  // namespace hw
