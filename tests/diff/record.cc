// SPDX-License-Identifier: GPL-2.0-or-later
//
// Digests of outcomes (FNV-1a).
#include "tests/diff/record.h"

#include "tests/diff/tolerance.h"

#include <fmt/format.h>
#include <algorithm>
#include <string_view>

namespace diff {
namespace {

/// Saved states, and what processors differ in (compare.cc).
constexpr std::string_view not_recorded[] = {"FNSTENV",  "FNSAVE",  "FLDENV",  "FRSTOR",
                                             "FXSAVE",   "FXRSTOR", "XSAVE",   "XRSTOR",
                                             "XSAVEOPT", "LDMXCSR", "VLDMXCSR"};

bool named(std::string_view text, std::span<const i386::Row> table, const i386::Row& row) {
    return std::ranges::any_of(table, [&](const i386::Row& r) {
        return text == r.encoding && r.operands == row.operands && r.mnemonic == row.mnemonic;
    });
}

}  // namespace

bool is_recorded(const i386::Row& row) {
    const std::string_view m = row.mnemonic;
    if (row.attributes & i386::no_test || is_tolerated(row)) return false;
    if (m.find("MASKMOV") != m.npos || m.starts_with("SHA") || m.starts_with("3DNOW")) return false;
    if (std::ranges::find(not_recorded, m) != std::end(not_recorded)) return false;
    return named(row.encoding, i386::x87_rows(), row) ||
           named(row.encoding, i386::sse_rows(), row) || named(row.encoding, i386::avx_rows(), row);
}

std::string record_name(const i386::Row& row) {
    return fmt::format("{} | {} {}", row.encoding, row.mnemonic, row.operands);
}

std::uint64_t record_seed(const i386::Row& row) {
    std::uint64_t h = 0xCBF29CE484222325;
    for (const char c : record_name(row))
        h = (h ^ std::uint8_t(c)) * 0x100000001B3;
    return h;
}

void Digest::bytes(const void* p, std::size_t n) {
    for (std::size_t k = 0; k < n; k++)
        value_ = (value_ ^ static_cast<const std::uint8_t*>(p)[k]) * 0x100000001B3;
}

void Digest::add(const i386::Row& row, const Outcome& o) {
    // Of faults of memory only that there is one: operands that wrap round the end of a 4 GiB
    // segment have any of them (compare.cc).
    constexpr int stack = 12, page = 14, simd_exception = 19;
    put(o.vector >= stack && o.vector <= page ? stack : o.vector);
    if (o.vector != no_fault && o.vector != simd_exception) return;
    const CpuImage& a = o.after;
    put(a.gpr);
    put(a.rip);
    put(a.rflags & 0x8D5 & ~std::uint64_t(row.undefined));
    put(a.mxcsr);
    put(a.fcw);
    put(a.fsw);
    put(a.ftw);
    put(a.st);
    put(a.ymm);
    put(o.data);
}

}  // namespace diff
