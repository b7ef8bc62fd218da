// SPDX-License-Identifier: GPL-2.0-or-later
//
// What -netdev user is told, checked and in libslirp's terms.
#pragma once

#include <netinet/in.h>

#include <string>
#include <vector>

#include "qapi/qapi-types-net.h"
#include "util/result.h"

struct SlirpConfig;

namespace net {

struct UserConfig {
    bool restricted = false, ipv4 = true, ipv6 = true;
    in_addr network{}, mask{}, host{}, dhcp_start{}, dns{};
    in6_addr prefix6{}, host6{}, dns6{};
    std::uint8_t prefix6_length = 64;
    // Empty: not told.
    std::string hostname, tftp_server, tftp_folder, bootfile, domain;
    std::vector<std::string> search;

    static Result<UserConfig> from(const qapi::NetdevUserOptions&);
    /// What slirp_new() takes. It points into this object and into `search_list`.
    SlirpConfig for_slirp(std::vector<const char*>& search_list) const;
    std::string network_text() const;
};

}  // namespace net
