// SPDX-License-Identifier: GPL-2.0-or-later
#include "accel/tcg/vcpu.h"

#include <fmt/core.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "accel/tcg/tcg.h"
#include "exec/ram-block.h"

namespace accel {

TcgVcpu::TcgVcpu(TcgAccel& accel, const VcpuWiring& wiring, const i386::CpuModel& model)
    : accel_(accel),
      wiring_(wiring),
      model_(model),
      cpu_(*this, accel.code_pages(), model_, wiring.apic_id) {
    cpu_.set_single_step(accel.single_step());
    if (accel.log()) cpu_.set_log(*accel.log());
    thread_ = std::thread([this] { loop(); });
}

TcgVcpu::~TcgVcpu() {
    {
        const std::lock_guard hold(mutex_);
        quit_ = true;
        cpu_.request(i386::request_exit);
        wake_.notify_all();
    }
    thread_.join();
    accel_.forget(*this);
}

int TcgVcpu::thread_id() const {
    thread_id_.wait(0);  // only the thread itself knows, and it may not have run yet
    return thread_id_.load();
}

void TcgVcpu::kick() {
    const std::lock_guard hold(mutex_);
    wake_.notify_all();
}

void TcgVcpu::ask_to_pause() {
    const std::lock_guard hold(mutex_);
    pause_ = true;
    cpu_.request(i386::request_exit);
    wake_.notify_all();
}

void TcgVcpu::resume() {
    const std::lock_guard hold(mutex_);
    pause_ = false;
    parked_ = false;
    wake_.notify_all();
}

bool TcgVcpu::parked() {
    const std::lock_guard hold(mutex_);
    return parked_;
}

void TcgVcpu::wait_parked() {
    std::unique_lock hold(mutex_);
    parked_signal_.wait(hold, [this] { return parked_; });
}

void TcgVcpu::loop() {
    thread_id_ = gettid();
    prctl(PR_SET_NAME, fmt::format("CPU {}/TCG", wiring_.index).c_str());
    thread_id_.notify_all();
    std::unique_lock hold(mutex_);
    while (!quit_) {
        if (pause_) {
            parked_ = true;
            parked_signal_.notify_all();
            // For resume(), not for pause_ to be off: by the time this thread wakes up it may be
            // asked to pause again, and then it has to say again that it does.
            wake_.wait(hold, [this] { return !parked_ || quit_; });
            continue;
        }
        hold.unlock();
        const i386::Stop why = accel_.one_at_a_time() ? run_in_turn() : cpu_.run();
        if (why == i386::Stop::shutdown) accel_.triple_fault();
        hold.lock();
        // A processor that shut down stands until it is reset, which pauses and resumes it.
        if (why == i386::Stop::shutdown)
            wake_.wait(hold, [this] { return pause_ || quit_; });
        else if (why == i386::Stop::halted)
            wake_.wait(hold, [this] { return pause_ || quit_ || cpu_.attention(); });
        else if (why == i386::Stop::waiting)
            // Nothing tells of another processor's store to the line of MONITOR, so look now and
            // then. An interrupt ends the wait even when it is masked.
            while (!pause_ && !quit_ && !cpu_.requests() && !cpu_.line_written())
                wake_.wait_for(hold, line_poll);
    }
    parked_ = true;
    parked_signal_.notify_all();
}

i386::Stop TcgVcpu::run_in_turn() {
    accel_.turn().take([this] { cpu_.request(i386::request_exit); });
    const i386::Stop why = cpu_.run();
    accel_.turn().give();
    return why;
}

const exec::FlatView& TcgVcpu::view(bool smm) {
    CachedView& cached = views_[smm && wiring_.smm_memory];
    exec::AddressSpace& memory = space(smm);
    const std::uint64_t generation = memory.generation();
    if (!cached.view || cached.generation != generation) {
        cached.view = memory.view();
        cached.generation = generation;
    }
    return *cached.view;
}

i386::PhysPage TcgVcpu::page(std::uint64_t address, bool smm) {
    const exec::FlatView& v = view(smm);
    const exec::FlatRange* range = v.find(address);
    if (!range) return {};
    std::uint64_t contiguous = 0;
    std::uint8_t* host = space(smm).host_pointer(v, address, contiguous, false);
    if (!host || contiguous < exec::page_size) return {};
    const bool writable = space(smm).host_pointer(v, address, contiguous, true) != nullptr;
    // Someone counts the writes to this block: each goes the long way, and is marked.
    const bool logged = range->region->ram_block()->watchers() != 0;
    return {host, writable, logged};
}

void TcgVcpu::page_dirty(std::uint64_t address) {
    const exec::FlatRange* range = view(cpu_.s.smm).find(address);
    if (!range || !range->region->ram_block()) return;
    range->region->ram_block()->mark_dirty(range->offset_in_region + (address - range->start),
                                           exec::page_size);
}

std::uint64_t TcgVcpu::read(std::uint64_t address, unsigned size, bool smm) {
    const Bql bql(accel_.big_lock());
    accel_.entering(wiring_);
    std::uint64_t value = 0;
    space(smm).load(bql, address, size, value);
    return value;
}

void TcgVcpu::write(std::uint64_t address, std::uint64_t value, unsigned size, bool smm) {
    const Bql bql(accel_.big_lock());
    accel_.entering(wiring_);
    space(smm).store(bql, address, size, value);
}

std::uint32_t TcgVcpu::port_in(std::uint16_t port, unsigned size) {
    const Bql bql(accel_.big_lock());
    accel_.entering(wiring_);
    std::uint64_t value = ~std::uint64_t(0);
    wiring_.io->load(bql, port, size, value);
    return std::uint32_t(value);
}

void TcgVcpu::port_out(std::uint16_t port, std::uint32_t value, unsigned size) {
    const Bql bql(accel_.big_lock());
    accel_.entering(wiring_);
    wiring_.io->store(bql, port, size, value);
}

int TcgVcpu::acknowledge_interrupt() {
    const Bql bql(accel_.big_lock());
    return wiring_.interrupts->acknowledge();
}

std::uint8_t TcgVcpu::tpr() {
    const Bql bql(accel_.big_lock());
    return wiring_.interrupts->tpr();
}

void TcgVcpu::set_tpr(std::uint8_t value) {
    const Bql bql(accel_.big_lock());
    wiring_.interrupts->set_tpr(value);
}

std::uint64_t TcgVcpu::apic_base() {
    const Bql bql(accel_.big_lock());
    return wiring_.interrupts->apic_base();
}

bool TcgVcpu::set_apic_base(std::uint64_t value) {
    const Bql bql(accel_.big_lock());
    return wiring_.interrupts->set_apic_base(value);
}

bool TcgVcpu::x2apic_read(std::uint32_t msr, std::uint64_t& value) {
    const Bql bql(accel_.big_lock());
    return wiring_.interrupts->x2apic_read(msr, value);
}

bool TcgVcpu::x2apic_write(std::uint32_t msr, std::uint64_t value) {
    const Bql bql(accel_.big_lock());
    return wiring_.interrupts->x2apic_write(msr, value);
}

std::uint64_t TcgVcpu::tsc_ticks() {
    return accel_.clocks().ticks.now();
}

void TcgVcpu::ferr() {
    const Bql bql(accel_.big_lock());
    if (wiring_.ferr) wiring_.ferr();
}

}  // namespace accel
