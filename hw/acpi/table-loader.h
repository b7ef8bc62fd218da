// SPDX-License-Identifier: GPL-2.0-or-later
//
// The script by which firmware puts ACPI tables into memory ("etc/table-loader", as SeaBIOS and
// OVMF read it): allocate a file, patch a pointer to one file into another, compute a checksum.
// Entries of 128 bytes, little endian.
#pragma once

#include <string_view>
#include <vector>

#include "hw/core/int.h"

namespace hw {

class TableLoader {
public:
    enum class Zone : u8 { High = 1, FSegment = 2 };

    void allocate(std::string_view file, u32 alignment, Zone);
    /// Adds the address of `source` to the `size` bytes at `offset` of `file`.
    void add_pointer(std::string_view file, u32 offset, u8 size, std::string_view source);
    /// Makes the bytes [start, start + length) of `file` add up to 0 by the byte at `offset`.
    void add_checksum(std::string_view file, u32 offset, u32 start, u32 length);
    /// Writes the address of `source` plus `source_offset` back to a file the guest may write.
    void write_pointer(std::string_view file, u32 offset, u8 size, std::string_view source,
                       u32 source_offset);

    const std::vector<u8>& bytes() const { return bytes_; }

private:
    static constexpr std::size_t entry_size = 128, name_size = 56;
    void begin(u32 command);
    void put_name(std::string_view);
    void put32(u32);
    void end();
    /// Allocations come first, whenever they are asked for.
    std::vector<u8> entry_, bytes_;
};

}  // namespace hw
