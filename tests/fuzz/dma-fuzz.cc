// SPDX-License-Identifier: GPL-2.0-or-later
//
// A driver that means harm: well-formed enough to be obeyed, wrong in what it points at. Disk and
// CD commands with bus-master tables, and network cards with rings of descriptors, whose addresses,
// lengths and flags are anything: in RAM, in the devices' own registers, where nothing is, and in
// the tables themselves. Nothing may crash, hang or grow.
//
//     fuzz-dma [--operations N] [--seed N]
#include <cstdio>
#include <cstring>
#include <random>
#include <string>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

constexpr std::uint16_t bus_master = 0xc000;  // of both channels, 8 ports each
constexpr std::uint64_t cards[] = {0xe0000000, 0xe0100000};
constexpr std::uint64_t ram_end = 16 << 20;

class Driver {
public:
    explicit Driver(unsigned long seed)
        : vm_({"-accel",
               "qtest",
               "-M",
               "pc",
               "-nodefaults",
               "-m",
               "16M",
               "-blockdev",
               "driver=null-co,node-name=d,size=16777216",
               "-device",
               "ide-hd,drive=d",
               "-blockdev",
               "driver=null-co,node-name=c,size=16777216,read-only=on",
               "-device",
               "ide-cd,bus=ide.1,drive=c",
               "-netdev",
               "hubport,id=a,hubid=0",
               "-device",
               "e1000,netdev=a,addr=4",
               "-netdev",
               "hubport,id=b,hubid=0",
               "-device",
               "e1000-82544gc,netdev=b,addr=5"}),
          machine_(qtest::attach(vm_)),
          random_(seed) {
        wake();
    }

    void operate() {
        switch (below(8)) {
            case 0: disk(); break;
            case 1: disc(); break;
            case 2:
            case 3: send(); break;
            case 4: receive(); break;
            case 5: card_register(); break;
            case 6: machine_.clock_step(static_cast<std::int64_t>(below(2'000'000))); break;
            default: table(place(), 1 + below(8));
        }
    }
    void reset() {
        machine_.qmp("system_reset");
        wake();
    }

private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    std::uint32_t word() { return static_cast<std::uint32_t>(random_()); }

    /// Registers where the accesses below find them.
    void wake() {
        configure(1 << 3 | 1, 0x20, bus_master);
        configure(4 << 3, 0x10, static_cast<std::uint32_t>(cards[0]));
        configure(5 << 3, 0x10, static_cast<std::uint32_t>(cards[1]));
        for (const unsigned devfn : {1u << 3 | 1, 4u << 3, 5u << 3})
            configure(devfn, 4, 7);
    }
    void configure(unsigned devfn, unsigned at, std::uint32_t value) {
        machine_.outl(0xcf8, 0x80000000 | devfn << 8 | at);
        machine_.outl(0xcfc, value);
    }

    /// Somewhere that a device is told to read or write.
    std::uint64_t place() {
        switch (below(10)) {
            case 0: return cards[below(2)] + below(0x20000);
            case 1: return 0xa0000 + below(0x60000);
            case 2: return 0xfee00000 + below(0x1000);
            case 3: return ram_end - below(0x2000);
            case 4: return random_();
            case 5: return word();
            default: return (below(ram_end) & ~0xfffull) + (below(3) ? 0 : below(4096));
        }
    }
    /// Descriptors of a bus master: address, length, end mark.
    void table(std::uint64_t at, std::uint64_t entries) {
        std::vector<std::uint8_t> bytes;
        auto add = [&](std::uint32_t v) {
            for (int shift = 0; shift < 32; shift += 8)
                bytes.push_back(static_cast<std::uint8_t>(v >> shift));
        };
        for (std::uint64_t i = 0; i < entries; i++) {
            add(static_cast<std::uint32_t>(place()));
            add(static_cast<std::uint32_t>(below(3) ? below(0x2000) : word()) |
                (i + 1 == entries && below(4) ? 0x80000000u : 0));
        }
        machine_.write(at, bytes);
    }
    void run_bus_master(std::uint16_t base, bool to_memory) {
        const std::uint64_t at = below(4) ? below(ram_end) & ~3ull : place();
        table(at, 1 + below(16));
        machine_.outl(static_cast<std::uint16_t>(base + 4), static_cast<std::uint32_t>(at));
        machine_.outb(static_cast<std::uint16_t>(base + 2), 6);
        machine_.outb(base,
                      static_cast<std::uint8_t>(1 | (below(8) ? to_memory : !to_memory) << 3));
        if (below(2)) machine_.clock_step(1000);
        if (below(2)) machine_.outb(base, 0);
    }
    void disk() {
        static constexpr std::uint8_t commands[] = {0xc8, 0xca, 0x25, 0x35, 0x06, 0x20, 0x24, 0x30,
                                                    0x34, 0xc4, 0xc5, 0xc6, 0xe7, 0xea, 0xb0, 0xec};
        const auto command =
            below(16) ? commands[below(std::size(commands))] : static_cast<std::uint8_t>(word());
        machine_.outb(0x1f6, static_cast<std::uint8_t>(0xe0 | below(16)));
        for (const std::uint16_t port : {0x1f1, 0x1f2, 0x1f3, 0x1f4, 0x1f5})
            machine_.outb(port, static_cast<std::uint8_t>(below(2) ? below(4) : word()));
        machine_.outb(0x1f7, command);
        run_bus_master(bus_master, command != 0xca && command != 0x35);
        for (auto n = below(300); n; n--)
            below(2) ? void(machine_.inl(0x1f0))
                     : machine_.outw(0x1f0, static_cast<std::uint16_t>(word()));
        if (!below(16)) machine_.outb(0x3f6, static_cast<std::uint8_t>(below(8)));
    }
    void disc() {
        static constexpr std::uint8_t packets[] = {0x00, 0x03, 0x12, 0x1b, 0x1e, 0x25,
                                                   0x28, 0x2b, 0x42, 0x43, 0x46, 0x4a,
                                                   0x51, 0x5a, 0xa8, 0xad, 0xbd, 0xbe};
        machine_.outb(0x176, 0xa0);
        machine_.outb(0x171, static_cast<std::uint8_t>(below(4)));  // DMA or not
        machine_.outb(0x174, static_cast<std::uint8_t>(word()));
        machine_.outb(0x175, static_cast<std::uint8_t>(word()));
        machine_.outb(0x177, 0xa0);
        for (int i = 0; i < 6; i++)
            machine_.outw(0x170, static_cast<std::uint16_t>(i ? below(3) ? below(4) << 8 : word()
                                                              : packets[below(std::size(packets))] |
                                                                    below(4) << 8));
        run_bus_master(bus_master + 8, true);
        for (auto n = below(300); n; n--)
            machine_.inw(0x170);
    }

    void set(std::uint64_t card, std::uint32_t at, std::uint32_t value) {
        machine_.writel(card + at, value);
    }
    std::uint32_t ring_length() {
        return static_cast<std::uint32_t>(below(8) ? 128 * (1 + below(4)) : word());
    }
    /// A ring for `registers`: base, length, head and tail, as of RDBAL or TDBAL.
    void ring(std::uint64_t card, std::uint32_t registers, std::uint64_t at) {
        set(card, registers, static_cast<std::uint32_t>(at));
        set(card, registers + 4, static_cast<std::uint32_t>(at >> 32));
        set(card, registers + 8, ring_length());
        set(card, registers + 0x10, static_cast<std::uint32_t>(below(8) ? below(40) : word()));
    }
    std::uint64_t ring_place() { return below(6) ? below(ram_end) & ~0xfull : place(); }
    void send() {
        const std::uint64_t card = cards[below(2)], at = ring_place();
        for (unsigned i = 0; i < 16; i++) {
            machine_.writeq(at + 16 * i, place());
            // DEXT and DTYP say what a descriptor is; lengths that a driver means are small.
            std::uint64_t rest = random_();
            if (below(2)) rest &= ~0xff000ull;
            if (below(2)) rest = (rest & ~0x20000000ull) | 0x01000000;
            machine_.writeq(at + 16 * i + 8, rest);
        }
        ring(card, 0x3800, at);
        set(card, 0x400, 0x2 | (below(2) ? 8 : 0));
        set(card, 0x3818, static_cast<std::uint32_t>(below(8) ? below(40) : word()));
    }
    void receive() {
        const std::uint64_t card = cards[below(2)], at = ring_place();
        for (unsigned i = 0; i < 16; i++) {
            machine_.writeq(at + 16 * i, place());
            machine_.writeq(at + 16 * i + 8, random_());
        }
        ring(card, 0x2800, at);
        set(card, 0x100, 0x802a | (below(2) ? word() : 0));  // on, promiscuous, broadcast, long
        set(card, 0x2818, static_cast<std::uint32_t>(below(8) ? below(40) : word()));
    }
    void card_register() {
        const std::uint64_t card = cards[below(2)];
        const auto at = static_cast<std::uint32_t>(below(0x6000) & ~3u);
        below(2) ? void(machine_.readl(card + at))
                 : set(card, at, below(2) ? word() : 1u << below(32));
    }

    tests::LiveVm vm_;
    qtest::Machine machine_;
    std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
    unsigned long operations = 8'000, seed = 1;
    for (int i = 1; i + 1 < argc; i += 2)
        (std::string(argv[i]) == "--operations" ? operations : seed) =
            std::strtoul(argv[i + 1], nullptr, 0);
    unsigned long n = 0;
    try {
        Driver driver(seed);
        for (; n < operations; n++) {
            driver.operate();
            if (n % 2'000 == 1'999) driver.reset();
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "seed %lu, after %lu operations: %s\n", seed, n, e.what());
        return 1;
    }
    std::printf("%lu operations\n", operations);
}
