// SPDX-License-Identifier: GPL-2.0-or-later
//
// The text forms of the memory map, on a map like a small pc's. The expected forms are QEMU 7.2's.
#include "exec/mtree.h"

#include <gtest/gtest.h>

#include "exec/address-space.h"
#include "exec/memory.h"
#include "exec/ram-block.h"

namespace exec {
namespace {

struct MtreeTest : testing::Test {
    MemoryMap map;
    std::unique_ptr<MemoryRegion> system =
        MemoryRegion::container(map, "system", MemoryRegion::whole);
    std::unique_ptr<MemoryRegion> io =
        MemoryRegion::io(map, "io", 0x10000, floating_bus_ops, nullptr);
    AddressSpace io_space{map, *io, "I/O"};
    AddressSpace memory{map, *system, "memory"}, cpu{map, *system, "cpu-memory-0"};
};

TEST_F(MtreeTest, EmptyMachine) {
    EXPECT_EQ(mtree(map),
              "address-space: I/O\n"
              "  0000000000000000-000000000000ffff (prio 0, i/o): io\n"
              "\n"
              "address-space: memory\n"
              "address-space: cpu-memory-0\n"
              "  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n"
              "\n");
    EXPECT_EQ(mtree_flat(map),
              "FlatView #0\n"
              " AS \"I/O\", root: io\n"
              " Root memory region: io\n"
              "  0000000000000000-000000000000ffff (prio 0, i/o): io\n"
              "\n"
              "FlatView #1\n"
              " AS \"memory\", root: system\n"
              " AS \"cpu-memory-0\", root: system\n"
              " Root memory region: (none)\n"
              "  No rendered FlatView\n"
              "\n");
}

TEST_F(MtreeTest, RamRomAliasesAndDisabledRegions) {
    RamBlock& ram_block = **map.allocate_ram("pc.ram", 0x8000000);
    RamBlock& bios_block = **map.allocate_ram("pc.bios", 0x40000);
    auto ram = MemoryRegion::ram(map, "pc.ram", ram_block);
    auto bios = MemoryRegion::rom(map, "pc.bios", bios_block);
    auto low = MemoryRegion::alias(map, "ram-below-4g", *ram, 0, 0x8000000);
    auto pci = MemoryRegion::container(map, "pci", MemoryRegion::whole);
    auto isa_bios = MemoryRegion::alias(map, "isa-bios", *bios, 0x20000, 0x20000);
    auto off = MemoryRegion::container(map, "piix4-pm", 0x40);
    auto timer = MemoryRegion::io(map, "acpi-tmr", 4, floating_bus_ops, nullptr);
    off->set_enabled(false);
    off->add_subregion(8, *timer);
    io->add_subregion(0, *off);
    system->add_subregion(0, *low);
    system->add_subregion(0, *pci, -1);
    pci->add_subregion(0xe0000, *isa_bios, 1);
    pci->add_subregion(0xfffc0000, *bios);
    EXPECT_EQ(mtree(map),
              "address-space: I/O\n"
              "  0000000000000000-000000000000ffff (prio 0, i/o): io\n"
              "      0000000000000008-000000000000000b (prio 0, i/o): acpi-tmr\n"
              "\n"
              "address-space: memory\n"
              "address-space: cpu-memory-0\n"
              "  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n"
              "    0000000000000000-0000000007ffffff (prio 0, ram): alias ram-below-4g @pc.ram "
              "0000000000000000-0000000007ffffff\n"
              "    0000000000000000-ffffffffffffffff (prio -1, i/o): pci\n"
              "      00000000000e0000-00000000000fffff (prio 1, rom): alias isa-bios @pc.bios "
              "0000000000020000-000000000003ffff\n"
              "      00000000fffc0000-00000000ffffffff (prio 0, rom): pc.bios\n"
              "\n"
              "memory-region: pc.ram\n"
              "  0000000000000000-0000000007ffffff (prio 0, ram): pc.ram\n"
              "\n"
              "memory-region: pc.bios\n"
              "  00000000fffc0000-00000000ffffffff (prio 0, rom): pc.bios\n"
              "\n");
    EXPECT_NE(mtree(map, true).find(
                  "    0000000000000000-000000000000003f (prio 0, i/o): piix4-pm [disabled]\n"),
              std::string::npos);
    low->set_size(0xa0000);
    EXPECT_NE(mtree_flat(map).find(
                  " Root memory region: system\n"
                  "  0000000000000000-000000000009ffff (prio 0, ram): pc.ram\n"
                  "  00000000000e0000-00000000000fffff (prio 0, rom): pc.bios @0000000000020000\n"
                  "  00000000fffc0000-00000000ffffffff (prio 0, rom): pc.bios\n"
                  "\n"),
              std::string::npos);
}

}  // namespace
}  // namespace exec
