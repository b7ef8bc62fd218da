// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where a processor is among sockets, dies, cores and threads, and the APIC ID that says so: each
// level has as many bits of it as it needs (Intel SDM volume 3, 9.9.1).
#pragma once

#include <bit>

#include "hw/core/machine.h"

namespace hw {

struct CpuPlace {
    unsigned socket = 0, die = 0, core = 0, thread = 0;
    bool operator==(const CpuPlace&) const = default;
};

constexpr CpuPlace place_of(unsigned index, const SmpTopology& t) {
    const unsigned cores = index / t.threads, dies = cores / t.cores;
    return {dies / t.dies, dies % t.dies, cores % t.cores, index % t.threads};
}

constexpr unsigned index_of(const CpuPlace& p, const SmpTopology& t) {
    return ((p.socket * t.dies + p.die) * t.cores + p.core) * t.threads + p.thread;
}

struct ApicIdBits {
    unsigned thread, core, die;
    explicit constexpr ApicIdBits(const SmpTopology& t)
        : thread(width(t.threads)), core(width(t.cores)), die(width(t.dies)) {}
    static constexpr unsigned width(unsigned count) { return unsigned(std::bit_width(count - 1)); }
};

constexpr unsigned apic_id_of(const CpuPlace& p, const SmpTopology& t) {
    const ApicIdBits bits(t);
    return ((p.socket << bits.die | p.die) << bits.core | p.core) << bits.thread | p.thread;
}

constexpr CpuPlace place_of_apic_id(unsigned id, const SmpTopology& t) {
    const ApicIdBits bits(t);
    const auto take = [&id](unsigned width) {
        const unsigned low = id & ((1u << width) - 1);
        id >>= width;
        return low;
    };
    CpuPlace p;
    p.thread = take(bits.thread);
    p.core = take(bits.core);
    p.die = take(bits.die);
    p.socket = id;
    return p;
}

}  // namespace hw
