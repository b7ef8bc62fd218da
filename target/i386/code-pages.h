// SPDX-License-Identifier: GPL-2.0-or-later
//
// CodePages: which pages of host memory hold decoded code, shared by the vCPUs of one VM, so that a
// store by any of them, or by a device, drops the blocks made from the old bytes.
//
// Stores by another vCPU are acted on before the vCPU's next block after it sees the request; the
// SDM (volume 3, 9.1.3) asks cross-modifying code to serialize, which an IPI does: it arrives by
// the same door, and later. A vCPU whose TLB still let it write when code was decoded elsewhere
// reports the page as written when it gives that entry up, so no store goes unseen.
#pragma once

#include "target/i386/tlb.h"

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace i386 {

class Cpu;

class CodePages {
public:
    void add(Cpu& cpu);
    void remove(Cpu& cpu);

    /// `cpu` decodes bytes [from, from + size) of one page: from now on writes to them are
    /// reported.
    void mark(Cpu& cpu, const u8* from, unsigned size);
    bool has_code(const u8* page);
    /// Memory was written: by `by` (on its thread) or by a device (null).
    void written(Cpu* by, const u8* from, std::size_t size);
    /// Work queued for `cpu`, on its thread.
    void drain(Cpu& cpu);
    /// Serializes read-modify-write accesses that host atomics cannot do (devices, two pages).
    std::mutex& bus_lock() { return bus_lock_; }

private:
    enum class Work : u8 { protect, invalidate };
    struct Item {
        Work work;
        const u8* page;
    };
    struct Member {
        Cpu* cpu;
        std::vector<Item> queue;
    };
    void post(Cpu* except, Item item);

    std::mutex mutex_;
    std::mutex bus_lock_;
    std::vector<Member> members_;
    /// Page -> one bit for each 64 bytes that are code.
    std::unordered_map<const u8*, u64> pages_;
    std::atomic<bool> any_{false};
};

}  // namespace i386
