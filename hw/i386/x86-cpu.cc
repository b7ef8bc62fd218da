// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/x86-cpu.h"

#include <algorithm>

#include "exec/address-space.h"
#include "exec/ram-block.h"
#include "hw/intc/i8259.h"

namespace hw {

X86Cpu::X86Cpu(const DeviceType& type, accel::Accelerator& accelerator, i386::CpuModel model,
               Wiring wiring)
    : Device(type),
      accelerator_(accelerator),
      model_(std::move(model)),
      wiring_(std::move(wiring)),
      pic_only_(wiring_.pic) {}

X86Cpu::X86Cpu(const DeviceType& type, accel::Accelerator& accelerator, i386::CpuModel model,
               CpuBoard& board)
    : Device(type),
      accelerator_(accelerator),
      model_(std::move(model)),
      board_(&board),
      pic_only_(nullptr) {}

X86Cpu::~X86Cpu() {
    if (!machine_) return;
    if (board_) board_->unplugged(*this);
    if (cpu_section_) machine_->states.remove(*cpu_section_);
    if (common_section_) machine_->states.remove(*common_section_);
    if (apic_) apic_->take_down();
}

Result<void> X86Cpu::realize(Platform& platform) {
    if (board_) wiring_ = TRY(board_->find_place(*this));  // none: wired already
    machine_ = &platform;
    if (wiring_.apic_bus) {
        ApicCpu& pins = *this;
        apic_ = std::make_unique<LocalApic>(*wiring_.apic_bus, pins, wiring_.apic_id,
                                            wiring_.index == 0);
        add_child("lapic", *apic_);
        if (wiring_.pic) apic_->connect_pic(*wiring_.pic);
    }
    vcpu_ = TRY(accelerator_.create_vcpu(
        {.index = wiring_.index,
         .apic_id = wiring_.apic_id,
         .memory = wiring_.memory,
         .smm_memory = wiring_.smm_memory,
         .io = &platform.io_space,
         .interrupts = apic_ ? static_cast<accel::InterruptController*>(apic_.get()) : &pic_only_,
         .ferr = wiring_.ferr},
        model_));
    const int instance = static_cast<int>(wiring_.index);
    common_section_.emplace(cpu(), platform.clocks.ticks);
    cpu_section_.emplace(cpu());
    platform.states.add({}, *common_section_, instance, vmstate::Priority::Default);
    platform.states.add({}, *cpu_section_, instance, vmstate::Priority::Default);
    if (apic_) {
        if (wiring_.before_apic) TRY(wiring_.before_apic());
        TRY(apic_->bring_up(platform));
    }
    if (board_) board_->plugged(*this);
    return {};
}

Result<void> X86Cpu::request_unplug() {
    if (!board_) return fail("Boot CPU is unpluggable");
    return board_->request_unplug(*this);
}

void X86Cpu::hold_reset() {
    cpu().reset();
    if (apic_) apic_->hold_reset();
    // Only the bootstrap processor starts; the others wait for a SIPI.
    cpu().s.halted = wiring_.index != 0;
    common_section_->set_poll(apic_ && wiring_.polls_at_reset && !hotplugged());
}

void X86Cpu::connect_pic(I8259& pic) {
    pic_only_.pic_ = &pic;
    if (apic_) apic_->connect_pic(pic);
}

void X86Cpu::set_intr(int level) {
    if (apic_)
        apic_->set_lint0(level);
    else
        set_interrupt(level);
}

void X86Cpu::set_nmi_pin() {
    if (apic_)
        apic_->set_lint1(1);
    else
        nmi();
}

void X86Cpu::request(u32 bits) {
    cpu().request(bits);
    vcpu_->kick();
}

void X86Cpu::set_interrupt(bool pending) {
    if (!vcpu_) return;
    if (pending)
        request(i386::request_interrupt);
    else
        cpu().clear_request(i386::request_interrupt);
}

void X86Cpu::start(u8 sipi_vector) {
    cpu().request_start(sipi_vector);
    vcpu_->kick();
}

void X86Cpu::set_a20(bool open) {
    cpu().set_a20(open);
    vcpu_->kick();
}

int X86Cpu::PicOnly::acknowledge() {
    return pic_ && pic_->pending() ? pic_->acknowledge() : -1;
}

std::vector<X86Cpu*> x86_cpus(const qom::Object& top) {
    std::vector<X86Cpu*> found;
    const auto look = [&](const auto& self, const qom::Object& under) -> void {
        for (qom::Object* child : under.children()) {
            if (auto* cpu = dynamic_cast<X86Cpu*>(child)) found.push_back(cpu);
            self(self, *child);
        }
    };
    look(look, top);
    std::ranges::sort(found, {}, &X86Cpu::index);
    return found;
}

bool read_virtual(const Bql& held, X86Cpu& cpu, exec::AddressSpace& memory, std::uint64_t address,
                  std::span<std::uint8_t> to) {
    while (!to.empty()) {
        const auto piece =
            to.first(std::min<std::size_t>(to.size(), exec::page_size - address % exec::page_size));
        std::uint64_t physical;
        if (!cpu.cpu().probe(address, physical) ||
            memory.read(held, physical, piece) != exec::MemTx::Ok)
            return false;
        address += piece.size();
        to = to.subspan(piece.size());
    }
    return true;
}

}  // namespace hw
