// SPDX-License-Identifier: GPL-2.0-or-later
#include "migration/vmstate/tree.h"

#include <algorithm>
#include <map>

#include "migration/vmstate/load.h"
#include "migration/vmstate/save.h"

namespace vmstate {

namespace {

std::uint64_t number(std::span<const std::uint8_t> b) {
    std::uint64_t v = 0;
    for (std::uint8_t byte : b)
        v = v << 8 | byte;
    return v;
}

/// The width in bytes of "int32", "uint8 equal", "int32 le"; 0 for other types.
unsigned integer_width(std::string_view type, bool& is_signed) {
    is_signed = !type.starts_with('u');
    if (!is_signed) type.remove_prefix(1);
    if (!type.starts_with("int")) return 0;
    type.remove_prefix(3);
    const auto digits = type.substr(0, type.find(' '));
    return digits == "8" ? 1 : digits == "16" ? 2 : digits == "32" ? 4 : digits == "64" ? 8 : 0;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string s(bytes.size() * 2, '0');
    for (std::size_t i = 0; i < bytes.size(); i++) {
        s[2 * i] = digits[bytes[i] >> 4];
        s[2 * i + 1] = digits[bytes[i] & 15];
    }
    return s;
}

class Builder final : public Observer {
public:
    Builder(std::span<const std::uint8_t> data, std::size_t base) : data_(data), base_(base) {
        root_.is_struct = true;
        open_.push_back(&root_);
    }

    void leaf(const Field& f, std::size_t offset, std::size_t size, std::uint32_t count) override {
        Node n;
        n.name = f.name;
        n.type = f.type;
        n.offset = base_ + offset;
        n.size = size;
        if (count) {
            n.array_len = count;
            n.element_size = f.wire_size;
            qapi::JsonArray values;
            for (std::uint32_t i = 0; i < count; i++)
                values.push_back(decode_value(
                    f.type, data_.subspan(offset + std::size_t{i} * f.wire_size, f.wire_size)));
            n.value = std::move(values);
        } else {
            n.value = decode_value(f.type, data_.subspan(offset, size));
        }
        open_.back()->fields.push_back(std::move(n));
    }
    void begin_struct(const Field& f, const Table& t, std::size_t offset,
                      std::int64_t index) override {
        Node n = structure(t, offset, t.version);
        n.type = f.type == "vstruct" || f.type == "tmp" ? f.type : "struct";
        if (index >= 0 && laid_out_alike(f)) {
            auto& siblings = open_.back()->fields;
            if (index == 0) {
                Node array;
                array.name = f.name;
                array.type = f.type;
                array.offset = base_ + offset;
                array.is_array = true;
                array.array_len = 0;
                siblings.push_back(std::move(array));
            }
            n.name = fmt::format("[{}]", index);
            Node& array = siblings.back();
            (*array.array_len)++;
            array.fields.push_back(std::move(n));
            open_.push_back(&array.fields.back());
            return;
        }
        n.name = index >= 0 ? fmt::format("{}[{}]", f.name, index) : std::string(f.name);
        open_.back()->fields.push_back(std::move(n));
        open_.push_back(&open_.back()->fields.back());
    }
    void begin_subsection(const Table& t, int version, std::size_t offset) override {
        Node n = structure(t, offset, version);
        n.name = t.name;
        n.type = "subsection";
        open_.back()->subsections.push_back(std::move(n));
        open_.push_back(&open_.back()->subsections.back());
    }
    void end(std::size_t offset) override {
        Node& n = *open_.back();
        n.size = base_ + offset - n.offset;
        open_.pop_back();
        if (n.name.starts_with('[')) {
            Node& array = open_.back()->fields.back();
            array.size = base_ + offset - array.offset;
        }
    }

    Node take() { return std::move(root_); }

private:
    Node structure(const Table& t, std::size_t offset, int version) {
        Node n;
        n.offset = base_ + offset;
        n.vmsd = t.name;
        n.version = version;
        n.is_struct = true;
        return n;
    }

    std::span<const std::uint8_t> data_;
    std::size_t base_;
    Node root_;
    std::vector<Node*> open_;
};

}  // namespace

qapi::Json decode_value(std::string_view type, std::span<const std::uint8_t> b) {
    bool is_signed = false;
    const unsigned width = integer_width(type, is_signed);
    if ((width && width == b.size()) || (type == "timer" && b.size() == 8)) {
        const std::uint64_t v = number(b);
        if (!is_signed && width) return v;
        const unsigned unseen = 64 - 8 * static_cast<unsigned>(b.size());
        return std::int64_t(v << unseen) >> unseen;
    }
    if (type == "bool" && b.size() == 1) {
        if (b[0] < 2) return b[0] == 1;
        return std::uint64_t{b[0]};
    }
    if ((type == "bitmap" && b.size() % 8 == 0) || (type == "pci irq state" && b.size() % 4 == 0)) {
        qapi::JsonArray words;
        const std::size_t step = type == "bitmap" ? 8 : 4;
        for (std::size_t i = 0; i < b.size(); i += step) {
            const std::uint64_t v = number(b.subspan(i, step));
            words.push_back(step == 8 ? qapi::Json(fmt::format("0x{:016x}", v)) : qapi::Json(v));
        }
        return words;
    }
    if ((type == "nullptr" || type == "nullptr_marker") && b.size() == 1) return nullptr;
    return hex(b);
}

qapi::Json Node::json() const {
    qapi::JsonObject o;
    o.append("name", name);
    o.append("type", type);
    o.append("offset", offset);
    auto list = [](const std::vector<Node>& nodes) {
        qapi::JsonArray a;
        a.reserve(nodes.size());
        for (const Node& n : nodes)
            a.push_back(n.json());
        return a;
    };
    if (array_len) o.append("array_len", *array_len);
    if (is_struct && !bare) {
        o.append("vmsd", vmsd ? qapi::Json(*vmsd) : qapi::Json());
        o.append("version", version ? qapi::Json(*version) : qapi::Json());
    }
    if (is_struct) o.append("fields", list(fields));
    if (is_array) o.append("elements", list(fields));
    if (value) o.append("value", *value);
    if (element_size) o.append("elem_size", *element_size);
    if (nested) o.append("nested", *nested);
    if (!subsections.empty()) o.append("subsections", list(subsections));
    o.append("size", size);
    return o;
}

void flatten(const Node& n, const std::string& path, std::vector<FlatField>& out) {
    if (n.is_array) {
        for (const Node& e : n.fields)
            flatten(e, path + e.name, out);
        if (n.fields.empty()) out.push_back({path, qapi::JsonArray{}, n.offset, 0, n.type});
        return;
    }
    if (n.is_struct) {
        std::map<std::string_view, int> used;
        for (const Node& f : n.fields) {
            const int nth = ++used[f.name];
            flatten(f,
                    fmt::format("{}.{}{}", path, f.name, nth == 1 ? "" : fmt::format("#{}", nth)),
                    out);
        }
        for (const Node& s : n.subsections) {
            const std::string inner = fmt::format("{}.<{}>", path, s.name);
            out.push_back({inner + ".@version", s.version.value_or(0), s.offset, 0, "version"});
            flatten(s, inner, out);
        }
        return;
    }
    if (n.element_size) {
        const auto& values = *n.value->array();
        for (std::size_t i = 0; i < values.size(); i++)
            out.push_back({fmt::format("{}[{}]", path, i), values[i],
                           n.offset + i * *n.element_size, *n.element_size, n.type});
        return;
    }
    out.push_back({path, n.value.value_or(nullptr), n.offset, n.size, n.type});
}

Result<Node> decode(const Table& table, void* owner, int version,
                    std::span<const std::uint8_t> data, std::size_t base) {
    Reader in(data);
    in.set_lenient(true);
    Builder builder(data, base);
    TRY(load(table, owner, version, in, {.observer = &builder}));
    if (in.remaining())
        return in.refuse("the end of the section", fmt::format("{} more bytes", in.remaining()));
    Node root = builder.take();
    root.name = table.name;
    root.type = "struct";
    root.offset = base;
    root.size = data.size();
    root.vmsd = table.name;
    root.version = version;
    return root;
}

}  // namespace vmstate
