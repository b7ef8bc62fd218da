// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/smbios/smbios.h"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <set>
#include <string_view>

#include "util/cutils.h"

namespace hw {
namespace {

constexpr u64 MiB = 1 << 20, GiB = 1 << 30;
constexpr u16 processor_handles = 0x400, oem_strings_handle = 0xe00, array_handle = 0x1000,
              device_handles = 0x1100, mapped_handles = 0x1300, boot_handle = 0x2000,
              end_handle = 0x7f00;
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
        add_text(text);
        put8(++string_count_);
    }
    /// A text that no field names.
    void add_text(std::string_view text) {
        strings_.insert(strings_.end(), text.begin(), text.end());
        strings_.push_back(0);
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

    /// A structure that somebody else made.
    void add_whole(const std::vector<u8>& structure) {
        tables.insert(tables.end(), structure.begin(), structure.end());
        longest = std::max(longest, structure.size());
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

/// The words that -smbios knows of a type.
struct Words {
    unsigned type;
    std::initializer_list<std::string_view> words;
};
const Words known_words[] = {
    {0, {"vendor", "version", "date", "release", "uefi"}},
    {1, {"manufacturer", "product", "version", "serial", "uuid", "sku", "family"}},
    {2, {"manufacturer", "product", "version", "serial", "asset", "location"}},
    {3, {"manufacturer", "version", "serial", "asset", "sku"}},
    {4,
     {"sock_pfx", "manufacturer", "version", "serial", "asset", "part", "max-speed",
      "current-speed"}},
    {11, {"value"}},
    {17, {"loc_pfx", "bank", "manufacturer", "serial", "asset", "part", "speed"}},
};

/// The user's words for one type.
class Fields {
public:
    Fields(const SmbiosOptions& options, unsigned type) : options_(options), type_(type) {}
    std::string text(const char* name, std::string otherwise = {}) const {
        const auto found = options_.fields.find({type_, name});
        return found == options_.fields.end() ? otherwise : found->second;
    }
    unsigned number(const char* name, unsigned otherwise) const {
        return static_cast<unsigned>(parse_uint64(text(name)).value_or(otherwise));
    }
    bool any() const {
        const auto first = options_.fields.lower_bound({type_, ""});
        return first != options_.fields.end() && first->first.first == type_;
    }

private:
    const SmbiosOptions& options_;
    unsigned type_;
};

bool parse_release(const std::string& text, unsigned& major, unsigned& minor) {
    const auto dot = text.find('.');
    const auto a = parse_uint64(text.substr(0, dot));
    const auto b = dot == text.npos ? std::nullopt : parse_uint64(text.substr(dot + 1));
    if (!a || !b || *a > 255 || *b > 255) return false;
    major = static_cast<unsigned>(*a);
    minor = static_cast<unsigned>(*b);
    return true;
}

void put_bios(Builder& b, const SmbiosFacts& f) {  // 7.1; firmware has its own otherwise
    const Fields user(f.options, 0);
    if (!user.any()) return;
    b.begin(0, 0);
    b.put_string(user.text("vendor"));
    b.put_string(user.text("version"));
    b.put16(0xe800);  // segment
    b.put_string(user.text("date"));
    b.put8(0);                                                // size
    b.put64(1 << 3);                                          // characteristics: none are told
    b.put8(0);                                                // extensions
    b.put8(0x14 | (user.text("uefi") == "on" ? 1 << 3 : 0));  // targeted contents, virtual machine
    unsigned major = 0, minor = 0;
    parse_release(user.text("release"), major, minor);
    b.put8(major), b.put8(minor);
    b.put8(0xff), b.put8(0xff);  // no embedded controller
    b.end();
}

void put_system(Builder& b, const SmbiosFacts& f) {  // 7.2
    const Fields user(f.options, 1);
    b.begin(1, 0x100);
    b.put_string(user.text("manufacturer", f.manufacturer));
    b.put_string(user.text("product", f.product));
    b.put_string(user.text("version", f.version));
    b.put_string(user.text("serial"));
    // The first three fields of a UUID are little endian (7.2.1).
    for (const unsigned i : {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15})
        b.put8(f.uuid[i]);
    b.put8(0x06);  // wake-up type: power switch
    b.put_string(user.text("sku"));
    b.put_string(user.text("family"));
    b.end();
}

void put_baseboard(Builder& b, const SmbiosFacts& f) {  // 7.3
    const Fields user(f.options, 2);
    if (!user.any()) return;
    b.begin(2, 0x200);
    b.put_string(user.text("manufacturer", f.manufacturer));
    b.put_string(user.text("product", f.product));
    b.put_string(user.text("version", f.version));
    b.put_string(user.text("serial"));
    b.put_string(user.text("asset"));
    b.put8(0x01);  // hosting board
    b.put_string(user.text("location"));
    b.put16(0x300);  // the chassis
    b.put8(0x0a);    // motherboard
    b.put8(0);
    b.end();
}

void put_chassis(Builder& b, const SmbiosFacts& f) {  // 7.4
    const Fields user(f.options, 3);
    b.begin(3, 0x300);
    b.put_string(user.text("manufacturer", f.manufacturer));
    b.put8(0x01);  // type: other
    b.put_string(user.text("version", f.version));
    b.put_string(user.text("serial"));
    b.put_string(user.text("asset"));
    b.put8(safe), b.put8(safe), b.put8(safe);
    b.put8(unknown);  // security
    b.put32(0);
    b.put8(0), b.put8(0);  // height, power cords
    b.put8(0), b.put8(0);  // contained elements
    b.put_string(user.text("sku"));
    b.end();
}

void put_processor(Builder& b, const SmbiosFacts& f, unsigned socket) {  // 7.5
    const Fields user(f.options, 4);
    b.begin(4, u16(processor_handles + socket));
    b.put_string(fmt::format("{} {}", user.text("sock_pfx", "CPU"), socket));
    b.put8(0x03);  // type: central
    b.put8(0x01);  // family: other
    b.put_string(user.text("manufacturer", f.manufacturer));
    b.put32(f.cpuid_1_eax), b.put32(f.cpuid_1_edx);
    b.put_string(user.text("version", f.version));
    b.put8(0);   // voltage
    b.put16(0);  // external clock
    b.put16(user.number("max-speed", 2000)), b.put16(user.number("current-speed", 2000));  // MHz
    b.put8(0x41);  // populated, enabled
    b.put8(0x01);  // upgrade: other
    for (int cache = 0; cache < 3; cache++)
        b.put16(no_handle);
    b.put_string(user.text("serial"));
    b.put_string(user.text("asset"));
    b.put_string(user.text("part"));
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
    const Fields user(f.options, 17);
    b.begin(17, u16(device_handles + i));
    b.put16(array_handle);
    b.put16(no_error_handle);
    b.put16(0xffff), b.put16(0xffff);  // widths unknown
    const u64 mib = size / MiB;
    b.put16(unsigned(std::min<u64>(mib, 0x7fff)));
    b.put8(0x09);  // DIMM
    b.put8(0);
    b.put_string(fmt::format("{} {}", user.text("loc_pfx", "DIMM"), i));
    b.put_string(user.text("bank"));
    b.put8(0x07);   // type: RAM
    b.put16(0x02);  // detail: other
    b.put16(user.number("speed", 0));
    b.put_string(user.text("manufacturer", f.manufacturer));
    b.put_string(user.text("serial"));
    b.put_string(user.text("asset"));
    b.put_string(user.text("part"));
    b.put8(0);  // attributes
    b.put32(mib >= 0x7fff ? mib : 0);
    b.put16(user.number("speed", 0));    // clock
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

void put_oem_strings(Builder& b, const SmbiosFacts& f) {  // 7.12
    const auto& strings = f.options.oem_strings;
    if (strings.empty()) return;
    b.begin(11, oem_strings_handle);
    b.put8(static_cast<unsigned>(std::min<std::size_t>(strings.size(), 255)));
    for (std::size_t i = 0; i < strings.size() && i < 255; i++)
        b.add_text(strings[i]);
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
    std::set<unsigned> given;
    for (const auto& structure : f.options.structures) {
        b.add_whole(structure);
        given.insert(structure[0]);
    }
    const auto ours = [&](unsigned type) { return !given.contains(type); };
    if (ours(0)) put_bios(b, f);
    if (ours(1)) put_system(b, f);
    if (ours(2)) put_baseboard(b, f);
    if (ours(3)) put_chassis(b, f);
    for (unsigned i = 0; ours(4) && i < f.sockets; i++)
        put_processor(b, f, i);
    if (ours(11)) put_oem_strings(b, f);

    // As modules of 16 GiB, the last one with the rest.
    constexpr u64 module = 16 * GiB;
    const u64 ram = f.ram_below_4g + f.ram_above_4g;
    const unsigned modules = unsigned((ram + module - 1) / module);
    if (ours(16)) put_memory_array(b, ram, modules);
    for (unsigned i = 0; ours(17) && i < modules; i++)
        put_memory_device(b, f, i, std::min(module, ram - i * module));
    if (ours(19)) {
        put_mapped_address(b, 0, 0, f.ram_below_4g);
        if (f.ram_above_4g) put_mapped_address(b, 1, 4 * GiB, f.ram_above_4g);
    }
    if (ours(32)) {
        b.begin(32, boot_handle);  // 7.33: no error
        for (int i = 0; i < 7; i++)
            b.put8(0);
        b.end();
    }
    b.begin(127, end_handle);
    b.end();
    return {build_anchor(b), std::move(b.tables)};
}

Result<void> set_smbios_field(SmbiosOptions& options, unsigned type, const std::string& name,
                              const std::string& value) {
    const auto* words = std::find_if(std::begin(known_words), std::end(known_words),
                                     [&](const Words& w) { return w.type == type; });
    if (words == std::end(known_words))
        return fail("Don't know how to build fields for SMBIOS type {}", type);
    if (std::find(words->words.begin(), words->words.end(), name) == words->words.end())
        return fail("Invalid parameter '{}'", name);
    unsigned major = 0, minor = 0;
    if (name == "release" && !parse_release(value, major, minor)) return fail("Invalid release");
    if (name.ends_with("speed")) {
        const auto number = parse_uint64(value);
        if (!number) return fail("Parameter '{}' expects a number", name);
        if (*number > 0xffff) return fail("CPU speed is too large (> 65535)");
    }
    if (type == 11)
        options.oem_strings.push_back(value);
    else
        options.fields[{type, name}] = value;
    return {};
}

Result<void> add_smbios_structure(SmbiosOptions& options, std::vector<u8> structure) {
    constexpr std::size_t header = 4;
    if (structure.size() < header + 2 || structure[1] < header ||
        structure[1] + 2u > structure.size())
        return fail("it is no SMBIOS structure: its header says {} bytes and it has {}",
                    structure.size() > 1 ? structure[1] : 0, structure.size());
    if (structure.end()[-1] || structure.end()[-2])
        return fail("it is no SMBIOS structure: it does not end with two zero bytes");
    for (const auto& [key, value] : options.fields)
        if (key.first == structure[0])
            return fail("SMBIOS type {} is given by fields and by a file", structure[0]);
    options.structures.push_back(std::move(structure));
    return {};
}

}  // namespace hw
