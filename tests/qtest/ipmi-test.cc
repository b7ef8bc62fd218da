// SPDX-License-Identifier: GPL-2.0-or-later
//
// The management controller through each of its three interfaces, as a driver talks to them.
#include <gtest/gtest.h>

#include <string>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::int64_t second = 1'000'000'000;

struct Bmc {
    explicit Bmc(const std::string& interface)
        : vm(qtest::start_here("-machine pc -nodefaults -watchdog-action none -device "
                               "ipmi-bmc-sim,id=bmc,product_id=0x1234 -device " +
                               interface + ",bmc=bmc")) {
        vm.outb(0x4d0, 1 << 5);  // by level
    }
    virtual ~Bmc() = default;
    /// netFn/LUN, command, data; the answer from its completion code on.
    Bytes ask(const Bytes& request) {
        Bytes answer = exchange(request);
        if (answer.size() < 3 || answer[0] != (request[0] | 4) || answer[1] != request[1])
            throw std::runtime_error("no answer to this request");
        answer.erase(answer.begin(), answer.begin() + 2);
        return answer;
    }
    virtual Bytes exchange(const Bytes& request) = 0;
    bool irq5() {
        vm.outb(0x20, 0x0a);
        return vm.inb(0x20) & 1 << 5;
    }
    qtest::Machine vm;
};

/// Figures 9-6 and 9-7.
struct Kcs : Bmc {
    Kcs() : Bmc("isa-ipmi-kcs") {}
    std::uint8_t status() { return vm.inb(0xca3); }
    std::uint8_t phase() { return status() >> 6; }
    Bytes exchange(const Bytes& request) override {
        vm.outb(0xca3, 0x61);
        EXPECT_EQ(phase(), 2);
        for (std::size_t i = 0; i < request.size(); i++) {
            vm.inb(0xca2);
            if (i + 1 == request.size()) {
                vm.outb(0xca3, 0x62);
                vm.inb(0xca2);
            }
            vm.outb(0xca2, request[i]);
        }
        return read();
    }
    Bytes read() {
        Bytes answer;
        while (phase() == 1 && status() & 1) {
            answer.push_back(vm.inb(0xca2));
            EXPECT_FALSE(status() & 1) << "one byte at a time";
            vm.outb(0xca2, 0x68);
        }
        EXPECT_EQ(phase(), 0);
        EXPECT_TRUE(status() & 1) << "the byte that ends it";
        vm.inb(0xca2);
        return answer;
    }
};

struct Bt : Bmc {
    Bt() : Bmc("isa-ipmi-bt") {}
    Bytes exchange(const Bytes& request) override {
        vm.outb(0xe4, 0x01);
        vm.outb(0xe5, static_cast<std::uint8_t>(request.size() + 1));
        vm.outb(0xe5, request[0]);
        vm.outb(0xe5, 0x77);  // its number
        for (std::size_t i = 1; i < request.size(); i++)
            vm.outb(0xe5, request[i]);
        vm.outb(0xe4, 0x04);
        EXPECT_TRUE(vm.inb(0xe4) & 0x08);
        vm.outb(0xe4, 0x40);
        vm.outb(0xe4, 0x08);
        vm.outb(0xe4, 0x02);
        Bytes frame(vm.inb(0xe5));
        for (auto& byte : frame)
            byte = vm.inb(0xe5);
        vm.outb(0xe4, 0x40);
        EXPECT_FALSE(vm.inb(0xe4) & 0x48);
        EXPECT_EQ(frame.at(1), 0x77);
        frame.erase(frame.begin() + 1);
        return frame;
    }
};

/// Through the PIIX4's SMBus host controller.
struct Ssif : Bmc {
    static constexpr std::uint16_t smb = 0xb100;
    Ssif() : Bmc("smbus-ipmi,address=0x20") {}
    void block(bool reads, std::uint8_t command) {
        vm.outb(smb + 0, 0xff);
        vm.outb(smb + 4, static_cast<std::uint8_t>(0x20 << 1 | reads));
        vm.outb(smb + 3, command);
        vm.outb(smb + 2, 0x40 | 5 << 2);
        vm.inb(smb + 0);
        EXPECT_EQ(vm.inb(smb + 0), 0x02);
        vm.inb(smb + 2);  // rewinds the buffer
    }
    void send(std::uint8_t command, std::span<const std::uint8_t> bytes) {
        vm.inb(smb + 2);
        vm.outb(smb + 5, static_cast<std::uint8_t>(bytes.size()));
        for (auto byte : bytes)
            vm.outb(smb + 7, byte);
        block(false, command);
    }
    Bytes receive(std::uint8_t command) {
        block(true, command);
        Bytes bytes(vm.inb(smb + 5));
        for (auto& byte : bytes)
            byte = vm.inb(smb + 7);
        return bytes;
    }
    Bytes exchange(const Bytes& request) override {
        const std::span all(request);
        if (all.size() <= 32) {
            send(2, all);
        } else {
            send(6, all.first(32));
            send(8, all.subspan(32));
        }
        Bytes answer = receive(3);
        if (answer.size() < 2 || answer[0] != 0 || answer[1] != 1) return answer;
        answer.erase(answer.begin(), answer.begin() + 2);
        for (;;) {
            const Bytes more = receive(9);
            answer.insert(answer.end(), more.begin() + 1, more.end());
            if (more[0] == 0xff) return answer;
        }
    }
};

constexpr std::uint8_t app = 6 << 2, sensor = 4 << 2, storage = 10 << 2;
const Bytes ok{0};

template <class Interface>
class Ipmi : public ::testing::Test {};
using Interfaces = ::testing::Types<Kcs, Bt, Ssif>;
TYPED_TEST_SUITE(Ipmi, Interfaces);

TYPED_TEST(Ipmi, TellsWhoItIs) {
    TypeParam bmc;
    EXPECT_EQ(bmc.ask({app, 0x01}), (Bytes{0, 0x20, 0x80, 0, 0, 0x02, 0x0f, 0, 0, 0, 0x34, 0x12}));
    EXPECT_EQ(bmc.ask({app, 0x7e}), Bytes{0xc1}) << "no such command";
    EXPECT_EQ(bmc.ask({app, 0x24, 1}), Bytes{0xc7}) << "too short";
}

TYPED_TEST(Ipmi, LongMessagesGoBothWays) {
    TypeParam bmc;
    Bytes write{storage, 0x12, 0, 0x10, 0};
    Bytes expected{0, 40};
    for (std::uint8_t i = 0; i < 40; i++) {
        write.push_back(i ^ 0x5a);
        expected.push_back(i ^ 0x5a);
    }
    EXPECT_EQ(bmc.ask(write), (Bytes{0, 40}));
    EXPECT_EQ(bmc.ask({storage, 0x11, 0, 0x10, 0, 40}), expected);
    EXPECT_EQ(bmc.ask({storage, 0x11, 0, 0x00, 4, 1}), Bytes{0xc9}) << "beyond the area";
    EXPECT_EQ(bmc.ask({storage, 0x11, 1, 0, 0, 1}), Bytes{0xcb}) << "no such area";
}

TEST(IpmiWatchdog, ResetsTheMachineWhenNobodyFeedsIt) {
    Kcs bmc;
    EXPECT_EQ(bmc.ask({app, 0x22}), Bytes{0x80}) << "not set up yet";
    EXPECT_EQ(bmc.ask({app, 0x24, 0x04, 0x01, 0, 0xff, 100, 0}), ok);
    EXPECT_EQ(bmc.ask({app, 0x22}), ok);
    bmc.vm.clock_step(9 * second);
    EXPECT_EQ(bmc.ask({app, 0x25}), (Bytes{0, 0x44, 0x01, 0, 0, 100, 0, 10, 0}));
    EXPECT_EQ(bmc.ask({app, 0x22}), ok);
    bmc.vm.clock_step(9 * second);
    EXPECT_FALSE(bmc.vm.saw_event("RESET"));
    bmc.vm.clock_step(1 * second);
    EXPECT_EQ(bmc.vm.event("RESET")["guest"], qapi::Json(true));
    // The reset did not reach the controller: it knows, and has logged it.
    EXPECT_EQ(bmc.ask({app, 0x25}), (Bytes{0, 0x04, 0x01, 0, 1 << 4, 100, 0, 0, 0}));
    EXPECT_EQ(bmc.ask({0x00, 0x07}), (Bytes{0, 4, 0}));
    const Bytes entry = bmc.ask({storage, 0x43, 0, 0, 0, 0, 0, 0xff});
    ASSERT_EQ(entry.size(), 19u);
    EXPECT_EQ(entry[1] | entry[2] << 8, 0xffff) << "the only one";
    EXPECT_EQ(Bytes(entry.begin() + 10, entry.end()),
              (Bytes{0x20, 0, 0x04, 0x23, 0, 0x6f, 0xc1, 0x04, 0xff}));
}

TEST(IpmiWatchdog, WarnsThroughTheMessageFlags) {
    Kcs bmc;
    EXPECT_EQ(bmc.ask({app, 0x2e, 0x0d}), ok);  // interrupts, event buffer, log
    EXPECT_EQ(bmc.ask({app, 0x24, 0x04, 0x10, 2, 0, 50, 0}), Bytes{0xcc}) << "no SMI";
    EXPECT_EQ(bmc.ask({app, 0x24, 0x04, 0x30, 2, 0, 50, 0}), ok);
    EXPECT_EQ(bmc.ask({app, 0x22}), ok);
    EXPECT_FALSE(bmc.irq5());
    bmc.vm.clock_step(3 * second);
    EXPECT_TRUE(bmc.irq5());
    EXPECT_TRUE(bmc.status() & 4);
    EXPECT_FALSE(bmc.irq5()) << "reading the status acknowledges";
    EXPECT_EQ(bmc.ask({app, 0x31}), (Bytes{0, 0x0a}));
    const Bytes event = bmc.ask({app, 0x35});
    ASSERT_EQ(event.size(), 17u);
    EXPECT_EQ(event[14], 0xc8);
    EXPECT_EQ(bmc.ask({app, 0x35}), Bytes{0x80});
    EXPECT_EQ(bmc.ask({app, 0x30, 0x08}), ok);
    EXPECT_FALSE(bmc.status() & 4);
}

TEST(IpmiStorage, TheLogIsClearedWithItsReservation) {
    Bt bmc;
    Bytes add{storage, 0x44};
    for (std::uint8_t i = 0; i < 16; i++)
        add.push_back(static_cast<std::uint8_t>(0xf0 + i));
    add[4] = 0xe0;  // a record without a time
    EXPECT_EQ(bmc.ask(add), (Bytes{0, 0, 0}));
    EXPECT_EQ(bmc.ask(add), (Bytes{0, 1, 0}));
    const Bytes entry = bmc.ask({storage, 0x43, 0, 0, 0xff, 0xff, 0, 0xff});
    ASSERT_EQ(entry.size(), 19u);
    EXPECT_EQ(entry[3], 1) << "the last one";
    EXPECT_EQ(entry[18], 0xff);
    EXPECT_EQ(bmc.ask({storage, 0x47, 9, 0, 'C', 'L', 'R', 0xaa}), Bytes{0xc5});
    EXPECT_EQ(bmc.ask({storage, 0x42}), (Bytes{0, 1, 0}));
    EXPECT_EQ(bmc.ask({storage, 0x47, 1, 0, 'C', 'L', 'X', 0xaa}), Bytes{0xcc});
    EXPECT_EQ(bmc.ask({storage, 0x47, 1, 0, 'C', 'L', 'R', 0xaa}), (Bytes{0, 1}));
    EXPECT_EQ(bmc.ask({storage, 0x43, 0, 0, 0, 0, 0, 0xff}), Bytes{0xcb});
}

TEST(IpmiStorage, TheSensorHasARecord) {
    Kcs bmc;
    const Bytes record = bmc.ask({storage, 0x23, 0, 0, 0, 0, 0, 0xff});
    ASSERT_GT(record.size(), 8u);
    EXPECT_EQ(record.size(), 3u + 5u + record[7]);
    EXPECT_EQ(bmc.ask({storage, 0x23, 0, 0, 0, 0, 4, 1}), Bytes{0xc5})
        << "parts need a reservation";
    EXPECT_EQ(bmc.ask({storage, 0x22}), (Bytes{0, 1, 0}));
    EXPECT_EQ(bmc.ask({storage, 0x23, 1, 0, 0, 0, 4, 1}), (Bytes{0, 0xff, 0xff, record[7]}));
    EXPECT_EQ(bmc.ask({sensor, 0x2d, 0}), (Bytes{0, 0, 0xc0, 0, 0}));
    EXPECT_EQ(bmc.ask({sensor, 0x2d, 1}), Bytes{0xcb});
}

TEST(IpmiKcs, AnAbortTellsWhatWentWrong) {
    Kcs bmc;
    bmc.vm.outb(0xca2, 0x00);  // out of order
    EXPECT_EQ(bmc.phase(), 3);
    bmc.vm.inb(0xca2);
    bmc.vm.outb(0xca3, 0x60);
    bmc.vm.inb(0xca2);
    bmc.vm.outb(0xca2, 0x00);
    EXPECT_EQ(bmc.read(), Bytes{0x02});
    EXPECT_EQ(bmc.ask({app, 0x2f}), (Bytes{0, 0x08})) << "and it works again";
}

TEST(IpmiKcs, AMessageThatIsTooLongIsRefused) {
    Kcs bmc;
    bmc.vm.outb(0xca3, 0x61);
    for (int i = 0; i < 1000; i++)
        bmc.vm.outb(0xca2, 0);
    EXPECT_EQ(bmc.phase(), 3);
}

TEST(IpmiBt, TellsItsCapabilities) {
    Bt bmc;
    EXPECT_EQ(bmc.ask({app, 0x36}), (Bytes{0, 1, 255, 255, 10, 0}));
    bmc.vm.outb(0xe6, 0x01);
    bmc.vm.outb(0xe4, 0x01);
    for (std::uint8_t byte : {4, int{app}, 1, 0x01, 0})
        bmc.vm.outb(0xe5, byte);
    bmc.vm.outb(0xe4, 0x04);
    EXPECT_TRUE(bmc.irq5());
    EXPECT_EQ(bmc.vm.inb(0xe6), 0x03);
    bmc.vm.outb(0xe6, 0x03);
    EXPECT_FALSE(bmc.irq5());
}

TEST(IpmiChassis, SwitchesTheMachineOff) {
    Kcs bmc;
    EXPECT_EQ(bmc.ask({0x00, 0x02, 4}), Bytes{0xcc}) << "no diagnostic interrupt";
    EXPECT_EQ(bmc.ask({0x00, 0x02, 0}), ok);
    EXPECT_EQ(bmc.vm.event("SHUTDOWN")["guest"], qapi::Json(true));
}

TEST(Ipmi, ABmcHasOneInterface) {
    EXPECT_THROW(qtest::start_here("-machine pc -nodefaults -device ipmi-bmc-sim,id=b -device "
                                   "isa-ipmi-kcs,bmc=b -device isa-ipmi-bt,bmc=b"),
                 std::runtime_error);
    EXPECT_THROW(qtest::start_here("-machine pc -nodefaults -device isa-ipmi-kcs"),
                 std::runtime_error);
}

}  // namespace
