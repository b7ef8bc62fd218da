// SPDX-License-Identifier: GPL-2.0-or-later
//
// What runs vCPUs. A board asks the accelerator for one Vcpu per processor and wires it; the VM
// pauses and resumes all of them around everything that must not see a guest move.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "target/i386/cpu.h"
#include "util/bql.h"
#include "util/result.h"

namespace exec {
class AddressSpace;
}

namespace accel {

/// The processor's local APIC, or the PIC's INTR line where there is none, as the processor sees
/// it. hw/intc/apic and the board's PIC wiring implement it; called under the big lock.
class InterruptController {
public:
    virtual ~InterruptController() = default;
    /// The vector to deliver, acknowledged; -1 when the request went away.
    virtual int acknowledge() = 0;
    /// CR8: bits 7-4 of the task priority.
    virtual std::uint8_t tpr() = 0;
    virtual void set_tpr(std::uint8_t) = 0;
    virtual std::uint64_t apic_base() = 0;
    virtual bool set_apic_base(std::uint64_t) = 0;
    virtual bool x2apic_read(std::uint32_t msr, std::uint64_t& value) = 0;
    virtual bool x2apic_write(std::uint32_t msr, std::uint64_t value) = 0;
};

/// How one vCPU reaches the machine.
struct VcpuWiring {
    unsigned index = 0;
    unsigned apic_id = 0;
    exec::AddressSpace* memory = nullptr;
    exec::AddressSpace* smm_memory = nullptr;  // what SMM sees instead; null: the same
    exec::AddressSpace* io = nullptr;
    InterruptController* interrupts = nullptr;
    std::function<void()> ferr{};  // FERR#, IRQ 13 on a PC; under the big lock
};

class Vcpu {
public:
    virtual ~Vcpu() = default;
    virtual i386::Cpu& cpu() = 0;
    /// From any thread: takes note of requests set with cpu().request() even when halted.
    virtual void kick() = 0;
    /// The host's thread id, for query-cpus-fast; 0 when there is none.
    virtual int thread_id() const = 0;
};

class Accelerator {
public:
    virtual ~Accelerator() = default;
    virtual std::string_view name() const = 0;  // "tcg", "qtest"
    /// The vCPU starts paused. It must not outlive the accelerator.
    virtual Result<std::unique_ptr<Vcpu>> create_vcpu(const VcpuWiring&, const i386::CpuModel&) = 0;
    /// Returns when no vCPU executes guest code; lets go of the lock meanwhile.
    virtual void pause_all(Bql&) = 0;
    virtual void resume_all(Bql&) = 0;
    /// Called on a vCPU's thread under the big lock when a processor shuts down.
    virtual void on_triple_fault(std::function<void()>) = 0;
    /// Called under the big lock when a vCPU is about to reach device memory: whose access it is
    /// matters to its local APIC.
    virtual void on_device_access(std::function<void(unsigned index)>) = 0;
    /// -singlestep; while the vCPUs are paused.
    virtual void set_single_step(bool on) = 0;
    /// True when guest code advances the virtual clock by itself (not under qtest).
    virtual bool runs_guest_code() const = 0;
};

}  // namespace accel
