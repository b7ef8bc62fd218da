// SPDX-License-Identifier: GPL-2.0-or-later
//
// Bits that the files of bmc-sim share.
#pragma once

#include "hw/ipmi/ipmi.h"

namespace hw {

// Network functions (table 5-1).
enum NetFunction : u8 { chassis = 0x00, sensor_event = 0x04, application = 0x06, storage = 0x0a };

// BMC global enables (section 22.1) and message flags (22.4).
constexpr u8 interrupt_enables = 0x03, event_buffer_enable = 1 << 2, log_enable = 1 << 3;
constexpr u8 flag_event_buffer_full = 1 << 1, flag_watchdog_pretimeout = 1 << 3;
/// "Data not available", of the commands that take from a queue.
constexpr Completion queue_empty{0x80};

// The watchdog's use and action bytes (section 27.6).
constexpr u8 use_mask = 0x07, do_not_stop = 1 << 6, do_not_log = 1 << 7;
constexpr u8 action_mask = 0x07, pretimeout_shift = 4, pretimeout_mask = 0x07;
enum WatchdogAction : u8 { action_none, action_reset, action_power_down, action_power_cycle };
constexpr u8 pretimeout_none = 0, pretimeout_message = 3;
constexpr Completion watchdog_uninitialized{0x80};

// The watchdog's sensor: type "Watchdog 2", sensor-specific offsets 0 to 3 and 8.
constexpr u8 watchdog_sensor_number = 0, watchdog_sensor_type = 0x23, sensor_specific = 0x6f;
constexpr u16 watchdog_assertions = 0x010f;
constexpr unsigned offset_timer_interrupt = 8;
// A sensor's status; on the wire all but the lowest bit are where section 35.14 has them.
constexpr u8 sensor_present = 1 << 0, sensor_scanning = 1 << 6, sensor_events = 1 << 7;

}  // namespace hw
