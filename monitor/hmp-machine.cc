// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands that look into the machine itself, for which QMP has no words.
#include "monitor/hmp-machine.h"

#include <algorithm>
#include <array>

#include "accel/accel.h"
#include "exec/address-space.h"
#include "exec/mtree.h"
#include "hw/core/device.h"
#include "hw/core/machine.h"
#include "hw/core/qtree.h"
#include "hw/i386/x86-cpu.h"
#include "hw/intc/interrupt-text.h"
#include "monitor/hmp.h"
#include "qom/tree-text.h"
#include "qom/user-objects.h"
#include "system/run-control.h"
#include "target/i386/dump.h"
#include "util/main-loop.h"

namespace monitor::machine {

using qapi::Json;

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

Result<hw::Platform*> platform(Hmp& hmp) {
    auto* found = hmp.services().find<hw::Platform>();
    if (!found) return fail("there is no machine");
    return found;
}

Bql& held(Hmp& hmp) {
    return hmp.services().get<MainLoop>().held();
}

}  // namespace

Result<void> mtree(Hmp& hmp, const HmpArguments& a) {
    hw::Platform* p = TRY(platform(hmp));
    hmp.print_text(a.flag("f") ? exec::mtree_flat(p->memory) : exec::mtree(p->memory, a.flag("D")));
    return {};
}

Result<void> pic(Hmp& hmp, const HmpArguments&) {
    auto* tree = hmp.services().find<qom::Tree>();
    if (!tree) return fail("there is no machine");
    hmp.print_text(hw::interrupt_controllers_text(tree->root));
    return {};
}

Result<void> qtree(Hmp& hmp, const HmpArguments&) {
    auto* board = hmp.services().find<hw::Machine>();
    const auto* tree = hmp.services().find<qom::Tree>();
    if (!board || !tree) return fail("there is no machine");
    hmp.print_text(hw::qtree(tree->types, *board));
    return {};
}

Result<void> qom_tree(Hmp& hmp, const HmpArguments& a) {
    auto* tree = hmp.services().find<qom::Tree>();
    if (!tree) return fail("there is no machine");
    const std::string path = a.maybe_text("path").value_or("/machine");
    const qom::Object* top = tree->root.resolve(path);
    if (!top) {
        hmp.print("Path '{}' could not be resolved.\n", path);
        return {};
    }
    hmp.print_text(qom::tree_text(*top));
    return {};
}

Result<void> dump_physical(Hmp& hmp, const HmpArguments& a) {
    hw::Platform* p = TRY(platform(hmp));
    const HmpFormat f = hmp.complete_format(a.format());
    const unsigned size = f.letter == 'c' ? 1 : f.size;
    if (f.letter == 'i') return fail("there is no disassembler");
    const unsigned per_line = size == 1 && f.letter != 'c' ? 8 : 16;
    auto address = static_cast<std::uint64_t>(a.number("addr"));
    std::uint64_t left = std::uint64_t{f.count} * size;
    while (left) {
        const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(left, per_line));
        std::array<std::uint8_t, 16> line{};
        hmp.print("{:016x}:", address);
        if (p->memory_space.read(held(hmp), address, std::span(line).first(length)) !=
            exec::MemTx::Ok) {
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

Result<void> port_in(Hmp& hmp, const HmpArguments& a) {
    hw::Platform* p = TRY(platform(hmp));
    const HmpFormat f = hmp.complete_format(a.format());
    const unsigned size = std::min(f.size, 4u);
    const auto port = static_cast<std::uint16_t>(a.number("addr"));
    std::uint64_t value = 0;
    (void)p->io_space.load(held(hmp), port, size, value);
    hmp.print("port{}[{:#06x}] = 0x{:0{}x}\n",
              size == 1   ? 'b'
              : size == 2 ? 'w'
                          : 'l',
              port, value, size * 2);
    return {};
}

Result<void> port_out(Hmp& hmp, const HmpArguments& a) {
    hw::Platform* p = TRY(platform(hmp));
    const HmpFormat f = hmp.complete_format(a.format());
    const unsigned size = std::min(f.size, 4u);
    (void)p->io_space.store(held(hmp), static_cast<std::uint16_t>(a.number("addr")), size,
                            static_cast<std::uint64_t>(a.number("val")));
    return {};
}

namespace {

std::vector<hw::X86Cpu*> cpus(Hmp& hmp) {
    const auto* tree = hmp.services().find<qom::Tree>();
    return tree ? hw::x86_cpus(tree->root) : std::vector<hw::X86Cpu*>();
}

}  // namespace

Result<void> registers(Hmp& hmp, const HmpArguments& a) {
    const auto all = cpus(hmp);
    const auto wanted = a.maybe_number("vcpu").value_or(hmp.selected_cpu());
    if (!a.flag("a") && std::ranges::none_of(all, [&](auto* c) { return c->index() == wanted; })) {
        if (a.has("vcpu"))
            hmp.print("CPU#{} not available\n", wanted);
        else
            hmp.print("No CPU available\n");
        return {};
    }
    hmp.services().get<vm::RunControl>().while_stopped(held(hmp), [&] {
        for (hw::X86Cpu* c : all)
            if (a.flag("a") || c->index() == wanted)
                hmp.print("\nCPU#{}\n{}", c->index(), i386::dump(c->cpu().s, c->cpu().cpl()));
    });
    return {};
}

std::optional<std::uint64_t> register_value(Hmp& hmp, std::string_view name) {
    std::optional<std::uint64_t> value;
    hmp.services().get<vm::RunControl>().while_stopped(held(hmp), [&] {
        for (hw::X86Cpu* c : cpus(hmp))
            if (c->index() == hmp.selected_cpu()) value = i386::register_by_name(c->cpu().s, name);
    });
    return value;
}

}  // namespace monitor::machine
