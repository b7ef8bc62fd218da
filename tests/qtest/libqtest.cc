// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/qtest/libqtest.h"

#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>

#include "accel/qtest/encoding.h"
#include "util/cutils.h"

namespace qtest {

using qapi::Json;
using qapi::JsonObject;

std::string Machine::command(std::string_view line) {
    link_->send(line);
    for (;;) {
        std::string answer = link_->receive();
        if (answer.starts_with("IRQ ")) {
            const bool up = answer.starts_with("IRQ raise ");
            lines_[static_cast<unsigned>(*parse_uint64(answer.substr(10)))] = up;
        } else if (answer == "OK") {
            return {};
        } else if (answer.starts_with("OK ")) {
            return answer.substr(3);
        } else {
            throw std::runtime_error(fmt::format("{}: {}", line, answer));
        }
    }
}

std::uint64_t Machine::number(std::string_view line) {
    const std::string answer = command(line);
    auto value = parse_uint64(answer);
    if (!value) throw std::runtime_error(fmt::format("{}: no number: {}", line, answer));
    return *value;
}

std::uint8_t Machine::inb(std::uint16_t port) {
    return static_cast<std::uint8_t>(number(fmt::format("inb {:#x}", port)));
}
std::uint16_t Machine::inw(std::uint16_t port) {
    return static_cast<std::uint16_t>(number(fmt::format("inw {:#x}", port)));
}
std::uint32_t Machine::inl(std::uint16_t port) {
    return static_cast<std::uint32_t>(number(fmt::format("inl {:#x}", port)));
}
void Machine::outb(std::uint16_t port, std::uint8_t value) {
    command(fmt::format("outb {:#x} {:#x}", port, value));
}
void Machine::outw(std::uint16_t port, std::uint16_t value) {
    command(fmt::format("outw {:#x} {:#x}", port, value));
}
void Machine::outl(std::uint16_t port, std::uint32_t value) {
    command(fmt::format("outl {:#x} {:#x}", port, value));
}

std::uint8_t Machine::readb(std::uint64_t address) {
    return static_cast<std::uint8_t>(number(fmt::format("readb {:#x}", address)));
}
std::uint16_t Machine::readw(std::uint64_t address) {
    return static_cast<std::uint16_t>(number(fmt::format("readw {:#x}", address)));
}
std::uint32_t Machine::readl(std::uint64_t address) {
    return static_cast<std::uint32_t>(number(fmt::format("readl {:#x}", address)));
}
std::uint64_t Machine::readq(std::uint64_t address) {
    return number(fmt::format("readq {:#x}", address));
}
void Machine::writeb(std::uint64_t address, std::uint8_t value) {
    command(fmt::format("writeb {:#x} {:#x}", address, value));
}
void Machine::writew(std::uint64_t address, std::uint16_t value) {
    command(fmt::format("writew {:#x} {:#x}", address, value));
}
void Machine::writel(std::uint64_t address, std::uint32_t value) {
    command(fmt::format("writel {:#x} {:#x}", address, value));
}
void Machine::writeq(std::uint64_t address, std::uint64_t value) {
    command(fmt::format("writeq {:#x} {:#x}", address, value));
}

std::vector<std::uint8_t> Machine::read(std::uint64_t address, std::size_t size) {
    auto bytes = from_base64(command(fmt::format("b64read {:#x} {:#x}", address, size)));
    if (!bytes || bytes->size() != size) throw std::runtime_error("b64read: wrong data");
    return *bytes;
}

void Machine::write(std::uint64_t address, std::span<const std::uint8_t> bytes) {
    command(fmt::format("b64write {:#x} {:#x} {}", address, bytes.size(), to_base64(bytes)));
}

void Machine::fill(std::uint64_t address, std::size_t size, std::uint8_t value) {
    command(fmt::format("memset {:#x} {:#x} {:#x}", address, size, value));
}

std::int64_t Machine::clock_step() {
    return static_cast<std::int64_t>(number("clock_step"));
}

std::int64_t Machine::clock_step(std::int64_t ns) {
    return static_cast<std::int64_t>(number(fmt::format("clock_step {}", ns)));
}

std::int64_t Machine::clock_set(std::int64_t ns) {
    return static_cast<std::int64_t>(number(fmt::format("clock_set {}", ns)));
}

void Machine::intercept_inputs(std::string_view path) {
    command(fmt::format("irq_intercept_in {}", path));
}

void Machine::intercept_outputs(std::string_view path) {
    command(fmt::format("irq_intercept_out {}", path));
}

bool Machine::irq(unsigned line) const {
    auto found = lines_.find(line);
    return found != lines_.end() && found->second;
}

void Machine::set_input(std::string_view path, std::string_view name, unsigned line, int level) {
    command(fmt::format("set_irq_in {} {} {} {}", path, name, line, level));
}

Json Machine::exchange(std::string_view name, JsonObject arguments) {
    JsonObject message;
    message.set("execute", name);
    if (!arguments.empty()) message.set("arguments", std::move(arguments));
    link_->send_qmp(std::move(message));
    for (;;) {
        Json answer = link_->receive_qmp();
        if (!answer.find("event")) return answer;
        events_.push_back(std::move(answer));
    }
}

Json Machine::qmp(std::string_view name, JsonObject arguments) {
    Json answer = exchange(name, std::move(arguments));
    const Json* value = answer.find("return");
    if (!value) throw std::runtime_error(fmt::format("{}: {}", name, answer.text()));
    return *value;
}

std::string Machine::qmp_error(std::string_view name, JsonObject arguments) {
    const Json answer = exchange(name, std::move(arguments));
    const std::string* words = answer["error"]["desc"].string();
    if (!words) throw std::runtime_error(fmt::format("{}: {}", name, answer.text()));
    return *words;
}

Json Machine::event(std::string_view name) {
    for (;;) {
        auto found =
            std::ranges::find_if(events_, [&](const Json& e) { return e["event"] == Json(name); });
        if (found != events_.end()) {
            Json data = (*found)["data"];
            events_.erase(found);
            return data;
        }
        events_.push_back(link_->receive_qmp());
    }
}

bool Machine::saw_event(std::string_view name) const {
    return std::ranges::any_of(events_, [&](const Json& e) { return e["event"] == Json(name); });
}

}  // namespace qtest
