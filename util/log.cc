// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/log.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>

namespace {

struct Item {
    LogItem item;
    std::string_view name, help;
};
constexpr std::array items{
    Item{LogItem::in_asm, "in_asm", "show guest assembly of each block when it is first decoded"},
    Item{LogItem::interrupts, "int", "show interrupts and exceptions as they are delivered"},
    Item{LogItem::cpu, "cpu", "show the CPU registers before each block"},
    Item{LogItem::exec, "exec", "show the address of each block before it runs"},
    Item{LogItem::guest_errors, "guest_errors", "log what the guest does wrong"},
    Item{LogItem::mmu, "mmu", "log page faults and TLB flushes"},
    Item{LogItem::unimp, "unimp", "log guest use of functions that are not implemented"},
    Item{LogItem::cpu_reset, "cpu_reset", "show the CPU registers before a reset"},
    Item{LogItem::page, "page", "log changes to the guest memory layout"},
    Item{LogItem::nochain, "nochain", "do not chain blocks, so that exec and cpu show every one"},
};

constexpr unsigned complaints_per_second = 100;

std::int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

struct Log::File {
    std::FILE* stream = stderr;
    ~File() { close(); }
    void close() {
        if (stream != stderr) std::fclose(stream);
    }
};

Log::Log() : file_(std::make_unique<File>()) {}
Log::~Log() = default;

Result<void> Log::set_items(std::string_view list) {
    std::uint32_t mask = 0;
    while (!list.empty()) {
        auto word = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), word.size() + 1));
        std::uint32_t bits = 0;
        for (const Item& i : items)
            if (word == i.name || word == "all") bits |= static_cast<std::uint32_t>(i.item);
        if (word == "none") continue;
        if (word.starts_with("trace:")) {
            for (TracePoint p : TraceSwitches::matching(word.substr(6)))
                trace_points.set(p, true);
            continue;
        }
        if (!bits) return fail("unknown log item '{}'", word).with_hint("items are:\n" + help());
        mask |= bits;
    }
    mask_ = mask;
    return {};
}

Result<void> Log::set_file(const std::string& name) {
    std::string path = name;
    if (auto at = path.find("%d"); at != std::string::npos)
        path.replace(at, 2, std::to_string(getpid()));
    std::lock_guard guard(mutex_);
    std::FILE* stream = path.empty() ? stderr : std::fopen(path.c_str(), "w");
    if (!stream) return fail_errno(errno, fmt::format("Could not open log file '{}'", path));
    file_->close();
    file_->stream = stream;
    return {};
}

std::string Log::help() {
    std::string text;
    for (const Item& i : items)
        text += fmt::format("{:<14} {}\n", i.name, i.help);
    text += fmt::format("{:<14} {}\n", "trace:PATTERN", "enable trace points, as -trace does");
    return text;
}

void Log::write(std::string_view text) {
    std::lock_guard guard(mutex_);
    std::fwrite(text.data(), 1, text.size(), file_->stream);
    if (text.empty() || text.back() != '\n') std::fputc('\n', file_->stream);
    std::fflush(file_->stream);
}

bool Log::may_complain() {
    std::lock_guard guard(mutex_);
    const auto now = now_ms();
    if (now - window_start_ >= 1000) {
        if (dropped_) std::fprintf(file_->stream, "(%u more messages dropped)\n", dropped_);
        window_start_ = now;
        in_window_ = dropped_ = 0;
    }
    if (in_window_++ < complaints_per_second) return true;
    dropped_++;
    return false;
}
