// SPDX-License-Identifier: GPL-2.0-or-later
#include "accel/tcg/tcg.h"

#include "accel/tcg/vcpu.h"

namespace accel {

TcgAccel::TcgAccel(BigLock& big_lock, ClockSet& clocks, exec::MemoryMap& memory)
    : big_lock_(big_lock), clocks_(clocks) {
    memory.on_change([this] {
        for (TcgVcpu* v : vcpus_) {
            v->cpu().request(i386::request_flush);
            v->kick();
        }
    });
    memory.on_write([this](const std::uint8_t* host, std::uint64_t length) {
        code_pages_.written(nullptr, host, length);
    });
}

TcgAccel::~TcgAccel() = default;

Result<std::unique_ptr<Vcpu>> TcgAccel::create_vcpu(const VcpuWiring& wiring,
                                                    const i386::CpuModel& model) {
    auto vcpu = std::make_unique<TcgVcpu>(*this, wiring, model);
    vcpus_.push_back(vcpu.get());
    return std::unique_ptr<Vcpu>(std::move(vcpu));
}

void TcgAccel::forget(TcgVcpu& vcpu) {
    std::erase(vcpus_, &vcpu);
}

void TcgAccel::pause_all(Bql& bql) {
    for (TcgVcpu* v : vcpus_)
        v->ask_to_pause();
    // A vCPU on its way out may wait for the big lock to finish a device access.
    bql.unlocked([this] {
        for (TcgVcpu* v : vcpus_)
            v->wait_parked();
    });
}

void TcgAccel::resume_all(Bql&) {
    for (TcgVcpu* v : vcpus_)
        v->resume();
}

void TcgAccel::set_single_step(bool on) {
    single_step_ = on;
    for (TcgVcpu* v : vcpus_)
        v->cpu().set_single_step(on);
}

void TcgAccel::triple_fault() {
    const Bql bql(big_lock_);
    if (triple_fault_) triple_fault_();
}

}  // namespace accel
