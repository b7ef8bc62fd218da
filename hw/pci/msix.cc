// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/pci/msix.h"

#include <algorithm>
#include <cassert>

#include "hw/pci/pci-device.h"

namespace hw {

namespace {

constexpr u16 enable = 1 << 15, function_mask = 1 << 14;  // message control
// Of a table entry.
constexpr unsigned upper_address = 4, data = 8, vector_control = 12;
constexpr u8 mask_bit = 1 << 0;

u64 little(const std::vector<u8>& bytes, u64 offset, unsigned size) {
    u64 value = 0;
    for (unsigned i = 0; i < size && offset + i < bytes.size(); i++)
        value |= u64{bytes[offset + i]} << 8 * i;
    return value;
}

// "Software must use full DWORD or QWORD accesses" (6.8.2).
constexpr exec::MemoryOps words{.valid = {4, 8, false}, .impl = {4, 8, false}};
constexpr auto table_ops = exec::memory_ops<&Msix::table_read, &Msix::table_write>(words);
constexpr auto pba_ops = exec::memory_ops<&Msix::pba_read, &Msix::pba_write>(words);

}  // namespace

void Msix::create(exec::MemoryMap& map, unsigned at, unsigned vectors, Place table, Place pba) {
    assert(vectors >= 1 && vectors <= 2048 && table.offset % 8 == 0 && pba.offset % 8 == 0);
    at_ = at;
    state_.table.assign(std::size_t{vectors} * entry_size, 0);
    state_.pba.assign((vectors + 7) / 8, 0);
    table_ = exec::MemoryRegion::io(map, "msix-table", state_.table.size(), table_ops, this);
    table.region.add_subregion(table.offset, *table_);
    // In whole quadwords: a guest reads no less.
    pba_ = exec::MemoryRegion::io(map, "msix-pba", (vectors + 63) / 64 * 8, pba_ops, this);
    pba.region.add_subregion(pba.offset, *pba_);
    reset();
}

bool Msix::enabled() const {
    return at_ && function_.msix_control() & enable;
}

bool Msix::masked(unsigned vector) const {
    return function_.msix_control() & function_mask ||
           state_.table[vector * entry_size + vector_control] & mask_bit;
}

bool Msix::pending(unsigned vector) const {
    return state_.pba[vector / 8] >> vector % 8 & 1;
}

void Msix::set_pending(unsigned vector, bool on) {
    u8& byte = state_.pba[vector / 8];
    const auto bit = static_cast<u8>(1 << vector % 8);
    byte = on ? byte | bit : byte & static_cast<u8>(~bit);
}

void Msix::notify(unsigned vector) {
    if (!enabled() || vector >= vectors()) return;
    if (masked(vector)) return set_pending(vector, true);
    const unsigned entry = vector * entry_size;
    const u64 address = little(state_.table, entry, 4) & ~u64{3};
    u8 message[4];
    std::copy_n(state_.table.begin() + entry + data, 4, message);
    function_.dma_write(address | little(state_.table, entry + upper_address, 4) << 32, message);
}

void Msix::send_pending() {
    for (unsigned v = 0; v < vectors(); v++)
        if (pending(v) && !masked(v)) {
            set_pending(v, false);
            notify(v);
        }
}

void Msix::config_written() {
    if (!enabled()) return;
    if (function_.has_intx()) function_.set_intx(0);
    send_pending();
}

void Msix::reset() {
    std::fill(state_.table.begin(), state_.table.end(), 0);
    std::fill(state_.pba.begin(), state_.pba.end(), 0);
    for (unsigned v = 0; v < vectors(); v++)
        state_.table[v * entry_size + vector_control] = mask_bit;
}

u64 Msix::table_read(u64 offset, unsigned size) {
    return little(state_.table, offset, size);
}

void Msix::table_write(u64 offset, u64 value, unsigned size) {
    for (unsigned i = 0; i < size && offset + i < state_.table.size(); i++)
        state_.table[offset + i] = static_cast<u8>(value >> 8 * i);
    if (enabled()) send_pending();
}

u64 Msix::pba_read(u64 offset, unsigned size) {
    return little(state_.pba, offset, size);
}

namespace detail {

void save_msix(const MsixState& s, vmstate::Writer& w) {
    w.bytes(s.table);
    w.bytes(s.pba);
}

Result<void> load_msix(MsixState& s, vmstate::Reader& r) {
    for (std::vector<u8>* part : {&s.table, &s.pba}) {
        const auto bytes = TRY(r.bytes(part->size()));
        std::copy(bytes.begin(), bytes.end(), part->begin());
    }
    return {};
}

}  // namespace detail

}  // namespace hw
