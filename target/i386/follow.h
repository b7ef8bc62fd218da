// SPDX-License-Identifier: GPL-2.0-or-later
//
// The way from a block to its successor, inlined into the handlers that end blocks.
#pragma once

#include "target/i386/block.h"
#include "target/i386/cpu.h"

namespace i386 {

inline const Insn* Cpu::follow(unsigned slot) {
    const Block::Link& link = block_->link[slot];
    if (!links_.current(link.generation) || link.ip != s.regs[rip] || attention()) [[unlikely]]
        return follow_slow(slot);
    block_ = link.to;
    return block_->first;
}

inline const Insn* Cpu::jump_indirect() {
    const u64 linear = code64() ? s.regs[rip] : u32(s.seg[cs].base + s.regs[rip]);
    const BlockCache::JumpEntry& e = blocks_->jump_entry(linear);
    if (e.linear != linear || !links_.current(e.generation) || attention()) [[unlikely]]
        return nullptr;
    // An entry of this generation may be of another mode.
    if (e.block->mode != s.mode || (s.mode & mode_step)) return nullptr;
    block_ = e.block;
    return block_->first;
}

}  // namespace i386
