// SPDX-License-Identifier: GPL-2.0-or-later
//
// Descriptor: the eight bytes of a GDT, LDT or IDT entry, by field (SDM volume 3, 3.4.5 and 6.11).
#pragma once

#include "target/i386/cpu-state.h"

namespace i386 {

class Descriptor {
public:
    explicit Descriptor(u64 raw) : raw_(raw) {}

    unsigned type() const { return raw_ >> 40 & 0xf; }
    bool segment() const { return raw_ >> 44 & 1; }  ///< code or data, not system
    unsigned dpl() const { return raw_ >> 45 & 3; }
    bool present() const { return raw_ >> 47 & 1; }
    bool long_mode() const { return raw_ >> 53 & 1; }
    bool big() const { return raw_ >> 54 & 1; }
    bool code() const { return type() & 8; }
    bool conforming() const { return type() & 4; }  ///< of code
    bool readable() const { return type() & 2; }    ///< of code
    bool writable() const { return type() & 2; }    ///< of data
    u64 base() const { return (raw_ >> 16 & 0xffffff) | (raw_ >> 56) << 24; }
    u32 limit() const {
        const u32 l = u32((raw_ & 0xffff) | (raw_ >> 32 & 0xf0000));
        return raw_ >> 55 & 1 ? l << 12 | 0xfff : l;
    }
    Segment cache(u16 selector) const {
        return {selector, limit(), base(), u32(raw_ >> 32) & 0x00f0ff00};
    }

    // Gates.
    u16 gate_selector() const { return u16(raw_ >> 16); }
    u32 gate_offset() const { return u32((raw_ & 0xffff) | (raw_ >> 32 & 0xffff0000)); }
    unsigned gate_count() const { return raw_ >> 32 & 0x1f; }  ///< of a call gate
    unsigned gate_ist() const { return raw_ >> 32 & 7; }

private:
    u64 raw_;
};

/// A segment's flags as state-save areas of AMD64 processors hold them: bits 8-15 and 20-23 of the
/// descriptor's high dword, closed up (APM volume 2, 10.2.3 and appendix B).
constexpr u16 packed_flags(u32 flags) {
    return u16((flags >> 8 & 0xff) | (flags >> 12 & 0xf00));
}
constexpr u32 unpacked_flags(u16 v) {
    return u32(v & 0xff) << 8 | u32(v & 0xf00) << 12;
}

enum SystemType : u8 {
    sys_tss16 = 1,
    sys_ldt,
    sys_tss16_busy,
    sys_call16,
    sys_task_gate,
    sys_int16,
    sys_trap16,
    sys_tss32 = 9,
    sys_tss32_busy = 11,
    sys_call32,
    sys_int32 = 14,
    sys_trap32,
};

}  // namespace i386
