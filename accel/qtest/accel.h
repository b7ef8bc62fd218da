// SPDX-License-Identifier: GPL-2.0-or-later
//
// The accelerator "qtest": processors exist, with all their state, and never execute. Time is the
// test's (clock_step), and so is every access to memory and ports.
#pragma once

#include "accel/tcg/tcg.h"

namespace accel {

class QtestAccel final : public Accelerator {
public:
    explicit QtestAccel(std::unique_ptr<TcgAccel> processors)
        : processors_(std::move(processors)) {}

    std::string_view name() const override { return "qtest"; }
    Result<std::unique_ptr<Vcpu>> create_vcpu(const VcpuWiring& wiring,
                                              const i386::CpuModel& model) override {
        return processors_->create_vcpu(wiring, model);
    }
    void pause_all(Bql&) override {}
    void resume_all(Bql&) override {}
    void on_triple_fault(std::function<void()>) override {}
    void on_device_access(std::function<void(unsigned)>) override {}
    void set_single_step(bool) override {}
    bool runs_guest_code() const override { return false; }

private:
    std::unique_ptr<TcgAccel> processors_;  // never resumed
};

}  // namespace accel
