// SPDX-License-Identifier: GPL-2.0-or-later
//
// An encoder of ACPI Machine Language (ACPI specification 6.4, chapter 20). Each function returns
// the bytes of one object or term; bodies are lists of such:
//
//     aml::device("LNKA", {aml::name("_UID", aml::integer(1)),
//                          aml::method("_STA", 0, {aml::ret(aml::integer(0x0b))})})
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "hw/core/int.h"

namespace hw::aml {

using Bytes = std::vector<u8>;
using Terms = std::vector<Bytes>;

Bytes concat(const Terms&);

// 20.2.2, 20.2.3: names and data
/// "\\_SB.PCI0", "^FOO", "_STA": segments are padded to four characters.
Bytes path(std::string_view);
Bytes integer(u64);
Bytes string(std::string_view);
Bytes eisa_id(std::string_view);  // "PNP0A03"
Bytes package(const Terms&);
Bytes buffer(const Bytes&);
/// As a buffer, in the order of 19.6.142.
Bytes uuid(std::string_view);

// 20.2.5: the namespace
Bytes name(std::string_view, const Bytes& value);
Bytes scope(std::string_view, const Terms& body);
Bytes device(std::string_view, const Terms& body);
/// A processor without power control blocks; `id` is what the MADT calls it.
Bytes processor(std::string_view, u8 id, const Terms& body);
Bytes method(std::string_view, unsigned arguments, const Terms& body, bool serialized = false);
Bytes mutex(std::string_view);
enum class Space : u8 { SystemMemory, SystemIO, PciConfig };
Bytes operation_region(std::string_view, Space, u64 offset, u64 length);
/// Where it begins is computed when the definition is met.
Bytes operation_region(std::string_view, Space, const Bytes& offset, u64 length);
enum class Access : u8 { Any, Byte, Word, DWord };
/// What a write does to the bits of a unit that no field covers.
enum class Update : u8 { Preserve, WriteAsOnes, WriteAsZeros };
struct FieldUnit {
    std::string_view name;  // empty: a gap
    unsigned bits;
};
Bytes field(std::string_view region, Access, Update, std::initializer_list<FieldUnit>);
Bytes create_dword_field(const Bytes& buffer, u64 byte_offset, std::string_view);

// 20.2.5.3, 20.2.5.4: statements and expressions
Bytes local(unsigned);
Bytes arg(unsigned);
Bytes store(const Bytes& value, const Bytes& to);
Bytes ret(const Bytes& value);
Bytes bit_and(const Bytes&, const Bytes&);
Bytes bit_or(const Bytes&, const Bytes&, const Bytes& to = {});
Bytes shift_left(const Bytes& value, const Bytes& count);
Bytes add(const Bytes&, const Bytes&, const Bytes& to);
Bytes subtract(const Bytes&, const Bytes&, const Bytes& to = {});
Bytes equal(const Bytes&, const Bytes&);
Bytes less(const Bytes&, const Bytes&);
Bytes not_(const Bytes&);
Bytes size_of(const Bytes&);
/// 19.6.96: 1 integer, 3 buffer, 4 package.
Bytes object_type(const Bytes&);
Bytes element(const Bytes& package, const Bytes& at);
Bytes concatenate(const Bytes&, const Bytes&);
/// The number in a buffer, its first byte the least.
Bytes to_integer(const Bytes& buffer);
/// `length` bytes of a buffer.
Bytes middle(const Bytes& buffer, const Bytes& at, const Bytes& length);
Bytes if_(const Bytes& condition, const Terms& body);
Bytes else_(const Terms& body);
Bytes while_(const Bytes& condition, const Terms& body);
Bytes notify(const Bytes& object, const Bytes& value);
Bytes acquire(const Bytes& mutex);  // without a timeout
Bytes release(const Bytes& mutex);
Bytes call(std::string_view method, const Terms& arguments = {});

// 6.4: resource descriptors, to be joined by resources()
Bytes resources(const Terms&);
Bytes io(u16 minimum, u16 maximum, u8 alignment, u8 length);
Bytes irq(unsigned line);
Bytes dma(unsigned channel);
/// Level triggered, active high, shared.
Bytes interrupts(std::initializer_list<u32>);
Bytes memory32_fixed(u32 base, u32 length, bool writable);
enum class Window : u8 { Memory, Io, Bus };
/// What a bridge passes on: word, double and quad word address spaces.
Bytes word_window(Window, u16 minimum, u16 maximum);
Bytes dword_memory_window(u32 minimum, u32 maximum, bool cacheable);
Bytes qword_memory_window(u64 minimum, u64 maximum);

}  // namespace hw::aml
