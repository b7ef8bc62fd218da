// SPDX-License-Identifier: GPL-2.0-or-later
//
// The accelerator "tcg": guest code runs in the interpreter of target/i386/, a thread a vCPU.
#pragma once

#include <functional>
#include <vector>

#include "accel/accel.h"
#include "accel/tcg/turn.h"
#include "exec/ram-block.h"
#include "target/i386/code-pages.h"
#include "util/timer.h"

namespace accel {

class TcgVcpu;

class TcgAccel final : public Accelerator {
public:
    /// `memory`'s changes flush the vCPUs' TLBs from now on, so it must outlive this.
    TcgAccel(BigLock&, ClockSet&, exec::MemoryMap& memory);
    ~TcgAccel() override;

    std::string_view name() const override { return "tcg"; }
    Result<std::unique_ptr<Vcpu>> create_vcpu(const VcpuWiring&, const i386::CpuModel&) override;
    void pause_all(Bql&) override;
    void resume_all(Bql&) override;
    bool runs_guest_code() const override { return true; }

    /// -singlestep; before vCPUs are created, or while they are paused.
    void set_single_step(bool on) override;
    bool single_step() const { return single_step_; }
    /// thread=single; before vCPUs are created, as the log.
    void set_one_at_a_time(bool on) { one_at_a_time_ = on; }
    bool one_at_a_time() const { return one_at_a_time_; }
    void set_log(Log& log) { log_ = &log; }
    Log* log() { return log_; }
    void on_triple_fault(std::function<void()> listener) override {
        triple_fault_ = std::move(listener);
    }
    void on_device_access(std::function<void(unsigned index)> listener) override {
        device_access_ = std::move(listener);
    }

    // For TcgVcpu.
    BigLock& big_lock() { return big_lock_; }
    ClockSet& clocks() { return clocks_; }
    i386::CodePages& code_pages() { return code_pages_; }
    Turn& turn() { return turn_; }
    void triple_fault();
    void entering(const VcpuWiring& wiring) {
        if (device_access_) device_access_(wiring.index);
    }
    void forget(TcgVcpu&);

private:
    BigLock& big_lock_;
    ClockSet& clocks_;
    i386::CodePages code_pages_;
    std::vector<TcgVcpu*> vcpus_;  // under the big lock
    bool single_step_ = false, one_at_a_time_ = false;
    Turn turn_;
    Log* log_ = nullptr;
    std::function<void()> triple_fault_;
    std::function<void(unsigned)> device_access_;
};

}  // namespace accel
