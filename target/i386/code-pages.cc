// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/i386/code-pages.h"

#include "target/i386/cpu.h"

#include <algorithm>

namespace i386 {

namespace {

const u8* page_of(const u8* p) {
    return reinterpret_cast<const u8*>(reinterpret_cast<std::uintptr_t>(p) & page_mask);
}

/// Bits of the 64-byte granules that [from, from + size) touches inside its page.
u64 granules(const u8* from, std::size_t size) {
    const unsigned first = unsigned(from - page_of(from)) / 64;
    const unsigned last =
        unsigned(std::min<std::size_t>(63, (std::size_t(from - page_of(from)) + size - 1) / 64));
    return (~u64(0) << first) & (~u64(0) >> (63 - last));
}

}  // namespace

void CodePages::add(Cpu& cpu) {
    const std::lock_guard guard(mutex_);
    members_.push_back({&cpu, {}});
}

void CodePages::remove(Cpu& cpu) {
    const std::lock_guard guard(mutex_);
    std::erase_if(members_, [&](const Member& m) { return m.cpu == &cpu; });
}

void CodePages::post(Cpu* except, Item item) {
    for (Member& m : members_) {
        if (m.cpu == except) continue;
        m.queue.push_back(item);
        m.cpu->request(request_code);
    }
}

void CodePages::mark(Cpu& cpu, const u8* from, unsigned size) {
    const std::lock_guard guard(mutex_);
    any_ = true;
    auto [it, fresh] = pages_.try_emplace(page_of(from), 0);
    it->second |= granules(from, size);
    if (!fresh) return;
    cpu.protect_page(it->first);
    post(&cpu, {Work::protect, it->first});
}

bool CodePages::has_code(const u8* page) {
    const std::lock_guard guard(mutex_);
    return pages_.contains(page);
}

void CodePages::written(Cpu* by, const u8* from, std::size_t size) {
    if (!any_.load(std::memory_order_relaxed) || size == 0) return;
    std::vector<const u8*> own;
    {
        const std::lock_guard guard(mutex_);
        const u8* const end = from + size;
        for (const u8* p = from; p < end; p = page_of(p) + page_size) {
            const u8* const page = page_of(p);
            const auto it = pages_.find(page);
            if (it == pages_.end() || !(it->second & granules(p, std::size_t(end - p)))) continue;
            pages_.erase(it);
            post(by, {Work::invalidate, page});
            own.push_back(page);
        }
    }
    if (by)
        for (const u8* page : own)
            by->invalidate_code(page);
}

void CodePages::drain(Cpu& cpu) {
    std::vector<Item> work;
    {
        const std::lock_guard guard(mutex_);
        cpu.clear_request(request_code);
        for (Member& m : members_)
            if (m.cpu == &cpu) work.swap(m.queue);
    }
    for (const Item& item : work) {
        if (item.work == Work::invalidate)
            cpu.invalidate_code(item.page);
        else if (cpu.protect_page(item.page))
            written(&cpu, item.page, page_size);
    }
}

}  // namespace i386
