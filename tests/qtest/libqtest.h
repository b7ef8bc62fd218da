// SPDX-License-Identifier: GPL-2.0-or-later
//
// The test's side of the qtest protocol: a machine whose processor is the test.
//
//     qtest::Machine vm = qtest::start("-machine pc -device pvpanic");
//     EXPECT_EQ(vm.inb(0x505), 3);
//     vm.outb(0x505, 1);
//     EXPECT_EQ(vm.event("GUEST_PANICKED")["action"], qapi::Json("pause"));
//
// The machine is another process (start()) or stands in this one (in-process.h); the test cannot
// tell. Anything that goes wrong on the way, an answer FAIL included, is a std::runtime_error,
// which gtest reports as the test's failure.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qapi/json.h"

namespace qtest {

/// What carries lines to a machine and back.
class Link {
public:
    virtual ~Link() = default;
    virtual void send(std::string_view line) = 0;
    /// The next line of the qtest channel, without its newline. Waits.
    virtual std::string receive() = 0;
    /// One QMP message each way; receive_qmp() waits.
    virtual void send_qmp(const qapi::Json& message) = 0;
    virtual qapi::Json receive_qmp() = 0;
};

class Machine {
public:
    explicit Machine(std::unique_ptr<Link> link) : link_(std::move(link)) {}

    std::uint8_t inb(std::uint16_t port);
    std::uint16_t inw(std::uint16_t port);
    std::uint32_t inl(std::uint16_t port);
    void outb(std::uint16_t port, std::uint8_t value);
    void outw(std::uint16_t port, std::uint16_t value);
    void outl(std::uint16_t port, std::uint32_t value);

    std::uint8_t readb(std::uint64_t address);
    std::uint16_t readw(std::uint64_t address);
    std::uint32_t readl(std::uint64_t address);
    std::uint64_t readq(std::uint64_t address);
    void writeb(std::uint64_t address, std::uint8_t value);
    void writew(std::uint64_t address, std::uint16_t value);
    void writel(std::uint64_t address, std::uint32_t value);
    void writeq(std::uint64_t address, std::uint64_t value);

    std::vector<std::uint8_t> read(std::uint64_t address, std::size_t size);
    void write(std::uint64_t address, std::span<const std::uint8_t> bytes);
    void fill(std::uint64_t address, std::size_t size, std::uint8_t value);

    /// Each returns the virtual clock in nanoseconds.
    std::int64_t clock_step();
    std::int64_t clock_step(std::int64_t ns);
    std::int64_t clock_set(std::int64_t ns);

    void intercept_inputs(std::string_view path);
    void intercept_outputs(std::string_view path);
    /// Of the device whose pins are intercepted.
    bool irq(unsigned line) const;
    void set_input(std::string_view path, std::string_view name, unsigned line, int level);

    /// What comes back under "return". The arguments are an object.
    qapi::Json qmp(std::string_view command, qapi::JsonObject arguments = {});
    /// The description of the error that comes back; a success is the test's failure.
    std::string qmp_error(std::string_view command, qapi::JsonObject arguments = {});
    /// The data of the next event of that name, from now or before. Waits.
    qapi::Json event(std::string_view name);
    bool saw_event(std::string_view name) const;

    /// One line to the qtest channel; what follows "OK ".
    std::string command(std::string_view line);

private:
    std::uint64_t number(std::string_view line);
    qapi::Json exchange(std::string_view command, qapi::JsonObject arguments);

    std::unique_ptr<Link> link_;
    std::map<unsigned, bool> lines_;
    std::deque<qapi::Json> events_;
};

/// Starts the emulator (the environment's QTEST_EMULATOR, or the one just built) with these
/// options, under -accel qtest.
Machine start(std::string_view options);
/// The same with the -accel option left to the caller.
Machine start_plain(std::string_view options);

}  // namespace qtest
