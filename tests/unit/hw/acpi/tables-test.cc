// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/tables.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <numeric>
#include <string>

#include "hw/acpi/aml.h"

using namespace hw;

namespace {

AcpiFacts pc_facts() {
    AcpiFacts f;
    f.processors = {{0, true}};
    f.ram_below_4g = 128 << 20;
    f.hpet_id = 0x8086a201;
    f.serial_ports = {{0x3f8, 4}};
    f.parallel_port = f.floppy = true;
    return f;
}

u32 get32(const std::vector<u8>& b, std::size_t at) {
    return u32(b[at] | b[at + 1] << 8 | b[at + 2] << 16) | u32(b[at + 3]) << 24;
}

/// What firmware makes of the script: files at addresses, pointers added, sums right.
struct Loaded {
    std::map<std::string, std::vector<u8>> files;
    std::map<std::string, u32> address{{"etc/acpi/tables", 0x7fe0000}, {"etc/acpi/rsdp", 0xf5000}};
    std::vector<unsigned> commands;

    explicit Loaded(const AcpiTables& t)
        : files{{"etc/acpi/tables", t.tables}, {"etc/acpi/rsdp", t.rsdp}} {
        for (std::size_t at = 0; at < t.loader.size(); at += 128) {
            auto text = [&](std::size_t from) {
                return std::string(reinterpret_cast<const char*>(&t.loader[at + from]));
            };
            const unsigned command = get32(t.loader, at);
            if (!command) break;
            commands.push_back(command);
            if (command == 2) {
                auto& file = files.at(text(4));
                const u32 offset = get32(t.loader, at + 116);
                const u32 sum = get32(file, offset) + address.at(text(60));
                for (unsigned i = 0; i < 4; i++)
                    file[offset + i] = u8(sum >> 8 * i);
            } else if (command == 3) {
                auto& file = files.at(text(4));
                const auto begin = file.begin() + get32(t.loader, at + 64);
                const int sum = std::accumulate(begin, begin + get32(t.loader, at + 68), 0);
                file[get32(t.loader, at + 60)] = u8(file[get32(t.loader, at + 60)] - sum);
            }
        }
    }
    const std::vector<u8>& tables() { return files["etc/acpi/tables"]; }
    /// The whole of a table by its address.
    std::vector<u8> at(u32 where) {
        const std::size_t start = where - address["etc/acpi/tables"];
        return {tables().begin() + std::ptrdiff_t(start),
                tables().begin() + std::ptrdiff_t(start + get32(tables(), start + 4))};
    }
    std::map<std::string, std::vector<u8>> all() {
        std::map<std::string, std::vector<u8>> found;
        const auto rsdt = at(get32(files["etc/acpi/rsdp"], 16));
        found["RSDT"] = rsdt;
        for (std::size_t i = 36; i < rsdt.size(); i += 4) {
            auto table = at(get32(rsdt, i));
            found[std::string(table.begin(), table.begin() + 4)] = table;
        }
        found["FACS"] = at(get32(found["FACP"], 36));
        found["DSDT"] = at(get32(found["FACP"], 40));
        return found;
    }
};

}  // namespace

TEST(Aml, EncodesNamesNumbersAndLengths) {
    using namespace aml;
    EXPECT_EQ(path("\\_SB.PCI0"), (Bytes{'\\', 0x2e, '_', 'S', 'B', '_', 'P', 'C', 'I', '0'}));
    EXPECT_EQ(path("\\_SB.PCI0.ISA").at(1), 0x2f);
    EXPECT_EQ(integer(0x1234), (Bytes{0x0b, 0x34, 0x12}));
    EXPECT_EQ(eisa_id("PNP0A03"), (Bytes{0x0c, 0x41, 0xd0, 0x0a, 0x03}));
    EXPECT_EQ(scope("A", {Bytes(40, 0)})[1], 45);  // length counts itself
    const Bytes longer = scope("A", {Bytes(100, 0)});
    EXPECT_EQ(longer[1], 0x40 | (106 & 15));
    EXPECT_EQ(longer[2], 106 >> 4);
    EXPECT_EQ(longer.size(), 107u);
}

// The order and kind of the commands, and the sizes of the fixed tables, as captured from QEMU
// 7.2.22 for the same machine.
TEST(AcpiTables, LoaderScriptIsAsCaptured) {
    const AcpiTables t = build_acpi_tables(pc_facts());
    EXPECT_EQ(t.tables.size(), 131072u);
    EXPECT_EQ(t.loader.size(), 4096u);
    EXPECT_EQ(t.rsdp.size(), 20u);
    EXPECT_EQ(Loaded(t).commands,
              (std::vector<unsigned>{1, 1, 3, 2, 2, 3, 3, 3, 3, 2, 2, 2, 2, 3, 2, 3}));
    auto tables = Loaded(t).all();
    EXPECT_EQ(tables["FACS"].size(), 64u);
    EXPECT_EQ(tables["FACP"].size(), 116u);
    EXPECT_EQ(tables["APIC"].size(), 120u);
    EXPECT_EQ(tables["HPET"].size(), 56u);
    EXPECT_EQ(tables["WAET"].size(), 40u);
    EXPECT_EQ(tables["RSDT"].size(), 52u);
}

TEST(AcpiTables, AllSumsAreZeroAfterLoading) {
    AcpiFacts f = pc_facts();
    f.processors = {{0, true}, {1, true}, {2, false}};
    f.pci_hole64_start = 0x140000000;
    f.pci_hole64_end = 0x1bfffffff;
    Loaded loaded(build_acpi_tables(f));
    for (auto& [name, table] : loaded.all()) {
        if (name == "FACS") continue;  // has none
        EXPECT_EQ(u8(std::accumulate(table.begin(), table.end(), 0)), 0) << name;
    }
    const auto& rsdp = loaded.files["etc/acpi/rsdp"];
    EXPECT_EQ(u8(std::accumulate(rsdp.begin(), rsdp.end(), 0)), 0);
    // For a look with iasl: ACPI_TABLES=DIR test-hw-acpi
    if (const char* dir = std::getenv("ACPI_TABLES"))
        for (auto& [name, table] : loaded.all())
            std::ofstream(std::string(dir) + "/" + name + ".aml", std::ios::binary)
                .write(reinterpret_cast<const char*>(table.data()), std::streamsize(table.size()));
}
