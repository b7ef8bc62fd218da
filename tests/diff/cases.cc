// SPDX-License-Identifier: GPL-2.0-or-later
//
// Makes cases until one is wanted.
#include "tests/diff/cases.h"

#include "target/i386/cpuid.h"
#include "target/i386/fp/unit.h"
#include "tests/diff/exclusions.h"
#include "tests/diff/tolerance.h"

#include <algorithm>

namespace diff {

using namespace i386;

namespace {

constexpr unsigned no_row = 0xFFFF;

}  // namespace

CaseSource::CaseSource(const Layout& layout, bool compat, std::uint64_t seed)
    : layout_(layout),
      random_(seed),
      features_(parse_cpu_model("max").value_or(CpuModel{}).features) {
    options_.compat = compat;
}

unsigned CaseSource::decoded_row(const Case& c, Insn& insn) const {
    const u32 mode = mode_pe | mode_lma | mode_user | mode_osfxsr | mode_avx | mode_mp |
                     (c.compat ? u32(mode_code32 | mode_stack32 | mode_flat) : u32(mode_code64));
    const auto status =
        decode({c.code.data(), std::min<std::size_t>(c.code_length, 15)}, mode, features_, 0, insn);
    return status == DecodeStatus::ok && insn.length == c.code_length ? insn.row : no_row;
}

CaseSource::Made CaseSource::next(std::uint16_t row) {
    const ParsedRow& parsed = DecodeTable::get().parsed(row);
    for (;;) {
        // Another row, or none, may take the bytes; a few such cases are worth keeping.
        Insn insn;
        Case c = generate(rows()[row], parsed, layout_, random_, options_);
        for (unsigned again = 0; again < 20 && decoded_row(c, insn) != row; again++)
            c = generate(rows()[row], parsed, layout_, random_, options_);
        const unsigned got = decoded_row(c, insn);
        if (got != no_row && (excluded(rows()[got], insn, c) ||
                              (!fp::on_host_units() && without_result(rows()[got], c))))
            continue;
        return {c, got == row};
    }
}

}  // namespace diff
