// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/elf-image.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

namespace hw {

bool is_elf(std::span<const std::uint8_t> file) {
    return file.size() >= sizeof(Elf32_Ehdr) && std::memcmp(file.data(), ELFMAG, SELFMAG) == 0;
}

Result<ElfImage> read_elf_image(std::span<const std::uint8_t> file, std::uint64_t lowest,
                                std::uint64_t end) {
    if (!is_elf(file)) return fail("not an ELF file");
    if (file[EI_CLASS] == ELFCLASS64)
        return fail("a 64-bit executable; this boot protocol takes 32-bit ones");
    Elf32_Ehdr header;
    std::memcpy(&header, file.data(), sizeof header);
    if (file[EI_CLASS] != ELFCLASS32 || file[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_386)
        return fail("not an executable for the i386");
    if (header.e_phentsize != sizeof(Elf32_Phdr) || header.e_phoff > file.size() ||
        header.e_phnum > (file.size() - header.e_phoff) / sizeof(Elf32_Phdr))
        return fail("its program headers lie outside the file");

    std::vector<Elf32_Phdr> segments(header.e_phnum);
    if (!segments.empty())
        std::memcpy(segments.data(), file.data() + header.e_phoff,
                    segments.size() * sizeof(Elf32_Phdr));
    std::erase_if(segments,
                  [](const Elf32_Phdr& p) { return p.p_type != PT_LOAD || p.p_memsz == 0; });
    if (segments.empty()) return fail("it has no segments to load");
    std::uint64_t first = end, last = lowest;
    for (const Elf32_Phdr& p : segments) {
        if (p.p_filesz > p.p_memsz || p.p_offset > file.size() ||
            p.p_filesz > file.size() - p.p_offset)
            return fail("a segment lies outside the file");
        const std::uint64_t segment_end = std::uint64_t{p.p_paddr} + p.p_memsz;
        if (p.p_paddr < lowest || segment_end > end)
            return fail("a segment is to be loaded to {:#x}-{:#x}, but only {:#x}-{:#x} is free",
                        p.p_paddr, segment_end - 1, lowest, end - 1);
        first = std::min<std::uint64_t>(first, p.p_paddr);
        last = std::max(last, segment_end);
    }
    ElfImage image{.address = first, .memory = {}, .entry = header.e_entry};
    image.memory.resize(last - first);
    for (const Elf32_Phdr& p : segments)
        std::copy_n(file.begin() + p.p_offset, p.p_filesz,
                    image.memory.begin() + std::ptrdiff_t(p.p_paddr - first));
    return image;
}

}  // namespace hw
