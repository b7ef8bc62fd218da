// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/smbios/smbios.h"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <string_view>

namespace hw {
namespace {

constexpr u64 MiB = 1 << 20, GiB = 1 << 30;
constexpr u16 processor_handles = 0x400, array_handle = 0x1000, device_handles = 0x1100,
              mapped_handles = 0x1300, boot_handle = 0x2000, end_handle = 0x7f00;
constexpr u16 no_handle = 0xffff, no_error_handle = 0xfffe;
constexpr u8 unknown = 0x02, safe = 0x03;

class Builder {
public:
    /// 6.1.2: type, length, handle.
    void begin(u8 type, u16 handle) {
        start_ = tables.size();
        strings_.clear();
        put8(type), put8(0), put16(handle);
    }
    void put8(unsigned v) { tables.push_back(u8(v)); }
    void put16(unsigned v) { put(v, 2); }
    void put32(u64 v) { put(v, 4); }
    void put64(u64 v) { put(v, 8); }
    void put(u64 v, unsigned size) {
        for (unsigned i = 0; i < size; i++)
            put8(u8(v >> 8 * i));
    }
    /// 6.1.3: a string is a number in the structure, its text follows.
    void put_string(std::string_view text) {
        if (text.empty()) return put8(0);
        strings_.insert(strings_.end(), text.begin(), text.end());
        strings_.push_back(0);
        put8(++string_count_);
    }
    void end() {
        tables[start_ + 1] = u8(tables.size() - start_);
        if (strings_.empty()) strings_.push_back(0);
        strings_.push_back(0);
        tables.insert(tables.end(), strings_.begin(), strings_.end());
        longest = std::max(longest, tables.size() - start_);
        string_count_ = 0;
        count++;
    }

    std::vector<u8> tables;
    std::size_t longest = 0;
    u16 count = 0;

private:
    std::size_t start_ = 0;
    std::vector<u8> strings_;
    u8 string_count_ = 0;
};

void put_system(Builder& b, const SmbiosFacts& f) {  // 7.2
    b.begin(1, 0x100);
    b.put_string(f.manufacturer);
    b.put_string(f.product);
    b.put_string(f.version);
    b.put_string({});  // serial number
    // The first three fields of a UUID are little endian (7.2.1).
    for (const unsigned i : {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15})
        b.put8(f.uuid[i]);
    b.put8(0x06);      // wake-up type: power switch
    b.put_string({});  // SKU
    b.put_string({});  // family
    b.end();
}

void put_chassis(Builder& b, const SmbiosFacts& f) {  // 7.4
    b.begin(3, 0x300);
    b.put_string(f.manufacturer);
    b.put8(0x01);  // type: other
    b.put_string(f.version);
    b.put_string({}), b.put_string({});  // serial number, asset tag
    b.put8(safe), b.put8(safe), b.put8(safe);
    b.put8(unknown);  // security
    b.put32(0);
    b.put8(0), b.put8(0);  // height, power cords
    b.put8(0), b.put8(0);  // contained elements
    b.put_string({});      // SKU
    b.end();
}

void put_processor(Builder& b, const SmbiosFacts& f, unsigned socket) {  // 7.5
    b.begin(4, u16(processor_handles + socket));
    b.put_string(fmt::format("CPU {}", socket));
    b.put8(0x03);  // type: central
    b.put8(0x01);  // family: other
    b.put_string(f.manufacturer);
    b.put32(f.cpuid_1_eax), b.put32(f.cpuid_1_edx);
    b.put_string(f.version);
    b.put8(0);                     // voltage
    b.put16(0);                    // external clock
    b.put16(2000), b.put16(2000);  // MHz; nobody measures
    b.put8(0x41);                  // populated, enabled
    b.put8(0x01);                  // upgrade: other
    for (int cache = 0; cache < 3; cache++)
        b.put16(no_handle);
    b.put_string({}), b.put_string({}), b.put_string({});
    b.put8(f.cores_per_socket), b.put8(f.cores_per_socket), b.put8(f.threads_per_socket);
    b.put16(0x02);  // characteristics: unknown
    b.put16(0x01);  // family 2: other
    b.end();
}

void put_memory_array(Builder& b, u64 ram, unsigned devices) {  // 7.17
    b.begin(16, array_handle);
    b.put8(0x01);  // location: other
    b.put8(0x03);  // use: system memory
    b.put8(0x06);  // multi-bit ECC
    const u64 kib = ram / 1024;
    b.put32(std::min<u64>(kib, 0x80000000));
    b.put16(no_error_handle);
    b.put16(devices);
    b.put64(kib >= 0x80000000 ? ram : 0);
    b.end();
}

void put_memory_device(Builder& b, const SmbiosFacts& f, unsigned i, u64 size) {  // 7.18
    b.begin(17, u16(device_handles + i));
    b.put16(array_handle);
    b.put16(no_error_handle);
    b.put16(0xffff), b.put16(0xffff);  // widths unknown
    const u64 mib = size / MiB;
    b.put16(unsigned(std::min<u64>(mib, 0x7fff)));
    b.put8(0x09);  // DIMM
    b.put8(0);
    b.put_string(fmt::format("DIMM {}", i));
    b.put_string({});
    b.put8(0x07);   // type: RAM
    b.put16(0x02);  // detail: other
    b.put16(0);     // speed
    b.put_string(f.manufacturer);
    b.put_string({}), b.put_string({}), b.put_string({});
    b.put8(0);  // attributes
    b.put32(mib >= 0x7fff ? mib : 0);
    b.put16(0);                          // clock
    b.put16(0), b.put16(0), b.put16(0);  // voltages
    b.end();
}

void put_mapped_address(Builder& b, unsigned i, u64 start, u64 size) {  // 7.20
    b.begin(19, u16(mapped_handles + i));
    const u64 first = start / 1024, last = (start + size) / 1024 - 1;
    const bool fits = last < 0xffffffff;
    b.put32(fits ? first : 0xffffffff), b.put32(fits ? last : 0xffffffff);
    b.put16(array_handle);
    b.put8(1);  // partition width
    b.put64(fits ? 0 : start), b.put64(fits ? 0 : start + size - 1);
    b.end();
}

std::vector<u8> build_anchor(const Builder& b) {  // 5.2.1; firmware puts address and sums in
    std::vector<u8> anchor;
    auto text = [&](std::string_view t) { anchor.insert(anchor.end(), t.begin(), t.end()); };
    auto number = [&](u64 v, unsigned size) {
        for (unsigned i = 0; i < size; i++)
            anchor.push_back(u8(v >> 8 * i));
    };
    text("_SM_");
    number(0, 1);
    number(0x1f, 1);
    number(2, 1), number(8, 1);
    number(b.longest, 2);
    number(0, 6);
    text("_DMI_");
    number(0, 1);
    number(b.tables.size(), 2);
    number(0, 4);
    number(b.count, 2);
    number(0x28, 1);
    return anchor;
}

}  // namespace

SmbiosTables build_smbios_tables(const SmbiosFacts& f) {
    Builder b;
    put_system(b, f);
    put_chassis(b, f);
    for (unsigned i = 0; i < f.sockets; i++)
        put_processor(b, f, i);

    // As modules of 16 GiB, the last one with the rest.
    constexpr u64 module = 16 * GiB;
    const u64 ram = f.ram_below_4g + f.ram_above_4g;
    const unsigned modules = unsigned((ram + module - 1) / module);
    put_memory_array(b, ram, modules);
    for (unsigned i = 0; i < modules; i++)
        put_memory_device(b, f, i, std::min(module, ram - i * module));
    put_mapped_address(b, 0, 0, f.ram_below_4g);
    if (f.ram_above_4g) put_mapped_address(b, 1, 4 * GiB, f.ram_above_4g);

    b.begin(32, boot_handle);  // 7.33: no error
    for (int i = 0; i < 7; i++)
        b.put8(0);
    b.end();
    b.begin(127, end_handle);
    b.end();
    return {build_anchor(b), std::move(b.tables)};
}

}  // namespace hw
