// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/pci/shpc.h"

#include "hw/pci/pci-bus.h"

namespace hw {
namespace {

// Working registers (section 4.9).
enum : unsigned {
    BASE_OFFSET = 0x00,
    SLOTS_33 = 0x04,
    SLOT_CONFIG = 0x0c,  // count, first device, physical number: four bytes
    PROGRAMMING_INTERFACE = 0x13,
    COMMAND = 0x14,
    TARGET = 0x15,
    STATUS = 0x16,
    INTERRUPT_LOCATOR = 0x18,
    SERR_LOCATOR = 0x1c,
    SERR_INT = 0x20,
    SLOT = 0x24,
};
constexpr unsigned slot_register(unsigned slot) {
    return SLOT + 4 * slot;
}

// Slot configuration: device 1 is the first; numbers go up; each slot has a retention latch sensor
// and a button.
constexpr u8 first_device = 1;
constexpr u16 physical_slots = 0xe001;
constexpr u8 interface_1_0 = 1;

// Command status.
constexpr u16 mrl_open_error = 1 << 1, invalid_command = 1 << 2, invalid_speed = 1 << 3;

// Controller SERR-INT enable: set bits of the first byte mask, those of the third are events.
constexpr u8 all_masked = 0x0f, interrupt_mask = 1 << 0, command_mask = 1 << 2;
constexpr u8 command_complete = 1 << 0, controller_events = 0x03;
constexpr unsigned events_byte = 2;

// A slot's register: two bytes of status, one of events, one of masks.
enum SlotState : unsigned { NoChange, PowerOnly, Enabled, Disabled };
enum Indicator : unsigned { Keep, On, Blink, Off };
constexpr unsigned state_shift = 0, power_shift = 2, attention_shift = 4;
constexpr u16 mrl_open = 1 << 8, presence = 3 << 10;
constexpr u8 slot_events = 0x1f, slot_masks = 0x7f;
constexpr unsigned slot_events_byte = 2, slot_masks_byte = 3;

constexpr u8 set_speed = 0x40, speed_33 = 0, power_all = 0x48, enable_all = 0x49;

constexpr auto ops =
    exec::memory_ops<&Shpc::read, &Shpc::write>({.valid = {1, 4, false}, .impl = {1, 4, false}});

}  // namespace

Shpc::Shpc(Registers& state, PciBus& bus, Clock& clock, Wiring wiring)
    : state_(state),
      bus_(bus),
      wiring_(std::move(wiring)),
      removal_(clock, [this] { remove_cards(); }) {}

std::unique_ptr<exec::MemoryRegion> Shpc::make_region(exec::MemoryMap& map) {
    return exec::MemoryRegion::io(map, "shpc-mmio", size, ops, this);
}

void Shpc::set(unsigned at, u32 value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        state_[at + i] = u8(value >> 8 * i);
}

u32 Shpc::get(unsigned at, unsigned bytes) const {
    u32 value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= u32{state_[at + i]} << 8 * i;
    return value;
}

bool Shpc::occupied(unsigned slot) const {
    return bus_.function(pci::devfn(slot + first_device, 0));
}

void Shpc::reset() {
    state_ = {};
    state_[SLOTS_33] = slots;
    state_[SLOT_CONFIG] = slots;
    state_[SLOT_CONFIG + 1] = first_device;
    set(SLOT_CONFIG + 2, physical_slots, 2);
    state_[PROGRAMMING_INTERFACE] = interface_1_0;
    state_[SERR_INT] = all_masked;
    for (unsigned s = 0; s < slots; s++) {
        const u32 status = occupied(s)
                               ? Enabled << state_shift | On << power_shift
                               : Disabled << state_shift | Off << power_shift | mrl_open | presence;
        set(slot_register(s), status | u32{slot_masks} << 8 * slot_masks_byte, 4);
    }
    removal_.cancel();
    update_interrupt();
}

void Shpc::post_load() {
    update_interrupt();
    removal_.set(removal_.clock().now_ns());
}

void Shpc::update_interrupt() {
    u32 locator = 0;
    const u8 enable = state_[SERR_INT];
    if (state_[SERR_INT + events_byte] & command_complete && !(enable & command_mask)) locator |= 1;
    for (unsigned s = 0; s < slots; s++) {
        const unsigned at = slot_register(s);
        if (state_[at + slot_events_byte] & slot_events & ~state_[at + slot_masks_byte])
            locator |= 2u << s;
    }
    set(INTERRUPT_LOCATOR, locator, 4);
    const bool level = locator && !(enable & interrupt_mask);
    if (std::exchange(level_, level) != level) wiring_.interrupt(level);
}

u64 Shpc::read(u64 offset, unsigned bytes) {
    return get(unsigned(offset), bytes);
}

void Shpc::write(u64 offset, u64 value, unsigned bytes) {
    bool commanded = false;
    for (unsigned i = 0; i < bytes; i++, value >>= 8) {
        const unsigned at = unsigned(offset) + i;
        const u8 v = u8(value);
        if (at == TARGET) {
            state_[at] = v & 0x1f;
        } else if (at == COMMAND) {
            state_[at] = v;
            commanded = true;
        } else if (at == SERR_INT) {
            state_[at] = v & all_masked;
        } else if (at == SERR_INT + events_byte) {
            state_[at] &= u8(~(v & controller_events));
        } else if (at >= SLOT && at % 4 == slot_events_byte) {
            state_[at] &= u8(~(v & slot_events));
        } else if (at >= SLOT && at % 4 == slot_masks_byte) {
            state_[at] = v & slot_masks;
        }
    }
    if (commanded) command();
    update_interrupt();
}

/// Carried out at once, so the controller is never seen busy.
void Shpc::command() {
    set(STATUS, carry_out(state_[COMMAND], state_[TARGET]), 2);
    state_[SERR_INT + events_byte] |= command_complete;
}

u16 Shpc::carry_out(u8 code, unsigned target) {
    if (code < set_speed) {
        // Slots are counted from the first one's number.
        const unsigned slot = target - 1;
        if (!target || slot >= slots) return invalid_command;
        return operate(slot, code & 3, code >> 2 & 3, code >> 4 & 3);
    }
    if (code < power_all) return code == (set_speed | speed_33) ? 0 : invalid_speed;
    if (code == power_all) return operate_all(PowerOnly);
    if (code == enable_all) return operate_all(Enabled);
    return invalid_command;
}

u16 Shpc::operate(unsigned slot, unsigned wanted, unsigned power, unsigned attention) {
    const unsigned at = slot_register(slot);
    u32 status = get(at, 2);
    const unsigned now = status & 3;
    if (wanted == PowerOnly && now == Enabled) return invalid_command;
    if ((wanted == PowerOnly || wanted == Enabled) && status & mrl_open) return mrl_open_error;
    auto change = [&](unsigned shift, unsigned to) {
        if (to) status = (status & ~(3u << shift)) | to << shift;
    };
    change(state_shift, wanted);
    change(power_shift, power);
    change(attention_shift, attention);
    set(at, status, 2);
    if (off(slot) && occupied(slot)) removal_.set(removal_.clock().now_ns());
    return 0;
}

u16 Shpc::operate_all(unsigned wanted) {
    // "Power only all" is for a bus of which no slot is in use yet (section 3.5.3).
    if (wanted == PowerOnly)
        for (unsigned s = 0; s < slots; s++)
            if ((state_[slot_register(s)] & 3) == Enabled) return invalid_command;
    for (unsigned s = 0; s < slots; s++)
        if (!(get(slot_register(s), 2) & mrl_open)) operate(s, wanted, On, Keep);
    return 0;
}

bool Shpc::off(unsigned slot) const {
    constexpr u8 both = Disabled << state_shift | Off << power_shift;
    return (state_[slot_register(slot)] & both) == both;
}

void Shpc::remove_cards() {
    constexpr u8 presence_changed = 1 << 0, mrl_changed = 1 << 3;
    for (unsigned s = 0; s < slots; s++) {
        if (!off(s) || !occupied(s)) continue;
        wiring_.remove(s + first_device);
        if (occupied(s)) continue;
        const unsigned at = slot_register(s);
        set(at, get(at, 2) | mrl_open | presence, 2);
        state_[at + slot_events_byte] |= presence_changed | mrl_changed;
    }
    update_interrupt();
}

}  // namespace hw
