// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/i386/svm/vmcb.h"

#include "target/i386/descriptor.h"

namespace i386 {

Segment Vmcb::segment(unsigned field) const {
    return {get<u16>(field), get<u32>(field + 4), get(field + 8),
            unpacked_flags(get<u16>(field + 2))};
}

void Vmcb::set_segment(unsigned field, const Segment& value) const {
    set(field, u16(value.selector));
    set(field + 2, packed_flags(value.flags));
    set(field + 4, value.limit);
    set(field + 8, value.base);
}

TableRegister Vmcb::table(unsigned field) const {
    return {get(field + 8), get<u32>(field + 4) & 0xffff};
}

void Vmcb::set_table(unsigned field, const TableRegister& value) const {
    set(field + 4, value.limit);
    set(field + 8, value.base);
}

}  // namespace i386
