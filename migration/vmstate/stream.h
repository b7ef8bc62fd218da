// SPDX-License-Identifier: GPL-2.0-or-later
//
// The two ends of a stream of saved state. A Writer is one growing buffer; a Reader is a bounded
// cursor over bytes that may come from anyone. Integers are big endian.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "util/result.h"

namespace vmstate {

inline std::uint16_t swapped(std::uint16_t v) {
    return __builtin_bswap16(v);
}
inline std::uint32_t swapped(std::uint32_t v) {
    return __builtin_bswap32(v);
}
inline std::uint64_t swapped(std::uint64_t v) {
    return __builtin_bswap64(v);
}

/// Between the byte order of the stream and this machine's: `n` numbers of `size` (1, 2, 4 or 8)
/// bytes.
void copy_numbers(void* to, const void* from, std::size_t n, unsigned size);

class Writer {
public:
    explicit Writer(std::size_t reserve = 4096) { make_room(reserve); }
    Writer(Writer&&) noexcept = default;
    Writer& operator=(Writer&&) noexcept = default;

    void u8(std::uint8_t v) { *room(1) = v; }
    void be16(std::uint16_t v) { store(swapped(v)); }
    void be32(std::uint32_t v) { store(swapped(v)); }
    void be64(std::uint64_t v) { store(swapped(v)); }
    /// The low `size` (1, 2, 4, 8) bytes of v.
    void number(std::uint64_t v, unsigned size);
    void bytes(const void* p, std::size_t n) {
        if (n) std::memcpy(room(n), p, n);
    }
    void bytes(std::span<const std::uint8_t> b) { bytes(b.data(), b.size()); }
    void zeros(std::size_t n) {
        if (n) std::memset(room(n), 0, n);
    }
    /// `n` numbers of `size` bytes each, as they are in memory.
    void numbers(const void* from, std::size_t n, unsigned size) {
        copy_numbers(room(n * size), from, n, size);
    }
    /// One length byte, then the characters (at most 255).
    void counted_string(std::string_view s);

    std::size_t size() const { return size_; }
    std::span<const std::uint8_t> data() const { return {data_.get(), size_}; }
    /// Forgets what was written and keeps the memory.
    void clear() { size_ = 0; }

private:
    template <class T>
    void store(T v) {
        static_assert(std::endian::native == std::endian::little, "swap only then");
        std::memcpy(room(sizeof v), &v, sizeof v);
    }
    std::uint8_t* room(std::size_t n) {
        if (capacity_ - size_ < n) make_room(n);
        std::uint8_t* p = data_.get() + size_;
        size_ += n;
        return p;
    }
    void make_room(std::size_t n);

    std::unique_ptr<std::uint8_t[]> data_;
    std::size_t size_ = 0, capacity_ = 0;
};

/// What a stream was refused for, in parts.
struct Fault {
    std::size_t offset = 0;  // in the file
    std::string section;     // idstr; empty: between sections
    std::int64_t instance = 0;
    std::string path;      // "channels[1].mode", "<i8254/junk>"; empty: the section as a whole
    std::string expected;  // "uint8 (1 byte)"
    std::string found;     // "the end of the file"
    std::string remedy;    // may be empty

    /// "section 'i8254' instance 0, field channels[1].mode, byte 451: expected ..., found ..."
    std::string text() const;
};

class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    Reader(const Reader&) = delete;

    std::size_t offset() const { return at_; }
    std::size_t remaining() const { return bytes_.size() - at_; }
    void seek(std::size_t offset) { at_ = offset; }
    std::span<const std::uint8_t> whole() const { return bytes_; }

    /// `what` names the part in the error when the stream ends here; the field at hand has its
    /// name already.
    Result<std::uint8_t> u8(std::string_view what = {});
    Result<std::uint16_t> be16(std::string_view what = {});
    Result<std::uint32_t> be32(std::string_view what = {});
    Result<std::uint64_t> be64(std::string_view what = {});
    /// A view into the stream, good as long as the stream is.
    Result<std::span<const std::uint8_t>> bytes(std::size_t n, std::string_view what = {});
    /// The next byte without taking it; -1 at the end.
    int peek(std::size_t ahead = 0) const { return ahead < remaining() ? bytes_[at_ + ahead] : -1; }
    /// Big endian number of 1, 2, 4 or 8 bytes at the cursor. The caller knows that it is there.
    std::uint64_t take_number(unsigned size);

    /// Refuses what was read at `offset`: "expected EXPECTED, found FOUND; REMEDY". The place is
    /// filled in.
    [[gnu::cold]] Error refuse_at(std::size_t offset, std::string expected, std::string found,
                                  std::string remedy = {});
    /// The same, for what starts at the cursor.
    [[gnu::cold]] Error refuse(std::string expected, std::string found, std::string remedy = {}) {
        return refuse_at(at_, std::move(expected), std::move(found), std::move(remedy));
    }
    /// The fault behind the last Error that refuse() made.
    const Fault& fault() const { return fault_; }

    /// Decoding without a VM: there is nothing to compare with.
    bool lenient() const { return lenient_; }
    void set_lenient(bool lenient) { lenient_ = lenient; }

    /// Which section is being read, for errors.
    void set_section(std::string_view idstr, std::int64_t instance) {
        section_ = idstr;
        instance_ = instance;
        depth_ = 0;
    }

    /// Where in the section; kept by load().
    struct Place {
        std::string_view table, field;
        std::int64_t index;  // -1: no array
        bool subsection;
    };
    void enter(std::string_view table, std::string_view field, std::int64_t index = -1,
               bool subsection = false) {
        if (depth_ < places_.size()) places_[depth_] = {table, field, index, subsection};
        depth_++;
    }
    void leave() { depth_--; }
    std::size_t depth() const { return depth_; }
    std::string path() const;

private:
    [[gnu::cold]] Error ends(std::size_t need, std::string_view what);
    template <class T>
    Result<T> take(std::string_view what) {
        if (remaining() < sizeof(T)) return ends(sizeof(T), what);
        return static_cast<T>(take_number(sizeof(T)));
    }

    std::span<const std::uint8_t> bytes_;
    std::size_t at_ = 0;
    bool lenient_ = false;
    std::string section_;
    std::int64_t instance_ = 0;
    std::array<Place, 16> places_{};
    std::size_t depth_ = 0;
    Fault fault_;
};

}  // namespace vmstate
