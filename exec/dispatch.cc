// SPDX-License-Identifier: GPL-2.0-or-later
//
// One bus access to registers: checked against what the region takes, split or merged to what its
// handlers take, and brought into the byte order of the bus, which is little endian here.
#include <bit>

#include "exec/memory.h"
#include "exec/ram-block.h"
#include "util/log.h"

namespace exec {

namespace {

std::uint64_t low_bytes(std::uint64_t value, unsigned size) {
    return size >= 8 ? value : value & ((std::uint64_t{1} << (8 * size)) - 1);
}

std::uint64_t swap_bytes(std::uint64_t value, unsigned size) {
    return __builtin_bswap64(value) >> (8 * (8 - size));
}

bool accepts(const MemoryOps& ops, hwaddr offset, unsigned size) {
    return size >= ops.valid.min && size <= ops.valid.max &&
           (ops.valid.unaligned || !(offset & (size - 1)));
}

unsigned handler_size(const MemoryOps& ops, unsigned size) {
    if (size > ops.impl.max) size = ops.impl.max;
    if (size < ops.impl.min) size = ops.impl.min;
    return size;
}

/// Where the piece at `at` of an access of `size` bytes stands in the value, in bits; negative when
/// the handler gives more than was asked for.
int piece_shift(Endian endian, unsigned size, unsigned piece, unsigned at) {
    if (endian == Endian::Little) return static_cast<int>(8 * at);
    return 8 * (static_cast<int>(size) - static_cast<int>(piece) - static_cast<int>(at));
}

void complain(const MemoryRegion& region, const char* what, hwaddr offset, unsigned size) {
    if (Log* log = region.map().log())
        log->guest_error("{}: {} of {} bytes at offset {:#x} is not possible\n", region.name(),
                         what, size, offset);
}

void trace(const MemoryRegion& region, TracePoint point, hwaddr offset, std::uint64_t value,
           unsigned size) {
    if (Log* log = region.map().log(); log && log->trace_points.on(point))
        log->trace(point, "addr {:#x} value {:#x} size {} name '{}'", offset, value, size,
                   region.name());
}

}  // namespace

bool MemoryRegion::dispatch_read(hwaddr offset, std::uint64_t& value, unsigned size) {
    value = 0;
    if (!ops_ || !ops_->read || !accepts(*ops_, offset, size)) {
        complain(*this, "a read", offset, size);
        return false;
    }
    const unsigned piece = handler_size(*ops_, size);
    for (unsigned at = 0; at < size; at += piece) {
        const std::uint64_t part = low_bytes(ops_->read(device_, offset + at, piece), piece);
        const int shift = piece_shift(ops_->endian, size, piece, at);
        value |= shift >= 0 ? part << shift : part >> -shift;
    }
    value = low_bytes(value, size);
    if (ops_->endian == Endian::Big) value = swap_bytes(value, size);
    trace(*this, TracePoint::memory_region_ops_read, offset, value, size);
    return true;
}

bool MemoryRegion::dispatch_write(hwaddr offset, std::uint64_t value, unsigned size) {
    if (!ops_ || !ops_->write || !accepts(*ops_, offset, size)) {
        complain(*this, "a write", offset, size);
        return false;
    }
    value = low_bytes(value, size);
    trace(*this, TracePoint::memory_region_ops_write, offset, value, size);
    if (ops_->endian == Endian::Big) value = swap_bytes(value, size);
    const unsigned piece = handler_size(*ops_, size);
    for (unsigned at = 0; at < size; at += piece) {
        const int shift = piece_shift(ops_->endian, size, piece, at);
        const std::uint64_t part = shift >= 0 ? value >> shift : value << -shift;
        ops_->write(device_, offset + at, low_bytes(part, piece), piece);
    }
    return true;
}

}  // namespace exec
