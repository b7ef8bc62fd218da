// SPDX-License-Identifier: GPL-2.0-or-later
//
// A guest that makes no sense: random accesses of every width to the ports, the memory and the PCI
// configuration space of a whole machine, with time passing, resets, and its state saved and loaded
// between. Nothing may crash, hang or grow, and what was loaded saves to the same bytes.
//
//     fuzz-board [--operations N] [--seed N] -- -M isapc -nodefaults ...
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>
#include <string>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace {

struct Range {
    std::uint32_t first, last;
};
// Where a PC's chips are; the rest of the ports gets its share, too.
constexpr Range ports[] = {
    {0x00, 0x0f},     {0x20, 0x21},     {0x40, 0x43},     {0x60, 0x64},     {0x70, 0x71},
    {0x7e, 0x92},     {0xa0, 0xa1},     {0xb2, 0xb3},     {0xc0, 0xdf},     {0xf0, 0xf0},
    {0x220, 0x22f},   {0x240, 0x24f},   {0x340, 0x347},   {0x388, 0x38b},   {0x534, 0x537},
    {0x170, 0x177},   {0x1ce, 0x1d0},   {0x1f0, 0x1f7},   {0x376, 0x378},   {0x378, 0x37f},
    {0x3b0, 0x3df},   {0x3f0, 0x3ff},   {0x441, 0x443},   {0x4d0, 0x4d1},   {0x505, 0x505},
    {0x510, 0x51b},   {0x600, 0x63f},   {0xae00, 0xae17}, {0xaf00, 0xaf1f}, {0xafe0, 0xafe3},
    {0xb100, 0xb13f}, {0xc000, 0xc1ff}, {0xca2, 0xca3},   {0xe4, 0xe7},     {0xcf8, 0xcff},
    {0x5658, 0x565b},
};
constexpr Range memory[] = {
    {0x00000, 0x9ffff},       {0xa0000, 0xbffff},       {0xc0000, 0xfffff},
    {0xe0000000, 0xe0ffffff}, {0xfebc0000, 0xfebfffff}, {0xfec00000, 0xfec00fff},
    {0xfed00000, 0xfed003ff}, {0xfee00000, 0xfee00fff}, {0xfffc0000, 0xffffffff},
};

std::size_t resident_bytes() {
    std::size_t total = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return resident * 4096;
}

class Guest {
public:
    Guest(const std::vector<const char*>& options, unsigned long seed)
        : vm_(options), machine_(qtest::attach(vm_)), random_(seed) {}

    void operate() {
        switch (below(100)) {
            case 0: machine_.clock_step(static_cast<std::int64_t>(below(20'000'000))); break;
            case 1: bar(); break;
            default:
                if (const auto what = below(100); what < 55)
                    port();
                else if (what < 85)
                    access_memory();
                else
                    configuration();
        }
    }

    void reset() { machine_.qmp("system_reset"); }

    void save_and_load() {
        auto saved = vm_.saved();
        tests::LiveVm::must(vm_.load(saved));
        auto again = vm_.saved();
        ignore_intr(saved);
        ignore_intr(again);
        if (again != saved) {
            std::size_t at = 0;
            while (at < saved.size() && at < again.size() && saved[at] == again[at])
                at++;
            const auto [section, offset] = section_at(at);
            tests::LiveVm::wrong(
                fmt::format("a loaded state saves to other bytes: {} byte {}, {:02x} became {:02x}",
                            section, offset, saved[at], again[at]));
        }
    }

private:
    /// INTR is worked out from the interrupt controllers when a state is loaded. Where a guest has
    /// reprogrammed them under a pending interrupt, that differs from what was left of it.
    void ignore_intr(std::vector<std::uint8_t>& file) {
        constexpr std::string_view name = "cpu_common";
        constexpr std::uint8_t intr = 1 << 1;
        const auto found = std::search(file.begin(), file.end(), name.begin(), name.end());
        // The name, instance and version, `halted`, and the last byte of `interrupt_request`.
        found[static_cast<long>(name.size()) + 8 + 4 + 3] |= intr;
    }
    /// The section of a state file that has a byte, and the byte's number in it.
    std::pair<std::string, std::size_t> section_at(std::size_t at) {
        std::size_t end = 8;
        vmstate::Writer data;
        for (const auto& e : vm_.migration().savevm().entries()) {
            if (e.is_ram || !e.owner->needed()) continue;
            data.clear();
            migration::SaveVm::save_section(e, data);
            const std::size_t start = end + 14 + e.idstr.size();
            end = start + data.size() + 5;
            if (at < end) return {fmt::format("{}/{}", e.idstr, e.instance_id), at - start};
        }
        return {"the end", 0};
    }
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    std::uint64_t value() {
        const std::uint64_t v = random_();
        switch (below(4)) {
            case 0: return v & 0xff;
            case 1: return std::uint64_t{1} << (v & 63);
            case 2: return ~std::uint64_t{0};
            default: return v;
        }
    }
    template <std::size_t N>
    std::uint32_t in(const Range (&ranges)[N]) {
        const Range& r = ranges[below(N)];
        return r.first + static_cast<std::uint32_t>(below(std::uint64_t{r.last} - r.first + 1));
    }

    void port() {
        const auto at = static_cast<std::uint16_t>(below(10) ? in(ports) : below(0x10000));
        const std::uint64_t v = value();
        switch (below(6)) {
            case 0: machine_.inb(at); break;
            case 1: machine_.inw(at); break;
            case 2: machine_.inl(at); break;
            case 3: machine_.outb(at, static_cast<std::uint8_t>(v)); break;
            case 4: machine_.outw(at, static_cast<std::uint16_t>(v)); break;
            default: machine_.outl(at, static_cast<std::uint32_t>(v));
        }
    }
    void access_memory() {
        const std::uint64_t at = below(50) ? in(memory) : value();
        const std::uint64_t v = value();
        switch (below(8)) {
            case 0: machine_.readb(at); break;
            case 1: machine_.readw(at); break;
            case 2: machine_.readl(at); break;
            case 3: machine_.readq(at); break;
            case 4: machine_.writeb(at, static_cast<std::uint8_t>(v)); break;
            case 5: machine_.writew(at, static_cast<std::uint16_t>(v)); break;
            case 6: machine_.writel(at, static_cast<std::uint32_t>(v)); break;
            default: machine_.writeq(at, v);
        }
    }
    void select(std::uint64_t devfn, std::uint64_t at) {
        machine_.outl(0xcf8, static_cast<std::uint32_t>(0x80000000 | devfn << 8 | (at & 0xfc)));
    }
    void configuration() {
        select(below(12) << 3 | (below(3) ? 0 : below(8)), below(256));
        const auto at = static_cast<std::uint16_t>(0xcfc + below(4));
        switch (below(4)) {
            case 0: machine_.inl(at); break;
            case 1: machine_.outb(at, static_cast<std::uint8_t>(value())); break;
            case 2: machine_.outw(at, static_cast<std::uint16_t>(value())); break;
            default: machine_.outl(at, static_cast<std::uint32_t>(value()));
        }
    }
    /// Puts a function's registers where the accesses above find them.
    void bar() {
        const std::uint64_t devfn = below(12) << 3 | (below(4) == 0);
        select(devfn, 0x10 + 4 * below(6));
        machine_.outl(0xcfc,
                      static_cast<std::uint32_t>(below(2) ? 0xc000 + 0x40 * below(8)
                                                          : 0xe0000000 + 0x100000 * below(16)));
        select(devfn, 4);
        machine_.outw(0xcfc, static_cast<std::uint16_t>(below(8)));
    }

    tests::LiveVm vm_;
    qtest::Machine machine_;
    std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
    unsigned long operations = 100'000, seed = 1;
    std::vector<const char*> options{"-accel", "qtest", "-no-shutdown", "-rtc",
                                     "base=2022-01-01T00:00:00,clock=vm"};
    int i = 1;
    for (; i + 1 < argc && std::strcmp(argv[i], "--"); i += 2)
        (std::string(argv[i]) == "--operations" ? operations : seed) =
            std::strtoul(argv[i + 1], nullptr, 0);
    for (i++; i < argc; i++)
        options.push_back(argv[i]);
    unsigned long n = 0;
    try {
        Guest guest(options, seed);
        std::size_t settled = 0;
        for (; n < operations; n++) {
            guest.operate();
            if (n % 5'000 == 4'999) guest.save_and_load();
            if (n % 20'000 == 19'999) guest.reset();
            if (n == operations / 4) settled = resident_bytes();
        }
        // Guest memory that is touched for the first time counts, too.
        constexpr std::size_t allowed = 192 << 20;
        if (resident_bytes() > settled + allowed) tests::LiveVm::wrong("the process grows");
    } catch (const std::exception& e) {
        std::fprintf(stderr, "seed %lu, after %lu operations: %s\n", seed, n, e.what());
        return 1;
    }
    std::printf("%lu operations\n", operations);
}
