// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/forwards.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <optional>

#include "util/cutils.h"

namespace net {

namespace {

bool parse(std::string_view text, in_addr& to) {
    return inet_aton(std::string(text).c_str(), &to) != 0;
}

/// Up to `separator`, which is taken too.
std::optional<std::string_view> take(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    if (end == text.npos) return {};
    const auto part = text.substr(0, end);
    text.remove_prefix(end + 1);
    return part;
}

std::optional<std::uint16_t> port(std::string_view text, unsigned lowest) {
    const auto n = parse_uint64(text);
    if (!n || *n < lowest || *n > 65535) return {};
    return static_cast<std::uint16_t>(*n);
}

bool read_protocol(std::string_view word, bool& udp) {
    udp = word == "udp";
    return udp || word == "tcp" || word.empty();
}

}  // namespace

Result<HostForward> parse_host_end(std::string_view text) {
    HostForward f;
    const auto protocol = take(text, ':');
    if (!protocol) return fail("No : separators");
    if (!read_protocol(*protocol, f.udp)) return fail("Bad protocol name");
    const auto host = take(text, ':');
    if (!host) return fail("Missing : separator");
    if (!host->empty() && !parse(*host, f.host)) return fail("Bad host address");
    const auto host_port = port(text, 0);
    if (!host_port) return fail("Bad host port");
    f.host_port = *host_port;
    return f;
}

Result<HostForward> parse_host_forward(std::string_view rule) {
    auto read = [&]() -> Result<HostForward> {
        std::string_view guest = rule;
        const auto host = take(guest, '-');
        // Say what is wrong with the first part first.
        HostForward f = TRY(parse_host_end(host.value_or(rule)));
        if (!host) return fail("Bad host port separator");
        const auto guest_address = take(guest, ':');
        if (!guest_address) return fail("Missing guest address");
        if (!guest_address->empty() && !parse(*guest_address, f.guest))
            return fail("Bad guest address");
        const auto guest_port = port(guest, 1);
        if (!guest_port) return fail("Bad guest port");
        f.guest_port = *guest_port;
        return f;
    };
    auto f = read();
    if (!f) return fail("Invalid host forwarding rule '{}' ({})", rule, f.error().description());
    return f;
}

Result<GuestForward> parse_guest_forward(std::string_view rule) {
    GuestForward f;
    std::string_view rest = rule;
    const auto bad = [&] { return fail("Invalid guest forwarding rule '{}'", rule); };
    bool udp = false;
    const auto protocol = take(rest, ':'), server = take(rest, ':');
    if (!protocol || !server || !read_protocol(*protocol, udp) || udp) return bad();
    if (!server->empty() && !parse(*server, f.address)) return bad();
    const auto server_port = take(rest, '-');
    const auto n = server_port ? port(*server_port, 1) : std::nullopt;
    if (!n || rest.empty()) return bad();
    f.port = *n;
    f.target = rest;
    return f;
}

}  // namespace net
