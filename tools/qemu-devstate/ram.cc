// SPDX-License-Identifier: GPL-2.0-or-later
#include "ram.h"

namespace devstate {

namespace {

constexpr std::size_t page = 4096;
enum RamFlag : unsigned {
    ram_zero = 0x02,
    ram_size = 0x04,
    ram_page = 0x08,
    ram_end = 0x10,
    ram_continue = 0x20,
    ram_xbzrle = 0x40,
    ram_hook = 0x80,
    ram_compressed = 0x100,
};

}  // namespace

Result<RamContents> ram_start(const Decoder& in, std::size_t& pos) {
    TRY(in.need(pos, 8, "ram section"));
    const std::uint64_t head = in.number(pos, 8);
    if ((head & 0xFFF) != ram_size)
        return fail("ram section: unexpected flags 0x{:x}", head & 0xFFF);
    RamContents r{.total = head & ~std::uint64_t{0xFFF}};
    pos += 8;
    for (std::uint64_t left = r.total; left > 0;) {
        TRY(in.need(pos, 1, "ram block"));
        const std::size_t n = in.number(pos, 1);
        TRY(in.need(pos + 1, n + 8, "ram block"));
        const std::uint64_t length = in.number(pos + 1 + n, 8);
        r.blocks.emplace_back(TRY(in.text(pos + 1, n)), length);
        pos += 9 + n;
        if (length == 0 || length > left) return fail("ram start: block sizes do not add up");
        left -= length;
    }
    TRY(in.need(pos, 8, "ram start"));
    if (in.number(pos, 8) != ram_end) return fail("ram start: no end marker at 0x{:x}", pos);
    pos += 8;
    return r;
}

Result<RamContents> ram_part(const Decoder& in, std::size_t& pos) {
    RamContents r;
    for (;;) {
        TRY(in.need(pos, 8, "ram page"));
        const unsigned flags = static_cast<unsigned>(in.number(pos, 8) & 0xFFF);
        pos += 8;
        if (flags & ram_end) break;
        if (flags & ram_hook) return fail("ram: hook records not supported");
        if (!(flags & ram_continue)) {
            TRY(in.need(pos, 1, "ram page"));
            pos += 1u + in.number(pos, 1);
        }
        std::size_t size = 0;
        if (flags & ram_zero) {
            size = 1;
            r.zero_pages++;
        } else if (flags & ram_page) {
            size = page;
            r.pages++;
        } else if (flags & ram_xbzrle) {
            TRY(in.need(pos, 3, "ram page"));
            size = 3 + in.number(pos + 1, 2);
            r.pages++;
        } else if (flags & ram_compressed) {
            TRY(in.need(pos, 4, "ram page"));
            size = 4 + in.number(pos, 4);
            r.pages++;
        } else {
            return fail("ram: unknown flags 0x{:x} at 0x{:x}", flags, pos - 8);
        }
        TRY(in.need(pos, size, "ram page"));
        pos += size;
    }
    return r;
}

}  // namespace devstate
