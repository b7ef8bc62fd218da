// SPDX-License-Identifier: GPL-2.0-or-later
//
// Loading through a table into a staged copy, from bytes that nobody has checked before.
#pragma once

#include <cstdint>
#include <string_view>

#include "migration/vmstate/stream.h"
#include "migration/vmstate/table.h"

namespace vmstate {

/// Told of every part of a section as it is read, in wire order: decoding, the map for a fuzzer.
class Observer {
public:
    virtual ~Observer() = default;
    /// One number, buffer or custom form, or an array of `count` numbers (count 0: no array).
    virtual void leaf(const Field&, std::size_t offset, std::size_t size, std::uint32_t count) = 0;
    /// A struct, or one element of an array of structs (index -1: no array).
    virtual void begin_struct(const Field&, const Table&, std::size_t offset,
                              std::int64_t index) = 0;
    virtual void begin_subsection(const Table&, int version, std::size_t offset) = 0;
    /// Closes the latest struct or subsection.
    virtual void end(std::size_t offset) = 0;
};

struct LoadOptions {
    Observer* observer = nullptr;
    /// Default-constructed state of the same type. A subsection that is absent from the stream
    /// though the owner would send it takes its members from here: absent means "as after reset".
    const void* blank = nullptr;
    /// Set when `blank` was wanted and null: load again with one.
    bool* wants_blank = nullptr;
};

/// Reads a section's data in the table's given version. An Error names the place; `owner` is then
/// half written and of no use, which is why it is a copy.
Result<void> load(const Table&, void* owner, int version, Reader&, const LoadOptions& = {});

}  // namespace vmstate
