// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/watchdog/i6300esb.h"

#include "hw/core/system-requests.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"

namespace hw {
namespace {

// Configuration space (16.4)
constexpr unsigned WDT_CONFIG = 0x60, WDT_LOCK = 0x68;
enum : u32 {
    config_int_type = 0x03,
    config_fast = 1 << 2,
    config_no_output = 1 << 5,
    lock_locked = 1 << 0,
    lock_enable = 1 << 1,
    lock_free_run = 1 << 2,
};
// Memory (16.5)
enum : u64 { PRELOAD1 = 0x00, PRELOAD2 = 0x04, RELOAD = 0x0c };
enum : u64 {
    reload_now = 1 << 8,
    reload_timeout = 1 << 9,
    // Linux's driver looks at this bit instead, and clears it.
    reload_timeout_as_linux = 1 << 12,
};
constexpr u64 unlock_first = 0x80, unlock_second = 0x86;
constexpr u32 preload_mask = 0xfffff;
constexpr u64 pci_clock = 33'000'000;

using S = I6300esbState;
constexpr auto fields = vmstate::fields(
    vmstate::structs<&S::dev>("dev", pci_device_table),
    vmstate::field<&S::reboot_enabled>("reboot_enabled"),
    vmstate::field<&S::clock_scale>("clock_scale"), vmstate::field<&S::int_type>("int_type"),
    vmstate::field<&S::free_run>("free_run"), vmstate::field<&S::locked>("locked"),
    vmstate::field<&S::enabled>("enabled"), vmstate::timer<&S::timer>("timer"),
    vmstate::field<&S::timer1_preload>("timer1_preload"),
    vmstate::field<&S::timer2_preload>("timer2_preload"), vmstate::field<&S::stage>("stage"),
    vmstate::field<&S::unlock_state>("unlock_state"),
    vmstate::field<&S::previous_reboot_flag>("previous_reboot_flag"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{
    .name = "i6300esb_wdt", .version = 10000, .minimum_version = 1, .fields = fields};

constexpr auto ops = exec::memory_ops<&I6300esb::read, &I6300esb::write>(
    {.valid = {1, 4, true}, .impl = {1, 4, true}});

}  // namespace

constinit const PciDeviceType i6300esb_type = [] {
    PciDeviceType t{};
    t.name = "i6300esb";
    t.parent = "pci-device";
    t.description = "Intel 6300ESB";
    t.bus = "PCI";
    t.category = Category::Watchdog;
    t.create = []() -> std::unique_ptr<Device> { return std::make_unique<I6300esb>(); };
    t.vendor = 0x8086;
    t.device = 0x25ab;
    t.device_class = 0x0880;
    return t;
}();

I6300esb::I6300esb() : PciDeviceOf(i6300esb_type) {}

const vmstate::Table& I6300esb::vmstate() const {
    return table;
}

Result<void> I6300esb::realize_chip(Platform& platform) {
    requests_ = platform.services.find<SystemRequests>();
    timer_.emplace(platform.clocks.virt, [this] { expired(); });
    registers_ = exec::MemoryRegion::io(platform.memory, "i6300esb", 0x10, ops, this);
    add_bar(0, pci::bar_memory, *registers_);
    return {};
}

void I6300esb::chip_reset() {
    timer_->cancel();
    const PciState dev = state_.dev;
    const i32 rebooted = state_.previous_reboot_flag;  // what it is for
    state_ = {};
    state_.dev = dev;
    state_.previous_reboot_flag = rebooted;
}

void I6300esb::start(int stage) {
    if (!state_.enabled) return;
    state_.stage = stage;
    const u64 preload = stage == 1 ? state_.timer1_preload : state_.timer2_preload;
    const u64 clocks = preload << (state_.clock_scale ? 5 : 15);
    timer_->set(timer_->clock().now_ns() +
                i64(muldiv(clocks, u64(nanoseconds_per_second), pci_clock)));
}

void I6300esb::expired() {
    if (state_.stage == 1) return start(2);  // its interrupt is not wired on any board here
    if (state_.reboot_enabled) {
        state_.previous_reboot_flag = 1;
        if (requests_) requests_->watchdog_expired();
        chip_reset();
    }
    if (state_.free_run) start(1);
}

// ---- registers --------------------------------------------------------------------------------

std::uint32_t I6300esb::config_read(unsigned address, unsigned size) {
    const S& s = state_;
    if (address == WDT_CONFIG && size == 2)
        return (s.reboot_enabled ? 0u : u32(config_no_output)) |
               (s.clock_scale ? u32(config_fast) : 0u) | u32(s.int_type);
    if (address == WDT_LOCK && size == 1)
        return (s.free_run ? u32(lock_free_run) : 0u) | (s.locked ? u32(lock_locked) : 0u) |
               (s.enabled ? u32(lock_enable) : 0u);
    return PciDeviceOf::config_read(address, size);
}

void I6300esb::config_write(unsigned address, std::uint32_t value, unsigned size) {
    S& s = state_;
    if (address == WDT_CONFIG && size == 2) {
        s.reboot_enabled = !(value & config_no_output);
        s.clock_scale = (value & config_fast) != 0;
        s.int_type = i32(value & config_int_type);
    } else if (address == WDT_LOCK && size == 1) {
        if (s.locked) return;
        const bool was_enabled = s.enabled;
        s.locked = (value & lock_locked) != 0;
        s.free_run = (value & lock_free_run) != 0;
        s.enabled = (value & lock_enable) != 0;
        if (!s.enabled)
            timer_->cancel();
        else if (!was_enabled)
            start(1);
    } else {
        PciDeviceOf::config_write(address, value, size);
    }
}

u64 I6300esb::read(u64 offset, unsigned size) {
    if (offset == RELOAD && size == 2 && state_.previous_reboot_flag)
        return reload_timeout | reload_timeout_as_linux;
    return 0;
}

/// Each write to a register needs the two values of the unlock sequence before it.
void I6300esb::write(u64 offset, u64 value, unsigned size) {
    S& s = state_;
    if (offset == RELOAD && value == unlock_first) {
        s.unlock_state = 1;
    } else if (offset == RELOAD && value == unlock_second && s.unlock_state == 1) {
        s.unlock_state = 2;
    } else if (s.unlock_state == 2 && size > 1) {
        s.unlock_state = 0;
        if (offset == RELOAD) {
            if (value & reload_now) start(1);
            if (value & (reload_timeout | reload_timeout_as_linux)) s.previous_reboot_flag = 0;
        } else if (offset == PRELOAD1 && size == 4) {
            s.timer1_preload = u32(value) & preload_mask;
        } else if (offset == PRELOAD2 && size == 4) {
            s.timer2_preload = u32(value) & preload_mask;
        }
    }
}

}  // namespace hw
