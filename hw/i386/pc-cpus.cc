// SPDX-License-Identifier: GPL-2.0-or-later
//
// The processors of a PC: those of -smp, and those that come and go while it runs.
#include <algorithm>

#include "hw/core/devices.h"
#include "hw/core/system-requests.h"
#include "hw/i386/cpu-types.h"
#include "hw/i386/pc-cmos.h"
#include "hw/i386/pc.h"
#include "hw/i386/topology.h"
#include "qapi/context.h"
#include "qapi/qapi-types-run-state.h"

namespace hw {

namespace {

bool on(qom::OnOffAuto choice) {
    return choice != qom::OnOffAuto::Off;
}

struct Level {
    const char* name;
    std::int32_t X86CpuConfig::*said;
    unsigned CpuPlace::*place;
    unsigned count;
};

std::array<Level, 4> levels(const SmpTopology& t) {
    const unsigned sockets = t.max_cpus / (t.threads * t.cores * t.dies);
    return {{{"socket", &X86CpuConfig::socket_id, &CpuPlace::socket, sockets},
             {"die", &X86CpuConfig::die_id, &CpuPlace::die, t.dies},
             {"core", &X86CpuConfig::core_id, &CpuPlace::core, t.cores},
             {"thread", &X86CpuConfig::thread_id, &CpuPlace::thread, t.threads}}};
}

/// By its levels; the die may be left out where there is one.
Result<CpuPlace> place_by_levels(X86CpuConfig& c, const SmpTopology& t) {
    if (c.die_id < 0 && t.dies == 1) c.die_id = 0;
    CpuPlace place;
    for (const Level& l : levels(t)) {
        if (c.*l.said < 0) return fail("CPU {}-id is not set", l.name);
        place.*l.place = static_cast<unsigned>(c.*l.said);
        if (place.*l.place >= l.count)
            return fail("Invalid CPU {}-id: {} must be in range 0:{}", l.name, c.*l.said,
                        l.count - 1);
    }
    return place;
}

void set_place(X86CpuConfig& c, const CpuPlace& place, const SmpTopology& t, unsigned nodes) {
    c.apic_id = apic_id_of(place, t);
    for (const Level& l : levels(t))
        c.*l.said = static_cast<std::int32_t>(place.*l.place);
    c.node_id = nodes ? 0 : -1;
}

}  // namespace

/// The model with what the machine's version and -global say of its type, and -cpu's words last.
Result<i386::CpuModel> PcMachine::cpu_model(const MachineConfig& c) const {
    const std::string_view given = c.cpu_model.empty() ? model_of_cpu_type(board().default_cpu_type)
                                                       : std::string_view(c.cpu_model);
    const auto comma = given.find(',');
    std::string option(given.substr(0, comma));
    if (const DeviceType* type = cpu_type_of(option))
        for (const Devices::Setting& s : devices().globals_for(*type))
            option += fmt::format(",{}={}", s.property, s.value);
    if (comma != given.npos) option += given.substr(comma);
    auto model = TRY(i386::parse_cpu_model(option));
    model.cores = c.smp.cores;
    model.threads = c.smp.threads;
    model.cpus = c.smp.max_cpus;
    return model;
}

unsigned PcMachine::apic_id(unsigned index) const {
    return apic_id_of(place_of(index, config_->smp), config_->smp);
}

X86Cpu::Wiring PcMachine::wiring_of(unsigned index) {
    const bool apic = cpu_model_.features.has(i386::Feature::apic);
    return {.index = index,
            .apic_id = apic_id(index),
            .memory = &platform_->memory_space,
            .smm_memory = on(options_.smm) ? &memory_.smm_space() : nullptr,
            .apic_bus = apic ? &apic_bus_ : nullptr,
            .ferr = [this] { set_gsi(13, 1); },
            .polls_at_reset = on(options_.pit) && options_.hpet};
}

Result<void> PcMachine::make_cpus(const MachineConfig& c) {
    cpu_model_ = TRY(cpu_model(c));
    const i386::CpuModel& model = cpu_model_;
    const DeviceType* type = cpu_type_of(model.name);
    for (unsigned i = 0; i < c.smp.cpus; i++) {
        X86Cpu::Wiring wiring = wiring_of(i);
        if (i == 0)
            wiring.before_apic = [this]() -> Result<void> {
                vapic_ = std::make_unique<KvmVapic>();
                return vapic_->bring_up(*platform_);
            };
        auto cpu = std::make_unique<X86Cpu>(*type, *accelerator_, model, std::move(wiring));
        set_place(cpu->settings(), place_of(i, c.smp), c.smp, device_memory_->facts().nodes);
        TRY(cpu->bring_up(*platform_));
        cpu->set_board(*this);
        cpus_.push_back(cpu.get());
        own_cpus_.push_back(std::move(cpu));
    }
    if (model.features.has(i386::Feature::apic)) {
        apic_window_ = LocalApic::make_window(platform_->memory, apic_bus_);
        platform_->system_memory.add_subregion(0xfee00000, *apic_window_, 4096);
    }
    accelerator_->on_device_access([this](unsigned index) {
        accessing_cpu_.cpu = processor(index);
        apic_bus_.set_current(accessing_cpu_.cpu->apic());
    });
    platform_->services.provide<CurrentCpuRegisters>(accessing_cpu_);
    platform_->services.get<Devices>().set_board_maker(
        [this](const DeviceType& wanted) -> Result<std::unique_ptr<Device>> {
            const DeviceType* kind = cpu_type_of(cpu_model_.name);
            if (&wanted != kind)
                return fail("Invalid CPU type, expected cpu type: '{}'", kind->name);
            CpuBoard& board = *this;
            return std::make_unique<X86Cpu>(wanted, *accelerator_, cpu_model_, board);
        });
    accelerator_->on_triple_fault([this] {
        platform_->services.get<SystemRequests>().request_reset(qapi::ShutdownCause::guest_reset);
    });
    return {};
}

X86Cpu* PcMachine::processor(unsigned index) const {
    for (X86Cpu* cpu : cpus_)
        if (cpu->index() == index) return cpu;
    return nullptr;
}

// ---- those that come and go -------------------------------------------------------------------

Result<X86Cpu::Wiring> PcMachine::find_place(X86Cpu& cpu) {
    const SmpTopology& t = config_->smp;
    X86CpuConfig& c = cpu.settings();
    if (c.apic_id == X86CpuConfig::unset) c.apic_id = apic_id_of(TRY(place_by_levels(c, t)), t);
    const CpuPlace place = place_of_apic_id(c.apic_id, t);
    const unsigned index = index_of(place, t);
    if (index >= t.max_cpus || place_of(index, t) != place)
        return fail(
            "Invalid CPU [socket: {}, die: {}, core: {}, thread: {}] with APIC ID {}, valid index "
            "range 0:{}",
            place.socket, place.die, place.core, place.thread, c.apic_id, t.max_cpus - 1);
    if (processor(index)) return fail("CPU[{}] with APIC ID {} exists", index, c.apic_id);
    for (const Level& l : levels(t))
        if (c.*l.said >= 0 && static_cast<unsigned>(c.*l.said) != place.*l.place)
            return fail("property {}-id: {} doesn't match set apic-id: {:#x} ({}-id: {})", l.name,
                        c.*l.said, c.apic_id, l.name, place.*l.place);
    if (c.node_id > 0) return fail("invalid node-id, must be 0");
    set_place(c, place, t, device_memory_->facts().nodes);
    return wiring_of(index);
}

void PcMachine::plugged(X86Cpu& cpu) {
    cpus_.insert(std::ranges::upper_bound(cpus_, cpu.index(), {}, &X86Cpu::index), &cpu);
    cpu.connect_pic(*pic_master_);
    count_processors();
    if (pm_) pm_->cpu_hotplug().plugged(cpu.index(), cpu.hotplugged());
    // It stands still, as it was made, until the others have stood still with it.
    if (auto* requests = platform_->services.find<SystemRequests>(); requests && cpu.hotplugged())
        requests->request_standstill([] {});
}

/// How many of them firmware waits for.
void PcMachine::count_processors() {
    const auto count = static_cast<unsigned>(cpus_.size());
    fw_cfg_->add_u16(FwCfgKey::NbCpus, static_cast<u16>(count));
    set_processor_count(rtc_->chip(), count);
}

Result<void> PcMachine::request_unplug(X86Cpu& cpu) {
    if (cpu.index() == 0) return fail("Boot CPU is unpluggable");
    if (!pm_) return fail("CPU hot unplug is not supported without ACPI");
    if (!pm_->cpu_hotplug().modern())
        return fail("acpi: device unplug request for not supported device type: {}",
                    cpu.type_name());
    pm_->cpu_hotplug().request_unplug(cpu.index());
    return {};
}

/// The guest has let go of it, and may be at work in it this very moment.
void PcMachine::eject_processor(unsigned index) {
    if (index == 0 || !processor(index)) return;
    pm_->cpu_hotplug().unplugged(index);
    if (auto* requests = platform_->services.find<SystemRequests>())
        requests->request_standstill([this, index] { take_out_processor(index); });
}

void PcMachine::take_out_processor(unsigned index) {
    X86Cpu* cpu = processor(index);
    auto* all = platform_->services.find<Devices>();
    if (!cpu || !all) return;
    const auto own = std::ranges::find(own_cpus_, cpu, &std::unique_ptr<X86Cpu>::get);
    if (own == own_cpus_.end())
        all->finish_removal(*cpu);
    else
        all->finish_removal(*cpu, [&] { own_cpus_.erase(own); });
}

void PcMachine::unplugged(X86Cpu& cpu) {
    std::erase(cpus_, &cpu);
    if (accessing_cpu_.cpu == &cpu) accessing_cpu_.cpu = nullptr;
    count_processors();
}

bool PcMachine::AccessingCpu::get(Registers& r) {
    if (!cpu) return false;
    const auto& regs = cpu->cpu().s.regs;
    r = {u32(regs[i386::rax]), u32(regs[i386::rbx]), u32(regs[i386::rcx]),
         u32(regs[i386::rdx]), u32(regs[i386::rsi]), u32(regs[i386::rdi])};
    return true;
}

void PcMachine::AccessingCpu::set(const Registers& r) {
    auto& regs = cpu->cpu().s.regs;
    regs[i386::rbx] = r.ebx;
    regs[i386::rcx] = r.ecx;
    regs[i386::rdx] = r.edx;
    regs[i386::rsi] = r.esi;
    regs[i386::rdi] = r.edi;
}

}  // namespace hw
