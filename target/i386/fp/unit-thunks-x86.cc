// SPDX-License-Identifier: GPL-2.0-or-later
//
// Unit on x86-64 hosts: makes thunks and keeps them.
#include "target/i386/fp/code-arena.h"
#include "target/i386/fp/unit.h"

#include <algorithm>

namespace i386::fp {

// A guest that tries every immediate and MMX register of every form needs about 5 MiB; most need a
// page.
constexpr std::size_t arena_size = 64 * 1024, most_arenas = 256;

const void* Unit::emit(const std::vector<u8>& code) {
    if (code.empty()) return nullptr;
    if (!arenas_.empty())
        if (const void* p = arenas_.back()->add(code)) return p;
    if (arenas_.size() == most_arenas) return nullptr;
    auto arena = CodeArena::create(arena_size);
    if (!arena) return nullptr;
    arenas_.push_back(*std::move(arena));
    return arenas_.back()->add(code);
}

bool Unit::owns(const void* address) const {
    return std::any_of(arenas_.begin(), arenas_.end(),
                       [&](const auto& arena) { return arena->contains(address); });
}

SimdThunk Unit::make_simd(const Insn& i, u64 k) {
    const auto code = simd_thunk_code(i, DecodeTable::get().parsed(i.row), form_of(i.row));
    const auto thunk = reinterpret_cast<SimdThunk>(reinterpret_cast<std::uintptr_t>(emit(code)));
    slots_[(k * 0x9E3779B97F4A7C15u) >> (64 - slot_bits)] = {k, thunk};
    return thunk;
}

X87Thunk Unit::make_x87(u8 opcode, u8 modrm) {
    const auto thunk = reinterpret_cast<X87Thunk>(
        reinterpret_cast<std::uintptr_t>(emit(x87_thunk_code(opcode, modrm))));
    x87_[unsigned(opcode & 7) << 8 | modrm] = thunk;
    return thunk;
}

}  // namespace i386::fp
