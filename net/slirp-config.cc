// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/slirp-config.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <slirp/libslirp.h>

#include "util/cutils.h"

namespace net {

namespace {

std::uint32_t number(in_addr a) {
    return ntohl(a.s_addr);
}
in_addr address(std::uint32_t n) {
    return {htonl(n)};
}

bool parse(std::string_view text, in_addr& to) {
    return inet_aton(std::string(text).c_str(), &to) != 0;
}

/// The mask of a network that was given without one: by the class of its address, of the private
/// ones (RFC 1918) the whole block.
std::uint32_t usual_mask(std::uint32_t n) {
    constexpr struct {
        std::uint32_t mask, value, network_mask;
    } classes[] = {
        {0x80000000, 0x00000000, 0xff000000},  // A
        {0xfff00000, 0xac100000, 0xfff00000},  // 172.16.0.0/12
        {0xc0000000, 0x80000000, 0xffff0000},  // B
        {0xffff0000, 0xc0a80000, 0xffff0000},  // 192.168.0.0/16
        {0xfffe0000, 0xc6120000, 0xfffe0000},  // 198.18.0.0/15, for benchmarks (RFC 2544)
        {0xe0000000, 0xc0000000, 0xffffff00},  // C
    };
    for (const auto& c : classes)
        if ((n & c.mask) == c.value) return c.network_mask;
    return 0xfffffff0;
}

Result<void> read_network(std::string_view text, UserConfig& c) {
    const auto slash = text.find('/');
    if (!parse(text.substr(0, slash), c.network)) return fail("Failed to parse netmask");
    std::uint32_t mask = usual_mask(number(c.network));
    if (slash != text.npos) {
        const auto bits = text.substr(slash + 1);
        if (const auto n = parse_uint64(bits)) {
            if (*n < 4 || *n > 32) return fail("Invalid netmask provided (must be in range 4-32)");
            mask = ~std::uint32_t{0} << (32 - *n);
        } else if (in_addr m{}; parse(bits, m)) {
            mask = number(m);
            if (~mask & (~mask + 1)) return fail("Failed to parse netmask (trailing chars)");
        } else {
            return fail("Failed to parse netmask (trailing chars)");
        }
    }
    c.mask = address(mask);
    c.network = address(number(c.network) & mask);
    return {};
}

Result<void> read_ipv4(const qapi::NetdevUserOptions& o, UserConfig& c) {
    std::string network = o.net.value_or("10.0.2.0/24");
    if (!o.net && o.ip) network = *o.ip + "/24";
    TRY(read_network(network, c));
    const std::uint32_t mask = number(c.mask), base = number(c.network);
    auto place = [&](std::uint32_t offset) { return address(base | (offset & ~mask)); };
    auto inside = [&](in_addr a) { return (number(a) & mask) == base; };
    c.host = place(0x0202);
    c.dns = place(0x0203);
    c.dhcp_start = place(0x020f);
    auto given = [&](const std::optional<std::string>& text, in_addr& to,
                     std::string_view what) -> Result<void> {
        if (text && !parse(*text, to)) return fail("Failed to parse {}", what);
        return {};
    };
    TRY(given(o.host, c.host, "host"));
    TRY(given(o.dhcpstart, c.dhcp_start, "DHCP start address"));
    TRY(given(o.dns, c.dns, "DNS"));
    if (!inside(c.host)) return fail("Host doesn't belong to network");
    if (!inside(c.dhcp_start)) return fail("DHCP doesn't belong to network");
    if (c.restricted && !inside(c.dns)) return fail("DNS doesn't belong to network");
    if (c.host.s_addr == c.dns.s_addr) return fail("DNS must be different from host");
    if (c.dhcp_start.s_addr == c.host.s_addr || c.dhcp_start.s_addr == c.dns.s_addr)
        return fail("DHCP must be different from host and DNS");
    return {};
}

Result<void> read_ipv6(const qapi::NetdevUserOptions& o, UserConfig& c) {
    auto given = [&](const std::optional<std::string>& text, const char* otherwise, in6_addr& to,
                     std::string_view what) -> Result<void> {
        if (inet_pton(AF_INET6, text ? text->c_str() : otherwise, &to) != 1)
            return fail("Failed to parse IPv6 {}", what);
        return {};
    };
    TRY(given(o.ipv6_prefix, "fec0::", c.prefix6, "prefix"));
    const auto bits = o.ipv6_prefixlen.value_or(64);
    if (bits < 0 || bits > 126)
        return fail("Invalid IPv6 prefix provided (IPv6 prefix length must be between 0 and 126)");
    c.prefix6_length = static_cast<std::uint8_t>(bits);
    auto place = [&](std::uint8_t offset) {
        in6_addr a = c.prefix6;
        a.s6_addr[15] |= offset;
        return a;
    };
    auto inside = [&](const in6_addr& a) {
        for (unsigned i = 0; i < 16; i++) {
            const int left = static_cast<int>(bits) - static_cast<int>(8 * i);
            const unsigned mask = left >= 8 ? 0xff : left <= 0 ? 0 : 0xff00u >> left & 0xff;
            if ((a.s6_addr[i] ^ c.prefix6.s6_addr[i]) & mask) return false;
        }
        return true;
    };
    c.host6 = place(2);
    c.dns6 = place(3);
    if (o.ipv6_host) TRY(given(o.ipv6_host, nullptr, c.host6, "host"));
    if (o.ipv6_dns) TRY(given(o.ipv6_dns, nullptr, c.dns6, "DNS"));
    if (!inside(c.host6)) return fail("IPv6 Host doesn't belong to network");
    if (c.restricted && !inside(c.dns6)) return fail("IPv6 DNS doesn't belong to network");
    return {};
}

/// A DHCP option's length is one byte.
Result<std::string> dhcp_text(const std::optional<std::string>& text, std::string_view key) {
    if (text && text->size() > 255) return fail("'{}' parameter cannot exceed 255 bytes", key);
    return text.value_or("");
}

const char* or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

}  // namespace

Result<UserConfig> UserConfig::from(const qapi::NetdevUserOptions& o) {
    UserConfig c;
    c.restricted = o.restrict.value_or(false);
    // Asking for one alone is turning the other off.
    c.ipv4 = o.ipv4.value_or(!o.ipv6.value_or(false));
    c.ipv6 = o.ipv6.value_or(!o.ipv4.value_or(false));
    if (!c.ipv4 && !c.ipv6) return fail("IPv4 and IPv6 disabled");
    if (!c.ipv4 && (o.net || o.ip || o.host || o.dhcpstart || o.dns))
        return fail("IPv4 disabled but netmask/host/dns/dhcpstart provided");
    if (!c.ipv6 && (o.ipv6_prefix || o.ipv6_prefixlen || o.ipv6_host || o.ipv6_dns))
        return fail("IPv6 disabled but prefix/host6/dns6 provided");
    TRY(read_ipv4(o, c));
    TRY(read_ipv6(o, c));
    c.hostname = TRY(dhcp_text(o.hostname, "hostname"));
    c.tftp_server = TRY(dhcp_text(o.tftp_server_name, "tftp-server-name"));
    c.bootfile = TRY(dhcp_text(o.bootfile, "bootfile"));
    c.domain = TRY(dhcp_text(o.domainname, "domainname"));
    c.tftp_folder = o.tftp.value_or("");
    for (const auto& s : o.dnssearch.value_or(std::vector<qapi::String>{}))
        c.search.push_back(s.str);
    return c;
}

SlirpConfig UserConfig::for_slirp(std::vector<const char*>& search_list) const {
    search_list.clear();
    for (const auto& s : search)
        search_list.push_back(s.c_str());
    search_list.push_back(nullptr);
    SlirpConfig s{};
    s.version = 4;
    s.restricted = restricted;
    s.in_enabled = ipv4;
    s.vnetwork = network;
    s.vnetmask = mask;
    s.vhost = host;
    s.in6_enabled = ipv6;
    s.vprefix_addr6 = prefix6;
    s.vprefix_len = prefix6_length;
    s.vhost6 = host6;
    s.vhostname = or_null(hostname);
    s.tftp_server_name = or_null(tftp_server);
    s.tftp_path = or_null(tftp_folder);
    s.bootfile = or_null(bootfile);
    s.vdhcp_start = dhcp_start;
    s.vnameserver = dns;
    s.vnameserver6 = dns6;
    s.vdnssearch = search.empty() ? nullptr : search_list.data();
    s.vdomainname = or_null(domain);
    return s;
}

std::string UserConfig::network_text() const {
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &network, text, sizeof text);
    return text;
}

}  // namespace net
