// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/options.h"

#include <algorithm>
#include <array>

#include "qapi/qapi-visit-net.h"

namespace net {

namespace {

using qapi::Json;
using qapi::JsonArray;
using qapi::JsonObject;

constexpr std::string_view with_dotted_keys[] = {"stream", "dgram"};
/// Back ends of QEMU 7.2 that this program lacks.
constexpr std::string_view absent[] = {"tap",    "bridge",     "l2tpv3",    "vde",
                                       "netmap", "vhost-user", "vhost-vdpa"};

template <std::size_t N>
bool among(const std::string_view (&list)[N], std::string_view word) {
    return std::ranges::find(list, word) != std::end(list);
}

/// Keys that may be given several times; in QMP they are lists of objects.
void wrap_repeated(JsonObject& o) {
    for (std::string_view key : {"hostfwd", "guestfwd", "dnssearch"}) {
        Json* given = o.find(key);
        if (!given) continue;
        JsonArray list;
        auto add = [&](const Json& one) {
            JsonObject element;
            element.set("str", one);
            list.push_back(std::move(element));
        };
        if (const JsonArray* several = given->array())
            for (const Json& one : *several)
                add(one);
        else
            add(*given);
        *given = std::move(list);
    }
}

/// "fec0::/64" is prefix and length in one.
void split_ipv6_network(JsonObject& o) {
    Json* given = o.find("ipv6-net");
    if (!given || !given->string()) return;
    const std::string text = *given->string();
    const auto slash = text.find('/');
    o.erase("ipv6-net");
    o.set("ipv6-prefix", text.substr(0, slash));
    if (slash != text.npos) o.set("ipv6-prefixlen", text.substr(slash + 1));
}

}  // namespace

Result<qapi::Argument> parse_netdev(std::string_view text) {
    auto flat = TRY(qapi::parse_options_or_json(text, "type"));
    if (!flat.value.object()) return fail("expected a JSON object");
    const Json* type = flat.value.find("type");
    if (flat.form == qapi::Argument::Form::options && type && type->string() &&
        among(with_dotted_keys, *type->string()))
        return qapi::parse_keyval(text, "type");
    return flat;
}

Result<qapi::Netdev> netdev_from(qapi::Argument argument) {
    JsonObject& o = *argument.value.object();
    if (const Json* type = o.find("type"); type && type->string() && among(absent, *type->string()))
        return fail("network backend '{}' is not supported by this program", *type->string());
    if (o.find("smb") || o.find("smbserver"))
        return fail("Parameter 'smb' is not supported: this program starts no file server");
    if (argument.form == qapi::Argument::Form::options) {
        split_ipv6_network(o);
        wrap_repeated(o);
    }
    return qapi::from_argument<qapi::Netdev>(argument);
}

}  // namespace net
