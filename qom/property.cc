// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reading and writing one member of a Config. A JSON value must have the right type; text is parsed
// for it. The two complain in different words, as QEMU 7.2's two visitors do, because management
// programs match on them.
#include "qom/property.h"

#include <cstring>

#include "qapi/json.h"
#include "util/cutils.h"

namespace qom {

namespace {

Error wrong_type(std::string_view name, std::string_view expected) {
    return fail("Invalid parameter type for '{}', expected: {}", name, expected);
}

Error expects(std::string_view name, std::string_view what) {
    return fail("Parameter '{}' expects {}", name, what);
}

std::string c_type(const Property& p) {
    return fmt::format("{}int{}_t", p.kind == PropertyKind::Signed ? "" : "u", 8 * p.size);
}

/// An integer of either sign: 64 bits and which way to read them.
struct Number {
    std::uint64_t bits = 0;
    bool negative = false;
};

bool fits(const Property& p, Number n) {
    if (p.size == 8) return p.kind == PropertyKind::Signed ? n.negative || n.bits >> 63 == 0 : true;
    const unsigned width = 8 * p.size;
    if (p.kind == PropertyKind::Signed) {
        const auto value = static_cast<std::int64_t>(n.bits);
        const std::int64_t limit = std::int64_t{1} << (width - 1);
        return (n.negative || value >= 0) && value >= -limit && value < limit;
    }
    return !n.negative && n.bits >> width == 0;
}

Result<void> store_number(const Property& p, void* config, std::string_view type_name, Number n) {
    if (!fits(p, n)) return expects(p.name, c_type(p));
    if (p.minimum || p.maximum) {
        const bool low = n.negative
                             ? static_cast<std::int64_t>(n.bits) < p.minimum
                             : p.minimum > 0 && n.bits < static_cast<std::uint64_t>(p.minimum);
        if (low || (!n.negative && n.bits > p.maximum))
            return fail("Property {}.{} doesn't take value {} (minimum: {}, maximum: {})",
                        type_name, p.name,
                        n.negative ? std::to_string(static_cast<std::int64_t>(n.bits))
                                   : std::to_string(n.bits),
                        p.minimum, p.maximum);
    }
    std::memcpy(p.address(config), &n.bits, p.size);
    return {};
}

bool parse_number(std::string_view text, Number& n) {
    if (auto i = parse_int64(text))
        n = {static_cast<std::uint64_t>(*i), *i < 0};
    else if (auto u = parse_uint64(text))
        n = {*u, false};
    else
        return false;
    return true;
}

constexpr std::string_view on_off_auto_words[] = {"auto", "on", "off"};

std::span<const std::string_view> words_of(const Property& p) {
    return p.kind == PropertyKind::OnOffAuto ? std::span<const std::string_view>(on_off_auto_words)
                                             : p.words->words;
}

Result<void> store_word(const Property& p, void* config, std::string_view word) {
    const auto words = words_of(p);
    for (std::uint64_t i = 0; i < words.size(); i++)
        if (words[i] == word) {
            std::memcpy(p.address(config), &i, p.kind == PropertyKind::OnOffAuto ? 1 : p.size);
            return {};
        }
    return fail("Parameter '{}' does not accept value '{}'", p.name, word);
}

Result<void> set_custom(const Property& p, void* config, std::string_view type_name,
                        const qapi::Json& value) {
    auto done = p.custom->set(p.address(config), value);
    if (done || !done.error().description().empty()) return done;
    // The hook leaves the words to us.
    Error e = fail("Property '{}.{}' doesn't take value '{}'", type_name, p.name,
                   value.string() ? *value.string() : value.text());
    if (!done.error().hint().empty()) return std::move(e).with_hint(done.error().hint());
    return e;
}

}  // namespace

Result<void> set(const Property& p, void* config, std::string_view type_name,
                 const qapi::Json& value) {
    switch (p.kind) {
        case PropertyKind::Bool: {
            const bool* b = value.boolean();
            if (!b) return wrong_type(p.name, "boolean");
            *static_cast<bool*>(p.address(config)) = *b;
            return {};
        }
        case PropertyKind::Unsigned:
        case PropertyKind::Size: {
            Number n;
            if (auto u = value.unsigned_integer())
                n.bits = *u;
            else if (auto i = value.integer(); i && p.size < 8)
                n = {static_cast<std::uint64_t>(*i), true};
            else
                return expects(p.name, "uint64");
            return store_number(p, config, type_name, n);
        }
        case PropertyKind::Signed: {
            auto i = value.integer();
            if (!i) return wrong_type(p.name, "integer");
            return store_number(p, config, type_name, {static_cast<std::uint64_t>(*i), *i < 0});
        }
        case PropertyKind::String:
            if (!value.string()) return wrong_type(p.name, "string");
            *static_cast<std::string*>(p.address(config)) = *value.string();
            return {};
        case PropertyKind::OnOffAuto:
        case PropertyKind::Enum:
            if (!value.string()) return wrong_type(p.name, "string");
            return store_word(p, config, *value.string());
        case PropertyKind::Custom: return set_custom(p, config, type_name, value);
    }
    return {};
}

Result<void> set_text(const Property& p, void* config, std::string_view type_name,
                      std::string_view text) {
    switch (p.kind) {
        case PropertyKind::Bool: {
            auto on = parse_bool(text);
            if (!on) return expects(p.name, "'on' or 'off'");
            *static_cast<bool*>(p.address(config)) = *on;
            return {};
        }
        case PropertyKind::Unsigned:
        case PropertyKind::Signed: {
            Number n;
            if (!parse_number(text, n)) return expects(p.name, "integer");
            // A mask of 64 bits may be written as -1.
            if (p.kind == PropertyKind::Unsigned && p.size == 8) n.negative = false;
            return store_number(p, config, type_name, n);
        }
        case PropertyKind::Size: {
            auto bytes = parse_size(text);
            if (!bytes) return expects(p.name, "a size value");
            return store_number(p, config, type_name, {*bytes, false});
        }
        case PropertyKind::String: *static_cast<std::string*>(p.address(config)) = text; return {};
        case PropertyKind::OnOffAuto:
        case PropertyKind::Enum: return store_word(p, config, text);
        case PropertyKind::Custom: return set_custom(p, config, type_name, qapi::Json(text));
    }
    return {};
}

qapi::Json get(const Property& p, const void* config) {
    const void* member = p.address(const_cast<void*>(config));
    std::uint64_t bits = 0;
    switch (p.kind) {
        case PropertyKind::Bool: return *static_cast<const bool*>(member);
        case PropertyKind::Unsigned:
        case PropertyKind::Size: std::memcpy(&bits, member, p.size); return bits;
        case PropertyKind::Signed: {
            std::memcpy(&bits, member, p.size);
            const unsigned unused = 64 - 8 * p.size;
            return static_cast<std::int64_t>(bits << unused) >> unused;
        }
        case PropertyKind::String: return *static_cast<const std::string*>(member);
        case PropertyKind::OnOffAuto:
        case PropertyKind::Enum:
            std::memcpy(&bits, member, p.kind == PropertyKind::OnOffAuto ? 1 : p.size);
            return words_of(p)[bits];
        case PropertyKind::Custom: return p.custom->get(member);
    }
    return {};
}

}  // namespace qom
