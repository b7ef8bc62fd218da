// SPDX-License-Identifier: GPL-2.0-or-later
//
// Memory access beyond the TLB's fast path: filling it, devices, two pages, code pages.
#include "target/i386/code-pages.h"
#include "target/i386/cpu.h"
#include "target/i386/cpuid.h"
#include "target/i386/fp/unit.h"

#include <algorithm>

namespace i386 {

CpuMemory::CpuMemory(CpuBus& bus, CodePages& pages, const CpuModel& model, unsigned apic_id)
    : fp(std::make_unique<fp::Unit>(s)),
      tlbs_(std::make_unique<std::array<TlbSet, tlb_contexts>>()),
      bus_(bus),
      pages_(pages),
      model_(model),
      apic_id_(apic_id),
      features_(model.features) {
    tlb_ = tlbs_->data();
}

CpuMemory::~CpuMemory() = default;

CpuBus& CpuMemory::bus() {
    fp->leave();
    return bus_;
}

PhysPage CpuMemory::phys_page(u64 address) {
    address &= page_mask & a20();
    PhysCacheEntry& e = phys_cache_[address >> 12 & (phys_cache_.size() - 1)];
    if (e.address != address) e = {address, bus_.page(address, s.smm)};
    return e.page;
}

u8* CpuMemory::phys_host(u64 address) {
    const PhysPage page = phys_page(address);
    return page.host && page.writable ? page.host + (address & ~page_mask) : nullptr;
}

void CpuMemory::phys_access(u64 address, void* data, unsigned size, Access access) {
    if (const u64 room = page_size - (address & ~page_mask); size > room) {
        phys_access(address, data, unsigned(room), access);
        phys_access(address + room, static_cast<u8*>(data) + room, size - unsigned(room), access);
        return;
    }
    const PhysPage page = phys_page(address);
    address &= a20();
    u8* const host = page.host ? page.host + (address & ~page_mask) : nullptr;
    if (access == Access::read) {
        if (host)
            std::memcpy(data, host, size);
        else
            device_read(address, static_cast<u8*>(data), size);
    } else if (host && page.writable) {
        write_host(host, data, size);
        bus_.page_dirty(address & page_mask);
    } else {
        device_write(address, static_cast<const u8*>(data), size);
    }
}

void CpuMemory::arm_monitor(u64 linear) {
    check_read(linear, 1);
    // A store to the line may end the wait, and so may anything else (SDM volume 2, MWAIT): a line
    // that is not plain memory ends it at once.
    line_ = host_read(linear & ~u64(monitor_line - 1), monitor_line);
    if (line_) std::memcpy(line_before_.data(), line_, monitor_line);
}
bool CpuMemory::line_written() const {
    return !line_ || std::memcmp(line_before_.data(), line_, monitor_line) != 0;
}

void CpuMemory::device_read(u64 address, u8* out, unsigned size) {
    CpuBus& bus = this->bus();
    while (size) {
        unsigned n = std::min(size, 8u);
        while (n & (n - 1))
            n &= n - 1;
        const u64 v = bus.read(address, n, s.smm);
        std::memcpy(out, &v, n);
        address += n, out += n, size -= n;
    }
}
void CpuMemory::device_write(u64 address, const u8* in, unsigned size) {
    CpuBus& bus = this->bus();
    while (size) {
        unsigned n = std::min(size, 8u);
        while (n & (n - 1))
            n &= n - 1;
        u64 v = 0;
        std::memcpy(&v, in, n);
        bus.write(address, v, n, s.smm);
        address += n, in += n, size -= n;
    }
}

void CpuMemory::write_host(u8* to, const void* from, unsigned size) {
    std::memcpy(to, from, size);
    pages_.written(static_cast<Cpu*>(this), to, size);
}

TlbContext CpuMemory::context() const {
    if (cpl_ == 3) return s.cr0 & cr0_am && s.eflags & ac ? tlb_user_checked : tlb_user;
    return s.eflags & ac && s.cr4 & cr4_smap ? tlb_supervisor_ac : tlb_supervisor;
}

/// A memory operand that belongs to SS by its base register, in 64-bit mode, where that only tells
/// the exception apart.
static bool names_stack(const Insn* i) {
    return i && i->memory && i->seg == seg_flat && (i->base == rsp || i->base == rbp);
}

CpuMemory::Translation CpuMemory::translate(u64 linear, Access access, TlbContext context) {
    u64 physical = linear;
    if (long_active()) {
        if (!canonical(linear)) raise(names_stack(current_) ? exc_ss : exc_gp, 0);
    } else {
        physical = linear = u32(linear);
    }
    bool global = false;
    if (s.cr0 & cr0_pg) physical = walk(linear, access, context, false, &global);
    if (s.svm.nested_paging) [[unlikely]]
        physical = nested_walk(physical, access, false, false);
    physical &= a20();
    const Translation t{physical, phys_page(physical)};
    if (!t.page.host || context == tlb_user_checked || watched(linear & page_mask)) return t;

    TlbSet& set = (*tlbs_)[context];
    const TlbEntry entry{linear & page_mask,
                         reinterpret_cast<std::uintptr_t>(t.page.host) - (linear & page_mask)};
    switch (access) {
        case Access::execute: set.fill(access, entry, global); break;
        case Access::write:
            if (!t.page.writable || t.page.logged) break;
            bus_.page_dirty(physical & page_mask);
            // The entry first, then the question: CodePages::mark() takes it away again if code is
            // decoded from this page by another vCPU at this moment.
            set.fill(access, entry, global);
            if (pages_.has_code(t.page.host)) set.write[TlbSet::index(linear)] = {};
            [[fallthrough]];
        case Access::read: set.fill(Access::read, entry, global); break;
    }
    return t;
}

u64 CpuMemory::load_slow_value(u64 linear, unsigned size) {
    u64 v = 0;
    access_linear(linear, &v, size, Access::read, context());
    return v;
}
void CpuMemory::store_slow_value(u64 linear, u64 value, unsigned size) {
    access_linear(linear, &value, size, Access::write, context());
}
void CpuMemory::load_slow(u64 linear, void* out, unsigned size) {
    access_linear(linear, out, size, Access::read, context());
}
void CpuMemory::store_slow(u64 linear, const void* in, unsigned size) {
    // The buffer is only read for a store.
    access_linear(linear, const_cast<void*>(in), size, Access::write, context());
}
void CpuMemory::access_system(u64 linear, void* data, unsigned size, Access access) {
    access_linear(linear, data, size, access, tlb_supervisor);
}

void CpuMemory::access_part(const Translation& t, u8* data, unsigned size, Access access) {
    u8* const host = t.page.host ? t.page.host + (t.physical & ~page_mask) : nullptr;
    if (access == Access::read) {
        if (host)
            std::memcpy(data, host, size);
        else
            device_read(t.physical, data, size);
    } else if (host && t.page.writable) {
        write_host(host, data, size);
        bus_.page_dirty(t.physical & page_mask);
    } else {
        device_write(t.physical, data, size);
    }
}

// 16 bytes and more raise #GP by themselves where they must be aligned, and #AC nowhere.
void CpuMemory::check_alignment(u64 linear, unsigned size, TlbContext context) {
    if (context != tlb_user_checked || size > 8 || !(linear & (size - 1))) return;
    if (long_active() && !canonical(linear)) raise(names_stack(current_) ? exc_ss : exc_gp, 0);
    raise(exc_ac, 0);
}

void CpuMemory::access_linear(u64 linear, void* data, unsigned size, Access access,
                              TlbContext context) {
    check_alignment(linear, size, context);
    if (s.dr[7] & 0xff) check_watch(linear, size, access);
    const unsigned first =
        std::min<unsigned>(size, unsigned(page_size - (linear & (page_size - 1))));
    u8* const bytes = static_cast<u8*>(data);
    if (first == size) {
        access_part(translate(linear, access, context), bytes, size, access);
        return;
    }
    // Both pages are there before a byte moves.
    const Translation a = translate(linear, access, context);
    const Translation b = translate(linear + first, access, context);
    access_part(a, bytes, first, access);
    access_part(b, bytes + first, size - first, access);
}

void CpuMemory::check_read(u64 linear, unsigned size) {
    if (tlb_lookup(tlb_->read, linear, size)) return;
    check_alignment(linear, size, context());
    translate(linear, Access::read, context());
    if ((linear ^ (linear + size - 1)) & page_mask)
        translate((linear + size - 1) & page_mask, Access::read, context());
}
void CpuMemory::check_write(u64 linear, unsigned size) {
    if (tlb_lookup(tlb_->write, linear, size)) return;
    check_alignment(linear, size, context());
    translate(linear, Access::write, context());
    if ((linear ^ (linear + size - 1)) & page_mask)
        translate((linear + size - 1) & page_mask, Access::write, context());
}

const u8* CpuMemory::host_read(u64 linear, unsigned size) {
    if (const u8* p = tlb_lookup(tlb_->read, linear, size)) return p;
    if (context() == tlb_user_checked) return nullptr;  // an element's alignment is looked at first
    translate(linear, Access::read, context());
    return tlb_lookup(tlb_->read, linear, size);
}
u8* CpuMemory::host_write_bytes(u64 linear, unsigned size) {
    if (u8* p = tlb_lookup(tlb_->write, linear, size)) return p;
    if (context() == tlb_user_checked) return nullptr;
    translate(linear, Access::write, context());
    return tlb_lookup(tlb_->write, linear, size);
}

std::mutex& CpuMemory::bus_lock() {
    return pages_.bus_lock();
}

#ifdef __x86_64__
// In assembly: whether __sync_val_compare_and_swap is inlined for 16 bytes depends on the compiler.
static unsigned __int128 host_cmpxchg16(unsigned __int128* p, unsigned __int128 expected,
                                        unsigned __int128 desired) {
    u64 low = u64(expected), high = u64(expected >> 64);
    asm volatile("lock cmpxchg16b %0"
                 : "+m"(*p), "+a"(low), "+d"(high)
                 : "b"(u64(desired)), "c"(u64(desired >> 64))
                 : "cc", "memory");
    return static_cast<unsigned __int128>(high) << 64 | low;
}
#else
static unsigned __int128 host_cmpxchg16(unsigned __int128* p, unsigned __int128 expected,
                                        unsigned __int128 desired) {
    __atomic_compare_exchange_n(p, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return expected;
}
#endif

unsigned __int128 CpuMemory::modify_wide(u64 linear, unsigned __int128 expected,
                                         unsigned __int128 desired) {
    using Wide = unsigned __int128;
    if (u8* p = host_write_bytes(linear, 16))
        return host_cmpxchg16(reinterpret_cast<Wide*>(p), expected, desired);
    const std::lock_guard guard(bus_lock());
    const Wide old = load_rmw<Wide>(linear);
    store_at<Wide>(linear, old == expected ? desired : old);
    return old;
}

void CpuMemory::flush_tlb(bool all) {
    for (TlbSet& set : *tlbs_)
        set.flush(all);
    if (all)
        forget_links();
    else
        links_.forget_local();
}
void CpuMemory::flush_page(u64 linear) {
    for (TlbSet& set : *tlbs_)
        set.flush_page(linear);
    // Most pages that are flushed one by one hold data: no link leads there.
    if (links_.leads_to(linear)) forget_links();
}
void CpuMemory::memory_map_changed() {
    phys_cache_.fill({});
    flush_tlb();
}

bool CpuMemory::protect_page(const u8* host_page) {
    bool was_writable = false;
    for (TlbSet& set : *tlbs_)
        for (TlbEntry& e : set.write)
            if (e.page != TlbEntry::none &&
                reinterpret_cast<const u8*>(e.page + e.addend) == host_page) {
                e = {};
                was_writable = true;
            }
    return was_writable;
}

bool CpuMemory::watched(u64 page) const {
    if (!(s.dr[7] & 0xff)) return false;
    for (unsigned n = 0; n < 4; n++)
        if ((s.dr[7] >> 2 * n & 3) && (s.dr[n] & page_mask) == page) return true;
    return false;
}

void CpuMemory::check_watch(u64 linear, unsigned size, Access access) {
    if (access == Access::execute) return;
    for (unsigned n = 0; n < 4; n++) {
        if (!(s.dr[7] >> 2 * n & 3)) continue;
        const unsigned kind = unsigned(s.dr[7] >> (16 + 4 * n) & 3);
        if (kind != 3 && !(kind == 1 && access == Access::write)) continue;
        if (watch_hit(n, linear, size)) dr6_pending_ |= u64(1) << n;
    }
}

void CpuMemory::check_port_watch(u16 port, unsigned size) {
    if (!(s.dr[7] & 0xff) || !(s.cr4 & cr4_de)) return;
    for (unsigned n = 0; n < 4; n++)
        if ((s.dr[7] >> 2 * n & 3) && (s.dr[7] >> (16 + 4 * n) & 3) == 2 &&
            watch_hit(n, port, size))
            dr6_pending_ |= u64(1) << n;
}

bool CpuMemory::watch_hit(unsigned n, u64 address, unsigned size) const {
    constexpr unsigned lengths[4] = {1, 2, 8, 4};
    const unsigned length = lengths[s.dr[7] >> (18 + 4 * n) & 3];
    const u64 start = s.dr[n] & ~u64(length - 1);
    return address < start + length && start < address + size;
}

}  // namespace i386
