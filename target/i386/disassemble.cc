// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/i386/disassemble.h"

#include <fmt/format.h>
#include <algorithm>

namespace i386 {

std::string disassembly_line(std::span<const u8>& code, u64 address, unsigned bits) {
    const Disassembled insn = disassemble(code, address, bits);
    const unsigned length = std::max(1u, insn.length);
    constexpr unsigned per_line = 8;
    std::string out;
    for (unsigned from = 0; from < length; from += per_line) {
        std::string bytes;
        for (unsigned n = from; n < std::min(length, from + per_line); n++)
            bytes += fmt::format("{:02x} ", code[n]);
        out +=
            from ? fmt::format("0x{:08x}:  {}\n", address + from, bytes)
                 : fmt::format("0x{:08x}:  {:<25}{}\n", address, bytes,
                               insn.length ? insn.text : fmt::format(".byte    0x{:02x}", code[0]));
    }
    code = code.subspan(length);
    return out;
}

}  // namespace i386
