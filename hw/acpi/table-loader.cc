// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/table-loader.h"

#include <cassert>

namespace hw {
namespace {

enum Command : u32 { ALLOCATE = 1, ADD_POINTER = 2, ADD_CHECKSUM = 3, WRITE_POINTER = 4 };

}  // namespace

void TableLoader::begin(u32 command) {
    entry_.clear();
    put32(command);
}

void TableLoader::put_name(std::string_view name) {
    assert(name.size() < name_size);
    entry_.insert(entry_.end(), name.begin(), name.end());
    entry_.resize(entry_.size() + name_size - name.size());
}

void TableLoader::put32(u32 value) {
    for (int i = 0; i < 4; i++)
        entry_.push_back(u8(value >> 8 * i));
}

void TableLoader::end() {
    entry_.resize(entry_size);
    bytes_.insert(bytes_.end(), entry_.begin(), entry_.end());
}

void TableLoader::allocate(std::string_view file, u32 alignment, Zone zone) {
    begin(ALLOCATE);
    put_name(file);
    put32(alignment);
    entry_.push_back(u8(zone));
    entry_.resize(entry_size);
    bytes_.insert(bytes_.begin(), entry_.begin(), entry_.end());
}

void TableLoader::add_pointer(std::string_view file, u32 offset, u8 size, std::string_view source) {
    begin(ADD_POINTER);
    put_name(file);
    put_name(source);
    put32(offset);
    entry_.push_back(size);
    end();
}

void TableLoader::add_checksum(std::string_view file, u32 offset, u32 start, u32 length) {
    begin(ADD_CHECKSUM);
    put_name(file);
    put32(offset);
    put32(start);
    put32(length);
    end();
}

void TableLoader::write_pointer(std::string_view file, u32 offset, u8 size, std::string_view source,
                                u32 source_offset) {
    begin(WRITE_POINTER);
    put_name(file);
    put_name(source);
    put32(offset);
    put32(source_offset);
    entry_.push_back(size);
    end();
}

}  // namespace hw
