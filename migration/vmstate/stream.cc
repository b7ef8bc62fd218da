// SPDX-License-Identifier: GPL-2.0-or-later
//
// Writer and Reader: growth on one side, bounds and places on the other.
#include "migration/vmstate/stream.h"

#include <algorithm>

namespace vmstate {

namespace {

template <class T>
void copy_swapped(std::uint8_t* to, const std::uint8_t* from, std::size_t n) {
    for (std::size_t i = 0; i < n; i++, from += sizeof(T), to += sizeof(T)) {
        T v;
        std::memcpy(&v, from, sizeof v);
        v = swapped(v);
        std::memcpy(to, &v, sizeof v);
    }
}

}  // namespace

void copy_numbers(void* to, const void* from, std::size_t n, unsigned size) {
    static_assert(std::endian::native == std::endian::little, "swap only then");
    auto* out = static_cast<std::uint8_t*>(to);
    auto* in = static_cast<const std::uint8_t*>(from);
    switch (size) {
        case 1:
            if (n) std::memcpy(out, in, n);
            return;
        case 2: return copy_swapped<std::uint16_t>(out, in, n);
        case 4: return copy_swapped<std::uint32_t>(out, in, n);
        default: return copy_swapped<std::uint64_t>(out, in, n);
    }
}

void Writer::make_room(std::size_t n) {
    std::size_t capacity = std::max(size_ + n, capacity_ * 2);
    // Not make_unique: it would clear what is about to be written.
    std::unique_ptr<std::uint8_t[]> bigger(new std::uint8_t[capacity]);
    if (size_) std::memcpy(bigger.get(), data_.get(), size_);
    data_ = std::move(bigger);
    capacity_ = capacity;
}

void Writer::number(std::uint64_t v, unsigned size) {
    switch (size) {
        case 1: return u8(static_cast<std::uint8_t>(v));
        case 2: return be16(static_cast<std::uint16_t>(v));
        case 4: return be32(static_cast<std::uint32_t>(v));
        default: return be64(v);
    }
}

void Writer::counted_string(std::string_view s) {
    assert(s.size() < 256);
    u8(static_cast<std::uint8_t>(s.size()));
    bytes(s.data(), s.size());
}

std::string Fault::text() const {
    std::string place;
    if (!section.empty()) place = fmt::format("section '{}' instance {}, ", section, instance);
    if (!path.empty()) place += fmt::format("field {}, ", path);
    std::string s = fmt::format("{}byte {}: expected {}, found {}", place, offset, expected, found);
    if (!remedy.empty()) s += "; " + remedy;
    return s;
}

std::uint64_t Reader::take_number(unsigned size) {
    std::uint64_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v = v << 8 | bytes_[at_ + i];
    at_ += size;
    return v;
}

Result<std::uint8_t> Reader::u8(std::string_view what) {
    return take<std::uint8_t>(what);
}
Result<std::uint16_t> Reader::be16(std::string_view what) {
    return take<std::uint16_t>(what);
}
Result<std::uint32_t> Reader::be32(std::string_view what) {
    return take<std::uint32_t>(what);
}
Result<std::uint64_t> Reader::be64(std::string_view what) {
    return take<std::uint64_t>(what);
}

Result<std::span<const std::uint8_t>> Reader::bytes(std::size_t n, std::string_view what) {
    if (remaining() < n) return ends(n, what);
    auto view = bytes_.subspan(at_, n);
    at_ += n;
    return view;
}

std::string Reader::path() const {
    std::string s;
    for (std::size_t i = 0; i < std::min(depth_, places_.size()); i++) {
        const Place& p = places_[i];
        if (!s.empty()) s += '.';
        s += p.subsection ? fmt::format("<{}>", p.field) : std::string(p.field);
        if (p.index >= 0) s += fmt::format("[{}]", p.index);
    }
    return s;
}

Error Reader::refuse_at(std::size_t offset, std::string expected, std::string found,
                        std::string remedy) {
    fault_ = {.offset = offset,
              .section = section_,
              .instance = instance_,
              .path = path(),
              .expected = std::move(expected),
              .found = std::move(found),
              .remedy = std::move(remedy)};
    // The first words are the ones that users of QEMU search for.
    std::string words;
    if (depth_) {
        const Place& p = places_[std::min(depth_, places_.size()) - 1];
        words = p.subsection ? fmt::format("Failed to load {}: ", p.field)
                             : fmt::format("Failed to load {}:{}: ", p.table, p.field);
    }
    return fail("{}{}", words, fault_.text());
}

Error Reader::ends(std::size_t need, std::string_view what) {
    return refuse(
        fmt::format("{}{}{} byte{}", what, what.empty() ? "" : " of ", need, need == 1 ? "" : "s"),
        remaining() ? fmt::format("the end of the file after {}", remaining())
                    : std::string("the end of the file"),
        "the file is cut short");
}

}  // namespace vmstate
