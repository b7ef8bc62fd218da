// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/aml.h"

#include <algorithm>
#include <cassert>

namespace hw::aml {
namespace {

// 20.3: opcodes
enum : u8 {
    ZeroOp = 0x00,
    OneOp = 0x01,
    NameOp = 0x08,
    BytePrefix = 0x0a,
    WordPrefix = 0x0b,
    DWordPrefix = 0x0c,
    StringPrefix = 0x0d,
    QWordPrefix = 0x0e,
    ScopeOp = 0x10,
    BufferOp = 0x11,
    PackageOp = 0x12,
    MethodOp = 0x14,
    DualNamePrefix = 0x2e,
    MultiNamePrefix = 0x2f,
    Local0Op = 0x60,
    Arg0Op = 0x68,
    StoreOp = 0x70,
    AddOp = 0x72,
    ConcatOp = 0x73,
    SubtractOp = 0x74,
    ShiftLeftOp = 0x79,
    AndOp = 0x7b,
    OrOp = 0x7d,
    DerefOfOp = 0x83,
    NotifyOp = 0x86,
    SizeOfOp = 0x87,
    IndexOp = 0x88,
    CreateDWordFieldOp = 0x8a,
    ObjectTypeOp = 0x8e,
    LNotOp = 0x92,
    LEqualOp = 0x93,
    LLessOp = 0x95,
    ToIntegerOp = 0x99,
    MidOp = 0x9e,
    IfOp = 0xa0,
    ElseOp = 0xa1,
    WhileOp = 0xa2,
    ReturnOp = 0xa4,
    ExtOpPrefix = 0x5b,
};
enum : u8 {  // after ExtOpPrefix
    MutexOp = 0x01,
    AcquireOp = 0x23,
    ReleaseOp = 0x27,
    OpRegionOp = 0x80,
    FieldOp = 0x81,
    DeviceOp = 0x82,
    ProcessorOp = 0x83,
};

void append(Bytes& to, const Bytes& more) {
    to.insert(to.end(), more.begin(), more.end());
}
template <class T>
void append_little(Bytes& to, T value) {
    for (unsigned i = 0; i < sizeof value; i++)
        to.push_back(u8(u64(value) >> 8 * i));
}

/// 20.2.4. `length` is what follows; the encoded one counts its own bytes too.
Bytes package_length(std::size_t length, bool counts_itself = true) {
    for (unsigned more = 0; more < 4; more++) {
        const std::size_t total = length + (counts_itself ? more + 1 : 0);
        if (more == 0 && total < 64) return {u8(total)};
        if (more == 0 || total >= std::size_t{1} << (4 + 8 * more)) continue;
        Bytes bytes{u8(more << 6 | (total & 15))};
        for (unsigned i = 0; i < more; i++)
            bytes.push_back(u8(total >> (4 + 8 * i)));
        return bytes;
    }
    assert(false && "an AML package of more than 256 MiB");
    return {};
}

Bytes packaged(std::initializer_list<u8> op, const Bytes& head, const Terms& body) {
    Bytes inside = head;
    append(inside, concat(body));
    Bytes bytes(op);
    append(bytes, package_length(inside.size()));
    append(bytes, inside);
    return bytes;
}

Bytes term(std::initializer_list<u8> op, const Terms& operands) {
    Bytes bytes(op);
    append(bytes, concat(operands));
    return bytes;
}

Bytes segment(std::string_view text) {
    assert(text.size() <= 4);
    Bytes bytes(text.begin(), text.end());
    bytes.resize(4, '_');
    return bytes;
}

const Bytes no_target{0};

}  // namespace

Bytes concat(const Terms& terms) {
    Bytes bytes;
    for (const Bytes& t : terms)
        append(bytes, t);
    return bytes;
}

Bytes path(std::string_view text) {
    Bytes bytes;
    while (!text.empty() && (text[0] == '\\' || text[0] == '^')) {
        bytes.push_back(u8(text[0]));
        text.remove_prefix(1);
    }
    Terms segments;
    while (!text.empty()) {
        const std::size_t dot = text.find('.');
        segments.push_back(segment(text.substr(0, dot)));
        text = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
    }
    if (segments.empty()) bytes.push_back(0);
    if (segments.size() == 2) bytes.push_back(DualNamePrefix);
    if (segments.size() > 2) {
        bytes.push_back(MultiNamePrefix);
        bytes.push_back(u8(segments.size()));
    }
    append(bytes, concat(segments));
    return bytes;
}

Bytes integer(u64 value) {
    Bytes bytes;
    if (value <= 1) {
        bytes.push_back(value ? OneOp : ZeroOp);
        return bytes;
    }
    if (value <= 0xff) {
        bytes.push_back(BytePrefix);
        append_little(bytes, u8(value));
    } else if (value <= 0xffff) {
        bytes.push_back(WordPrefix);
        append_little(bytes, u16(value));
    } else if (value <= 0xffffffff) {
        bytes.push_back(DWordPrefix);
        append_little(bytes, u32(value));
    } else {
        bytes.push_back(QWordPrefix);
        append_little(bytes, value);
    }
    return bytes;
}

Bytes string(std::string_view text) {
    Bytes bytes(text.size() + 2);
    bytes[0] = StringPrefix;
    std::copy(text.begin(), text.end(), bytes.begin() + 1);
    return bytes;
}

/// Three letters of five bits, four hexadecimal digits, as a big endian number (19.3.4).
Bytes eisa_id(std::string_view id) {
    assert(id.size() == 7);
    auto hex = [&](std::size_t i) { return u32(id[i] <= '9' ? id[i] - '0' : id[i] - 'A' + 10); };
    const u32 value = u32(id[0] - '@') << 26 | u32(id[1] - '@') << 21 | u32(id[2] - '@') << 16 |
                      hex(3) << 12 | hex(4) << 8 | hex(5) << 4 | hex(6);
    return {DWordPrefix, u8(value >> 24), u8(value >> 16), u8(value >> 8), u8(value)};
}

Bytes package(const Terms& elements) {
    assert(elements.size() < 256);
    return packaged({PackageOp}, {u8(elements.size())}, elements);
}

Bytes buffer(const Bytes& contents) {
    return packaged({BufferOp}, integer(contents.size()), {contents});
}

Bytes uuid(std::string_view text) {
    constexpr unsigned order[]{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    Bytes written;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        if (text[i] == '-') i++;
        auto hex = [&](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
        written.push_back(u8(hex(text[i]) << 4 | hex(text[i + 1])));
    }
    assert(written.size() == std::size(order));
    Bytes bytes;
    for (const unsigned from : order)
        bytes.push_back(written[from]);
    return buffer(bytes);
}

Bytes name(std::string_view n, const Bytes& value) {
    return term({NameOp}, {path(n), value});
}
Bytes scope(std::string_view n, const Terms& body) {
    return packaged({ScopeOp}, path(n), body);
}
Bytes device(std::string_view n, const Terms& body) {
    return packaged({ExtOpPrefix, DeviceOp}, path(n), body);
}
Bytes processor(std::string_view n, u8 id, const Terms& body) {
    Bytes head = path(n);
    head.push_back(id);
    head.resize(head.size() + 5);  // PblkAddr, PblkLen
    return packaged({ExtOpPrefix, ProcessorOp}, head, body);
}
Bytes method(std::string_view n, unsigned arguments, const Terms& body, bool serialized) {
    Bytes head = path(n);
    head.push_back(u8(arguments | (serialized ? 8 : 0)));
    return packaged({MethodOp}, head, body);
}
Bytes mutex(std::string_view n) {
    return term({ExtOpPrefix, MutexOp}, {path(n), {0}});
}

Bytes operation_region(std::string_view n, Space space, u64 offset, u64 length) {
    return term({ExtOpPrefix, OpRegionOp},
                {path(n), {u8(space)}, integer(offset), integer(length)});
}

Bytes operation_region(std::string_view n, Space space, const Bytes& offset, u64 length) {
    return term({ExtOpPrefix, OpRegionOp}, {path(n), {u8(space)}, offset, integer(length)});
}

Bytes field(std::string_view region, Access access, Update update,
            std::initializer_list<FieldUnit> units) {
    Bytes head = path(region);
    head.push_back(u8(u8(access) | u8(update) << 5));
    Terms list;
    for (const FieldUnit& unit : units) {
        list.push_back(unit.name.empty() ? Bytes{0} : segment(unit.name));
        list.push_back(package_length(unit.bits, false));
    }
    return packaged({ExtOpPrefix, FieldOp}, head, list);
}

Bytes create_dword_field(const Bytes& source, u64 byte_offset, std::string_view n) {
    return term({CreateDWordFieldOp}, {source, integer(byte_offset), path(n)});
}

Bytes local(unsigned n) {
    return {u8(Local0Op + n)};
}
Bytes arg(unsigned n) {
    return {u8(Arg0Op + n)};
}
Bytes store(const Bytes& value, const Bytes& to) {
    return term({StoreOp}, {value, to});
}
Bytes ret(const Bytes& value) {
    return term({ReturnOp}, {value});
}
Bytes bit_and(const Bytes& a, const Bytes& b) {
    return term({AndOp}, {a, b, no_target});
}
Bytes bit_or(const Bytes& a, const Bytes& b, const Bytes& to) {
    return term({OrOp}, {a, b, to.empty() ? no_target : to});
}
Bytes shift_left(const Bytes& value, const Bytes& count) {
    return term({ShiftLeftOp}, {value, count, no_target});
}
Bytes add(const Bytes& a, const Bytes& b, const Bytes& to) {
    return term({AddOp}, {a, b, to});
}
Bytes subtract(const Bytes& a, const Bytes& b, const Bytes& to) {
    return term({SubtractOp}, {a, b, to.empty() ? no_target : to});
}
Bytes not_(const Bytes& a) {
    return term({LNotOp}, {a});
}
Bytes size_of(const Bytes& a) {
    return term({SizeOfOp}, {a});
}
Bytes object_type(const Bytes& a) {
    return term({ObjectTypeOp}, {a});
}
Bytes element(const Bytes& p, const Bytes& at) {
    return term({DerefOfOp}, {term({IndexOp}, {p, at, no_target})});
}
Bytes concatenate(const Bytes& a, const Bytes& b) {
    return term({ConcatOp}, {a, b, no_target});
}
Bytes to_integer(const Bytes& b) {
    return term({ToIntegerOp}, {b, no_target});
}
Bytes middle(const Bytes& b, const Bytes& at, const Bytes& length) {
    return term({MidOp}, {b, at, length, no_target});
}
Bytes equal(const Bytes& a, const Bytes& b) {
    return term({LEqualOp}, {a, b});
}
Bytes less(const Bytes& a, const Bytes& b) {
    return term({LLessOp}, {a, b});
}
Bytes if_(const Bytes& condition, const Terms& body) {
    return packaged({IfOp}, condition, body);
}
Bytes else_(const Terms& body) {
    return packaged({ElseOp}, {}, body);
}
Bytes while_(const Bytes& condition, const Terms& body) {
    return packaged({WhileOp}, condition, body);
}
Bytes notify(const Bytes& object, const Bytes& value) {
    return term({NotifyOp}, {object, value});
}
Bytes acquire(const Bytes& m) {
    return term({ExtOpPrefix, AcquireOp}, {m, {0xff, 0xff}});
}
Bytes release(const Bytes& m) {
    return term({ExtOpPrefix, ReleaseOp}, {m});
}
Bytes call(std::string_view m, const Terms& arguments) {
    Bytes bytes = path(m);
    append(bytes, concat(arguments));
    return bytes;
}

// ---- resources --------------------------------------------------------------------------------

namespace {

/// 6.4.3.5.1-3: the part that the three widths share.
template <class T>
Bytes window(u8 tag, Window kind, u8 type_flags, T minimum, T maximum) {
    // producer, positive decode, both ends fixed
    constexpr u8 general_flags = 0x0c;
    Bytes bytes{tag};
    append_little(bytes, u16(3 + 5 * sizeof(T)));
    bytes.push_back(u8(kind));
    bytes.push_back(general_flags);
    bytes.push_back(type_flags);
    append_little(bytes, T(0));  // granularity
    append_little(bytes, minimum);
    append_little(bytes, maximum);
    append_little(bytes, T(0));  // translation
    append_little(bytes, T(maximum - minimum + 1));
    return bytes;
}

}  // namespace

Bytes resources(const Terms& descriptors) {
    Bytes bytes = concat(descriptors);
    bytes.push_back(0x79);  // end tag; a checksum of 0 is as good as a right one (6.4.2.9)
    bytes.push_back(0x00);
    return buffer(bytes);
}

Bytes io(u16 minimum, u16 maximum, u8 alignment, u8 length) {
    Bytes bytes{0x47, 0x01};  // decodes 16 bits
    append_little(bytes, minimum);
    append_little(bytes, maximum);
    bytes.push_back(alignment);
    bytes.push_back(length);
    return bytes;
}

Bytes irq(unsigned line) {
    Bytes bytes{0x22};
    append_little(bytes, u16(1u << line));
    return bytes;
}

Bytes dma(unsigned channel) {
    return {0x2a, u8(1u << channel), 0x00};  // compatibility speed, 8 bits, no bus master
}

Bytes interrupts(std::initializer_list<u32> lines) {
    Bytes bytes{0x89};
    append_little(bytes, u16(2 + 4 * lines.size()));
    bytes.push_back(0x09);  // consumer, level, high, shared
    bytes.push_back(u8(lines.size()));
    for (const u32 line : lines)
        append_little(bytes, line);
    return bytes;
}

Bytes memory32_fixed(u32 base, u32 length, bool writable) {
    Bytes bytes{0x86, 0x09, 0x00, u8(writable)};
    append_little(bytes, base);
    append_little(bytes, length);
    return bytes;
}

Bytes word_window(Window kind, u16 minimum, u16 maximum) {
    return window<u16>(0x88, kind, kind == Window::Io ? 0x03 : 0x00, minimum, maximum);
}
Bytes dword_memory_window(u32 minimum, u32 maximum, bool cacheable) {
    return window<u32>(0x87, Window::Memory, cacheable ? 0x03 : 0x01, minimum, maximum);
}
Bytes qword_memory_window(u64 minimum, u64 maximum) {
    return window<u64>(0x8a, Window::Memory, 0x03, minimum, maximum);
}

}  // namespace hw::aml
