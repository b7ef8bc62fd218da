// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a monitor says of itself (VESA Enhanced EDID 1.4, CTA-861, DisplayID 1.3), for a monitor
// that has no preference but what the user set.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "exec/memory.h"

namespace hw {

struct Monitor {
    std::uint32_t xres = 1280, yres = 800;
    std::uint32_t xmax = 0, ymax = 0;      // larger modes are not offered; 0: all are
    std::uint32_t refresh_millihertz = 0;  // 0: 75 Hz
};

/// The base block and two extensions. The last is there, and counted, only for preferred modes
/// that the base block has no room for.
using Edid = std::array<std::uint8_t, 384>;
Edid make_edid(const Monitor&);
/// The same from a device's properties; where they say nothing they say afterwards what was chosen.
template <class Config>
Edid make_edid_for(Config& c) {
    constexpr Monitor standard;
    if (!c.xres) c.xres = standard.xres;
    if (!c.yres) c.yres = standard.yres;
    return make_edid({c.xres, c.yres, c.xmax, c.ymax, c.refresh_rate});
}

/// An EDID that the guest reads in memory, at the beginning of a display's register window.
class EdidWindow {
public:
    void attach(exec::MemoryRegion& registers, const Edid&);
    std::uint64_t read(exec::hwaddr offset, unsigned) { return edid_[offset]; }
    void write(exec::hwaddr, std::uint64_t, unsigned) {}

private:
    Edid edid_{};
    std::unique_ptr<exec::MemoryRegion> region_;
};

}  // namespace hw
