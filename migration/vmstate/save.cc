// SPDX-License-Identifier: GPL-2.0-or-later
//
// One walk over a table writes the bytes and, when asked, the description of them.
//
// What the description looks like is a fact of QEMU's streams, learned from captured ones: an array
// is one entry with `array_len` when its elements are all laid out alike, and an entry with `index`
// for each when they need not be (the field or something in its element comes and goes); `size` is
// what one such entry took on the wire, its subsections included.
#include "migration/vmstate/save.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace vmstate {
namespace {

std::uint64_t read_memory(const std::uint8_t* p, std::uint32_t size, bool is_signed) {
    switch (size) {
        case 1: return is_signed ? std::uint64_t(std::int64_t(std::int8_t(*p))) : *p;
        case 2: {
            std::uint16_t v;
            std::memcpy(&v, p, 2);
            return is_signed ? std::uint64_t(std::int64_t(std::int16_t(v))) : v;
        }
        case 4: {
            std::uint32_t v;
            std::memcpy(&v, p, 4);
            return is_signed ? std::uint64_t(std::int64_t(std::int32_t(v))) : v;
        }
        default: {
            std::uint64_t v;
            std::memcpy(&v, p, 8);
            return v;
        }
    }
}

/// Whether any two elements of this table are bound to have the same layout.
bool uniform(const Table& table) {
    if (!table.subsections.empty()) return false;
    return std::none_of(table.fields.begin(), table.fields.end(), [](const Field& f) {
        return f.exists || (f.kind == Kind::Struct && !uniform(*f.table));
    });
}

class Walk {
public:
    Walk(Writer& out, std::string* json) : out_(out), json_(json) {}

    void table(const Table& t, const void* owner, int version) {
        if (json_)
            *json_ +=
                fmt::format(R"("vmsd_name": "{}", "version": {}, "fields": [)", t.name, version);
        bool first = true;
        for (const Field& f : t.fields) {
            if (f.since > version) continue;
            if (f.exists && !f.exists(owner, version)) continue;
            field(f, owner, first);
        }
        if (json_) *json_ += ']';
        subsections(t, owner);
    }

    void opaque(const Table& t, const void* owner) {
        std::size_t start = out_.size();
        t.fields[0].custom->save(owner, out_);
        if (json_)
            *json_ += fmt::format(
                R"("size": {0}, "fields": [{{"name": "data", "size": {0}, "type": "buffer"}}])",
                out_.size() - start);
    }

private:
    void field(const Field& f, const void* owner, bool& first) {
        const std::uint32_t n = element_count(f, owner);
        const bool numbers = f.kind < Kind::Buffer;
        if (numbers && !json_) return scalars(f, owner, n);

        const bool array = n > 1 && f.kind != Kind::Bitmap && f.kind != Kind::Buffer;
        const bool together = json_ && array && laid_out_alike(f);
        if (f.kind == Kind::Bitmap || f.kind == Kind::Buffer) {
            open(f, first, {}, {});
            std::size_t start = out_.size();
            f.kind == Kind::Bitmap ? bitmap(f, owner, n) : buffer(f, owner);
            close(start);
            return;
        }
        for (std::uint32_t i = 0; i < n; i++) {
            std::string* json = json_;
            if (together && i) json_ = nullptr;
            open(f, first, together ? std::optional(n) : std::nullopt,
                 array && !together ? std::optional(i) : std::nullopt);
            std::size_t start = out_.size();
            element(f, owner, i);
            close(start);
            json_ = json;
        }
    }

    void element(const Field& f, const void* owner, std::uint32_t i) {
        switch (f.kind) {
            case Kind::Unused: return out_.zeros(f.wire_size);
            case Kind::Struct: {
                if (json_) *json_ += f.struct_version ? ", " : R"(, "struct": {)";
                table(*f.table, at(f, owner, i),
                      f.struct_version ? f.struct_version : f.table->version);
                if (json_ && !f.struct_version) *json_ += '}';
                return;
            }
            case Kind::Temporary: {
                auto memory = std::make_unique<std::max_align_t[]>(
                    f.temporary->size / sizeof(std::max_align_t) + 1);
                f.temporary->enter(owner, memory.get());
                if (json_) *json_ += ", ";
                table(*f.table, memory.get(), f.table->version);
                f.temporary->destroy(memory.get());
                return;
            }
            case Kind::Custom: return f.custom->save(owner, out_);
            default: return scalar(f, at(f, owner, i));
        }
    }

    void scalar(const Field& f, const std::uint8_t* p) {
        std::uint64_t v = read_memory(p, f.memory_size, f.memory_signed);
        out_.number(f.kind == Kind::Bool ? v != 0 : v, f.wire_size);
    }
    void scalars(const Field& f, const void* owner, std::uint32_t n) {
        const std::uint8_t* p = at(f, owner, 0);
        if (f.wire_size == f.memory_size && f.kind != Kind::Bool)
            return out_.numbers(p, n, f.wire_size);
        for (std::uint32_t i = 0; i < n; i++)
            scalar(f, p + std::size_t{i} * f.memory_size);
    }
    void buffer(const Field& f, const void* owner) {
        out_.bytes(at(f, owner, 0), f.count ? f.count(owner) : f.wire_size);
    }
    void bitmap(const Field& f, const void* owner, std::uint32_t bits) {
        const std::uint8_t* p = at(f, owner, 0);
        out_.numbers(p, (bits + 63) / 64, 8);
    }

    void subsections(const Table& t, const void* owner) {
        bool any = false;
        for (const Table* s : t.subsections) {
            if (s->needed && !s->needed(owner)) continue;
            if (json_) *json_ += any ? ", {" : R"(, "subsections": [{)";
            any = true;
            out_.u8(5);
            out_.counted_string(s->name);
            out_.be32(static_cast<std::uint32_t>(s->version));
            table(*s, owner, s->version);
            if (json_) *json_ += '}';
        }
        if (any && json_) *json_ += ']';
    }

    static const std::uint8_t* at(const Field& f, const void* owner, std::uint32_t i) {
        if (!f.address) return nullptr;
        return static_cast<const std::uint8_t*>(f.address(const_cast<void*>(owner))) +
               std::size_t{i} * f.memory_size;
    }

    void open(const Field& f, bool& first, std::optional<std::uint32_t> length,
              std::optional<std::uint32_t> index) {
        if (!json_) return;
        *json_ += fmt::format(R"({}{{"name": "{}", )", first ? "" : ", ", f.name);
        if (length) *json_ += fmt::format(R"("array_len": {}, )", *length);
        if (index) *json_ += fmt::format(R"("index": {}, )", *index);
        *json_ += fmt::format(R"("type": "{}")", f.type);
        first = false;
    }
    void close(std::size_t start) {
        if (json_) *json_ += fmt::format(R"(, "size": {}}})", out_.size() - start);
    }

    Writer& out_;
    std::string* json_;
};

void walk(const Table& table, const void* owner, Writer& out, std::string* json) {
    Walk w(out, json);
    table.opaque ? w.opaque(table, owner) : w.table(table, owner, table.version);
}

}  // namespace

bool laid_out_alike(const Field& f) {
    return !f.exists && (!f.table || uniform(*f.table));
}

std::uint32_t element_count(const Field& f, const void* owner) {
    if (f.count) return f.count(owner);
    return f.array_length ? f.array_length : 1;
}

void save(const Table& table, const void* owner, Writer& out) {
    walk(table, owner, out, nullptr);
}
void save_and_describe(const Table& table, const void* owner, Writer& out, std::string& json) {
    walk(table, owner, out, &json);
}
std::string describe_section(const Table& table, const void* owner, std::string_view idstr,
                             std::int64_t instance) {
    std::string json = fmt::format(R"({{"name": "{}", "instance_id": {}, )", idstr, instance);
    Writer out;
    save_and_describe(table, owner, out, json);
    return json + '}';
}

}  // namespace vmstate
