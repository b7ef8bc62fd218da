// SPDX-License-Identifier: GPL-2.0-or-later
#include "qapi/json-reader.h"

#include "qapi/arguments.h"

#include <algorithm>

namespace qapi {

namespace {

/// Numbers are one kind on the wire.
Json::Kind wire_kind(Json::Kind kind) {
    const bool integer = kind == Json::Kind::integer || kind == Json::Kind::unsigned_integer;
    return integer ? Json::Kind::number : kind;
}

}  // namespace

const Json* JsonReader::peek(const char* name) {
    if (!ok()) return nullptr;
    if (frames_.empty()) return &root_;
    const Frame& frame = frames_.back();
    if (const JsonArray* elements = frame.value->array()) return &(*elements)[frame.index + 1];
    const Json* value = frame.value->find(name);
    if (!value) fail(::fail("Parameter '{}' is missing", path(name)));
    return value;
}

const Json* JsonReader::next(const char* name) {
    const Json* value = peek(name);
    if (!value || frames_.empty()) return value;
    Frame& frame = frames_.back();
    frame.index++;
    if (const JsonObject* members = frame.value->object()) {
        const auto at =
            std::find_if(members->begin(), members->end(),
                         [&](const JsonMember& member) { return &member.value == value; });
        frame.used[std::size_t(at - members->begin())] = true;
    }
    return value;
}

void JsonReader::enter(const Json& value, const char* name) {
    constexpr auto none = std::size_t(-1);  // + 1 is 0
    frames_.push_back({&value, name, none, std::vector<bool>(value.object() ? value.size() : 0)});
}

std::string JsonReader::path(const char* name) const {
    std::string text;
    for (std::size_t i = 0; i < frames_.size(); i++) {
        const char* member = i + 1 == frames_.size() ? name : frames_[i + 1].name;
        if (frames_[i].value->array()) {
            text += fmt::format("[{}]", frames_[i].index);
        } else if (member) {
            if (!text.empty()) text += '.';
            text += member;
        }
    }
    return text.empty() ? "<anonymous>" : text;
}

void JsonReader::wrong_type(const char* name, std::string_view expected) {
    fail(::fail("Invalid parameter type for '{}', expected: {}", path(name), expected));
}

void JsonReader::wrong_value(const char* name, std::string_view expected) {
    fail(::fail("Parameter '{}' expects {}", path(name), expected));
}

Error JsonReader::unexpected(const std::string& member) const {
    return ::fail("Parameter '{}' is unexpected", member);
}

void JsonReader::begin_object(const char* name) {
    const Json* value = next(name);
    if (!value) return;
    if (!value->object()) return wrong_type(name, "object");
    enter(*value, name);
}

void JsonReader::end_object() {
    if (!ok()) return;
    const Frame& frame = frames_.back();
    const auto unread = std::ranges::find(frame.used, false) - frame.used.begin();
    if (unread < std::ptrdiff_t(frame.used.size())) {
        fail(unexpected(path(frame.value->object()->begin()[unread].key.c_str())));
    }
    frames_.pop_back();
}

std::size_t JsonReader::begin_array(const char* name, std::size_t) {
    const Json* value = next(name);
    if (!value) return 0;
    if (!value->array()) {
        wrong_type(name, "array");
        return 0;
    }
    enter(*value, name);
    return value->size();
}

void JsonReader::end_array() {
    if (ok()) frames_.pop_back();
}

bool JsonReader::optional(const char* name, bool) {
    return ok() && !frames_.empty() && frames_.back().value->find(name);
}

std::optional<std::size_t> JsonReader::alternate(const char* name, std::string_view type,
                                                 std::initializer_list<Json::Kind> kinds,
                                                 std::size_t) {
    const Json* value = peek(name);
    if (!value) return {};
    const auto at = std::ranges::find(kinds, wire_kind(value->kind()), wire_kind);
    if (at != kinds.end()) return std::size_t(at - kinds.begin());
    next(name);
    wrong_type(name, type);
    return {};
}

void JsonReader::integer(const char* name, std::int64_t& value) {
    const Json* json = next(name);
    if (!json) return;
    if (!json->integer()) return wrong_type(name, "integer");
    value = *json->integer();
}

void JsonReader::unsigned_integer(const char* name, std::uint64_t& value) {
    const Json* json = next(name);
    if (!json) return;
    if (auto negative = json->integer()) {
        value = std::uint64_t(*negative);  // stands for the pattern of its 64 bits
    } else if (auto got = json->unsigned_integer()) {
        value = *got;
    } else {
        wrong_value(name, "uint64");
    }
}

void JsonReader::size(const char* name, std::uint64_t& value) {
    unsigned_integer(name, value);
}

void JsonReader::boolean(const char* name, bool& value) {
    const Json* json = next(name);
    if (!json) return;
    if (!json->boolean()) return wrong_type(name, "boolean");
    value = *json->boolean();
}

void JsonReader::number(const char* name, double& value) {
    const Json* json = next(name);
    if (!json) return;
    if (!json->number()) return wrong_type(name, "number");
    value = *json->number();
}

void JsonReader::string(const char* name, std::string& value) {
    const Json* json = scalar(name);
    if (!json) return;
    if (!json->string()) return wrong_type(name, "string");
    value = *json->string();
}

void JsonReader::enumeration(const char* name, std::size_t& value, const EnumTable& table) {
    const Json* json = scalar(name);
    if (!json) return;
    if (!json->string()) return wrong_type(name, "string");
    const auto at = std::ranges::find(table.names, *json->string());
    if (at == table.names.end()) {
        return fail(::fail("Parameter '{}' does not accept value '{}'", name ? name : "null",
                           *json->string()));
    }
    value = std::size_t(at - table.names.begin());
}

void JsonReader::any(const char* name, Json& value) {
    if (const Json* json = next(name)) value = *json;
}

void JsonReader::null(const char* name) {
    const Json* json = next(name);
    if (json && !json->is_null()) wrong_type(name, "null");
}

void JsonReader::refuse(const char* name, std::string_view wanted) {
    fail(::fail("Parameter '{}' expects {}", name ? name : "null", wanted));
}

Result<void> no_arguments(const JsonObject& arguments) {
    if (arguments.empty()) return {};
    return fail("Parameter '{}' is unexpected", arguments.begin()->key);
}

std::unique_ptr<Visitor> make_json_reader(const Json& json) {
    return std::make_unique<JsonReader>(json);
}

}  // namespace qapi
