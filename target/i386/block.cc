// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/i386/block.h"

#include <algorithm>
#include <utility>

namespace i386 {

namespace {
const u8* page_of(const u8* p) {
    return reinterpret_cast<const u8*>(reinterpret_cast<std::uintptr_t>(p) & page_mask);
}
}  // namespace

Block*& BlockCache::bucket(const u8* code, u32 mode) {
    const std::size_t hash =
        (std::size_t(code) ^ std::size_t(mode) << 48) * 0x9e3779b97f4a7c15u >> 32;
    return buckets_[hash & (buckets_.size() - 1)];
}

Block* BlockCache::find(const u8* code, u32 mode) {
    Block* b = bucket(code, mode);
    while (b && (b->code != code || b->mode != mode))
        b = b->next_in_bucket;
    return b;
}

/// Twice the buckets, so that a bucket holds one block or so.
void BlockCache::grow() {
    std::vector<Block*> old(2 * buckets_.size());
    old.swap(buckets_);
    for (Block* b : old) {
        while (b) {
            Block*& head = bucket(b->code, b->mode);
            b = std::exchange(b->next_in_bucket, std::exchange(head, b));
        }
    }
}

Block* BlockCache::allocate_block() {
    if (blocks_used_ == chunk_blocks) {
        block_chunks_.push_back(std::make_unique<Block[]>(chunk_blocks));
        blocks_used_ = 0;
    }
    return &block_chunks_.back()[blocks_used_++];
}

Block* BlockCache::insert(const u8* code, const u8* next_page, u32 mode, const Insn* insns,
                          unsigned count, bool& flushed) {
    flushed = false;
    if (chunk_used_ + count > chunk_insns) {
        if ((chunks_.size() + 1) * chunk_insns > max_insns) {
            clear();
            flushed = true;
        }
        chunks_.push_back(std::make_unique_for_overwrite<Insn[]>(chunk_insns));
        chunk_used_ = 0;
    }
    Insn* at = chunks_.back().get() + chunk_used_;
    chunk_used_ += count;
    std::copy_n(insns, count, at);
    if (in_table_ == buckets_.size()) grow();
    Block* const b = allocate_block();
    Block*& head = bucket(code, mode);
    *b = {code, next_page, mode, u16(count), true, at, {}, head};
    head = b;
    in_table_++;
    b->next_on_page[0] = std::exchange(pages_[page_of(code)], b);
    if (next_page) b->next_on_page[1] = std::exchange(pages_[next_page], b);
    return b;
}

void BlockCache::invalidate(const u8* host_page) {
    const auto it = pages_.find(host_page);
    if (it == pages_.end()) return;
    for (Block* b = it->second; b; b = b->next_on_page[page_of(b->code) != host_page]) {
        if (!b->valid) continue;
        b->valid = false;
        Block** at = &bucket(b->code, b->mode);
        while (*at != b)
            at = &(*at)->next_in_bucket;
        *at = b->next_in_bucket;
        in_table_--;
    }
    pages_.erase(it);
}

void BlockCache::clear() {
    epoch_++;
    buckets_.assign(fewest_buckets, nullptr);
    in_table_ = 0;
    pages_.clear();
    chunks_.clear();
    block_chunks_.clear();
    blocks_used_ = chunk_blocks;
    chunk_used_ = chunk_insns;
    jumps_.fill({});
}

}  // namespace i386
