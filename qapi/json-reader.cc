// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads generated types from JSON, checking as it goes. Errors name the member by its path from
// the root, "props.cache[2].size", and are worded as QMP clients know them.
#include "qapi/arguments.h"
#include "qapi/visitor.h"
#include "util/cutils.h"

#include <algorithm>

namespace qapi {

namespace {

class JsonReader : public Visitor {
public:
    explicit JsonReader(const Json& root) : Visitor(true), root_(root) {}

    void begin_object(const char* name) override {
        const Json* value = next(name);
        if (!value) return;
        if (!value->object()) return wrong_type(name, "object");
        frames_.push_back({value, name, none, std::vector<bool>(value->size())});
    }

    void end_object() override {
        if (!ok()) return;
        const Frame& frame = frames_.back();
        const auto unread = std::ranges::find(frame.used, false) - frame.used.begin();
        if (unread < std::ptrdiff_t(frame.used.size())) {
            const JsonMember& member = frame.value->object()->begin()[unread];
            fail(::fail("Parameter '{}' is unexpected", path(member.key.c_str())));
        }
        frames_.pop_back();
    }

    std::size_t begin_array(const char* name, std::size_t) override {
        const Json* value = next(name);
        if (!value) return 0;
        if (!value->array()) {
            wrong_type(name, "array");
            return 0;
        }
        frames_.push_back({value, name, none, {}});
        return value->size();
    }

    void end_array() override {
        if (ok()) frames_.pop_back();
    }

    bool optional(const char* name, bool) override {
        return ok() && !frames_.empty() && frames_.back().value->find(name);
    }

    std::optional<std::size_t> alternate(const char* name, std::string_view type,
                                         std::initializer_list<Json::Kind> kinds,
                                         std::size_t) override {
        const Json* value = peek(name);
        if (!value) return {};
        const auto at = std::ranges::find_if(
            kinds, [&](Json::Kind kind) { return comparable(kind) == comparable(value->kind()); });
        if (at != kinds.end()) return std::size_t(at - kinds.begin());
        next(name);
        wrong_type(name, type);
        return {};
    }

    void integer(const char* name, std::int64_t& value) override {
        take(name, value, "integer", [](const Json& json) { return json.integer(); });
    }

    void unsigned_integer(const char* name, std::uint64_t& value) override {
        // A negative number stands for the 64-bit pattern that it has.
        take(name, value, "uint64", [](const Json& json) -> std::optional<std::uint64_t> {
            if (auto i = json.integer()) return std::uint64_t(*i);
            return json.unsigned_integer();
        });
    }

    void size(const char* name, std::uint64_t& value) override { unsigned_integer(name, value); }

    void boolean(const char* name, bool& value) override {
        take(name, value, "boolean", [](const Json& json) { return json.boolean(); });
    }

    void number(const char* name, double& value) override {
        take(name, value, "number", [](const Json& json) { return json.number(); });
    }

    void string(const char* name, std::string& value) override {
        take(name, value, "string", [](const Json& json) { return json.string(); });
    }

    void enumeration(const char* name, std::size_t& value, const EnumTable& table) override {
        const Json* json = next(name);
        if (!json) return;
        if (!json->string()) return wrong_type(name, "string");
        const auto at = std::ranges::find(table.names, *json->string());
        if (at == table.names.end()) {
            return fail(
                ::fail("Parameter '{}' does not accept value '{}'", path(name), *json->string()));
        }
        value = std::size_t(at - table.names.begin());
    }

    void any(const char* name, Json& value) override {
        if (const Json* json = next(name)) value = *json;
    }

    void null(const char* name) override {
        const Json* json = next(name);
        if (json && !json->is_null()) wrong_type(name, "null");
    }

    void refuse(const char* name, std::string_view wanted) override {
        fail(::fail("Parameter '{}' expects {}", path(name), wanted));
    }

protected:
    /// The value of that name, or the next element; counts as read. Null after an error.
    const Json* next(const char* name) {
        const Json* value = peek(name);
        if (!value || frames_.empty()) return value;
        Frame& frame = frames_.back();
        if (const JsonObject* members = frame.value->object()) {
            for (std::size_t i = 0; i < frame.used.size(); i++) {
                if (&members->begin()[i].value == value) frame.used[i] = true;
            }
        } else {
            frame.index++;
        }
        return value;
    }

    void wrong_type(const char* name, std::string_view expected) {
        fail(::fail("Invalid parameter type for '{}', expected: {}", path(name), expected));
    }

    template <class T, class Get>
    void take(const char* name, T& value, std::string_view expected, Get get) {
        const Json* json = next(name);
        if (!json) return;
        if (auto got = get(*json)) {
            value = *got;
        } else {
            wrong_type(name, expected);
        }
    }

    std::string path(const char* name) const {
        std::string text;
        const auto step = [&](const Frame& frame, const char* member) {
            if (frame.value->array()) {
                text += fmt::format("[{}]", frame.index);
            } else if (member) {
                if (!text.empty()) text += '.';
                text += member;
            }
        };
        for (std::size_t i = 0; i < frames_.size(); i++) {
            const bool last = i + 1 == frames_.size();
            step(frames_[i], last ? name : frames_[i + 1].name);
        }
        return text.empty() ? "<anonymous>" : text;
    }

private:
    static constexpr auto none = std::size_t(-1);  // + 1 is 0

    struct Frame {
        const Json* value;
        const char* name;        // in the frame around it
        std::size_t index;       // of the element read last
        std::vector<bool> used;  // which members were read
    };

    /// Numbers are one kind on the wire.
    static Json::Kind comparable(Json::Kind kind) {
        return kind == Json::Kind::integer || kind == Json::Kind::unsigned_integer
                   ? Json::Kind::number
                   : kind;
    }

    const Json* peek(const char* name) {
        if (!ok()) return nullptr;
        if (frames_.empty()) return &root_;
        const Frame& frame = frames_.back();
        if (const JsonArray* elements = frame.value->array()) return &(*elements)[frame.index + 1];
        const Json* value = frame.value->find(name);
        if (!value) fail(::fail("Parameter '{}' is missing", path(name)));
        return value;
    }

    const Json& root_;
    std::vector<Frame> frames_;
};

/// Every scalar is a string and means what the type makes of it.
class KeyvalReader final : public JsonReader {
public:
    using JsonReader::JsonReader;

    void integer(const char* name, std::int64_t& value) override {
        convert(name, value, "Invalid parameter type for '{}', expected: {}", "integer",
                parse_int64);
    }
    void unsigned_integer(const char* name, std::uint64_t& value) override {
        convert(name, value, "Invalid parameter type for '{}', expected: {}", "integer",
                parse_uint64);
    }
    void size(const char* name, std::uint64_t& value) override {
        convert(name, value, "Invalid parameter type for '{}', expected: {}", "size", parse_size);
    }
    void number(const char* name, double& value) override {
        convert(name, value, "Invalid parameter type for '{}', expected: {}", "number",
                parse_double);
    }
    void boolean(const char* name, bool& value) override {
        convert(name, value, "Parameter '{}' expects {}", "'on' or 'off'", parse_bool);
    }
    void null(const char* name) override {
        const Json* json = next(name);
        if (json && (!json->string() || !json->string()->empty())) wrong_type(name, "null");
    }

private:
    template <class T, class Format>
    void convert(const char* name, T& value, Format format, const char* expected,
                 std::optional<T> (*parse)(std::string_view)) {
        const Json* json = next(name);
        if (!json) return;
        if (!json->string()) return wrong_type(name, "string");
        if (auto parsed = parse(*json->string())) {
            value = *parsed;
        } else {
            fail(::fail(fmt::runtime(format), path(name), expected));
        }
    }
};

}  // namespace

Result<void> no_arguments(const JsonObject& arguments) {
    if (arguments.empty()) return {};
    return fail("Parameter '{}' is unexpected", arguments.begin()->key);
}

std::unique_ptr<Visitor> make_json_reader(const Json& json) {
    return std::make_unique<JsonReader>(json);
}

std::unique_ptr<Visitor> make_keyval_reader(const Json& json) {
    return std::make_unique<KeyvalReader>(json);
}

}  // namespace qapi
