// SPDX-License-Identifier: GPL-2.0-or-later
#include "accel/qtest/protocol.h"

#include <algorithm>

#include "accel/qtest/encoding.h"
#include "exec/address-space.h"
#include "hw/core/device.h"
#include "qom/object.h"
#include "util/cutils.h"
#include "util/timer.h"

namespace qtest {

namespace {

/// More than this in one command is a mistake of the test, not a need.
constexpr std::uint64_t block_limit = 256 << 20;
constexpr std::string_view unnamed_input = "unnamed-gpio-in";

std::string refuse(std::string_view why) {
    return fmt::format("FAIL {}", why);
}

/// Numbers as strtoull() reads them, the whole word.
bool number(std::string_view word, std::uint64_t& value) {
    auto n = parse_uint64(word);
    if (n) value = *n;
    return n.has_value();
}

/// "b" w l q at the end of a command's name.
unsigned access_size(std::string_view command) {
    switch (command.back()) {
        case 'b': return 1;
        case 'w': return 2;
        case 'l': return 4;
        default: return 8;
    }
}

std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> words;
    for (;;) {
        const auto end = line.find(' ');
        words.push_back(line.substr(0, end));
        if (end == line.npos) return words;
        line.remove_prefix(end + 1);
    }
}

const std::string bad_number = "FAIL a number was expected";
const std::string bad_size = "FAIL the block is too large";

}  // namespace

void step_clock(VirtualClock& clock, std::int64_t end) {
    for (std::int64_t next; (next = clock.next_deadline()) != -1 && next <= end;) {
        if (next > clock.now_ns()) clock.set_now(next);
        clock.run_timers();
    }
    if (end > clock.now_ns()) clock.set_now(end);
}

struct Protocol::Command {
    std::string_view name;
    unsigned arguments;  // at least
    std::string (Protocol::*run)(const Bql&, Words);
    bool needs_clock = false;
};

std::span<const Protocol::Command> Protocol::commands() {
    using P = Protocol;
    static constexpr Command table[] = {
        {"inb", 1, &P::in},
        {"inw", 1, &P::in},
        {"inl", 1, &P::in},
        {"outb", 2, &P::out},
        {"outw", 2, &P::out},
        {"outl", 2, &P::out},
        {"readb", 1, &P::load},
        {"readw", 1, &P::load},
        {"readl", 1, &P::load},
        {"readq", 1, &P::load},
        {"writeb", 2, &P::store},
        {"writew", 2, &P::store},
        {"writel", 2, &P::store},
        {"writeq", 2, &P::store},
        {"read", 2, &P::read},
        {"b64read", 2, &P::read},
        {"write", 3, &P::write},
        {"b64write", 3, &P::write},
        {"memset", 3, &P::fill},
        {"clock_step", 0, &P::step, true},
        {"clock_set", 1, &P::set_clock, true},
        {"irq_intercept_in", 1, &P::intercept},
        {"irq_intercept_out", 1, &P::intercept},
        {"set_irq_in", 4, &P::set_input},
        {"endianness", 0, &P::endianness},
        {"module_load", 2, &P::load_module},
    };
    return table;
}

Protocol::Protocol(Target target, std::function<void(std::string_view)> notify)
    : target_(target), notify_(std::move(notify)) {}

Protocol::~Protocol() {
    stop_intercepting();
}

std::string Protocol::execute(const Bql& bql, std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto words = split(line);
    for (const Command& c : commands())
        if (c.name == words[0] && (!c.needs_clock || target_.clock)) {
            if (words.size() <= c.arguments)
                return refuse(fmt::format("'{}' takes {} arguments", c.name, c.arguments));
            return (this->*c.run)(bql, words);
        }
    return refuse(fmt::format("Unknown command '{}'", words[0]));
}

std::string Protocol::in(const Bql& bql, Words words) {
    std::uint64_t port, value;
    if (!number(words[1], port)) return bad_number;
    if (port > 0xffff) return refuse("a port is at most 0xffff");
    (void)target_.io.load(bql, port, access_size(words[0]), value);
    return fmt::format("OK {:#06x}", value);
}

std::string Protocol::out(const Bql& bql, Words words) {
    std::uint64_t port, value;
    if (!number(words[1], port) || !number(words[2], value)) return bad_number;
    if (port > 0xffff) return refuse("a port is at most 0xffff");
    (void)target_.io.store(bql, port, access_size(words[0]), value);
    return "OK";
}

std::string Protocol::load(const Bql& bql, Words words) {
    std::uint64_t address, value;
    if (!number(words[1], address)) return bad_number;
    (void)target_.memory.load(bql, address, access_size(words[0]), value);
    return fmt::format("OK {:#018x}", value);
}

std::string Protocol::store(const Bql& bql, Words words) {
    std::uint64_t address, value;
    if (!number(words[1], address) || !number(words[2], value)) return bad_number;
    (void)target_.memory.store(bql, address, access_size(words[0]), value);
    return "OK";
}

std::string Protocol::read(const Bql& bql, Words words) {
    std::uint64_t address, size;
    if (!number(words[1], address) || !number(words[2], size)) return bad_number;
    if (size > block_limit) return bad_size;
    std::vector<std::uint8_t> bytes(size);
    (void)target_.memory.read(bql, address, bytes);
    return words[0] == "read" ? "OK 0x" + to_hex(bytes) : "OK " + to_base64(bytes);
}

std::string Protocol::write(const Bql& bql, Words words) {
    std::uint64_t address, size;
    if (!number(words[1], address) || !number(words[2], size)) return bad_number;
    if (size > block_limit) return bad_size;
    auto bytes = words[0] == "write" ? from_hex(words[3]) : from_base64(words[3]);
    if (!bytes) return refuse("the data cannot be decoded");
    // Hexadecimal data that is short is filled up with zeros; base64 is written as far as it goes.
    if (words[0] == "write" || bytes->size() > size) bytes->resize(size);
    (void)target_.memory.write(bql, address, *bytes);
    return "OK";
}

std::string Protocol::fill(const Bql& bql, Words words) {
    std::uint64_t address, size, value;
    if (!number(words[1], address) || !number(words[2], size) || !number(words[3], value))
        return bad_number;
    if (size > block_limit) return bad_size;
    const std::vector<std::uint8_t> bytes(size, static_cast<std::uint8_t>(value));
    (void)target_.memory.write(bql, address, bytes);
    return "OK";
}

std::string Protocol::step(const Bql&, Words words) {
    VirtualClock& clock = *target_.clock;
    std::int64_t end = clock.next_deadline();
    if (words.size() > 1) {
        auto ns = parse_int64(words[1]);
        if (!ns) return bad_number;
        if (*ns < 0) return refuse("time does not go backwards");
        end = clock.now_ns() + *ns;
    } else if (end == -1) {
        end = clock.now_ns();
    }
    step_clock(clock, end);
    return fmt::format("OK {}", clock.now_ns());
}

std::string Protocol::set_clock(const Bql&, Words words) {
    auto ns = parse_int64(words[1]);
    if (!ns) return bad_number;
    step_clock(*target_.clock, *ns);
    return fmt::format("OK {}", target_.clock->now_ns());
}

hw::Device* Protocol::device(std::string_view path) const {
    return dynamic_cast<hw::Device*>(target_.root.resolve(path));
}

void Protocol::line_changed(unsigned line, int level) {
    if (line >= levels_.size()) levels_.resize(line + 1);
    if (levels_[line] == (level != 0)) return;
    levels_[line] = level != 0;
    notify_(fmt::format("IRQ {} {}", level ? "raise" : "lower", line));
}

std::string Protocol::intercept(const Bql&, Words words) {
    hw::Device* d = device(words[1]);
    if (!d) return refuse("Unknown device");
    const bool outputs = words[0] == "irq_intercept_out";
    if (!intercepted_.empty())
        return device(intercepted_) == d ? "OK" : refuse("IRQ intercept already enabled");
    intercepted_ = d->path();
    intercepted_outputs_ = outputs;
    if (!outputs) {
        d->observe_inputs(
            [this](int pin, int level) { line_changed(static_cast<unsigned>(pin), level); });
        return "OK";
    }
    unsigned n = 0;
    for (hw::IrqOut* pin : d->output_pins({})) {
        pin->observe([this, n](int level) { line_changed(n, level); });
        n++;
    }
    return "OK";
}

void Protocol::stop_intercepting() {
    if (intercepted_.empty()) return;
    if (hw::Device* d = device(intercepted_)) {
        d->observe_inputs({});
        if (intercepted_outputs_)
            for (hw::IrqOut* pin : d->output_pins({}))
                pin->observe({});
    }
    intercepted_.clear();
}

std::string Protocol::set_input(const Bql&, Words words) {
    hw::Device* d = device(words[1]);
    if (!d) return refuse("Unknown device");
    std::uint64_t n, level;
    if (!number(words[3], n) || !number(words[4], level)) return bad_number;
    const auto name = words[2] == unnamed_input ? std::string_view() : words[2];
    const hw::IrqIn pin = d->input_pin(name, static_cast<unsigned>(n));
    if (n > 0xffff || !pin) return refuse(fmt::format("No input '{}' {}", words[2], n));
    pin.set(static_cast<int>(level));
    return "OK";
}

std::string Protocol::endianness(const Bql&, Words) {
    return "OK little";
}

std::string Protocol::load_module(const Bql&, Words) {
    return refuse("this program has no loadable modules");
}

}  // namespace qtest
