// SPDX-License-Identifier: GPL-2.0-or-later
//
// CpuRequests: what other threads ask of a processor, and which of it the processor lets through.
#pragma once

#include "target/i386/cpu-types.h"

#include <atomic>

namespace i386 {

class CpuRequests {
public:
    /// From any thread, as the next five.
    void request(u32 bits) { requests_.fetch_or(bits); }
    void clear_request(u32 bits) { requests_.fetch_and(~bits); }
    u32 requests() const { return requests_.load(std::memory_order_relaxed); }
    /// A SIPI with its vector. It may come while this processor takes the INIT before it, so the
    /// vector is kept outside the state that INIT resets.
    void request_start(u8 vector) {
        start_vector_.store(vector);
        request(request_sipi);
    }
    u8 start_vector() const { return start_vector_.load(); }
    void set_start_vector(u8 vector) { start_vector_.store(vector); }
    /// Address bit 20 passes, or reads as 0 (the A20 gate). Seen before the next block.
    void set_a20(bool on) {
        a20_wanted_ = on;
        request(request_flush);
    }
    /// Something is asked that is not held back.
    bool attention() const { return requests_.load(std::memory_order_relaxed) & request_mask_; }

protected:
    CpuRequests() = default;
    ~CpuRequests() = default;

    u32 request_mask_ = ~0u;
    std::atomic<u32> requests_{0};
    std::atomic<u8> start_vector_{0};
    std::atomic<bool> a20_wanted_{true};
};

}  // namespace i386
