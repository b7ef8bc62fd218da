// SPDX-License-Identifier: GPL-2.0-or-later
//
// Each command of the protocol on a small machine: RAM, one register bank, one chip with pins.
#include "accel/qtest/protocol.h"

#include <gtest/gtest.h>

#include "accel/qtest/encoding.h"
#include "hw/core/irq.h"
#include "tests/unit/hw/core/fake-platform.h"

namespace qtest {
namespace {

using hw::testing::FakePlatform;

struct Port {
    std::uint64_t value = 0x1122334455667788;
    std::uint64_t read(exec::hwaddr, unsigned) { return value; }
    void write(exec::hwaddr, std::uint64_t v, unsigned) { value = v; }
};
constexpr auto port_ops =
    exec::memory_ops<&Port::read, &Port::write>({.valid = {1, 4, false}, .impl = {1, 4, false}});

/// Passes input n on to output n.
class Buffer final : public hw::Device {
public:
    Buffer();
    hw::IrqIn input_pin(std::string_view name, unsigned n) override {
        return name.empty() && n < 2 ? hw::irq_in<&Buffer::set>(*this, static_cast<int>(n))
                                     : hw::IrqIn();
    }
    std::vector<hw::IrqOut*> output_pins(std::string_view name) override {
        if (!name.empty()) return {};
        return {&out[0], &out[1]};
    }
    void set(int pin, int level) { out[pin].set(level); }
    hw::IrqOut out[2];

protected:
    Result<void> realize(hw::Platform&) override { return {}; }
};
const hw::DeviceType buffer_type{{.name = "buffer", .parent = "device"}};
Buffer::Buffer() : Device(buffer_type) {}

struct ProtocolTest : testing::Test {
    FakePlatform fake;
    Port port;
    exec::RamBlock& block = **fake.map.allocate_ram("ram", 0x10000);
    std::unique_ptr<exec::MemoryRegion> ram = exec::MemoryRegion::ram(fake.map, "ram", block);
    std::unique_ptr<exec::MemoryRegion> ports =
        exec::MemoryRegion::io(fake.map, "port", 4, port_ops, &port);
    Buffer buffer, other;
    std::string heard;
    Target target{fake.memory, fake.io, fake.root, &fake.clocks.virt};
    Protocol protocol{target, [this](std::string_view line) { (heard += line) += '\n'; }};

    ProtocolTest() {
        fake.memory_root->add_subregion(0, *ram);
        fake.io_root->add_subregion(0x60, *ports);
        EXPECT_TRUE(buffer.bring_up(fake.platform));
        EXPECT_TRUE(other.bring_up(fake.platform));
    }
    std::string say(std::string_view line) { return protocol.execute(fake.bql, line); }
};

TEST_F(ProtocolTest, PortsAreReadAndWritten) {
    EXPECT_EQ(say("inb 0x60"), "OK 0x0088");
    EXPECT_EQ(say("inw 0x60"), "OK 0x7788");
    EXPECT_EQ(say("inl 96"), "OK 0x55667788");
    EXPECT_EQ(say("outl 0x60 0xdeadbeef"), "OK");
    EXPECT_EQ(port.value, 0xdeadbeef);
    EXPECT_EQ(say("outb 0x60 0x1ff"), "OK");
    EXPECT_EQ(port.value, 0xffu);
    EXPECT_EQ(say("inb 0x80"), "OK 0x00ff");
    EXPECT_EQ(say("inl 0x80"), "OK 0xffffffff");
    EXPECT_EQ(say("inb 0x10000"), "FAIL a port is at most 0xffff");
}

TEST_F(ProtocolTest, MemoryIsReadAndWrittenInAllSizes) {
    EXPECT_EQ(say("writeq 0x100 0x1122334455667788"), "OK");
    EXPECT_EQ(say("readb 0x100"), "OK 0x0000000000000088");
    EXPECT_EQ(say("readw 0x100"), "OK 0x0000000000007788");
    EXPECT_EQ(say("readl 0x100"), "OK 0x0000000055667788");
    EXPECT_EQ(say("readq 0x100"), "OK 0x1122334455667788");
    EXPECT_EQ(say("writeb 0x107 0xaa"), "OK");
    EXPECT_EQ(say("writew 0x105 0xbbcc"), "OK");
    EXPECT_EQ(say("writel 0x101 0x01020304"), "OK");
    EXPECT_EQ(say("readq 0x100"), "OK 0xaabbcc0102030488");
    EXPECT_EQ(say("readl 0xd0000000"), "OK 0x0000000000000000");
}

TEST_F(ProtocolTest, BlocksAreHexOrBase64) {
    EXPECT_EQ(say("write 0x100 4 0x01020304"), "OK");
    EXPECT_EQ(say("read 0x100 4"), "OK 0x01020304");
    EXPECT_EQ(say("b64read 0x100 4"), "OK AQIDBA==");
    EXPECT_EQ(say("memset 0x100 8 0x155"), "OK");
    EXPECT_EQ(say("write 0x100 4 0x010"), "OK");  // an odd digit, then zeros
    EXPECT_EQ(say("read 0x100 8"), "OK 0x0100000055555555");
    EXPECT_EQ(say("b64write 0x100 4 BQYH"), "OK");  // as far as it goes
    EXPECT_EQ(say("read 0x100 5"), "OK 0x0506070055");
    EXPECT_EQ(say("b64write 0x100 2 AQIDBA=="), "OK");
    EXPECT_EQ(say("read 0x100 4"), "OK 0x01020700");
    EXPECT_EQ(say("b64read 0x100 0"), "OK ");
    EXPECT_EQ(say("memset 0x100 0 0x55"), "OK");
}

TEST_F(ProtocolTest, ClockStepsToTheNextTimerOrByNanoseconds) {
    std::vector<std::int64_t> fired;
    Timer a(fake.clocks.virt, [&] { fired.push_back(fake.clocks.virt.now_ns()); });
    Timer b(fake.clocks.virt, [&] { fired.push_back(fake.clocks.virt.now_ns()); });
    a.set(1000);
    b.set(1500);
    EXPECT_EQ(say("clock_step"), "OK 1000");
    EXPECT_EQ(say("clock_step 400"), "OK 1400");
    EXPECT_EQ(fired, (std::vector<std::int64_t>{1000}));
    EXPECT_EQ(say("clock_set 2000"), "OK 2000");
    EXPECT_EQ(fired, (std::vector<std::int64_t>{1000, 1500}));
    EXPECT_EQ(say("clock_set 5"), "OK 2000");
    EXPECT_EQ(say("clock_step"), "OK 2000");
    EXPECT_EQ(say("clock_step -5"), "FAIL time does not go backwards");
}

TEST_F(ProtocolTest, ClockIsUnknownWhereGuestCodeRuns) {
    target.clock = nullptr;
    Protocol running(target, [](std::string_view) {});
    EXPECT_EQ(running.execute(fake.bql, "clock_step 100"), "FAIL Unknown command 'clock_step'");
}

TEST_F(ProtocolTest, InterceptedInputsAreToldAndStillWork) {
    EXPECT_EQ(say("irq_intercept_in " + buffer.path()), "OK");
    EXPECT_EQ(say("irq_intercept_in " + buffer.path()), "OK");
    EXPECT_EQ(say("irq_intercept_in " + other.path()), "FAIL IRQ intercept already enabled");
    EXPECT_EQ(say("set_irq_in /unattached/device[0] unnamed-gpio-in 1 1"), "OK");
    EXPECT_EQ(say("set_irq_in device[0] unnamed-gpio-in 1 1"), "OK");
    EXPECT_EQ(heard, "IRQ raise 1\n");
    EXPECT_EQ(buffer.out[1].level(), 1);
    EXPECT_EQ(say("set_irq_in device[0] unnamed-gpio-in 1 0"), "OK");
    EXPECT_EQ(heard, "IRQ raise 1\nIRQ lower 1\n");
    EXPECT_EQ(say("set_irq_in device[0] unnamed-gpio-in 2 1"), "FAIL No input 'unnamed-gpio-in' 2");
    EXPECT_EQ(say("set_irq_in nosuch unnamed-gpio-in 1 1"), "FAIL Unknown device");
}

TEST_F(ProtocolTest, InterceptedOutputsAreTold) {
    EXPECT_EQ(say("irq_intercept_out nosuch"), "FAIL Unknown device");
    EXPECT_EQ(say("irq_intercept_out " + buffer.path()), "OK");
    buffer.out[1].pulse();
    buffer.out[0].raise();
    EXPECT_EQ(heard, "IRQ raise 1\nIRQ lower 1\nIRQ raise 0\n");
}

TEST_F(ProtocolTest, TheEndOfASessionLetsGoOfThePins) {
    {
        Protocol session(target, [this](std::string_view line) { heard += line; });
        EXPECT_EQ(session.execute(fake.bql, "irq_intercept_out " + buffer.path()), "OK");
    }
    buffer.out[0].raise();
    EXPECT_EQ(heard, "");
}

TEST_F(ProtocolTest, OddLinesAreAnsweredNotCrashed) {
    EXPECT_EQ(say("endianness"), "OK little");
    EXPECT_EQ(say("foo bar"), "FAIL Unknown command 'foo'");
    EXPECT_EQ(say(""), "FAIL Unknown command ''");
    EXPECT_EQ(say("INB 0x60"), "FAIL Unknown command 'INB'");
    EXPECT_EQ(say("rtas a 1 1 1 1"), "FAIL Unknown command 'rtas'");
    EXPECT_EQ(say("inb"), "FAIL 'inb' takes 1 arguments");
    EXPECT_EQ(say("outb 0x80"), "FAIL 'outb' takes 2 arguments");
    EXPECT_EQ(say("inb  0x60"), "FAIL a number was expected");
    EXPECT_EQ(say("outb 0x80 zz"), "FAIL a number was expected");
    EXPECT_EQ(say("inb 0x60 7"), "OK 0x0088");
    EXPECT_EQ(say("inb 0x60\r"), "OK 0x0088");
    EXPECT_EQ(say("write 0x100 4 0xgg"), "FAIL the data cannot be decoded");
    EXPECT_EQ(say("b64write 0x100 4 A"), "FAIL the data cannot be decoded");
    EXPECT_EQ(say("read 0x100 0x1000000000"), "FAIL the block is too large");
    EXPECT_EQ(say("module_load a b"), "FAIL this program has no loadable modules");
}

TEST(Encoding, HexAndBase64RoundTrip) {
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < 50; i++) {
        EXPECT_EQ(*from_hex(to_hex(bytes)), bytes);
        EXPECT_EQ(*from_base64(to_base64(bytes)), bytes);
        bytes.push_back(static_cast<std::uint8_t>(i * 37));
    }
    EXPECT_FALSE(from_hex("0xz"));
    EXPECT_FALSE(from_base64("A?=="));
}

}  // namespace
}  // namespace qtest
