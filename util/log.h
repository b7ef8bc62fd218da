// SPDX-License-Identifier: GPL-2.0-or-later
//
// The debug log (`-d item,... -D file`) and what a guest does wrong. A Log belongs to a Vm; the
// mask is read on hot paths, so test it before formatting.
#pragma once

#include <fmt/core.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "util/result.h"
#include "util/trace.h"

enum class LogItem : std::uint32_t {
    in_asm = 1 << 0,
    interrupts = 1 << 1,  // -d int
    cpu = 1 << 2,
    exec = 1 << 3,
    guest_errors = 1 << 4,
    mmu = 1 << 5,
    unimp = 1 << 6,
    cpu_reset = 1 << 7,
    page = 1 << 8,
    nochain = 1 << 9,
};

class Log {
public:
    Log();
    ~Log();
    Log(const Log&) = delete;

    bool on(LogItem item) const {
        return mask_.load(std::memory_order_relaxed) & static_cast<std::uint32_t>(item);
    }
    /// "in_asm,int,trace:pic_*"; an unknown item is an Error that lists the known ones.
    Result<void> set_items(std::string_view list);
    /// `%d` in the name becomes the process id. Empty: stderr.
    Result<void> set_file(const std::string& name);
    /// The table behind `-d help`, one line an item.
    static std::string help();

    void write(std::string_view text);
    template <class... A>
    void print(LogItem item, fmt::format_string<A...> format, A&&... args) {
        if (on(item)) write(fmt::format(format, std::forward<A>(args)...));
    }
    /// A guest's mistake: logged with `-d guest_errors`, and never more than a burst a second from
    /// one caller.
    template <class... A>
    void guest_error(fmt::format_string<A...> format, A&&... args) {
        if (on(LogItem::guest_errors) && may_complain())
            write(fmt::format(format, std::forward<A>(args)...));
    }
    template <class... A>
    void unimplemented(fmt::format_string<A...> format, A&&... args) {
        if (on(LogItem::unimp) && may_complain())
            write(fmt::format(format, std::forward<A>(args)...));
    }

    TraceSwitches trace_points;
    template <class... A>
    void trace(TracePoint point, fmt::format_string<A...> format, A&&... args) {
        if (trace_points.on(point))
            write(fmt::format("{} {}\n", TraceSwitches::name(point),
                              fmt::format(format, std::forward<A>(args)...)));
    }

private:
    bool may_complain();
    struct File;
    std::atomic<std::uint32_t> mask_{0};
    std::mutex mutex_;
    std::unique_ptr<File> file_;
    std::int64_t window_start_ = 0;
    unsigned in_window_ = 0, dropped_ = 0;
};
