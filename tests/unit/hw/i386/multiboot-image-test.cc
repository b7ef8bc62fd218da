// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/multiboot-image.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

#include "hw/i386/elf-image.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t memory = 16 << 20;
constexpr std::uint32_t magic = 0x1badb002;

std::uint32_t word(const Bytes& b, std::size_t at) {
    std::uint32_t v = 0;
    std::memcpy(&v, b.data() + at, sizeof v);
    return v;
}
template <class T>
void put(Bytes& b, std::size_t at, const T& v) {
    std::memcpy(b.data() + at, &v, sizeof v);
}

/// A file of `size` bytes with a header at 64 that gives addresses: loaded to 1 MiB.
struct Flat {
    std::uint32_t flags = 1 << 16;
    std::uint32_t header = 0x100040, load = 0x100000, load_end = 0, bss_end = 0, entry = 0x100060;
    std::size_t size = 4096;
    Bytes file() const {
        Bytes b(size, 0xcc);
        const std::uint32_t words[] = {magic,   flags, 0u - magic - flags, header, load, load_end,
                                       bss_end, entry};
        put(b, 64, words);
        return b;
    }
};

/// One segment of `filesz` bytes, with a multiboot header behind the program header.
struct Elf {
    Elf32_Ehdr e{};
    Elf32_Phdr p{};
    Elf() {
        std::memcpy(e.e_ident, ELFMAG, SELFMAG);
        e.e_ident[EI_CLASS] = ELFCLASS32;
        e.e_ident[EI_DATA] = ELFDATA2LSB;
        e.e_machine = EM_386;
        e.e_entry = 0x200010;
        e.e_phoff = sizeof e;
        e.e_phentsize = sizeof p;
        e.e_phnum = 1;
        p = {.p_type = PT_LOAD,
             .p_offset = 0x100,
             .p_vaddr = 0xc0200000,
             .p_paddr = 0x200000,
             .p_filesz = 0x80,
             .p_memsz = 0x300,
             .p_flags = 7,
             .p_align = 1};
    }
    Bytes file() const {
        Bytes b(0x180, 0x11);
        put(b, 0, e);
        put(b, sizeof e, p);
        const std::uint32_t words[] = {magic, 0, 0u - magic};
        put(b, 0x80, words);
        return b;
    }
};

std::string why(const Bytes& file, std::span<const hw::MultibootModule> modules = {}) {
    auto image = hw::prepare_multiboot_image(file, modules, "k", memory);
    return image ? "" : image.error().description();
}

TEST(MultibootImage, IsKnownByItsHeader) {
    EXPECT_TRUE(hw::is_multiboot_image(Flat().file()));
    EXPECT_TRUE(hw::is_multiboot_image(Elf().file()));
    Bytes wrong_sum = Flat().file();
    wrong_sum[72] ^= 1;
    EXPECT_FALSE(hw::is_multiboot_image(wrong_sum));
    EXPECT_FALSE(hw::is_multiboot_image({}));
    EXPECT_FALSE(hw::is_multiboot_image(Bytes(11)));
    Bytes late(9000);
    const Bytes header = Flat().file();
    std::copy_n(header.begin() + 64, 32, late.begin() + 8192);
    EXPECT_FALSE(hw::is_multiboot_image(late));
}

TEST(MultibootImage, LoadsByTheHeadersAddresses) {
    auto image = hw::prepare_multiboot_image(Flat{.load_end = 0x100800, .bss_end = 0x102000}.file(),
                                             {}, "k", memory);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->address, 0x100000u);
    EXPECT_EQ(image->entry, 0x100060u);
    ASSERT_EQ(image->memory.size(), 0x2000u);
    EXPECT_EQ(word(image->memory, 64), magic);
    EXPECT_EQ(image->memory[0x7ff], 0xcc);
    EXPECT_EQ(image->memory[0x800], 0);
}

TEST(MultibootImage, LoadsElfSegmentsByPhysicalAddress) {
    auto image = hw::prepare_multiboot_image(Elf().file(), {}, "k", memory);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->address, 0x200000u);
    EXPECT_EQ(image->entry, 0x200010u);
    EXPECT_EQ(image->memory.size(), 0x300u);
    EXPECT_EQ(image->memory[0x7f], 0x11);
    EXPECT_EQ(image->memory[0x80], 0);
}

TEST(MultibootImage, HandsOverCommandLineAndModules) {
    const std::vector<hw::MultibootModule> modules{{"a one two", Bytes(5000, 1)},
                                                   {"b", Bytes(3, 2)}};
    auto image = hw::prepare_multiboot_image(Flat().file(), modules, "kernel x=1", memory);
    ASSERT_TRUE(image);
    const Bytes& info = image->information;
    const std::uint32_t base = image->information_address;
    auto text = [&](std::uint32_t address) {
        return std::string(reinterpret_cast<const char*>(info.data() + (address - base)));
    };
    EXPECT_EQ(word(info, 0), 0x24fu);
    EXPECT_EQ(text(word(info, 16)), "kernel x=1");
    ASSERT_EQ(word(info, 20), 2u);
    const std::size_t list = word(info, 24) - base;
    EXPECT_EQ(word(info, list), 0x101000u);
    EXPECT_EQ(word(info, list + 4), 0x101000u + 5000);
    EXPECT_EQ(text(word(info, list + 8)), "a one two");
    EXPECT_EQ(word(info, list + 16), 0x103000u);
    EXPECT_EQ(word(info, list + 20), 0x103003u);
    EXPECT_EQ(image->memory[0x3000], 2);
    EXPECT_EQ(image->memory.size(), 0x3003u);
}

TEST(MultibootImage, RefusesWhatItCannotDo) {
    EXPECT_NE(why(Flat{.flags = 1 << 16 | 1 << 2}.file()).find("video mode"), std::string::npos);
    EXPECT_NE(why(Flat{.flags = 1 << 16 | 1 << 9}.file()).find("flags 0x200"), std::string::npos);
    EXPECT_EQ(why(Flat().file()), "");
}

TEST(MultibootImage, RefusesAddressesThatDoNotFit) {
    EXPECT_NE(why(Flat{.header = 0x100}.file()), "");
    EXPECT_NE(why(Flat{.header = 0x100050}.file()), "");
    EXPECT_NE(why(Flat{.load_end = 0xfffff}.file()), "");
    EXPECT_NE(why(Flat{.load_end = 0x110000}.file()), "");
    EXPECT_NE(why(Flat{.bss_end = 0xfffffff0}.file()), "");
    EXPECT_NE(why(Flat{.header = 0x1040, .load = 0x1000}.file()), "");
    EXPECT_NE(why(Flat{.header = 0xfffff040, .load = 0xfffff000}.file()), "");
    const std::vector<hw::MultibootModule> large{{"m", Bytes(memory)}};
    EXPECT_NE(why(Flat().file(), large), "");
    const std::vector<hw::MultibootModule> wordy{{std::string(0x60000, 'a'), {}}};
    EXPECT_NE(why(Flat().file(), wordy), "");
}

TEST(ElfImage, RefusesDamagedFiles) {
    auto refused = [](auto change) {
        Elf elf;
        change(elf);
        return !hw::read_elf_image(elf.file(), 0x100000, memory);
    };
    EXPECT_FALSE(refused([](Elf&) {}));
    EXPECT_TRUE(refused([](Elf& f) { f.e.e_ident[EI_CLASS] = ELFCLASS64; }));
    EXPECT_TRUE(refused([](Elf& f) { f.e.e_machine = EM_ARM; }));
    EXPECT_TRUE(refused([](Elf& f) { f.e.e_phoff = 0xffffffff; }));
    EXPECT_TRUE(refused([](Elf& f) { f.e.e_phnum = 0xffff; }));
    EXPECT_TRUE(refused([](Elf& f) { f.e.e_phnum = 0; }));
    EXPECT_TRUE(refused([](Elf& f) { f.e.e_phentsize = 1; }));
    EXPECT_TRUE(refused([](Elf& f) { f.p.p_filesz = 0x301; }));
    EXPECT_TRUE(refused([](Elf& f) { f.p.p_offset = 0xfffffff0; }));
    EXPECT_TRUE(refused([](Elf& f) { f.p.p_memsz = 0xffffffff; }));
    EXPECT_TRUE(refused([](Elf& f) { f.p.p_paddr = 0xffff0; }));
    EXPECT_TRUE(refused([](Elf& f) { f.p.p_paddr = 0xfffffff0; }));
    EXPECT_FALSE(hw::read_elf_image(Bytes(8), 0x100000, memory));
}

TEST(MultibootImage, SplitsModulesAtCommas) {
    using Words = std::vector<std::string>;
    EXPECT_EQ(hw::split_modules("a arg,b"), (Words{"a arg", "b"}));
    EXPECT_EQ(hw::split_modules("a x,,y,b"), (Words{"a x,y", "b"}));
    EXPECT_EQ(hw::split_modules(""), Words{});
}

}  // namespace
