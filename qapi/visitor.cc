// SPDX-License-Identifier: GPL-2.0-or-later
//
// The built-in types' visits, and the visitor that writes JSON.
#include "qapi/visitor.h"

#include <limits>

namespace qapi {

namespace {

template <class I>
void visit_narrow(Visitor& v, const char* name, I& value, std::string_view type) {
    if constexpr (std::is_signed_v<I>) {
        std::int64_t wide = value;
        v.integer(name, wide);
        value = I(wide);
        if (v.ok() && value != wide) v.refuse(name, type);
    } else {
        std::uint64_t wide = value;
        v.unsigned_integer(name, wide);
        value = I(wide);
        if (v.ok() && value != wide) v.refuse(name, type);
    }
}

class JsonWriter final : public Visitor {
public:
    explicit JsonWriter(Json& root) : Visitor(false), root_(root) {}

    void begin_object(const char* name) override {
        open_.push_back(std::pair(Json(JsonObject()), name));
    }
    void end_object() override { close(); }
    std::size_t begin_array(const char* name, std::size_t size) override {
        JsonArray elements;
        elements.reserve(size);
        open_.push_back(std::pair(Json(std::move(elements)), name));
        return size;
    }
    void end_array() override { close(); }
    bool optional(const char*, bool present) override { return present; }
    std::optional<std::size_t> alternate(const char*, std::string_view,
                                         std::initializer_list<Json::Kind>,
                                         std::size_t branch) override {
        return branch;
    }
    void integer(const char* name, std::int64_t& value) override { put(name, value); }
    void unsigned_integer(const char* name, std::uint64_t& value) override { put(name, value); }
    void size(const char* name, std::uint64_t& value) override { put(name, value); }
    void boolean(const char* name, bool& value) override { put(name, value); }
    void number(const char* name, double& value) override { put(name, value); }
    void string(const char* name, std::string& value) override { put(name, value); }
    void enumeration(const char* name, std::size_t& value, const EnumTable& table) override {
        put(name, table.names[value]);
    }
    void any(const char* name, Json& value) override { put(name, value); }
    void null(const char* name) override { put(name, nullptr); }
    void refuse(const char*, std::string_view) override {}

private:
    void close() {
        auto [value, name] = std::move(open_.back());
        open_.pop_back();
        put(name, std::move(value));
    }

    void put(const char* name, Json value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (JsonArray* elements = open_.back().first.array()) {
            elements->push_back(std::move(value));
        } else {
            open_.back().first.object()->append(name, std::move(value));
        }
    }

    Json& root_;
    std::vector<std::pair<Json, const char*>> open_;
};

}  // namespace

const EnumTable& enum_table(QType) {
    static constexpr std::string_view names[] = {"none",  "qnull", "qnum", "qstring",
                                                 "qdict", "qlist", "qbool"};
    static constexpr EnumTable table{"QType", names};
    return table;
}

void visit(Visitor& v, const char* name, QType& value) {
    visit_enum(v, name, value);
}
void visit_str(Visitor& v, const char* name, std::string& value) {
    v.string(name, value);
}
void visit_number(Visitor& v, const char* name, double& value) {
    v.number(name, value);
}
void visit_int(Visitor& v, const char* name, std::int64_t& value) {
    v.integer(name, value);
}
void visit_int64(Visitor& v, const char* name, std::int64_t& value) {
    v.integer(name, value);
}
void visit_uint64(Visitor& v, const char* name, std::uint64_t& value) {
    v.unsigned_integer(name, value);
}
void visit_size(Visitor& v, const char* name, std::uint64_t& value) {
    v.size(name, value);
}
void visit_bool(Visitor& v, const char* name, bool& value) {
    v.boolean(name, value);
}
void visit_any(Visitor& v, const char* name, Json& value) {
    v.any(name, value);
}
void visit_null(Visitor& v, const char* name, Null&) {
    v.null(name);
}

void visit_int8(Visitor& v, const char* name, std::int8_t& value) {
    visit_narrow(v, name, value, "int8_t");
}
void visit_int16(Visitor& v, const char* name, std::int16_t& value) {
    visit_narrow(v, name, value, "int16_t");
}
void visit_int32(Visitor& v, const char* name, std::int32_t& value) {
    visit_narrow(v, name, value, "int32_t");
}
void visit_uint8(Visitor& v, const char* name, std::uint8_t& value) {
    visit_narrow(v, name, value, "uint8_t");
}
void visit_uint16(Visitor& v, const char* name, std::uint16_t& value) {
    visit_narrow(v, name, value, "uint16_t");
}
void visit_uint32(Visitor& v, const char* name, std::uint32_t& value) {
    visit_narrow(v, name, value, "uint32_t");
}

void visit_strList(Visitor& v, const char* name, std::vector<std::string>& values) {
    visit_array(v, name, values, visit_str);
}
void visit_numberList(Visitor& v, const char* name, std::vector<double>& values) {
    visit_array(v, name, values, visit_number);
}
void visit_intList(Visitor& v, const char* name, std::vector<std::int64_t>& values) {
    visit_array(v, name, values, visit_int);
}
void visit_int8List(Visitor& v, const char* name, std::vector<std::int8_t>& values) {
    visit_array(v, name, values, visit_int8);
}
void visit_int16List(Visitor& v, const char* name, std::vector<std::int16_t>& values) {
    visit_array(v, name, values, visit_int16);
}
void visit_int32List(Visitor& v, const char* name, std::vector<std::int32_t>& values) {
    visit_array(v, name, values, visit_int32);
}
void visit_int64List(Visitor& v, const char* name, std::vector<std::int64_t>& values) {
    visit_array(v, name, values, visit_int64);
}
void visit_uint8List(Visitor& v, const char* name, std::vector<std::uint8_t>& values) {
    visit_array(v, name, values, visit_uint8);
}
void visit_uint16List(Visitor& v, const char* name, std::vector<std::uint16_t>& values) {
    visit_array(v, name, values, visit_uint16);
}
void visit_uint32List(Visitor& v, const char* name, std::vector<std::uint32_t>& values) {
    visit_array(v, name, values, visit_uint32);
}
void visit_uint64List(Visitor& v, const char* name, std::vector<std::uint64_t>& values) {
    visit_array(v, name, values, visit_uint64);
}
void visit_sizeList(Visitor& v, const char* name, std::vector<std::uint64_t>& values) {
    visit_array(v, name, values, visit_size);
}
void visit_boolList(Visitor& v, const char* name, std::vector<bool>& values) {
    visit_array(v, name, values, visit_bool);
}
void visit_anyList(Visitor& v, const char* name, std::vector<Json>& values) {
    visit_array(v, name, values, visit_any);
}
void visit_nullList(Visitor& v, const char* name, std::vector<Null>& values) {
    visit_array(v, name, values, visit_null);
}

std::unique_ptr<Visitor> make_json_writer(Json& json) {
    return std::make_unique<JsonWriter>(json);
}

}  // namespace qapi
