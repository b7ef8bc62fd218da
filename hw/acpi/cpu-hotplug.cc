// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/cpu-hotplug.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

// Read and write meanings differ by offset.
enum : u64 { selector_or_data2 = 0x0, flags_or_control = 0x4, command_register = 0x5, data = 0x8 };
constexpr unsigned flag_enabled = 1, flag_inserting = 2, flag_removing = 4, control_eject = 8;
enum : u8 { next_with_event = 0, ost_event = 1, ost_status = 2, get_cpu_id = 3 };

using D = CpuHotplugDevice;
constexpr auto device_fields = vmstate::fields(vmstate::field<&D::is_inserting>("is_inserting"),
                                               vmstate::field<&D::is_removing>("is_removing"),
                                               vmstate::field<&D::ost_event>("ost_event"),
                                               vmstate::field<&D::ost_status>("ost_status"));
static_assert(vmstate::covers<D>(device_fields));
constexpr vmstate::Table device_table{.name = "CPU hotplug device state", .fields = device_fields};

using S = CpuHotplugState;
constexpr auto fields = vmstate::fields(vmstate::field<&S::selector>("selector"),
                                        vmstate::field<&S::command>("command"),
                                        vmstate::structs<&S::devs>("devs", device_table));
static_assert(vmstate::covers<S>(fields));

constexpr auto legacy_ops = exec::memory_ops<&CpuHotplug::legacy_read, &CpuHotplug::legacy_write>(
    {.valid = {1, 4, true}, .impl = {1, 1, false}});
constexpr auto ops = exec::memory_ops<&CpuHotplug::read, &CpuHotplug::write>(
    {.valid = {1, 4, false}, .impl = {1, 4, false}});

}  // namespace

constinit const vmstate::Table cpu_hotplug_table{.name = "CPU hotplug state", .fields = fields};

CpuHotplug::CpuHotplug(S& state, std::vector<Processor> possible, std::function<void()> raise_gpe,
                       std::function<void(unsigned)> eject, std::function<void(unsigned)> told)
    : state_(state),
      possible_(std::move(possible)),
      raise_gpe_(std::move(raise_gpe)),
      eject_(std::move(eject)),
      told_(std::move(told)) {
    state_.devs.resize(possible_.size());
}

void CpuHotplug::make_regions(exec::MemoryMap& map) {
    legacy_region_ = exec::MemoryRegion::io(map, "acpi-cpu-hotplug", legacy_size, legacy_ops, this);
    region_ = exec::MemoryRegion::io(map, "acpi-cpu-hotplug", size, ops, this);
    set_modern(modern_);
}

void CpuHotplug::set_modern(bool modern) {
    modern_ = modern;
    if (!region_) return;
    legacy_region_->set_enabled(!modern);
    region_->set_enabled(modern);
}

u64 CpuHotplug::legacy_read(u64 offset, unsigned) {
    u8 bits = 0;
    for (const Processor& p : possible_)
        if (p.present && p.apic_id / 8 == offset) bits |= u8(1 << p.apic_id % 8);
    return bits;
}

void CpuHotplug::legacy_write(u64, u64, unsigned) {
    set_modern(true);
}

CpuHotplugDevice* CpuHotplug::selected() {
    return state_.selector < state_.devs.size() ? &state_.devs[state_.selector] : nullptr;
}

u64 CpuHotplug::read(u64 offset, unsigned) {
    const D* d = selected();
    if (!d) return 0;
    const Processor& cpu = possible_[state_.selector];
    switch (offset) {
        case flags_or_control:
            return (cpu.present ? flag_enabled : 0u) | (d->is_inserting ? flag_inserting : 0u) |
                   (d->is_removing ? flag_removing : 0u);
        case data:
            if (state_.command == next_with_event) return state_.selector;
            return state_.command == get_cpu_id ? u32(cpu.apic_id) : 0;
        case selector_or_data2: return state_.command == get_cpu_id ? cpu.apic_id >> 32 : 0;
        default: return 0;
    }
}

void CpuHotplug::command(u8 value) {
    state_.command = value;
    if (value != next_with_event) return;
    // From the selected one on, around to it again; without an event it stays.
    const std::size_t count = state_.devs.size();
    for (std::size_t i = 0; i < count; i++) {
        const std::size_t at = (state_.selector + i) % count;
        if (state_.devs[at].is_inserting || state_.devs[at].is_removing) {
            state_.selector = u32(at);
            return;
        }
    }
}

void CpuHotplug::write(u64 offset, u64 value, unsigned) {
    if (offset == selector_or_data2) {
        if (value < state_.devs.size()) state_.selector = u32(value);
        return;
    }
    D* d = selected();
    if (!d) return;
    switch (offset) {
        case flags_or_control:
            if (value & flag_inserting)
                d->is_inserting = false;
            else if (value & flag_removing)
                d->is_removing = false;
            else if (value & control_eject && possible_[state_.selector].present && eject_)
                eject_(state_.selector);
            break;
        case command_register: command(u8(value)); break;
        case data:
            if (state_.command == ost_event) d->ost_event = u32(value);
            if (state_.command != ost_status) break;
            d->ost_status = u32(value);
            if (told_) told_(state_.selector);
            break;
        default: break;
    }
}

void CpuHotplug::plugged(unsigned index, bool hot) {
    possible_[index].present = true;
    if (!hot) return;
    state_.devs[index].is_inserting = true;
    raise_gpe_();
}

void CpuHotplug::request_unplug(unsigned index) {
    state_.devs[index].is_removing = true;
    raise_gpe_();
}

}  // namespace hw
