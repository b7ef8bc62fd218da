// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/multiboot-image.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "hw/i386/elf-image.h"

namespace hw {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// The header, 3.1.1.
struct Header {
    std::uint32_t magic, flags, checksum;
    std::uint32_t header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr;
    std::uint32_t mode_type, width, height, depth;
};
constexpr std::uint32_t header_magic = 0x1badb002;
constexpr std::uint32_t wants_video_mode = 1 << 2, has_addresses = 1 << 16;
constexpr std::uint32_t must_understand = 0xffff, understood = 0x7;
constexpr std::size_t searched = 8192, smallest_header = 12;

/// The information structure, 3.3, as far as this loader fills it.
struct Information {
    std::uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr;
    std::uint32_t syms[4];
    std::uint32_t mmap_length, mmap_addr;
    std::uint32_t drives_length, drives_addr, config_table, boot_loader_name, apm_table;
    std::uint32_t vbe[4];
};
static_assert(sizeof(Information) == 88);
struct Module {
    std::uint32_t start, end, string, reserved;
};
enum Present : std::uint32_t {  // bits of Information::flags
    memory = 1 << 0,
    boot_device = 1 << 1,
    command_line = 1 << 2,
    modules_listed = 1 << 3,
    memory_map = 1 << 6,
    loader_name = 1 << 9,
};
constexpr std::uint32_t first_disk_whole = 0x8000ffff;  // boot_device

/// Where in low memory the information goes, clear of the BIOS's data, of what the option ROM
/// uses, and of the EBDA.
constexpr std::uint32_t information_at = 0x10000, information_limit = 0x60000;
/// Kernels may lie anywhere above. Some tell a linker's headers to lie right below 1 MiB.
constexpr std::uint64_t lowest = information_at + information_limit;
constexpr std::uint64_t page = 4096;

struct Found {
    Header header;
    std::size_t at;
};

std::optional<Found> find_header(std::span<const std::uint8_t> kernel) {
    const std::size_t end = std::min(kernel.size(), searched);
    for (std::size_t at = 0; at + smallest_header <= end; at += 4) {
        Header h{};
        std::memcpy(&h, kernel.data() + at, std::min(sizeof h, kernel.size() - at));
        if (h.magic == header_magic && h.magic + h.flags + h.checksum == 0) return Found{h, at};
    }
    return std::nullopt;
}

/// A kernel that gives its addresses in the header, whatever its format ("a.out kludge").
Result<ElfImage> read_flat_image(std::span<const std::uint8_t> kernel, const Found& found,
                                 std::uint64_t low_memory) {
    const Header& h = found.header;
    if (h.header_addr < h.load_addr || h.header_addr - h.load_addr > found.at)
        return fail("its header says to load from before the file's first byte");
    const std::size_t offset = found.at - (h.header_addr - h.load_addr);
    const std::uint64_t load_end =
        h.load_end_addr ? h.load_end_addr : h.load_addr + (kernel.size() - offset);
    const std::uint64_t bss_end = std::max<std::uint64_t>(h.bss_end_addr, load_end);
    if (load_end < h.load_addr || load_end - h.load_addr > kernel.size() - offset)
        return fail("its header says to load {:#x}-{:#x}, but the file has {} bytes for it",
                    h.load_addr, load_end, kernel.size() - offset);
    if (h.load_addr < lowest || bss_end > low_memory)
        return fail("it is to be loaded to {:#x}-{:#x}, but only {:#x}-{:#x} is free", h.load_addr,
                    bss_end - 1, lowest, low_memory - 1);
    ElfImage image{.address = h.load_addr, .memory = {}, .entry = h.entry_addr};
    image.memory.resize(bss_end - h.load_addr);
    std::copy_n(kernel.begin() + std::ptrdiff_t(offset), load_end - h.load_addr,
                image.memory.begin());
    return image;
}

template <class T>
void put(Bytes& bytes, std::size_t at, const T& value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// Appends a zero-terminated string; its address in guest memory.
std::uint32_t append_string(Bytes& information, const std::string& text) {
    const auto address = std::uint32_t(information_at + information.size());
    information.insert(information.end(), text.begin(), text.end());
    information.push_back(0);
    return address;
}

}  // namespace

bool is_multiboot_image(std::span<const std::uint8_t> kernel) {
    return find_header(kernel).has_value();
}

Result<MultibootImage> prepare_multiboot_image(std::span<const std::uint8_t> kernel,
                                               std::span<const MultibootModule> modules,
                                               const std::string& cmdline,
                                               std::uint64_t low_memory) {
    const auto found = find_header(kernel);
    if (!found) return fail("no multiboot header in its first {} bytes", searched);
    const std::uint32_t flags = found->header.flags;
    if (const std::uint32_t unknown = flags & must_understand & ~understood)
        return fail("it demands features of the boot loader that are not known (flags {:#x})",
                    unknown);
    if (flags & wants_video_mode)
        return fail("it demands that the boot loader sets a video mode, which is not supported");
    ElfImage loaded = TRY(flags & has_addresses ? read_flat_image(kernel, *found, low_memory)
                                                : read_elf_image(kernel, lowest, low_memory));

    MultibootImage image{.address = std::uint32_t(loaded.address),
                         .memory = std::move(loaded.memory),
                         .entry = std::uint32_t(loaded.entry),
                         .information_address = information_at,
                         .information = Bytes(sizeof(Information))};
    Information info{};
    info.flags = memory | boot_device | command_line | memory_map | loader_name;
    info.boot_device = first_disk_whole;
    if (!modules.empty()) {
        info.flags |= modules_listed;
        info.mods_count = std::uint32_t(modules.size());
        info.mods_addr = std::uint32_t(information_at + image.information.size());
        image.information.resize(image.information.size() + modules.size() * sizeof(Module));
    }
    for (std::size_t i = 0; i < modules.size(); i++) {
        // Page-aligned whether the header asks for it or not.
        const std::uint64_t start = (image.address + image.memory.size() + page - 1) & ~(page - 1);
        if (start + modules[i].bytes.size() > low_memory)
            return fail("module '{}' of {} bytes does not fit into memory", modules[i].words,
                        modules[i].bytes.size())
                .with_hint("give the guest more memory with -m");
        image.memory.resize(start - image.address);
        image.memory.insert(image.memory.end(), modules[i].bytes.begin(), modules[i].bytes.end());
        const Module module{.start = std::uint32_t(start),
                            .end = std::uint32_t(start + modules[i].bytes.size()),
                            .string = append_string(image.information, modules[i].words),
                            .reserved = 0};
        put(image.information, sizeof(Information) + i * sizeof(Module), module);
    }
    info.cmdline = append_string(image.information, cmdline);
    info.boot_loader_name = append_string(image.information, "qemu");
    put(image.information, 0, info);
    if (image.information.size() > information_limit)
        return fail("command line and modules' arguments take {} bytes; {} are free",
                    image.information.size(), information_limit);
    return image;
}

std::vector<std::string> split_modules(const std::string& initrd) {
    std::vector<std::string> words(1);
    for (std::size_t i = 0; i < initrd.size(); i++) {
        if (initrd[i] != ',') {
            words.back() += initrd[i];
        } else if (i + 1 < initrd.size() && initrd[i + 1] == ',') {
            words.back() += ',';
            i++;
        } else {
            words.emplace_back();
        }
    }
    std::erase(words, "");
    return words;
}

}  // namespace hw
