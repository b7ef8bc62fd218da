// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/linux-image.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace hw {

namespace {

// Offsets of the setup header's fields ("The Real-Mode Kernel Header").
enum Header : std::size_t {
    setup_sects = 0x1f1,
    vid_mode = 0x1fa,
    boot_flag = 0x1fe,
    signature = 0x202,
    version = 0x206,
    type_of_loader = 0x210,
    loadflags = 0x211,
    ramdisk_image = 0x218,
    ramdisk_size = 0x21c,
    heap_end_ptr = 0x224,
    cmd_line_ptr = 0x228,
    initrd_addr_max = 0x22c,
    xloadflags = 0x236,
    cmdline_size = 0x238,
    header_end = 0x260,
};

constexpr std::uint8_t loaded_high = 1 << 0, can_use_heap = 1 << 7;
constexpr std::uint16_t can_be_loaded_above_4g = 1 << 1;
// The loader's number: 0xB is assigned to QEMU's protocol, version 0.
constexpr std::uint8_t loader_id = 0xb0;
constexpr std::uint32_t page_mask = 4095;

template <class T>
T get(const std::vector<std::uint8_t>& b, std::size_t at) {
    T v;
    std::memcpy(&v, b.data() + at, sizeof v);
    return v;
}
template <class T>
void put(std::vector<std::uint8_t>& b, std::size_t at, T v) {
    std::memcpy(b.data() + at, &v, sizeof v);
}

/// `vga=` is meant for the boot loader, not for the kernel ("Special Command Line Options").
std::uint16_t video_mode(std::string_view cmdline, std::uint16_t otherwise) {
    auto at = cmdline.find("vga=");
    if (at == cmdline.npos || (at > 0 && cmdline[at - 1] != ' ')) return otherwise;
    auto word = cmdline.substr(at + 4);
    word = word.substr(0, word.find(' '));
    if (word == "normal") return 0xffff;
    if (word == "ext") return 0xfffe;
    if (word == "ask") return 0xfffd;
    const bool hex = word.starts_with("0x");
    if (hex) word.remove_prefix(2);
    std::uint16_t mode = otherwise;
    std::from_chars(word.data(), word.data() + word.size(), mode, hex ? 16 : 10);
    return mode;
}

/// The setup code with its header: what its first sectors say of their number, at most 128 KiB.
Result<std::vector<std::uint8_t>> read_setup(const Blob& file) {
    auto head = TRY(file.slice(0, header_end).read_all());
    const std::size_t sectors = head[setup_sects] ? head[setup_sects] : 4;
    const std::size_t bytes = std::max<std::size_t>((sectors + 1) * 512, header_end);
    if (bytes > file.size())
        return fail("the kernel is cut short: {} bytes of setup code announced, {} bytes in all",
                    bytes, file.size());
    return file.slice(0, bytes).read_all();
}

}  // namespace

Result<bool> is_linux_image(const Blob& file) {
    if (file.size() <= header_end) return false;
    const auto head = TRY(file.slice(0, header_end).read_all());
    return get<std::uint16_t>(head, boot_flag) == 0xaa55 &&
           get<std::uint32_t>(head, signature) == 0x53726448;  // "HdrS"
}

Result<LinuxImage> prepare_linux_image(const Blob& file, Blob initrd, std::string_view cmdline,
                                       std::uint64_t low_memory, std::uint32_t reserved_top) {
    if (!TRY(is_linux_image(file))) return fail("not a Linux kernel: no \"HdrS\" in its header");
    LinuxImage image;
    auto& setup = image.setup.bytes;
    setup = TRY(read_setup(file));
    const auto protocol = get<std::uint16_t>(setup, version);

    image.cmdline.bytes.assign(cmdline.begin(), cmdline.end());
    image.cmdline.bytes.push_back(0);
    if (protocol >= 0x206 && cmdline.size() > get<std::uint32_t>(setup, cmdline_size))
        return fail("the command line has {} bytes, this kernel takes {}", cmdline.size(),
                    get<std::uint32_t>(setup, cmdline_size));
    if (protocol >= 0x202 && (setup[loadflags] & loaded_high)) {
        image.setup.address = 0x10000;
        image.cmdline.address = 0x20000;
        image.kernel.address = 0x100000;
    } else if (setup[loadflags] & loaded_high) {
        image.setup.address = 0x90000;
        image.cmdline.address = 0x9a000 - std::uint32_t((image.cmdline.bytes.size() + 15) & ~15ul);
        image.kernel.address = 0x100000;
    } else {  // zImage
        image.setup.address = 0x90000;
        image.cmdline.address = 0x9a000 - std::uint32_t((image.cmdline.bytes.size() + 15) & ~15ul);
        image.kernel.address = 0x10000;
    }

    image.kernel.bytes = file.slice(setup.size());
    if (image.kernel.address + image.kernel.bytes.size() > low_memory)
        return fail(
                   "the kernel needs {} bytes from {:#x} on, but there are only {} bytes of memory",
                   image.kernel.bytes.size(), image.kernel.address, low_memory)
            .with_hint("give the guest more memory with -m");

    put(setup, vid_mode, video_mode(cmdline, get<std::uint16_t>(setup, vid_mode)));
    if (protocol >= 0x202) {
        put(setup, cmd_line_ptr, image.cmdline.address);
    } else {  // the old way: magic and offset in the setup segment
        put(setup, 0x20, std::uint16_t{0xa33f});
        put(setup, 0x22, std::uint16_t(image.cmdline.address - image.setup.address));
    }
    if (protocol >= 0x200) setup[type_of_loader] = loader_id;
    if (protocol >= 0x201) {
        setup[loadflags] |= can_use_heap;
        put(setup, heap_end_ptr,
            std::uint16_t(image.cmdline.address - image.setup.address - 0x200));
    }

    if (!initrd.empty()) {
        if (protocol < 0x200) return fail("this kernel is too old to take an initrd");
        std::uint64_t top =
            protocol >= 0x203 ? get<std::uint32_t>(setup, initrd_addr_max) : 0x37ffffffu;
        if (protocol >= 0x20c && (get<std::uint16_t>(setup, xloadflags) & can_be_loaded_above_4g))
            top = 0xffffffffu;
        const std::uint64_t usable = low_memory - std::min<std::uint64_t>(reserved_top, low_memory);
        top = std::min(top, usable ? usable - 1 : 0);
        const std::uint64_t kernel_end = image.kernel.address + image.kernel.bytes.size();
        if (initrd.size() > top || ((top - initrd.size()) & ~std::uint64_t{page_mask}) < kernel_end)
            return fail("the initrd of {} bytes does not fit below {:#x} beside the kernel",
                        initrd.size(), top)
                .with_hint("give the guest more memory with -m");
        image.initrd.address = std::uint32_t((top - initrd.size()) & ~std::uint64_t{page_mask});
        put(setup, ramdisk_image, image.initrd.address);
        put(setup, ramdisk_size, std::uint32_t(initrd.size()));
        image.initrd.bytes = std::move(initrd);
    }
    return image;
}

}  // namespace hw
