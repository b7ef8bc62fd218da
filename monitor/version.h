// SPDX-License-Identifier: GPL-2.0-or-later
//
// The version that greeting and query-version tell. Clients decide by it what the emulator can do,
// so it is the version whose interfaces are implemented.
#pragma once

#include <string_view>

namespace monitor {

struct Version {
    int major, minor, micro;
    std::string_view package;
};

inline constexpr Version version{7, 2, 22, "qemu-cpp"};

}  // namespace monitor
