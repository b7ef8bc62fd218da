// SPDX-License-Identifier: GPL-2.0-or-later
//
// The client side of qtest, on a machine in this process.
#include "tests/qtest/libqtest.h"

#include <gtest/gtest.h>

#include "hw/core/irq.h"
#include "qapi/qapi-commands-qom.h"
#include "qom/type-table.h"
#include "qom/user-objects.h"
#include "tests/qtest/in-process.h"
#include "tests/unit/hw/core/fake-platform.h"

namespace qtest {
namespace {

const hw::DeviceType line_type{{.name = "line", .parent = "device"}};
class Line final : public hw::Device {
public:
    Line() : Device(line_type) {}
    hw::IrqIn input_pin(std::string_view, unsigned n) override {
        return hw::irq_in<&Line::set>(*this, static_cast<int>(n));
    }
    void set(int, int) {}

protected:
    Result<void> realize(hw::Platform&) override { return {}; }
};

struct LibQtest : testing::Test {
    hw::testing::FakePlatform fake;
    MainLoop loop;
    EventQueue events;
    qapi::CommandTable commands;
    qom::TypeTable types;
    qom::Tree tree{fake.root, types};
    exec::RamBlock& block = **fake.map.allocate_ram("ram", 0x10000);
    std::unique_ptr<exec::MemoryRegion> ram = exec::MemoryRegion::ram(fake.map, "ram", block);
    Line line;

    LibQtest() {
        fake.memory_root->add_subregion(0, *ram);
        fake.services.provide(tree);
        commands.add(qapi::commands_qom());
        EXPECT_TRUE(line.bring_up(fake.platform));
    }
    Machine vm = attach({fake.bql,
                         loop,
                         {fake.memory, fake.io, fake.root, &fake.clocks.virt},
                         fake.services,
                         commands,
                         [this](auto& queue) { events.move_to(queue); }});
};

TEST_F(LibQtest, ReachesPortsAndMemory) {
    EXPECT_EQ(vm.inb(0x80), 0xff);
    vm.outl(0x80, 5);
    vm.writeq(0x100, 0x1122334455667788);
    EXPECT_EQ(vm.readl(0x104), 0x11223344u);
    EXPECT_EQ(vm.readw(0x100), 0x7788);
    const std::uint8_t bytes[] = {9, 8, 7};
    vm.write(0x200, bytes);
    EXPECT_EQ(vm.read(0x1ff, 5), (std::vector<std::uint8_t>{0, 9, 8, 7, 0}));
    vm.fill(0x200, 2, 0x55);
    EXPECT_EQ(vm.readl(0x200), 0x00075555u);
}

TEST_F(LibQtest, OwnsTheClock) {
    Timer timer(fake.clocks.virt, [] {});
    timer.set(700);
    EXPECT_EQ(vm.clock_step(), 700);
    EXPECT_EQ(vm.clock_step(100), 800);
    EXPECT_EQ(vm.clock_set(5000), 5000);
}

TEST_F(LibQtest, SeesInterruptLines) {
    vm.intercept_inputs("/unattached/device[0]");
    EXPECT_FALSE(vm.irq(4));
    vm.set_input("/unattached/device[0]", "unnamed-gpio-in", 4, 1);
    EXPECT_TRUE(vm.irq(4));
    vm.set_input("/unattached/device[0]", "unnamed-gpio-in", 4, 0);
    EXPECT_FALSE(vm.irq(4));
}

TEST_F(LibQtest, SpeaksQmp) {
    EXPECT_EQ(vm.qmp("qom-get", {{"path", "/"}, {"property", "type"}}), qapi::Json("container"));
    EXPECT_EQ(vm.qmp_error("qom-list", {{"path", "/nosuch"}}), "Device '/nosuch' not found");
    EXPECT_THROW(vm.qmp("qom-list", {{"path", "/nosuch"}}), std::runtime_error);
    events.emit("STOP", nullptr);
    EXPECT_EQ(vm.event("STOP"), qapi::Json());
    EXPECT_THROW(vm.event("STOP"), std::runtime_error);
}

TEST_F(LibQtest, ARefusedCommandIsAnException) {
    EXPECT_THROW(vm.command("nonsense"), std::runtime_error);
}

}  // namespace
}  // namespace qtest
