// SPDX-License-Identifier: GPL-2.0-or-later
//
// A Linux kernel for `-kernel`, prepared as the boot protocol wants it (Linux
// Documentation/arch/x86/boot.rst; section names below are its). Pure computation: the image in,
// pieces and addresses out; the board hands them to the firmware through fw_cfg,
// pc-bios/linuxboot.S loads them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "util/blob.h"
#include "util/result.h"

namespace hw {

struct LinuxImage {
    /// One blob and the physical address it goes to.
    template <class Bytes>
    struct Piece {
        std::uint32_t address = 0;
        Bytes bytes;
    };
    Piece<std::vector<std::uint8_t>> setup;    // real-mode code with its header filled in
    Piece<std::vector<std::uint8_t>> cmdline;  // with its terminating zero
    Piece<Blob> kernel;                        // protected-mode part
    Piece<Blob> initrd;                        // empty: none
};

/// `low_memory` is the number of bytes of RAM below 4 GiB, `reserved_top` what the firmware takes
/// from its end (ACPI tables); the initrd goes right below. Errors name what is wrong with which
/// file.
Result<LinuxImage> prepare_linux_image(const Blob& file, Blob initrd, std::string_view cmdline,
                                       std::uint64_t low_memory, std::uint32_t reserved_top);

/// Whether the file carries the "HdrS" signature at all; if not it may be a multiboot image.
Result<bool> is_linux_image(const Blob& file);

}  // namespace hw
