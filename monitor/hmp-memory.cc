// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands that show guest memory: physical, or as a processor sees it.
#include <algorithm>
#include <array>
#include <functional>

#include "exec/address-space.h"
#include "hw/core/device.h"
#include "hw/i386/x86-cpu.h"
#include "monitor/hmp-machine.h"
#include "monitor/hmp.h"
#include "target/i386/disassemble.h"

namespace monitor::machine {

namespace {

/// What QEMU calls the width of a number: as many digits as the largest of that size has.
struct Width {
    unsigned decimal, octal, hexadecimal;
};
Width width_of(unsigned size) {
    switch (size) {
        case 1: return {3, 3, 2};
        case 2: return {5, 6, 4};
        case 4: return {10, 11, 8};
        default: return {20, 22, 16};
    }
}

void print_value(Hmp& hmp, std::uint64_t value, char letter, unsigned size) {
    const Width w = width_of(size);
    switch (letter) {
        case 'o': hmp.print(" {:#{}o}", value, w.octal); break;
        case 'd': hmp.print(" {:{}}", static_cast<std::int64_t>(value), w.decimal); break;
        case 'u': hmp.print(" {:{}}", value, w.decimal); break;
        case 'c':
            if (value >= ' ' && value < 0x7f)
                hmp.print(" '{}'", static_cast<char>(value));
            else
                hmp.print(" '\\x{:02x}'", value);
            break;
        default: hmp.print(" 0x{:0{}x}", value, w.hexadecimal); break;
    }
}

/// Reads what a command's addresses mean: all of `out`, or nothing.
using ReadMemory = std::function<bool(std::uint64_t address, std::span<std::uint8_t> out)>;

Result<void> list_code(Hmp& hmp, std::uint64_t address, unsigned count, unsigned bits,
                       const ReadMemory& read) {
    if (!i386::can_disassemble())
        return fail("there is no disassembler: the capstone library is missing");
    for (; count; count--) {
        std::array<std::uint8_t, 15> bytes;
        std::size_t length = bytes.size();
        while (length && !read(address, std::span(bytes).first(length)))
            length--;
        if (!length) {
            hmp.print("0x{:08x}: unable to read memory\n", address);
            return {};
        }
        std::span<const std::uint8_t> code = std::span(bytes).first(length);
        hmp.print_text(i386::disassembly_line(code, address, bits));
        address += length - code.size();
    }
    return {};
}

/// `bits`: how wide code is.
Result<void> dump(Hmp& hmp, const HmpArguments& a, unsigned bits, const ReadMemory& read) {
    const HmpFormat f = hmp.complete_format(a.format());
    auto address = static_cast<std::uint64_t>(a.number("addr"));
    if (f.letter == 'i') return list_code(hmp, address, f.count, bits, read);
    // Characters are bytes, as many as units of the size would have.
    const unsigned size = f.letter == 'c' ? 1 : f.size;
    const unsigned per_line = f.size == 1 ? 8 : 16;
    std::uint64_t left = std::uint64_t{f.count} * f.size;
    while (left) {
        const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(left, per_line));
        std::array<std::uint8_t, 16> line{};
        hmp.print("{:016x}:", address);
        if (!read(address, std::span(line).first(length))) {
            hmp.print(" Cannot access memory\n");
            return {};
        }
        for (std::size_t at = 0; at < length; at += size) {
            std::uint64_t value = 0;
            for (unsigned i = 0; i < size; i++)
                value |= std::uint64_t{line[at + i]} << (8 * i);
            print_value(hmp, value, f.letter, size);
        }
        hmp.print("\n");
        address += length;
        left -= length;
    }
    return {};
}

}  // namespace

Result<void> dump_physical(Hmp& hmp, const HmpArguments& a) {
    hw::Platform* p = TRY(platform(hmp));
    const auto read = [&](std::uint64_t address, std::span<std::uint8_t> out) {
        return p->memory_space.read(held(hmp), address, out) == exec::MemTx::Ok;
    };
    unsigned bits = 16;
    (void)with_cpu(hmp, [&](hw::X86Cpu& c) { bits = i386::code_bits(c.cpu().s.mode); });
    return dump(hmp, a, bits, read);
}

Result<void> dump_virtual(Hmp& hmp, const HmpArguments& a) {
    Result<void> result;
    TRY(with_cpu(hmp, [&](hw::X86Cpu& c) {
        const auto read = [&](std::uint64_t address, std::span<std::uint8_t> out) {
            return read_virtual(hmp, c, address, out);
        };
        result = dump(hmp, a, i386::code_bits(c.cpu().s.mode), read);
    }));
    return result;
}

// The 16-bit checksum of BSD's sum(1).
Result<void> sum(Hmp& hmp, const HmpArguments& a) {
    hw::Platform* p = TRY(platform(hmp));
    auto address = static_cast<std::uint64_t>(a.number("start"));
    auto left = static_cast<std::uint64_t>(a.number("size"));
    if (left > std::uint64_t{1} << 32) return fail("more than 4 GiB would take too long");
    std::uint16_t sum = 0;
    std::array<std::uint8_t, 4096> block;
    while (left) {
        const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size()));
        if (p->memory_space.read(held(hmp), address, std::span(block).first(length)) !=
            exec::MemTx::Ok)
            return fail("cannot access memory at {:#x}", address);
        for (const std::uint8_t byte : std::span(block).first(length))
            sum = static_cast<std::uint16_t>((sum >> 1 | sum << 15) + byte);
        address += length;
        left -= length;
    }
    hmp.print("{:05}\n", sum);
    return {};
}

}  // namespace monitor::machine
