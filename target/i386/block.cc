// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/i386/block.h"

#include <algorithm>

namespace i386 {

namespace {
const u8* page_of(const u8* p) {
    return reinterpret_cast<const u8*>(reinterpret_cast<std::uintptr_t>(p) & page_mask);
}
}  // namespace

Block* BlockCache::find(const u8* code, u32 mode) const {
    const auto it = blocks_.find({code, mode});
    return it == blocks_.end() ? nullptr : it->second;
}

Block* BlockCache::insert(const u8* code, const u8* next_page, u32 mode, const Insn* insns,
                          unsigned count, bool& flushed) {
    flushed = false;
    if (chunk_used_ + count > chunk_insns) {
        if ((chunks_.size() + 1) * chunk_insns > max_insns) {
            clear();
            flushed = true;
        }
        chunks_.push_back(std::make_unique<Insn[]>(chunk_insns));
        chunk_used_ = 0;
    }
    Insn* at = chunks_.back().get() + chunk_used_;
    chunk_used_ += count;
    std::copy_n(insns, count, at);
    storage_.push_back(
        std::make_unique<Block>(Block{code, next_page, mode, u16(count), true, at, {}}));
    Block* b = storage_.back().get();
    blocks_[{code, mode}] = b;
    pages_[page_of(code)].push_back(b);
    if (next_page) pages_[next_page].push_back(b);
    return b;
}

void BlockCache::invalidate(const u8* host_page) {
    const auto it = pages_.find(host_page);
    if (it == pages_.end()) return;
    const std::vector<Block*> gone = std::move(it->second);
    pages_.erase(it);
    for (Block* b : gone) {
        if (!b->valid) continue;
        b->valid = false;
        blocks_.erase({b->code, b->mode});
        if (!b->next_page) continue;
        const u8* other = b->next_page == host_page ? page_of(b->code) : b->next_page;
        if (const auto o = pages_.find(other); o != pages_.end()) std::erase(o->second, b);
    }
}

void BlockCache::clear() {
    epoch_++;
    blocks_.clear();
    pages_.clear();
    chunks_.clear();
    storage_.clear();
    chunk_used_ = chunk_insns;
    jumps_.fill({});
}

}  // namespace i386
