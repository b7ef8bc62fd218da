// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/pc-rtc.h"

#include <ctime>

namespace hw {

Result<RtcSource> rtc_source(const MachineConfig& c, ClockSet& clocks) {
    Clock& clock = c.rtc_clock_vm   ? static_cast<Clock&>(clocks.virt)
                   : c.rtc_clock_rt ? static_cast<Clock&>(clocks.realtime)
                                    : static_cast<Clock&>(clocks.host);
    const bool on_host = !c.rtc_clock_vm && !c.rtc_clock_rt;
    const std::time_t now = std::time(nullptr);
    if (c.rtc_base == "utc") return RtcSource{clock, now, on_host};
    std::tm tm{};
    if (c.rtc_base == "localtime") {
        localtime_r(&now, &tm);
        return RtcSource{clock, timegm(&tm), on_host};
    }
    const char* end = strptime(c.rtc_base.c_str(), "%Y-%m-%dT%H:%M:%S", &tm);
    if (!end || *end) {
        tm = {};
        end = strptime(c.rtc_base.c_str(), "%Y-%m-%d", &tm);
    }
    if (!end || *end)
        return fail("invalid datetime format")
            .with_hint("valid formats: '2006-06-17T16:01:21' or '2006-06-17'");
    return RtcSource{clock, timegm(&tm), on_host};
}

}  // namespace hw
