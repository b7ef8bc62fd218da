// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the boards have and have not: isapc, and the older versions of pc.
#include <gtest/gtest.h>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

TEST(Isapc, HasNoPciAndFirmwareThatCanBeWritten) {
    auto vm = qtest::start_here("-machine isapc -nodefaults");
    vm.outl(0xcf8, 0x80000000);
    EXPECT_EQ(vm.inl(0xcf8), 0xffffffffu);
    vm.writel(0xe8000, 0x12345678);
    EXPECT_EQ(vm.readl(0xe8000), 0x12345678u);
    EXPECT_EQ(vm.readl(0xfffe8000), 0x12345678u);
    EXPECT_EQ(vm.readb(0xffff0), 0xea);  // the reset vector's jump
}

TEST(Isapc, DiskAnswersWithAnInterrupt) {
    auto vm = qtest::start_here(
        "-machine isapc -nodefaults -blockdev driver=null-co,node-name=d,size=1048576 -device "
        "ide-hd,drive=d,bus=ide.1");
    vm.intercept_inputs("/machine/unattached/device[5]");  // the second PIC
    vm.outb(0x176, 0xa0);
    EXPECT_EQ(vm.inb(0x177), 0x50);  // DRDY, DSC
    vm.outb(0x177, 0xec);            // IDENTIFY DEVICE
    EXPECT_EQ(vm.inb(0x376), 0x58);  // and DRQ
    EXPECT_TRUE(vm.irq(7));
    vm.inw(0x170);
    EXPECT_EQ(vm.inb(0x177), 0x58);
    EXPECT_FALSE(vm.irq(7));      // reading the status acknowledged it
    EXPECT_EQ(vm.inb(0x1f7), 0);  // nobody on the first channel
}

TEST(OldPc, IsAsItWas) {
    auto vm = qtest::start_here("-machine pc-i440fx-2.4 -nodefaults");
    auto has_dma = [](qtest::Machine& m) {
        m.outw(0x510, 1);
        return (m.inb(0x511) & 2) != 0;
    };
    EXPECT_FALSE(has_dma(vm));
    EXPECT_EQ(vm.inl(0x514), 0xffffffffu);
    auto user = qtest::start_here(
        "-machine pc-i440fx-2.4 -nodefaults -global fw_cfg.dma_enabled=on -global "
        "isa-fdc.fallback=288");
    EXPECT_TRUE(has_dma(user));
    auto now = qtest::start_here("-machine pc -nodefaults");
    EXPECT_TRUE(has_dma(now));
    EXPECT_EQ(now.inl(0x514), 0x554d4551u);  // "QEMU", big endian
}

TEST(AppleSmc, AnswersKeys) {
    auto vm = qtest::start_here(
        "-machine pc -nodefaults -device isa-applesmc,osk="
        "0123456789abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ------");
    auto read = [&](std::string_view key, unsigned length) {
        vm.outb(0x304, 0x10);
        EXPECT_EQ(vm.inb(0x304), 0x0c);
        for (char c : key) {
            vm.outb(0x300, static_cast<std::uint8_t>(c));
            EXPECT_EQ(vm.inb(0x304), 0x04);
        }
        vm.outb(0x300, static_cast<std::uint8_t>(length));
        std::string answer;
        while (vm.inb(0x304) == 0x05)
            answer += static_cast<char>(vm.inb(0x300));
        return answer;
    };
    EXPECT_EQ(read("OSK0", 32), "0123456789abcdefghijklmnopqrstuv");
    EXPECT_EQ(read("OSK1", 32), "ABCDEFGHIJKLMNOPQRSTUVWXYZ------");
    EXPECT_EQ(read("REV ", 6), std::string_view("\x01\x13\x0f\0\0\x03", 6));
    EXPECT_EQ(vm.inb(0x31e), 0);
    EXPECT_EQ(read("NONE", 1), "");
    EXPECT_EQ(vm.inb(0x31e), 0x84);
    vm.outb(0x304, 0x11);  // writing is not for the guest
    EXPECT_EQ(vm.inb(0x31e), 0x82);
}

class FwCfgFiles {
public:
    explicit FwCfgFiles(qtest::Machine& machine) : machine_(machine) {}
    std::vector<std::uint8_t> read(std::uint16_t key, std::size_t size) {
        machine_.outw(0x510, key);
        std::vector<std::uint8_t> bytes(size);
        for (auto& b : bytes)
            b = machine_.inb(0x511);
        return bytes;
    }
    std::uint16_t key(std::string_view name) {
        const auto count = read(0x19, 4)[3];
        const auto directory = read(0x19, 4 + 64 * count);
        for (unsigned i = 0; i < count; i++) {
            const auto* entry = &directory[4 + 64 * i];
            if (name == reinterpret_cast<const char*>(entry + 8))
                return static_cast<std::uint16_t>(entry[4] << 8 | entry[5]);
        }
        ADD_FAILURE() << name << " is not there";
        return 0;
    }
    void write(std::string_view name, std::span<const std::uint8_t> bytes) {
        machine_.write(0x2000, bytes);
        const std::uint8_t access[16] = {0,    static_cast<std::uint8_t>(key(name)),
                                         0,    0x18,
                                         0,    0,
                                         0,    static_cast<std::uint8_t>(bytes.size()),
                                         0,    0,
                                         0,    0,
                                         0,    0,
                                         0x20, 0};
        machine_.write(0x1000, access);
        machine_.outl(0x518, 0x00100000);  // 1000h, big endian
        EXPECT_EQ(machine_.readl(0x1000), 0u);
    }

private:
    qtest::Machine& machine_;
};

TEST(VmGenId, AGuestThatWentOnElsewhereHearsOfIt) {
    tests::LiveVm vm({"-accel", "qtest", "-M", "pc", "-nodefaults", "-device",
                      "vmgenid,guid=324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87"});
    auto machine = qtest::attach(vm);
    FwCfgFiles files(machine);
    EXPECT_EQ(machine.qmp("query-vm-generation-id")["guid"],
              qapi::Json("324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87"));
    const auto page = files.read(files.key("etc/vmgenid_guid"), 4096);
    const std::vector<std::uint8_t> guid(page.begin() + 40, page.begin() + 56);
    EXPECT_EQ(guid, (std::vector<std::uint8_t>{0xaf, 0x6e, 0x4e, 0x32, 0xd1, 0xd1, 0xf6, 0x4b, 0xbf,
                                               0x41, 0xb9, 0xbb, 0x6c, 0x91, 0xfb, 0x87}));
    const std::uint8_t address[8] = {0x28, 0x30, 0, 0, 0, 0, 0, 0};
    files.write("etc/vmgenid_addr", address);
    machine.write(0x3028, guid);
    const auto saved = vm.saved();
    ASSERT_TRUE(vm.load(saved));
    EXPECT_EQ(machine.inb(0xafe0) & 1 << 5, 0) << "nothing is new";
    machine.writel(0x3028, 0x12345678);  // as of another generation
    ASSERT_TRUE(vm.load(saved));
    EXPECT_EQ(machine.inb(0xafe0) & 1 << 5, 1 << 5);
    EXPECT_EQ(machine.read(0x3028, 16), guid);
}

TEST(Pc, AcknowledgesTheCoprocessorsError) {
    auto vm = qtest::start_here("-machine pc -nodefaults");
    vm.intercept_inputs("/machine/i440fx/ioapic");
    vm.outb(0xf0, 0);
    EXPECT_FALSE(vm.irq(13));
    EXPECT_EQ(vm.inb(0xf0), 0xff);
    EXPECT_EQ(vm.inb(0x80), 0xff);
}

}  // namespace
