// SPDX-License-Identifier: GPL-2.0-or-later
//
// The local APIC of a processor (Intel SDM volume 3, chapter 11): local vector table, timer,
// inter-processor interrupts, priorities. Its timer counts a bus clock of 1 GHz.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "accel/accel.h"
#include "exec/memory.h"
#include "hw/core/device.h"
#include "hw/core/irq.h"
#include "hw/intc/apic-bus.h"

namespace hw {

class I8259;

/// The processor's end of its interrupt pins.
class ApicCpu {
public:
    virtual ~ApicCpu() = default;
    /// INTR: LocalApic::acknowledge() has a vector.
    virtual void set_interrupt(bool pending) = 0;
    virtual void nmi() = 0;
    virtual void smi() = 0;
    virtual void init() = 0;
    virtual void start(u8 sipi_vector) = 0;
    /// A loaded state says that it has not been started.
    virtual void await_sipi() {}
};

struct ApicConfig {
    u32 id = 0;
    u8 version = 0x14;
    bool vapic = true;
};

struct ApicState {
    u32 apicbase = 0;
    u8 id = 0;
    u8 arb_id = 0;
    u8 tpr = 0;
    u32 spurious_vec = 0;
    u8 log_dest = 0;
    u8 dest_mode = 0;
    std::array<u32, 8> isr{}, tmr{}, irr{};
    std::array<u32, 6> lvt{};
    u32 esr = 0;
    std::array<u32, 2> icr{};
    u32 divide_conf = 0;
    i32 count_shift = 0;
    u32 initial_count = 0;
    i64 initial_count_load_time = 0;
    i64 next_time = 0;
    i64 timer_expiry = -1;
    i32 sipi_vector = 0;
    i32 wait_for_sipi = 0;
};

class LocalApic final : public DeviceOf<ApicConfig, ApicState>, public accel::InterruptController {
public:
    static const DeviceType device_type_;
    enum Lvt { LvtTimer, LvtThermal, LvtPerformance, LvtLint0, LvtLint1, LvtError };

    LocalApic(ApicBus& bus, ApicCpu& cpu, u32 id, bool bootstrap);
    ~LocalApic() override;

    const vmstate::Table& vmstate() const override;
    int saved_instance() const override { return int(config_.id); }
    /// Power-on. INIT keeps more, see init().
    void hold_reset() override;

    /// The PIC whose INT is LINT0 of this processor.
    void connect_pic(I8259& pic) { pic_ = &pic; }
    void set_lint0(int level);
    void set_lint1(int level) {
        if (level) deliver_local(LvtLint1);
    }

    bool addressed_by(u8 destination, bool logical) const;
    void receive(const ApicMessage&);
    u8 processor_priority() const;

    // accel::InterruptController
    int acknowledge() override;
    u8 tpr() override { return state_.tpr >> 4; }
    void set_tpr(u8 value) override;
    u64 apic_base() override { return state_.apicbase; }
    bool set_apic_base(u64 value) override;
    bool x2apic_read(u32, u64&) override { return false; }  // not offered in CPUID
    bool x2apic_write(u32, u64) override { return false; }

    u32 read_register(u32 offset);
    void write_register(u32 offset, u32 value);
    /// The window at FEE0_0000h, one for all processors.
    static std::unique_ptr<exec::MemoryRegion> make_window(exec::MemoryMap&, ApicBus&);

    bool wants_interrupt() const;
    bool requested(u8 vector) const { return state_.irr[vector / 32] >> vector % 32 & 1; }
    /// `info lapic`.
    std::string describe();

protected:
    Result<void> realize(Platform&) override;
    void pre_save(ApicState& s) override { s.timer_expiry = timer_ ? timer_->deadline_ns() : -1; }
    void post_load(int) override;

private:
    bool software_enabled() const { return state_.spurious_vec & 0x100; }
    bool accepts_pic() const;
    int highest_request() const;
    void init();
    void request(u8 vector, bool level_triggered);
    void deliver_local(Lvt);
    void error(u32 esr_bit);
    void end_of_interrupt();
    void send_ipi();
    void update() { cpu_.set_interrupt(wants_interrupt()); }
    u32 current_count() const;
    void schedule_timer(i64 now);
    void timer_expired();

    ApicBus& bus_;
    ApicCpu& cpu_;
    const bool bootstrap_;
    I8259* pic_ = nullptr;
    int lint0_level_ = 0;
    Clock* clock_ = nullptr;
    std::optional<Timer> timer_;
};

}  // namespace hw
