// SPDX-License-Identifier: GPL-2.0-or-later
//
// Blocks: runs of decoded instructions, keyed by the host memory they were decoded from (one page
// has one host address, however many physical aliases) and the mode bits. A cache a vCPU.
#pragma once

#include "target/i386/decode/insn.h"
#include "target/i386/tlb.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace i386 {

struct Block {
    const u8* code;       ///< host address of the first byte
    const u8* next_page;  ///< the second page of an instruction across two, or null
    u32 mode;
    u16 count;
    bool valid;
    Insn* first;
    /// Where the block's end went last time: good while rip and Cpu's generation are the same.
    struct Link {
        Block* to = nullptr;
        u64 ip = 0;
        u64 generation = 0;
    };
    std::array<Link, 2> link;
    Block* next_in_bucket = nullptr;          ///< BlockCache's
    std::array<Block*, 2> next_on_page = {};  ///< in the lists of `code`'s page, `next_page`
};

class BlockCache {
public:
    /// Instructions kept before everything is dropped: 8 MiB.
    static constexpr unsigned max_insns = 1 << 18;
    static constexpr unsigned block_insns = 48;

    Block* find(const u8* code, u32 mode);
    /// Stores `insns` (copied) as a block. The cache may be emptied first: true in `flushed`.
    Block* insert(const u8* code, const u8* next_page, u32 mode, const Insn* insns, unsigned count,
                  bool& flushed);
    /// Takes out all blocks with bytes on the page. Their memory stays until the cache is emptied,
    /// as one of them may be running.
    void invalidate(const u8* host_page);
    void clear();
    /// Changes when clear() makes all blocks go.
    unsigned epoch() const { return epoch_; }

    struct JumpEntry {
        u64 linear = 0;
        u64 generation = 0;
        Block* block = nullptr;
    };
    JumpEntry& jump_entry(u64 linear) {
        return jumps_[(linear ^ linear >> 12) & (jumps_.size() - 1)];
    }

private:
    // The table and the lists of a page run through the blocks, and all lies in chunks: nothing is
    // allocated for a block, and thousands are given up by a few calls.
    static constexpr unsigned chunk_insns = 1 << 13, chunk_blocks = 1 << 9;
    static constexpr unsigned fewest_buckets = 1 << 10;

    Block*& bucket(const u8* code, u32 mode);
    Block* allocate_block();
    void grow();

    std::vector<Block*> buckets_ = std::vector<Block*>(fewest_buckets);
    unsigned in_table_ = 0;
    std::unordered_map<const u8*, Block*> pages_;  // invalid ones are passed over
    std::vector<std::unique_ptr<Insn[]>> chunks_;
    std::vector<std::unique_ptr<Block[]>> block_chunks_;
    unsigned blocks_used_ = chunk_blocks;
    unsigned chunk_used_ = chunk_insns;
    unsigned epoch_ = 0;
    std::array<JumpEntry, 4096> jumps_{};
};

}  // namespace i386
