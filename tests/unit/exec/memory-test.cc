// SPDX-License-Identifier: GPL-2.0-or-later
//
// Region trees, what they render to, and how accesses reach registers.
#include "exec/memory.h"

#include <gtest/gtest.h>

#include <fmt/core.h>

#include <random>
#include <utility>

#include "exec/address-space.h"
#include "exec/ram-block.h"
#include "util/bql.h"

namespace exec {
namespace {

/// Remembers what it is asked and answers with the offset in each byte.
struct Registers {
    struct Access {
        hwaddr offset;
        unsigned size;
        std::uint64_t value;
        bool operator==(const Access&) const = default;
    };
    std::vector<Access> reads, writes;

    std::uint64_t read(hwaddr offset, unsigned size) {
        std::uint64_t v = 0;
        for (unsigned i = 0; i < size; i++)
            v |= std::uint64_t((offset + i) & 0xff) << (8 * i);
        reads.push_back({offset, size, v});
        return v;
    }
    void write(hwaddr offset, std::uint64_t value, unsigned size) {
        writes.push_back({offset, size, value});
    }
};

constexpr MemoryOps plain_ops = memory_ops<&Registers::read, &Registers::write>();
constexpr MemoryOps byte_ops = memory_ops<&Registers::read, &Registers::write>(
    {.valid = {1, 1, false}, .impl = {1, 1, false}});
constexpr MemoryOps word_ops =
    memory_ops<&Registers::read, &Registers::write>({.impl = {2, 2, false}});
constexpr MemoryOps big_ops =
    memory_ops<&Registers::read, &Registers::write>({.endian = Endian::Big, .impl = {2, 2, false}});
constexpr MemoryOps dword_only_ops = memory_ops<&Registers::read, &Registers::write>(
    {.valid = {4, 4, false}, .impl = {4, 4, false}});

struct MemoryTest : testing::Test {
    BigLock lock;
    Bql bql{lock};
    MemoryMap map;
    Registers registers;
    std::unique_ptr<MemoryRegion> root = MemoryRegion::container(map, "root", MemoryRegion::whole);

    std::unique_ptr<MemoryRegion> io(std::string name, std::uint64_t size,
                                     const MemoryOps& ops = plain_ops) {
        return MemoryRegion::io(map, std::move(name), size, ops, &registers);
    }
    RamBlock& ram(std::string name, std::uint64_t size) {
        return **map.allocate_ram(std::move(name), size);
    }
    static std::string shown(const AddressSpace& space) {
        std::string out;
        for (const FlatRange& r : space.view()->ranges())
            out += fmt::format("{:x}-{:x} {}{}{} ", r.start, r.last(), r.region->name(),
                               r.offset_in_region ? fmt::format("@{:x}", r.offset_in_region) : "",
                               r.readonly ? " ro" : "");
        if (!out.empty()) out.pop_back();
        return out;
    }
    std::uint64_t load(AddressSpace& space, hwaddr at, unsigned size) {
        std::uint64_t value = 0x5555;
        (void)space.load(bql, at, size, value);
        return value;
    }
};

TEST_F(MemoryTest, EmptySpaceHasNoRanges) {
    AddressSpace space(map, *root, "memory");
    EXPECT_EQ(shown(space), "");
    std::uint64_t value = 1;
    EXPECT_EQ(space.load(bql, 0x1000, 4, value), MemTx::DecodeError);
    EXPECT_EQ(value, 0u);
    EXPECT_EQ(space.store(bql, 0x1000, 4, 1), MemTx::DecodeError);
}

TEST_F(MemoryTest, HigherPriorityHidesLowerAndLaterHidesEarlier) {
    AddressSpace space(map, *root, "memory");
    auto a = io("a", 0x100), b = io("b", 0x40), c = io("c", 0x20), d = io("d", 0x10);
    root->add_subregion(0x1000, *a);
    root->add_subregion(0x1020, *b, 1);
    root->add_subregion(0x1030, *c);
    EXPECT_EQ(shown(space), "1000-101f a 1020-105f b 1060-10ff a@60");
    root->add_subregion(0x1010, *d);
    EXPECT_EQ(shown(space), "1000-100f a 1010-101f d 1020-105f b 1060-10ff a@60");
    b->set_enabled(false);
    EXPECT_EQ(shown(space), "1000-100f a 1010-101f d 1020-102f a@20 1030-104f c 1050-10ff a@50");
    root->remove_subregion(*a);
    EXPECT_EQ(shown(space), "1010-101f d 1030-104f c");
}

TEST_F(MemoryTest, ChildrenWinOverTheirContainerAndAreClippedByIt) {
    AddressSpace space(map, *root, "memory");
    auto outer = io("outer", 0x10), inner = io("inner", 0x20);
    outer->add_subregion(8, *inner);
    root->add_subregion(0x100, *outer);
    EXPECT_EQ(shown(space), "100-107 outer 108-10f inner");
    // Priorities count among siblings only.
    outer->remove_subregion(*inner);
    outer->add_subregion(8, *inner, -5);
    EXPECT_EQ(shown(space), "100-107 outer 108-10f inner");
}

TEST_F(MemoryTest, AliasShowsAWindowAndFollowsItsTarget) {
    AddressSpace space(map, *root, "memory");
    auto pc_ram = MemoryRegion::ram(map, "pc.ram", ram("pc.ram", 0x10000));
    auto low = MemoryRegion::alias(map, "low", *pc_ram, 0, 0x8000);
    auto high = MemoryRegion::alias(map, "high", *pc_ram, 0x8000, 0x8000);
    root->add_subregion(0, *low);
    root->add_subregion(0x100000000, *high);
    EXPECT_EQ(shown(space), "0-7fff pc.ram 100000000-100007fff pc.ram@8000");
    high->set_alias_offset(0x4000);
    EXPECT_EQ(shown(space), "0-7fff pc.ram 100000000-100007fff pc.ram@4000");
    high->set_readonly(true);
    EXPECT_EQ(shown(space), "0-7fff pc.ram 100000000-100007fff pc.ram@4000 ro");
    pc_ram->set_enabled(false);
    EXPECT_EQ(shown(space), "");
}

TEST_F(MemoryTest, AliasIntoAContainerShowsWhatLiesThere) {
    AddressSpace space(map, *root, "memory");
    auto pci = MemoryRegion::container(map, "pci", MemoryRegion::whole);
    auto vga = io("vga", 0x20000);
    auto window = MemoryRegion::alias(map, "smram-region", *pci, 0xa0000, 0x20000);
    auto system_ram = MemoryRegion::ram(map, "ram", ram("ram", 0x100000));
    pci->add_subregion(0xa0000, *vga, 1);
    root->add_subregion(0, *pci, -1);
    root->add_subregion(0, *system_ram);
    EXPECT_EQ(shown(space), "0-fffff ram");
    root->add_subregion(0xa0000, *window, 1);
    EXPECT_EQ(shown(space), "0-9ffff ram a0000-bffff vga c0000-fffff ram@c0000");
    vga->set_address(0xa8000);
    EXPECT_EQ(shown(space), "0-a7fff ram a8000-bffff vga c0000-fffff ram@c0000");
}

TEST_F(MemoryTest, NeighboursThatContinueOneRegionAreOneRange) {
    AddressSpace space(map, *root, "memory");
    auto pc_ram = MemoryRegion::ram(map, "ram", ram("ram", 0x3000));
    auto a = MemoryRegion::alias(map, "a", *pc_ram, 0, 0x1000);
    auto b = MemoryRegion::alias(map, "b", *pc_ram, 0x1000, 0x1000);
    auto c = MemoryRegion::alias(map, "c", *pc_ram, 0, 0x1000);
    root->add_subregion(0, *a);
    root->add_subregion(0x1000, *b);
    root->add_subregion(0x2000, *c);
    EXPECT_EQ(shown(space), "0-1fff ram 2000-2fff ram");
}

TEST_F(MemoryTest, WholeSpaceOfRegistersReachesTheLastByte) {
    auto bus = MemoryRegion::io(map, "bus", MemoryRegion::whole, floating_bus_ops, nullptr);
    AddressSpace space(map, *bus, "bus");
    EXPECT_EQ(shown(space), "0-ffffffffffffffff bus");
    auto one = io("one", 1);
    bus->add_subregion(0x10, *one);
    EXPECT_EQ(shown(space), "0-f bus 10-10 one 11-ffffffffffffffff bus@11");
    EXPECT_EQ(load(space, ~hwaddr{0}, 1), 0xffu);
    EXPECT_EQ(load(space, 0x20, 4), 0xffffffffu);
}

TEST_F(MemoryTest, TransactionRendersOnce) {
    AddressSpace space(map, *root, "memory");
    unsigned changes = 0;
    map.on_change([&] { changes++; });
    const auto before = space.generation();
    auto a = io("a", 0x10), b = io("b", 0x10);
    {
        Transaction batch(map);
        root->add_subregion(0, *a);
        root->add_subregion(0x10, *b);
        EXPECT_EQ(shown(space), "");
    }
    EXPECT_EQ(shown(space), "0-f a 10-1f b");
    EXPECT_EQ(changes, 1u);
    EXPECT_EQ(space.generation(), before + 1);
}

TEST_F(MemoryTest, AnUnchangedViewKeepsItsGeneration) {
    AddressSpace space(map, *root, "memory");
    auto ports = MemoryRegion::container(map, "io", 0x10000);
    AddressSpace io_space(map, *ports, "I/O");
    auto a = io("a", 0x10), hidden = io("hidden", 0x10), p = io("p", 4);
    root->add_subregion(0, *a, 1);
    const auto memory = space.generation(), io_generation = io_space.generation();
    root->add_subregion(0, *hidden);
    EXPECT_EQ(space.generation(), memory);
    auto view = space.view();
    ports->add_subregion(0x60, *p);
    EXPECT_EQ(space.view(), view);
    EXPECT_EQ(io_space.generation(), io_generation + 1);
}

TEST_F(MemoryTest, AHeldViewStaysAsItWas) {
    AddressSpace space(map, *root, "memory");
    auto a = io("a", 0x10);
    root->add_subregion(0, *a);
    auto held = space.view();
    a->set_address(0x100);
    EXPECT_NE(held->find(5), nullptr);
    EXPECT_EQ(space.view()->find(5), nullptr);
    EXPECT_EQ(space.view()->find(0x105)->region, a.get());
}

TEST_F(MemoryTest, SpacesThatComeDownToOneRegionShareItsView) {
    auto system = MemoryRegion::container(map, "system", MemoryRegion::whole);
    auto a = io("a", 0x10), b = io("b", 0x10);
    system->add_subregion(0, *a);
    system->add_subregion(0x20, *b);
    AddressSpace memory(map, *system, "memory");
    auto master = MemoryRegion::alias(map, "bus master", *system, 0, MemoryRegion::whole);
    root->add_subregion(0, *master);
    master->set_enabled(false);
    AddressSpace device(map, *root, "device");
    EXPECT_EQ(device.effective_root(), nullptr);
    EXPECT_EQ(shown(device), "");
    master->set_enabled(true);
    EXPECT_EQ(device.effective_root(), system.get());
    EXPECT_EQ(device.view(), memory.view());
    b->set_address(0x30);
    EXPECT_EQ(device.view(), memory.view());
    EXPECT_EQ(shown(device), "0-f a 30-3f b");
}

TEST_F(MemoryTest, DestroyingARegionTakesItOutOfTheView) {
    AddressSpace space(map, *root, "memory");
    auto a = io("a", 0x10);
    auto box = MemoryRegion::container(map, "box", 0x100);
    box->add_subregion(0, *a);
    root->add_subregion(0, *box);
    EXPECT_EQ(shown(space), "0-f a");
    box.reset();
    EXPECT_EQ(shown(space), "");
    EXPECT_EQ(a->container(), nullptr);
}

// The oracle asks, for one address, who wins, straight from the tree.
const MemoryRegion* who(const MemoryRegion& region, hwaddr at, hwaddr& offset) {
    if (!region.enabled() || (region.size() != MemoryRegion::whole && at >= region.size()))
        return nullptr;
    if (region.alias_target())
        return who(*region.alias_target(), at + region.alias_offset(), offset);
    for (const MemoryRegion* child : region.subregions())
        if (at >= child->address())
            if (auto* found = who(*child, at - child->address(), offset)) return found;
    offset = at;
    return region.pure_container() ? nullptr : &region;
}

TEST_F(MemoryTest, RandomTreesRenderAsTheTreeSays) {
    std::mt19937 random(7);
    auto below = [&](unsigned n) { return random() % n; };
    for (int round = 0; round < 300; round++) {
        AddressSpace space(map, *root, "memory");
        std::vector<std::unique_ptr<MemoryRegion>> all;
        std::vector<MemoryRegion*> parents{root.get()};
        for (int i = 0; i < 14; i++) {
            const unsigned kind = below(4);
            const std::string name = "r" + std::to_string(i);
            if (kind == 0) {
                all.push_back(MemoryRegion::container(map, name, 1 + below(200)));
            } else if (kind == 1 && !all.empty()) {
                // Only onto what stands already, so that no window shows itself.
                MemoryRegion& target = *all[below(all.size())];
                all.push_back(MemoryRegion::alias(map, name, target, below(50), 1 + below(100)));
                root->add_subregion(below(200), *all.back(), static_cast<int>(below(3)) - 1);
                continue;
            } else {
                all.push_back(io(name, 1 + below(80)));
            }
            parents[below(parents.size())]->add_subregion(below(200), *all.back(),
                                                          static_cast<int>(below(3)) - 1);
            if (!all.back()->alias_target()) parents.push_back(all.back().get());
            if (below(5) == 0) all.back()->set_enabled(false);
        }
        hwaddr end = 0;
        const auto view = space.view();
        for (const FlatRange& r : view->ranges()) {
            EXPECT_GE(r.start, end);
            end = r.start + r.size;
        }
        for (hwaddr at = 0; at < 500; at++) {
            hwaddr offset = 0;
            const MemoryRegion* expected = who(*root, at, offset);
            const FlatRange* found = view->find(at);
            ASSERT_EQ(found ? found->region : nullptr, expected)
                << "round " << round << " at " << at;
            if (found) {
                ASSERT_EQ(found->offset_in_region + (at - found->start), offset);
            }
        }
        while (!all.empty())
            all.pop_back();
    }
}

TEST_F(MemoryTest, WideAccessToByteRegistersIsSplit) {
    AddressSpace space(map, *root, "memory");
    auto a = io("a", 0x10, byte_ops);
    root->add_subregion(0x20, *a);
    EXPECT_EQ(load(space, 0x22, 2), 0x0302u);
    EXPECT_EQ(registers.reads, (std::vector<Registers::Access>{{2, 1, 2}, {3, 1, 3}}));
    EXPECT_EQ(space.store(bql, 0x20, 4, 0x44332211), MemTx::Ok);
    EXPECT_EQ(registers.writes, (std::vector<Registers::Access>{
                                    {0, 1, 0x11}, {1, 1, 0x22}, {2, 1, 0x33}, {3, 1, 0x44}}));
}

TEST_F(MemoryTest, EightBytesReachFourByteHandlersInTwoHalves) {
    AddressSpace space(map, *root, "memory");
    auto a = io("a", 0x10);
    root->add_subregion(0, *a);
    EXPECT_EQ(load(space, 8, 8), 0x0f0e0d0c0b0a0908u);
    EXPECT_EQ(registers.reads.size(), 2u);
    EXPECT_EQ(space.store(bql, 0, 8, 0x8877665544332211), MemTx::Ok);
    EXPECT_EQ(registers.writes,
              (std::vector<Registers::Access>{{0, 4, 0x44332211}, {4, 4, 0x88776655}}));
}

TEST_F(MemoryTest, NarrowAccessToWideRegistersKeepsItsOffset) {
    AddressSpace space(map, *root, "memory");
    auto a = io("a", 0x10, word_ops);
    root->add_subregion(0, *a);
    EXPECT_EQ(load(space, 3, 1), 3u);
    EXPECT_EQ(registers.reads, (std::vector<Registers::Access>{{3, 2, 0x0403}}));
    EXPECT_EQ(space.store(bql, 3, 1, 0xabcd), MemTx::Ok);
    EXPECT_EQ(registers.writes, (std::vector<Registers::Access>{{3, 2, 0xcd}}));
}

TEST_F(MemoryTest, BigEndianRegistersAreSwapped) {
    AddressSpace space(map, *root, "memory");
    auto a = io("a", 0x10, big_ops);
    root->add_subregion(0, *a);
    // The handlers say 0x0100 and 0x0302; the bus carries most significant bytes first.
    EXPECT_EQ(load(space, 0, 2), 0x0001u);
    EXPECT_EQ(load(space, 0, 4), 0x02030001u);
    registers.writes.clear();
    EXPECT_EQ(space.store(bql, 0, 4, 0x44332211), MemTx::Ok);
    EXPECT_EQ(registers.writes, (std::vector<Registers::Access>{{0, 2, 0x1122}, {2, 2, 0x3344}}));
}

TEST_F(MemoryTest, AccessOfAWrongSizeReadsZeroAndIsNotWritten) {
    AddressSpace space(map, *root, "memory");
    auto a = io("a", 0x10, dword_only_ops);
    root->add_subregion(0, *a);
    std::uint64_t value = 7;
    EXPECT_EQ(space.load(bql, 4, 2, value), MemTx::DecodeError);
    EXPECT_EQ(value, 0u);
    EXPECT_EQ(space.store(bql, 4, 2, 1), MemTx::DecodeError);
    EXPECT_TRUE(registers.reads.empty() && registers.writes.empty());
    EXPECT_EQ(space.load(bql, 4, 4, value), MemTx::Ok);
    EXPECT_EQ(value, 0x07060504u);
}

TEST_F(MemoryTest, AccessAcrossABorderIsCutThere) {
    AddressSpace space(map, *root, "memory");
    RamBlock& block = ram("ram", 0x1000);
    auto memory = MemoryRegion::ram(map, "ram", block);
    auto a = io("a", 0x10);
    root->add_subregion(0, *memory);
    root->add_subregion(0x1000, *a);
    block.host()[0xffe] = 0xaa;
    block.host()[0xfff] = 0xbb;
    EXPECT_EQ(load(space, 0xffe, 4), 0x0100bbaau);
    EXPECT_EQ(space.store(bql, 0x1010 - 2, 4, 0x44332211), MemTx::DecodeError);
    EXPECT_EQ(registers.writes, (std::vector<Registers::Access>{{0xe, 2, 0x2211}}));
}

TEST_F(MemoryTest, RomIsReadAndNotWrittenExceptByLoaders) {
    AddressSpace space(map, *root, "memory");
    RamBlock& block = ram("pc.bios", 0x1000);
    auto rom = MemoryRegion::rom(map, "pc.bios", block);
    root->add_subregion(0xf000, *rom);
    EXPECT_EQ(space.store(bql, 0xf000, 1, 0x12), MemTx::Ok);
    EXPECT_EQ(load(space, 0xf000, 1), 0u);
    const std::uint8_t image[] = {1, 2, 3};
    EXPECT_EQ(space.write_rom(bql, 0xf000, image), MemTx::Ok);
    EXPECT_EQ(load(space, 0xf000, 4), 0x030201u);
    std::uint64_t length;
    const auto view = space.view();
    EXPECT_EQ(space.host_pointer(*view, 0xf010, length, true), nullptr);
    EXPECT_EQ(space.host_pointer(*view, 0xf010, length, false), block.host() + 0x10);
    EXPECT_EQ(length, 0xff0u);
}

TEST_F(MemoryTest, FlashWritesReachItsRegistersAndReadsFollowItsMode) {
    AddressSpace space(map, *root, "memory");
    RamBlock& block = ram("flash", 0x1000);
    block.host()[0] = 0x99;
    auto flash = MemoryRegion::rom(map, "flash", block, &plain_ops, &registers);
    root->add_subregion(0, *flash);
    EXPECT_EQ(load(space, 0, 1), 0x99u);
    EXPECT_EQ(space.store(bql, 1, 1, 0x70), MemTx::Ok);
    EXPECT_EQ(registers.writes.size(), 1u);
    EXPECT_EQ(block.host()[1], 0);
    flash->set_direct_reads(false);
    EXPECT_EQ(load(space, 5, 1), 5u);
}

TEST_F(MemoryTest, DmaMarksDirtyPages) {
    AddressSpace space(map, *root, "memory");
    RamBlock& block = ram("ram", 0x10000);
    auto memory = MemoryRegion::ram(map, "ram", block);
    root->add_subregion(0x100000, *memory);
    memory->set_dirty_logging(DirtyClient::Vga, true);
    std::uint8_t bytes[0x1002] = {};
    EXPECT_EQ(space.write(bql, 0x102fff, bytes), MemTx::Ok);
    for (std::uint64_t page = 0; page < 16; page++)
        EXPECT_EQ(block.dirty(DirtyClient::Vga, page), page >= 2 && page <= 4) << page;
}

}  // namespace
}  // namespace exec
