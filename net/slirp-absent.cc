// SPDX-License-Identifier: GPL-2.0-or-later
//
// Stands in for -netdev user where there is no libslirp.
#include "net/backends.h"
#include "net/forwards.h"

namespace net {

bool user_available() {
    return false;
}

Backend make_user(const Host&, const std::string&, const qapi::NetdevUserOptions&) {
    return fail("network backend 'user' is not compiled into this binary")
        .with_hint("it needs libslirp");
}

}  // namespace net
