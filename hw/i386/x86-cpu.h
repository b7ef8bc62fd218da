// SPDX-License-Identifier: GPL-2.0-or-later
//
// A processor as a device: a vCPU of the accelerator, its local APIC, and its saved state.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "accel/accel.h"
#include "hw/core/device.h"
#include "hw/intc/apic.h"
#include "target/i386/cpu-vmstate.h"
#include "target/i386/cpuid.h"

namespace hw {

class X86Cpu;

/// What device_add says of a processor, and what is true of each that is there. -1: not said.
struct X86CpuConfig {
    static constexpr std::uint32_t unset = 0xffffffff;
    std::uint32_t apic_id = unset;
    std::int32_t socket_id = -1, die_id = -1, core_id = -1, thread_id = -1, node_id = -1;
};

/// The board, for processors that come by themselves.
class CpuBoard;

class X86Cpu final : public Device, private ApicCpu {
public:
    struct Wiring {
        unsigned index = 0, apic_id = 0;
        exec::AddressSpace* memory = nullptr;
        exec::AddressSpace* smm_memory = nullptr;
        /// Null: a processor without an APIC, interrupted by the PIC alone.
        ApicBus* apic_bus = nullptr;
        I8259* pic = nullptr;
        std::function<void()> ferr;
        /// Runs when the processor's own sections are signed in and its APIC's is not yet.
        std::function<Result<void>()> before_apic;
        /// IRQ 0 is up during reset, which leaves a request to poll the APIC behind.
        bool polls_at_reset = true;
    };

    /// `type` is the model's own ("qemu64-x86_64-cpu").
    X86Cpu(const DeviceType& type, accel::Accelerator&, i386::CpuModel, Wiring);
    /// One that the board finds a place for when it is realized.
    X86Cpu(const DeviceType& type, accel::Accelerator&, i386::CpuModel, CpuBoard&);
    ~X86Cpu() override;

    i386::Cpu& cpu() { return vcpu_->cpu(); }
    accel::Vcpu& vcpu() { return *vcpu_; }
    LocalApic* apic() { return apic_.get(); }
    unsigned index() const { return wiring_.index; }
    unsigned apic_id() const { return wiring_.apic_id; }
    const i386::CpuModel& model() const { return model_; }

    void* config() override { return &config_; }
    X86CpuConfig& settings() { return config_; }
    /// Who is asked to let it go, and told when it goes.
    void set_board(CpuBoard& board) { board_ = &board; }
    void clear_board() { board_ = nullptr; }
    Result<void> request_unplug() override;
    void hold_reset() override;
    /// Whose INT is this processor's LINT0, or its INTR where there is no APIC.
    void connect_pic(I8259& pic);
    void set_intr(int level);
    /// LINT1, or the NMI pin itself.
    void set_nmi_pin();
    /// A20M#. The vCPUs stand still, or it is this one that drives the pin.
    void set_a20(bool open);

protected:
    Result<void> realize(Platform&) override;

private:
    // ApicCpu
    void set_interrupt(bool pending) override;
    void nmi() override { request(i386::request_nmi); }
    void smi() override { request(i386::request_smi); }
    void init() override { request(i386::request_init); }
    void start(u8 sipi_vector) override;
    void await_sipi() override { cpu().s.mp_state = i386::MpState::init_received; }
    void request(u32 bits);

    /// Interrupts of a processor without an APIC: straight from the PIC.
    class PicOnly final : public accel::InterruptController {
    public:
        explicit PicOnly(I8259* pic) : pic_(pic) {}
        int acknowledge() override;
        u8 tpr() override { return 0; }
        void set_tpr(u8) override {}
        u64 apic_base() override { return 0; }
        bool set_apic_base(u64) override { return false; }
        bool x2apic_read(u32, u64&) override { return false; }
        bool x2apic_write(u32, u64) override { return false; }

        I8259* pic_;
    };

    accel::Accelerator& accelerator_;
    const i386::CpuModel model_;
    CpuBoard* board_ = nullptr;
    Wiring wiring_;
    X86CpuConfig config_;
    PicOnly pic_only_;
    std::unique_ptr<LocalApic> apic_;
    std::unique_ptr<accel::Vcpu> vcpu_;
    std::optional<i386::CpuCommonSection> common_section_;
    std::optional<i386::CpuSection> cpu_section_;
    Platform* machine_ = nullptr;
};

class CpuBoard {
public:
    virtual ~CpuBoard() = default;
    /// Checks and completes its settings; how it is connected in the place that they say.
    virtual Result<X86Cpu::Wiring> find_place(X86Cpu&) = 0;
    virtual void plugged(X86Cpu&) = 0;
    virtual Result<void> request_unplug(X86Cpu&) = 0;
    virtual void unplugged(X86Cpu&) = 0;
};

/// Those of a tree, by index.
std::vector<X86Cpu*> x86_cpus(const qom::Object& top);

/// Memory as the processor's page tables show it, rights aside; while no vCPU moves. False where
/// they lead nowhere or nothing answers.
bool read_virtual(const Bql&, X86Cpu&, exec::AddressSpace&, std::uint64_t address,
                  std::span<std::uint8_t> to);

}  // namespace hw
