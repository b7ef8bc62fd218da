// SPDX-License-Identifier: GPL-2.0-or-later
//
// Bus master IDE engine. Specification: Programming Interface for Bus Master IDE Controller,
// revision 1.0, sections 1.2 (descriptors) and 2 (registers).
#include "hw/ide/bmdma.h"

#include <algorithm>
#include <cstring>

#include "migration/vmstate/fields.h"

namespace hw {

namespace {

constexpr std::uint8_t command_start = 0x01, command_write_memory = 0x08;
constexpr std::uint8_t status_active = 0x01, status_error = 0x02, status_interrupt = 0x04,
                       status_drives_capable = 0x60;
constexpr std::uint32_t end_of_table = 0x80000000;

/// The engine reads this many descriptors at most for one command: a table is not to be longer than
/// 64 KiB, and a guest's endless ring must not hang the emulator.
constexpr unsigned max_descriptors = 65536 / 8;

// Older streams mixed the retry reason into the status register; these are its bits there.
constexpr std::uint8_t retry_bits = 0x08 | 0x10 | 0x20 | 0x40;

using S = BmdmaState;
using vmstate::field;

constexpr auto current_fields =
    vmstate::fields(field<&S::cur_addr>("cur_addr"), field<&S::cur_prd_last>("cur_prd_last"),
                    field<&S::cur_prd_addr>("cur_prd_addr"), field<&S::cur_prd_len>("cur_prd_len"));
constexpr vmstate::Table current_table{
    .name = "ide bmdma_current",
    .fields = current_fields,
    .needed = vmstate::needed<S, [](const S& s) { return s.cur_prd_len != 0; }>};
constexpr auto status_fields = vmstate::fields(field<&S::status>("status"));
constexpr vmstate::Table status_table{
    .name = "ide bmdma/status",
    .fields = status_fields,
    .needed = vmstate::needed<S, [](const S& s) { return (s.status & retry_bits) != 0; }>,
    // Without it migration_compat_status has all of the register: loaded() looks there for 0.
    .absent = vmstate::absent<S, [](S& s) { s.status = 0; }>};
constexpr auto subsections = vmstate::subsections(current_table, status_table);
constexpr auto fields = vmstate::fields(
    field<&S::cmd>("cmd"), field<&S::migration_compat_status>("migration_compat_status"),
    field<&S::addr>("addr"), field<&S::migration_retry_sector_num>("migration_retry_sector_num"),
    field<&S::migration_retry_nsector>("migration_retry_nsector"),
    field<&S::migration_retry_unit>("migration_retry_unit"));
static_assert(vmstate::covers<S>(fields, current_fields, status_fields));

}  // namespace

constinit const vmstate::Table bmdma_table{.name = "ide bmdma",
                                           .version = 3,
                                           .minimum_version = 0,
                                           .fields = fields,
                                           .subsections = subsections};

// ---- registers --------------------------------------------------------------------------------

std::uint64_t Bmdma::read(exec::hwaddr offset, unsigned size) {
    if (offset >= 4) return state_.addr >> 8 * (offset & 3);
    if (size != 1) return ~std::uint64_t{0};
    return offset == 0 ? state_.cmd : offset == 2 ? state_.status : 0xff;
}

void Bmdma::write(exec::hwaddr offset, std::uint64_t value, unsigned size) {
    if (offset >= 4) {
        const unsigned shift = 8 * (offset & 3);
        const std::uint64_t mask = (size >= 4 ? 0xffffffff : (1ull << 8 * size) - 1) << shift;
        state_.addr =
            static_cast<std::uint32_t>((state_.addr & ~mask) | (value << shift & mask & ~3ull));
        return;
    }
    if (size != 1) return;
    const auto v = static_cast<std::uint8_t>(value);
    if (offset == 0)
        write_command(v);
    else if (offset == 2)
        state_.status = static_cast<std::uint8_t>(
            (v & status_drives_capable) | (state_.status & status_active) |
            (state_.status & ~v & (status_error | status_interrupt)));
}

void Bmdma::write_command(std::uint8_t v) {
    const bool was = state_.cmd & command_start, now = v & command_start;
    if (was && !now) {
        // The chip would lose the data; drivers stop an engine that is still busy only to give a
        // command up, and what was asked of the disk must not arrive later.
        channel_.drain();
        bus_.error_status = 0;
        state_.status &= static_cast<std::uint8_t>(~status_active);
        ready_ = nullptr;
    } else if (!was && now) {
        restart();
        if (!(state_.status & status_active)) {
            state_.status |= status_active;
            state_.cmd = v & (command_start | command_write_memory);
            if (auto go = std::exchange(ready_, nullptr)) go();
        }
    }
    state_.cmd = v & (command_start | command_write_memory);
}

// ---- the drive's side -------------------------------------------------------------------------

void Bmdma::wait_for_start(std::function<void()> go) {
    state_.cur_prd_last = state_.cur_prd_addr = state_.cur_prd_len = 0;
    if (state_.status & status_active)
        go();
    else
        ready_ = std::move(go);
}

Bmdma::Cursor Bmdma::cursor() const {
    return {state_.cur_addr, state_.cur_prd_last, state_.cur_prd_addr, state_.cur_prd_len};
}
void Bmdma::keep(const Cursor& c) {
    state_.cur_addr = c.next;
    state_.cur_prd_last = c.last;
    state_.cur_prd_addr = c.address;
    state_.cur_prd_len = c.length;
}

bool Bmdma::advance(Cursor& c) {
    if (c.length) return true;
    if (c.last || c.next - state_.addr >= max_descriptors * 8) return false;
    std::uint8_t bytes[8] = {};
    if (function_.dma_read(c.next, bytes) != exec::MemTx::Ok) return false;
    std::uint32_t word[2];
    std::memcpy(word, bytes, sizeof word);
    c.next += 8;
    c.last = word[1] & end_of_table;
    c.address = word[0];
    c.length = word[1] & 0xfffe;
    if (!c.length) c.length = 0x10000;
    return true;
}

std::size_t Bmdma::room(std::size_t limit) {
    std::size_t found = 0;
    for (Cursor c = cursor(); found < limit && advance(c); c.length = 0)
        found += c.length;
    return std::min(found, limit);
}

template <class F>
void Bmdma::move(std::size_t bytes, F&& piece) {
    Cursor c = cursor();
    for (std::size_t at = 0; at < bytes && advance(c);) {
        const auto n = static_cast<std::uint32_t>(std::min<std::size_t>(bytes - at, c.length));
        piece(c.address, at, n);
        c.address += n;
        c.length -= n;
        at += n;
    }
    keep(c);
}

void Bmdma::to_memory(std::span<const std::uint8_t> from) {
    move(from.size(), [&](std::uint32_t address, std::size_t at, std::uint32_t n) {
        function_.dma_write(address, from.subspan(at, n));
    });
}
void Bmdma::from_memory(std::span<std::uint8_t> to) {
    move(to.size(), [&](std::uint32_t address, std::size_t at, std::uint32_t n) {
        function_.dma_read(address, to.subspan(at, n));
    });
}

void Bmdma::finish(bool more) {
    ready_ = nullptr;
    if (!more) state_.status &= static_cast<std::uint8_t>(~status_active);
    state_.cur_prd_len = 0;
}

void Bmdma::restart() {
    state_.cur_addr = state_.addr;
    state_.cur_prd_len = state_.cur_prd_last = 0;
}

void Bmdma::interrupt() {
    state_.status |= status_interrupt;
}

void Bmdma::reset() {
    ready_ = nullptr;
    state_ = {};
}

// ---- saving -----------------------------------------------------------------------------------

void Bmdma::prepare_save() {
    state_.migration_compat_status =
        static_cast<std::uint8_t>((state_.status & ~retry_bits) | (bus_.error_status & retry_bits));
    state_.migration_retry_sector_num = bus_.retry_sector_num;
    state_.migration_retry_nsector = bus_.retry_nsector;
    state_.migration_retry_unit = bus_.retry_unit;
}

void Bmdma::loaded() {
    ready_ = nullptr;
    if (state_.status == 0)
        state_.status = static_cast<std::uint8_t>(state_.migration_compat_status & ~retry_bits);
    if (bus_.error_status == 0) bus_.error_status = state_.migration_compat_status & retry_bits;
    bus_.retry_sector_num = state_.migration_retry_sector_num;
    bus_.retry_nsector = state_.migration_retry_nsector;
    bus_.retry_unit = state_.migration_retry_unit;
}

}  // namespace hw
