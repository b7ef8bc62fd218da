// SPDX-License-Identifier: GPL-2.0-or-later
//
// The reading walk over a table. Nothing here trusts a length, a count or a name from the stream.
#include "migration/vmstate/load.h"

#include <algorithm>
#include <memory>

#include "migration/vmstate/save.h"

namespace vmstate {
namespace {

/// Whether a number wider on the wire than in memory keeps its value there.
bool fits(std::uint64_t wire, const Field& f) {
    const unsigned bits = f.memory_size * 8;
    if (f.memory_size >= f.wire_size) return true;
    const unsigned unseen = 64 - 8 * f.wire_size;
    const auto v = std::int64_t(wire << unseen) >> unseen;
    if (f.memory_signed)
        return v >= -(std::int64_t{1} << (bits - 1)) && v < std::int64_t{1} << (bits - 1);
    return f.kind == Kind::Unsigned ? wire >> bits == 0 : v >= 0 && v >> bits == 0;
}

std::string shown(std::uint64_t v, const Field& f) {
    if (f.kind == Kind::Signed || f.kind == Kind::Timer) return std::to_string(std::int64_t(v));
    return v < 1024 ? std::to_string(v) : fmt::format("{:#x}", v);
}

class Walk {
public:
    Walk(Reader& in, const LoadOptions& options) : in_(in), o_(options) {}

    Result<void> table(const Table& t, void* owner, int version, const void* blank) {
        for (const Field& f : t.fields) {
            if (f.since > version) continue;
            if (f.exists && !f.exists(owner, version)) continue;
            in_.enter(t.name, f.name);
            TRY(field(f, owner, blank));
            in_.leave();
        }
        TRY(subsections(t, owner, blank));
        if (t.check) TRY(t.check(owner, version));
        return {};
    }

private:
    Result<void> field(const Field& f, void* owner, const void* blank) {
        std::uint32_t n = TRY(length(f, owner));
        if (n == 0 && f.kind != Kind::Buffer) return {};
        const std::size_t start = in_.offset();
        switch (f.kind) {
            case Kind::Unused: TRY(in_.bytes(f.wire_size)); break;
            case Kind::Buffer: {
                auto b = TRY(in_.bytes(n));
                if (n) std::memcpy(f.address(owner), b.data(), n);
                break;
            }
            case Kind::Bitmap: TRY(bitmap(f, owner, n)); break;
            case Kind::Struct: return structs(f, owner, n, blank);
            case Kind::Temporary: return temporary(f, owner);
            case Kind::Custom: {
                Result<void> r = f.custom->load(owner, in_);
                if (!r) return r;
                break;
            }
            default: TRY(scalars(f, owner, n));
        }
        if (o_.observer)
            o_.observer->leaf(f, start, in_.offset() - start,
                              f.kind < Kind::Buffer && is_array(f) && n > 1 ? n : 0);
        return {};
    }

    static bool is_array(const Field& f) { return f.array_length || f.count; }

    /// How many elements (bytes of a buffer, bits of a map) are to be read, and room for them.
    Result<std::uint32_t> length(const Field& f, void* owner) {
        if (f.kind == Kind::Buffer && !f.count) return f.wire_size;
        const std::uint32_t n = element_count(f, owner);
        if (!f.count) return n;
        // A count that the stream itself gave: no more than the member holds, and no more than the
        // stream could fill.
        const std::uint64_t smallest = f.kind == Kind::Bitmap ? (n + 63) / 64 * 8
                                       : f.wire_size          ? std::uint64_t{n} * f.wire_size
                                                              : n;
        const std::uint64_t capacity = f.kind == Kind::Buffer ? f.wire_size : f.array_length;
        if (!f.resize && capacity && n > capacity)
            return in_.refuse(fmt::format("at most {} elements", capacity),
                              fmt::format("a count of {}", n));
        if (smallest > in_.remaining())
            return in_.refuse(fmt::format("{} elements", n),
                              fmt::format("the end of the file after {} bytes", in_.remaining()),
                              "the file is cut short, or the count before it is wrong");
        if (f.resize) f.resize(owner, f.kind == Kind::Bitmap ? (n + 63) / 64 : n);
        return n;
    }

    Result<void> scalars(const Field& f, void* owner, std::uint32_t n) {
        auto* p = static_cast<std::uint8_t*>(f.address(owner));
        const std::size_t bytes = std::size_t{n} * f.wire_size;
        if (in_.remaining() < bytes) {
            // Only to say which element it was.
            in_.seek(in_.offset() + in_.remaining() / f.wire_size * f.wire_size);
            return in_.refuse(
                fmt::format("{} ({} byte{})", f.type, f.wire_size, f.wire_size == 1 ? "" : "s"),
                in_.remaining() ? fmt::format("the end of the file after {}", in_.remaining())
                                : std::string("the end of the file"),
                "the file is cut short");
        }
        const bool plain = f.constraint == Constraint::None &&
                           f.minimum == std::numeric_limits<std::int64_t>::min() &&
                           f.maximum == std::numeric_limits<std::int64_t>::max();
        if (plain && f.wire_size == f.memory_size && f.kind != Kind::Bool) {
            copy_numbers(p, TRY(in_.bytes(bytes)).data(), n, f.wire_size);
            return {};
        }
        for (std::uint32_t i = 0; i < n; i++, p += f.memory_size) {
            std::uint64_t v = in_.take_number(f.wire_size);
            if (f.kind == Kind::Bool)
                v = v != 0;
            else if (f.kind != Kind::Unsigned && f.wire_size < 8)
                v = std::uint64_t(std::int64_t(v << (64 - 8 * f.wire_size)) >>
                                  (64 - 8 * f.wire_size));
            if (!plain && !in_.lenient()) TRY(allowed(f, v, p));
            if (!fits(v, f))
                return in_.refuse_at(in_.offset() - f.wire_size,
                                     fmt::format("{} that fits {} bits", f.type, f.memory_size * 8),
                                     shown(v, f));
            std::memcpy(p, &v, f.memory_size);
        }
        return {};
    }

    Result<void> allowed(const Field& f, std::uint64_t v, const std::uint8_t* p) {
        const std::size_t offset = in_.offset() - f.wire_size;
        std::uint64_t mine = 0;
        std::memcpy(&mine, p, f.memory_size);
        if (f.memory_signed && f.memory_size < 8)
            mine = std::uint64_t(std::int64_t(mine << (64 - 8 * f.memory_size)) >>
                                 (64 - 8 * f.memory_size));
        if (f.constraint == Constraint::Equal && v != mine)
            return in_.refuse_at(offset, shown(mine, f), shown(v, f),
                                 "start this VM with the configuration of the one that saved");
        if (f.constraint == Constraint::LessEqual &&
            (std::int64_t(v) < 0 || std::int64_t(v) > std::int64_t(mine)))
            return in_.refuse_at(offset, fmt::format("0 to {}", shown(mine, f)), shown(v, f));
        const bool above_all = f.kind == Kind::Unsigned && std::int64_t(v) < 0;
        if (above_all ? f.maximum != std::numeric_limits<std::int64_t>::max()
                      : std::int64_t(v) < f.minimum || std::int64_t(v) > f.maximum)
            return in_.refuse_at(offset, fmt::format("{} to {}", f.minimum, f.maximum), shown(v, f),
                                 "no device of this kind gets into that state");
        return {};
    }

    Result<void> bitmap(const Field& f, void* owner, std::uint32_t bits) {
        auto* p = static_cast<std::uint8_t*>(f.address(owner));
        for (std::uint32_t i = 0; i < (bits + 63) / 64; i++, p += 8) {
            std::uint64_t word = TRY(in_.be64());
            if (i == bits / 64) word &= (std::uint64_t{1} << bits % 64) - 1;
            std::memcpy(p, &word, 8);
        }
        return {};
    }

    Result<void> structs(const Field& f, void* owner, std::uint32_t n, const void* blank) {
        auto* p = static_cast<std::uint8_t*>(f.address(owner));
        const std::uint8_t* b = nullptr;
        std::uint32_t blanks = 0;
        if (blank) {
            b = static_cast<const std::uint8_t*>(f.address(const_cast<void*>(blank)));
            blanks = element_count(f, blank);
        }
        for (std::uint32_t i = 0; i < n; i++) {
            const std::int64_t index = n > 1 ? std::int64_t{i} : -1;
            if (index >= 0) {
                in_.leave();
                in_.enter(f.table->name, f.name, index);
            }
            if (o_.observer) o_.observer->begin_struct(f, *f.table, in_.offset(), index);
            TRY(table(*f.table, p + std::size_t{i} * f.memory_size,
                      f.struct_version ? f.struct_version : f.table->version,
                      i < blanks ? b + std::size_t{i} * f.memory_size : nullptr));
            if (o_.observer) o_.observer->end(in_.offset());
        }
        return {};
    }

    Result<void> temporary(const Field& f, void* owner) {
        auto memory =
            std::make_unique<std::max_align_t[]>(f.temporary->size / sizeof(std::max_align_t) + 1);
        f.temporary->enter(owner, memory.get());
        if (o_.observer) o_.observer->begin_struct(f, *f.table, in_.offset(), -1);
        Result<void> r = table(*f.table, memory.get(), f.table->version, nullptr);
        if (o_.observer && r) o_.observer->end(in_.offset());
        if (r) r = f.temporary->leave(memory.get(), owner);
        f.temporary->destroy(memory.get());
        return r;
    }

    /// The name of the subsection at the cursor, when one of `t` or of something in it is there.
    std::string_view next_subsection(const Table& t) {
        if (in_.peek() != 5) return {};
        const int length = in_.peek(1);
        if (length < 0 || in_.remaining() < 2u + unsigned(length)) return {};
        std::string_view name(reinterpret_cast<const char*>(in_.whole().data() + in_.offset() + 2),
                              static_cast<std::size_t>(length));
        // A few old ones have names outside their table's ("apic_sipi").
        for (const Table* s : t.subsections)
            if (s->name == name) return name;
        // Anything else belongs to the struct around this one, or is no subsection at all.
        return name.size() > t.name.size() + 1 && name.starts_with(t.name) &&
                       name[t.name.size()] == '/'
                   ? name
                   : std::string_view{};
    }

    Result<void> subsections(const Table& t, void* owner, const void* blank) {
        std::uint64_t seen = 0;
        for (;;) {
            const std::string_view name = next_subsection(t);
            if (name.empty()) break;
            const std::size_t start = in_.offset();
            in_.enter(t.name, name, -1, true);
            const auto found = std::find_if(t.subsections.begin(), t.subsections.end(),
                                            [&](const Table* s) { return s->name == name; });
            if (found == t.subsections.end())
                return in_.refuse(t.subsections.empty()
                                      ? fmt::format("no subsection in '{}'", t.name)
                                      : fmt::format("a known subsection of '{}'", t.name),
                                  fmt::format("'{}'", name),
                                  "it was saved by a machine with a feature that this one lacks");
            const std::uint64_t bit = std::uint64_t{1} << (found - t.subsections.begin());
            if (seen & bit) return in_.refuse(fmt::format("'{}' once", name), "it a second time");
            seen |= bit;
            const Table& s = **found;
            in_.seek(start + 2 + name.size());
            const auto version = static_cast<int>(TRY(in_.be32("version")));
            if (version < s.minimum_version || version > s.version) {
                Error e = in_.refuse_at(
                    in_.offset() - 4,
                    s.minimum_version == s.version
                        ? fmt::format("version {}", s.version)
                        : fmt::format("version {} to {}", s.minimum_version, s.version),
                    std::to_string(version));
                return std::move(e).prepend(
                    version > s.version
                        ? fmt::format("{}: incoming version_id {} is too new for local version_id "
                                      "{}: ",
                                      name, version, s.version)
                        : fmt::format("{}: incoming version_id {} is too old for local minimum "
                                      "version_id {}: ",
                                      name, version, s.minimum_version));
            }
            if (o_.observer) o_.observer->begin_subsection(s, version, start);
            // The names below start afresh: the subsection's fields are the owner's own.
            TRY(table(s, owner, version, blank));
            if (o_.observer) o_.observer->end(in_.offset());
            in_.leave();
        }
        for (std::size_t i = 0; i < t.subsections.size(); i++)
            if (!(seen >> i & 1)) TRY(absent(*t.subsections[i], owner, blank));
        return {};
    }

    static void make_room(const Table& t, void* owner) {
        for (const Field& f : t.fields) {
            const std::uint32_t n = element_count(f, owner);
            if (f.resize) f.resize(owner, f.kind == Kind::Bitmap ? (n + 63) / 64 : n);
            if (f.kind != Kind::Struct) continue;
            auto* p = static_cast<std::uint8_t*>(f.address(owner));
            for (std::uint32_t i = 0; i < n; i++)
                make_room(*f.table, p + std::size_t{i} * f.memory_size);
        }
    }

    Result<void> absent(const Table& s, void* owner, const void* blank) {
        if (s.absent) {
            s.absent(owner);
            return {};
        }
        if (!s.needed || !s.needed(owner) || in_.lenient()) return {};
        if (!blank) {
            if (o_.wants_blank) *o_.wants_blank = true;
            return {};
        }
        // Through the wire form, because that knows every kind of member. Blank memory is scratch:
        // its vectors may be shorter than its counts say.
        make_room(s, const_cast<void*>(blank));
        Writer w;
        save(s, blank, w);
        Reader r(w.data());
        r.set_lenient(true);
        return load(s, owner, s.version, r, {.blank = blank});
    }

    Reader& in_;
    const LoadOptions& o_;
};

}  // namespace

Result<void> load(const Table& table, void* owner, int version, Reader& in,
                  const LoadOptions& options) {
    if (!table.opaque) return Walk(in, options).table(table, owner, version, options.blank);
    const Field& f = table.fields[0];
    const std::size_t start = in.offset();
    in.enter(table.name, f.name);
    TRY(f.custom->load(owner, in));
    in.leave();
    if (options.observer) options.observer->leaf(f, start, in.offset() - start, 0);
    return {};
}

}  // namespace vmstate
