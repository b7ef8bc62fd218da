// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/intc/ioapic.h"

#include "hw/intc/i8259.h"
#include "migration/vmstate/fields.h"

namespace hw {
namespace {

// Memory mapped registers (3.1)
enum : u64 { IOREGSEL = 0x00, IOWIN = 0x10, EOI = 0x40 };
// Behind the window (3.2)
enum : u8 { IOAPICID = 0x00, IOAPICVER = 0x01, IOAPICARB = 0x02, IOREDTBL = 0x10 };

// Redirection table entry (3.2.4)
constexpr u64 entry_logical = 1 << 11, entry_pending = 1 << 12, entry_low = 1 << 13,
              entry_remote_irr = 1 << 14, entry_level = 1 << 15, entry_masked = 1 << 16;
constexpr u64 entry_read_only = entry_pending | entry_remote_irr;

constexpr auto properties = qom::properties(qom::property<&IoApicConfig::version>("version"));

using S = IoApicState;
constexpr auto fields = vmstate::fields(
    vmstate::field<&S::id>("id"), vmstate::field<&S::ioregsel>("ioregsel"), vmstate::unused(8),
    vmstate::field<&S::irr>("irr").from_version(2), vmstate::field<&S::ioredtbl>("ioredtbl"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "ioapic", .version = 3, .minimum_version = 1, .fields = fields};

constexpr auto mmio_ops =
    exec::memory_ops<&IoApic::mmio_read, &IoApic::mmio_write>({.impl = {.min = 1, .max = 4}});

unsigned pin_of(int gsi) {
    return gsi == 0 ? 2 : unsigned(gsi);
}

/// What is sent for an entry; an ExtINT entry's vector is the PIC's.
ApicMessage message(u64 entry) {
    return {.destination = u8(entry >> 56),
            .logical = (entry & entry_logical) != 0,
            .delivery = Delivery(entry >> 8 & 7),
            .vector = u8(entry),
            .level_triggered = (entry & entry_level) != 0};
}

}  // namespace

const DeviceType IoApic::device_type_{
    {.name = "ioapic", .parent = "ioapic-common", .properties = properties},
    "System",
    Category::Uncategorized,
    false,
    false,
    nullptr};

IoApic::IoApic(ApicBus& bus) : DeviceOf(device_type_), bus_(bus) {
    bus_.add(*this);
}

const vmstate::Table& IoApic::vmstate() const {
    return table;
}

Result<void> IoApic::realize(Platform& platform) {
    if (config_.version != 0x11 && config_.version != 0x20)
        return fail("IOAPIC only supports version 0x11 or 0x20 (default: 0x20).");
    mmio_ = exec::MemoryRegion::io(platform.memory, "ioapic", 0x1000, mmio_ops, this);
    platform.system_memory.add_subregion(default_address, *mmio_);
    return {};
}

void IoApic::hold_reset() {
    state_ = {};
    state_.ioredtbl.fill(entry_masked);
}

void IoApic::set_irq(int gsi, int level) {
    if (gsi < 0 || gsi >= int(S::pins)) return;
    const u32 line = 1u << gsi;
    if (level && !(levels_ & line)) edge_counts_[size_t(gsi)]++;
    levels_ = level ? levels_ | line : levels_ & ~line;

    const unsigned pin = pin_of(gsi);
    const u32 bit = 1u << pin;
    const u64 entry = state_.ioredtbl[pin];
    if (!level) {
        if (entry & entry_level) state_.irr &= ~bit;
        return;
    }
    // "edge ... interrupts are lost while masked", a level is still there afterwards (3.2.4, 16).
    if (!(entry & entry_level) && entry & entry_masked) return;
    state_.irr |= bit;
    service();
}

void IoApic::service() {
    for (unsigned pin = 0; pin < S::pins; pin++) {
        u64& entry = state_.ioredtbl[pin];
        if (!(state_.irr >> pin & 1) || entry & entry_masked) continue;
        const bool level = entry & entry_level;
        if (level) {
            if (entry & entry_remote_irr) continue;  // accepted, its EOI has not come
            entry |= entry_remote_irr;
        } else {
            state_.irr &= ~(1u << pin);
        }
        ApicMessage m = message(entry);
        if (m.delivery == Delivery::ExtInt) {
            m.delivery = Delivery::Fixed;
            if (pic_) m.vector = pic_->acknowledge();
        }
        bus_.send(m);
    }
}

std::optional<ApicMessage> IoApic::edge_message(int gsi) const {
    const u64 entry = state_.ioredtbl[pin_of(gsi)];
    const ApicMessage m = message(entry);
    const bool kept = m.delivery == Delivery::Fixed || m.delivery == Delivery::LowestPriority;
    if (entry & entry_masked || m.level_triggered || !kept) return {};
    return m;
}

void IoApic::end_of_interrupt(u8 vector) {
    bool again = false;
    for (unsigned pin = 0; pin < S::pins; pin++) {
        u64& entry = state_.ioredtbl[pin];
        if (u8(entry) != vector || !(entry & entry_level) || !(entry & entry_remote_irr)) continue;
        entry &= ~entry_remote_irr;
        again |= state_.irr >> pin & 1;
    }
    if (again) service();
}

u32 IoApic::read_window() const {
    switch (state_.ioregsel) {
        case IOAPICID:
        case IOAPICARB: return u32(state_.id) << 24;
        case IOAPICVER: return config_.version | (S::pins - 1) << 16;
        default: break;
    }
    const unsigned half = state_.ioregsel - unsigned{IOREDTBL};
    if (half >= 2 * S::pins) return 0;
    return u32(state_.ioredtbl[half / 2] >> (half & 1 ? 32 : 0));
}

void IoApic::write_window(u32 value) {
    if (state_.ioregsel == IOAPICID) {
        state_.id = value >> 24 & 0x0f;
        return;
    }
    const unsigned half = state_.ioregsel - unsigned{IOREDTBL};
    if (half >= 2 * S::pins) return;
    u64& entry = state_.ioredtbl[half / 2];
    if (half & 1) {
        entry = u64(value) << 32 | u32(entry);
    } else {
        entry = (entry & ~u64{0xffffffff}) | (value & ~entry_read_only) | (entry & entry_read_only);
        // Guests without an EOI register clear Remote IRR by a trip through edge mode.
        if (!(entry & entry_level)) entry &= ~entry_remote_irr;
    }
    service();
}

u64 IoApic::mmio_read(u64 offset, unsigned size) {
    switch (offset & 0xff) {
        case IOREGSEL: return state_.ioregsel;
        case IOWIN: return size == 4 ? read_window() : 0;
        default: return 0;
    }
}

void IoApic::mmio_write(u64 offset, u64 value, unsigned size) {
    switch (offset & 0xff) {
        case IOREGSEL: state_.ioregsel = u8(value); break;
        case IOWIN:
            if (size == 4) write_window(u32(value));
            break;
        case EOI:
            if (size == 4 && config_.version >= 0x20) end_of_interrupt(u8(value));
            break;
        default: break;
    }
}

std::string IoApic::describe() const {
    constexpr const char* modes[] = {"fixed", "lowest", "SMI", "...",
                                     "NMI",   "INIT",   "...", "extINT"};
    std::string out = fmt::format("ioapic0: ver=0x{:x} id=0x{:02x} sel=0x{:02x}", config_.version,
                                  state_.id, state_.ioregsel);
    const unsigned half = state_.ioregsel - unsigned{IOREDTBL};
    if (half < 2 * S::pins) out += fmt::format(" (redir[{}])", half / 2);
    out += '\n';
    for (unsigned pin = 0; pin < S::pins; pin++) {
        const u64 e = state_.ioredtbl[pin];
        out += fmt::format("  pin {:<2} 0x{:016x} dest={:X} vec={:<3} {} {:<5} {:<6} {:<6} {}\n",
                           pin, e, e >> 56, e & 0xff, e & entry_low ? "active-lo" : "active-hi",
                           e & entry_level ? "level" : "edge", e & entry_masked ? "masked" : "",
                           modes[e >> 8 & 7], e & entry_logical ? "logical" : "physical");
    }
    auto list = [&](const char* name, u32 bits) {
        std::string pins;
        for (unsigned pin = 0; pin < S::pins; pin++)
            if (bits >> pin & 1) pins += fmt::format(" {}", pin);
        out += fmt::format("  {:<8}{}\n", name, pins.empty() ? " (none)" : pins);
    };
    u32 remote = 0;
    for (unsigned pin = 0; pin < S::pins; pin++)
        if (state_.ioredtbl[pin] & entry_remote_irr) remote |= 1u << pin;
    list("IRR", state_.irr);
    list("Remote IRR", remote);
    return out;
}

}  // namespace hw
