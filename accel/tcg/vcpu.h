// SPDX-License-Identifier: GPL-2.0-or-later
//
// TcgVcpu: a processor on a thread of its own, and the bus between it and the machine. Memory is
// reached without a lock through pages that are plain RAM or ROM; everything else, ports and device
// memory, under the big lock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "accel/accel.h"
#include "exec/address-space.h"
#include "target/i386/code-pages.h"
#include "target/i386/cpu-bus.h"
#include "target/i386/cpuid.h"
#include "util/timer.h"

namespace accel {

class TcgAccel;

class TcgVcpu final : public Vcpu, private i386::CpuBus {
public:
    TcgVcpu(TcgAccel&, const VcpuWiring&, const i386::CpuModel&);
    ~TcgVcpu() override;

    i386::Cpu& cpu() override { return cpu_; }
    void kick() override;
    int thread_id() const override;

    /// Asks the thread to stand still; parked() once it does.
    void ask_to_pause();
    bool parked();
    void resume();
    /// Waits, without any lock held, until parked.
    void wait_parked();

private:
    /// How long a store to the line of MONITOR may go unnoticed.
    static constexpr std::chrono::microseconds line_poll{50};

    void loop();
    i386::Stop run_in_turn();

    // i386::CpuBus
    i386::PhysPage page(std::uint64_t address, bool smm) override;
    void page_dirty(std::uint64_t address) override;
    std::uint64_t read(std::uint64_t address, unsigned size, bool smm) override;
    void write(std::uint64_t address, std::uint64_t value, unsigned size, bool smm) override;
    std::uint32_t port_in(std::uint16_t port, unsigned size) override;
    void port_out(std::uint16_t port, std::uint32_t value, unsigned size) override;
    int acknowledge_interrupt() override;
    std::uint8_t tpr() override;
    void set_tpr(std::uint8_t value) override;
    std::uint64_t apic_base() override;
    bool set_apic_base(std::uint64_t value) override;
    bool x2apic_read(std::uint32_t msr, std::uint64_t& value) override;
    bool x2apic_write(std::uint32_t msr, std::uint64_t value) override;
    std::uint64_t tsc_ticks() override;
    void ferr() override;
    void smm_changed(bool) override {}
    bool is_bsp() override { return wiring_.index == 0; }

    exec::AddressSpace& space(bool smm) {
        return smm && wiring_.smm_memory ? *wiring_.smm_memory : *wiring_.memory;
    }
    const exec::FlatView& view(bool smm);

    TcgAccel& accel_;
    const VcpuWiring wiring_;
    const i386::CpuModel model_;
    /// The views in use, of normal and of SMM memory.
    struct CachedView {
        std::shared_ptr<const exec::FlatView> view;
        std::uint64_t generation = 0;
    };
    CachedView views_[2];
    i386::Cpu cpu_;

    std::mutex mutex_;
    std::condition_variable wake_, parked_signal_;
    bool pause_ = true, quit_ = false, parked_ = false;
    std::atomic<int> thread_id_{0};
    std::thread thread_;
};

}  // namespace accel
