// SPDX-License-Identifier: GPL-2.0-or-later
//
// From bytes at the instruction pointer to a block of decoded instructions.
#include "target/i386/block.h"
#include "target/i386/code-pages.h"
#include "target/i386/cpu.h"
#include "target/i386/decode/decode.h"
#include "target/i386/follow.h"
#include "target/i386/fp/unit.h"

#include <algorithm>

namespace i386 {

namespace {

const u8* page_of(const u8* p) {
    return reinterpret_cast<const u8*>(reinterpret_cast<std::uintptr_t>(p) & page_mask);
}

// Pseudo-instructions that the builder puts at a block's end.
const Insn* end_of_block(Cpu& c, const Insn* i) {
    c.s.regs[rip] = c.mask_ip(c.s.regs[rip] + i->offset);
    return c.follow(0);
}
const Insn* stop_here(Cpu& c, const Insn* i) {
    c.s.regs[rip] = c.mask_ip(c.s.regs[rip] + i->offset);
    return nullptr;
}
const Insn* raise_ud(Cpu& c, const Insn*) {
    c.raise(exc_ud);
}
const Insn* raise_nm(Cpu& c, const Insn*) {
    c.raise(exc_nm);
}
const Insn* raise_gp(Cpu& c, const Insn*) {
    c.raise(exc_gp, 0);
}

Insn pseudo(Handler run, unsigned offset) {
    Insn i{};
    i.run = run;
    i.offset = u16(offset);
    return i;
}

}  // namespace

void Cpu::abandon_block() {
    for (unsigned n = 0; n < block_->count; n++)
        block_->first[n].run = stop_here;
}

/// Host address of code at a linear address, or null when it is not in memory (a device).
const u8* Cpu::code_page(u64 linear, u64& physical) {
    const u8* p = tlb_lookup(tlb_->exec, linear, 1);
    if (p) return p;
    const Translation t = translate(linear, Access::execute, context());
    physical = t.physical;
    return t.page.host ? t.page.host + (t.physical & ~page_mask) : nullptr;
}

Block* Cpu::find_block_slow(u64 linear) {
    // Code past the segment's limit is a fault at its first byte; inside a block it is looked at
    // for each block only.
    if (!code64() && s.regs[rip] > s.seg[cs].limit) raise(exc_gp, 0);
    u64 physical = 0;
    const u8* const code = code_page(linear, physical);
    if (!code) return device_block(linear);
    if (Block* b = blocks_->find(code, s.mode)) {
        // An instruction across two pages: still the same second page?
        u64 unused;
        if (!b->next_page) return b;
        const u64 next = (linear & page_mask) + page_size;
        if (code_page(code64() ? next : u32(next), unused) == b->next_page) return b;
        blocks_->invalidate(page_of(code));
        forget_links();
    }
    return build_block(code, linear);
}

Block* Cpu::build_block(const u8* code, u64 linear) {
    fp->leave();
    constexpr unsigned longest = 15;
    const unsigned in_page = unsigned(page_size - (linear & (page_size - 1)));
    for (;;) {
        u8 bytes[BlockCache::block_insns * longest];
        const unsigned available = std::min<unsigned>(in_page, sizeof bytes);
        std::memcpy(bytes, code, available);
        Insn insns[BlockCache::block_insns + 1];
        unsigned count = 0, offset = 0;
        const unsigned most = s.mode & mode_step ? 1 : BlockCache::block_insns;
        const u8* next_page = nullptr;
        bool ended = false;
        while (count < most && !ended) {
            Insn& i = insns[count];
            auto status = decode({bytes + offset, std::min(available - offset, longest)}, s.mode,
                                 features_, offset, i);
            if (status == DecodeStatus::truncated || status == DecodeStatus::too_long) {
                if (available - offset >= longest)
                    status = DecodeStatus::too_long;
                else if (count)
                    break;  // starts a block of its own
                else
                    status = decode_across(bytes, available, linear, i, next_page);
            }
            switch (status) {
                case DecodeStatus::ok: break;
                case DecodeStatus::undefined: i = pseudo(raise_ud, offset); break;
                case DecodeStatus::no_device: i = pseudo(raise_nm, offset); break;
                default: i = pseudo(raise_gp, offset);
            }
            count++;
            if (status != DecodeStatus::ok) {
                ended = true;
                break;
            }
            offset = i.end();
            ended = rows()[i.row].attributes & ends_block;
            if (next_page) break;
        }
        if (!ended) insns[count++] = pseudo(s.mode & mode_step ? stop_here : end_of_block, offset);
        const unsigned used = std::max(1u, std::min(offset, in_page));
        pages_.mark(*this, code, used);
        if (next_page) pages_.mark(*this, next_page, offset - in_page);
        // Marked, stores are seen; a store between the copy and the mark is caught here.
        if (std::memcmp(bytes, code, used) != 0) continue;
        bool flushed;
        Block* b = blocks_->insert(code, next_page, s.mode, insns, count, flushed);
        if (flushed) forget_links();
        if (logs(LogItem::in_asm)) log_code(*b);
        return b;
    }
}

DecodeStatus Cpu::decode_across(const u8* bytes, unsigned available, u64 linear, Insn& out,
                                const u8*& next_page) {
    u8 both[15];
    const unsigned first = std::min(available, 15u);
    std::memcpy(both, bytes, first);
    u64 physical = 0;
    const u64 next = (linear & page_mask) + page_size;
    const u8* const second = code_page(code64() ? next : u32(next), physical);
    if (second)
        std::memcpy(both + first, second, 15 - first);
    else
        device_read(physical, both + first, 15 - first);
    next_page = second;
    return decode({both, 15}, s.mode, features_, 0, out);
}

/// Code in device memory: one instruction at a time, never kept.
Block* Cpu::device_block(u64 linear) {
    u8 bytes[15];
    for (unsigned n = 0; n < 15; n++) {
        u64 physical = 0;
        if (const u8* p = code_page(linear + n, physical))
            bytes[n] = *p;
        else
            device_read(physical, &bytes[n], 1);
    }
    Insn* const insns = device_insns_.data();
    const auto status = decode(bytes, s.mode, features_, 0, insns[0]);
    if (status == DecodeStatus::undefined)
        insns[0] = pseudo(raise_ud, 0);
    else if (status == DecodeStatus::no_device)
        insns[0] = pseudo(raise_nm, 0);
    else if (status != DecodeStatus::ok)
        insns[0] = pseudo(raise_gp, 0);
    insns[1] = pseudo(stop_here, insns[0].end());
    *device_block_ = {nullptr, nullptr, s.mode, 2, false, insns, {}};
    return device_block_.get();
}

}  // namespace i386
