// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a processor made of a few cases of each row, as digests in a file: hosts that cannot run the
// instructions themselves are held against it. Written by `diff-test --record FILE`, when the
// emulator agrees with the host; read by recorded-test.
#pragma once

#include "target/i386/decode/decode.h"
#include "tests/diff/state.h"

#include <string>

namespace diff {

/// Where the cases of the record lie, whatever the host.
constexpr Layout recorded_layout{0x6000, 0x6000 + data_offset_from_code};
constexpr unsigned recorded_cases = 64;

/// Of x87 and vectors, all rows whose results do not depend on the processor.
bool is_recorded(const i386::Row& row);
/// The row as the record names it.
std::string record_name(const i386::Row& row);
std::uint64_t record_seed(const i386::Row& row);

/// Of all cases of a row, one after the other.
class Digest {
public:
    void add(const i386::Row& row, const Outcome& outcome);
    std::uint64_t value() const { return value_; }

private:
    void bytes(const void* p, std::size_t n);
    template <class T>
    void put(const T& v) {
        bytes(&v, sizeof v);
    }
    std::uint64_t value_ = 0xCBF29CE484222325;
};

}  // namespace diff
