// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/pc.h"

#include "hw/core/reset.h"
#include "hw/core/system-requests.h"
#include "hw/i386/pc-cmos.h"
#include "qapi/context.h"
#include "qapi/qapi-types-run-state.h"

namespace hw {

namespace {

bool on(qom::OnOffAuto choice) {
    return choice != qom::OnOffAuto::Off;
}

}  // namespace

PcMachine::PcMachine(const PcMachineType& type) : Machine(type) {
    if (type.has_pci) options_.firmware = type.firmware;
}

PcMachine::~PcMachine() {
    for (auto& cpu : own_cpus_)
        cpu->clear_board();
}

Result<void> PcMachine::assemble(Platform& platform, accel::Accelerator& accelerator,
                                 const MachineConfig& config) {
    platform_ = &platform;
    accelerator_ = &accelerator;
    config_ = &config;
    if (options_.usb && !facts().has_pci)
        return fail("usb=on: this machine has no PCI bus for a USB controller");
    TRY(memory_.build(platform, config, options_.max_ram_below_4g));
    TRY(make_device_memory(config));
    TRY(make_cpus(config));
    fw_cfg_ = TRY(make<FwCfg>());
    add_child("fw_cfg", *fw_cfg_);
    TRY(fw_cfg_->bring_up(platform));
    platform.services.provide<FwCfg>(*fw_cfg_);
    platform.services.provide<FirmwareFiles>(*this);
    TRY(make_bridges());
    TRY(check_physical_bits());
    TRY(memory_.map_firmware(
        platform, config,
        options_.firmware.empty() ? std::string(facts().firmware) : options_.firmware,
        host_ ? &host_->pci_memory() : nullptr));
    TRY(make_interrupt_controllers());
    TRY(make_display(config));
    TRY(make_isa_devices(config));
    TRY(make_nics(config));
    TRY(make_ide());
    if (options_.usb) TRY(make_usb());
    if (host_ && on(options_.acpi)) TRY(make_power_management());
    return {};
}

Result<void> PcMachine::make_device_memory(const MachineConfig& c) {
    const PcMachineType& t = facts();
    constexpr unsigned most_slots = 256;
    if (c.max_ram_size > c.ram_size && !t.memory_hotplug)
        return fail("\"-memory 'slots|maxmem'\" is not supported by: {}", t.machine_name);
    if (c.ram_slots > most_slots)
        return fail("unsupported amount of memory slots: {}", c.ram_slots);
    if (c.max_ram_size % exec::page_size)
        return fail("maximum memory size must by aligned to multiple of {} bytes", exec::page_size);
    constexpr u64 four_gib = u64{1} << 32;
    auto plan = DeviceMemory::plan(four_gib + memory_.above_4g(), c.max_ram_size - c.ram_size,
                                   c.ram_slots, t.slack_for_modules);
    plan.nvdimm = options_.nvdimm;
    plan.nodes = (plan.size && t.numa_with_maxmem) || (plan.slots && t.numa_with_slots);
    device_memory_ = std::make_unique<DeviceMemory>(*platform_, plan);
    return {};
}

u64 PcMachine::end_of_memory() const {
    constexpr u64 gib = u64{1} << 30, four_gib = 4 * gib;
    const auto& m = device_memory_->facts();
    const u64 end = m.size ? m.base + (facts().reserves_device_memory ? m.size : 0)
                           : four_gib + memory_.above_4g();
    return (end + gib - 1) & ~(gib - 1);
}

/// The processor reaches all of it, and the window for PCI above.
Result<void> PcMachine::check_physical_bits() const {
    const i386::CpuModel& model = cpus_[0]->model();
    const u64 limit = (u64{1} << model.physical_bits) - 1;
    constexpr u64 hypertransport = 0xfd00000000, one_tib = u64{1} << 40, four_gib = u64{1} << 32;
    u64 last = end_of_memory() - 1;
    if (host_) last += host_->settings().pci_hole64_size;
    if (last <= four_gib + (u64{2} << 30)) return {};  // as little as there can be
    const bool in_the_way =
        facts().reserves_hypertransport && model.vendor == "AuthenticAMD" && last >= hypertransport;
    if (in_the_way) last += one_tib - four_gib;
    if (last > limit)
        return fail("Address space limit {:#x} < {:#x} phys-bits too low ({})", limit, last,
                    model.physical_bits);
    if (in_the_way)
        return fail("so much memory would reach the addresses of HyperTransport below 1 TiB")
            .with_hint("choose a processor of another vendor with -cpu");
    return {};
}

const Devices& PcMachine::devices() const {
    return platform_->services.get<Devices>();
}

void PcMachine::reset() {
    a20_sources_ = {1, 1};
    if (pm_) pm_->finish_unplugging();
    if (++resets_ == 2 && !config_->boot_once.empty())
        hw::set_boot_devices(rtc_->chip(), config_->boot_order);
    // What came since the start counts from now on. Two of one index stay as they were.
    (void)set_boot_order();
    std::vector<Device*> devices{fw_cfg_.get()};
    for (Device* d : std::initializer_list<Device*>{host_.get(), isa_bridge_.get(), ioapic_.get(),
                                                    hpet_.get(), vapic_.get()})
        if (d) devices.push_back(d);
    if (acpi_build_) acpi_build_->reset();
    hw::reset(devices, {});
    if (auto* others = platform_->services.find<Devices>()) others->reset_loose();
    for (auto& cpu : cpus_)
        cpu->hold_reset();
}

std::vector<Bus*> PcMachine::buses() {
    // The whole tree, a bus before what hangs on it, and of siblings the last one first: so
    // QEMU 7.2 looks for a place.
    std::vector<Bus*> all;
    auto collect = [&](Bus& bus, auto& self) -> void {
        all.push_back(&bus);
        for (auto device = bus.devices().rbegin(); device != bus.devices().rend(); ++device) {
            const auto buses = (*device)->child_buses();
            for (std::size_t i = buses.size(); i-- > 0;)
                self(*buses[i], self);
        }
    };
    collect(main_bus(), collect);
    return all;
}

Result<void> PcMachine::set_boot_devices(const std::string& letters) {
    TRY(check_boot_order(letters));
    if (letters.size() > most_boot_devices) return fail("Too many boot devices for PC");
    hw::set_boot_devices(rtc_->chip(), letters);
    return {};
}

bool PcMachine::press_power_button() {
    if (!pm_) return false;
    pm_->acpi().press_power_button();
    return true;
}

void PcMachine::fall_asleep() {
    // The AT's shutdown status byte: firmware goes on from S3 instead of booting.
    constexpr unsigned shutdown_status = 0x0f;
    constexpr u8 resume_from_s3 = 0xfe;
    rtc_->chip().set_cmos(shutdown_status, resume_from_s3);
}

bool PcMachine::may_wake(WakeupReason reason) const {
    return reason != WakeupReason::rtc || (pm_ && pm_->acpi().rtc_wakes());
}

void PcMachine::wake_up(WakeupReason reason) {
    reset();
    // What is no device of ACPI's shows as the power button.
    if (pm_)
        pm_->acpi().wake_up(reason == WakeupReason::rtc ? AcpiCore::rtc_status
                                                        : AcpiCore::power_button_status);
}

void PcMachine::inject_nmi() {
    for (auto& cpu : cpus_)
        cpu->set_nmi_pin();
}

void PcMachine::set_gsi(int n, int level) {
    if (n < static_cast<int>(IsaBus::irq_count)) {
        if (n < 8)
            pic_master_->input(n).set(level);
        else
            pic_slave_->input(n - 8).set(level);
    }
    if (ioapic_) ioapic_->input(n).set(level);
}

void PcMachine::pic_interrupt(int, int level) {
    for (auto& cpu : cpus_)
        cpu->set_intr(level);
}

void PcMachine::set_a20(int source, int level) {
    // Either the keyboard controller or port 92h may open the gate; the last one to speak decides.
    a20_sources_[static_cast<std::size_t>(source)] = level;
    for (auto& cpu : cpus_)
        cpu->set_a20(level);
}

void PcMachine::smi_pin(int, int level) {
    if (level) cpus_[0]->cpu().request(i386::request_smi), cpus_[0]->vcpu().kick();
}

void PcMachine::reset_pin(int, int level) {
    if (level)
        platform_->services.get<SystemRequests>().request_reset(qapi::ShutdownCause::guest_reset);
}

}  // namespace hw
