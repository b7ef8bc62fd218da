// SPDX-License-Identifier: GPL-2.0-or-later
#include "block/probe.h"

#include <cstring>

namespace block {

namespace {

using namespace std::string_view_literals;

struct Signature {
    std::string_view format;
    std::size_t offset;
    std::string_view bytes;
};

// Each format's own documentation gives its magic number.
constexpr Signature signatures[] = {
    {"qcow2", 0, "QFI\xfb\0\0\0\2"sv},
    {"qcow2", 0, "QFI\xfb\0\0\0\3"sv},
    {"qcow", 0, "QFI\xfb\0\0\0\1"sv},
    {"qed", 0, "QED\0"sv},
    {"vmdk", 0, "KDMV"sv},
    {"vmdk", 0, "COWD"sv},
    {"vmdk", 0, "# Disk DescriptorFile"sv},
    {"vdi", 64, "\x7f\x10\xda\xbe"sv},
    {"vhdx", 0, "vhdxfile"sv},
    {"vpc", 0, "conectix"sv},
    {"luks", 0, "LUKS\xba\xbe"sv},
    {"parallels", 0, "WithoutFreeSpace"sv},
    {"parallels", 0, "WithouFreSpacExt"sv},
    {"bochs", 0, "Bochs Virtual HD Image"sv},
    {"cloop", 0, "#!/bin/sh\n#V2.0 Format\n"sv},
};

}  // namespace

std::string_view guess_format(std::span<const std::uint8_t> start) {
    for (const Signature& s : signatures)
        if (start.size() >= s.offset + s.bytes.size() &&
            std::memcmp(start.data() + s.offset, s.bytes.data(), s.bytes.size()) == 0)
            return s.format;
    return "raw";
}

}  // namespace block
