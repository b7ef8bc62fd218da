// SPDX-License-Identifier: GPL-2.0-or-later
//
// CpuRegisters: the part of a Cpu that is its registers alone: reading and writing them as
// instructions do, and what the mode makes of addresses.
#pragma once

#include "target/i386/decode/insn.h"
#include "target/i386/flags.h"

#include <type_traits>

namespace i386 {

class CpuRegisters {
public:
    CpuState s{};

    template <class T>
    T get(unsigned n) const {
        if constexpr (sizeof(T) == 1)
            return T(reinterpret_cast<const u8*>(s.regs.data())[n]);
        else
            return T(s.regs[n]);
    }
    /// As the processor writes: a 32-bit result clears the upper half, smaller ones keep it.
    /// Byte registers by the byte offset of Insn (little-endian hosts).
    template <class T>
    void put(unsigned n, T v) {
        if constexpr (sizeof(T) == 1)
            reinterpret_cast<u8*>(s.regs.data())[n] = u8(v);
        else if constexpr (sizeof(T) == 2)
            s.regs[n] = (s.regs[n] & ~u64(0xffff)) | u16(v);
        else
            s.regs[n] = std::make_unsigned_t<T>(v);
    }
    unsigned cpl() const { return cpl_; }
    u32 eflags() const { return get_eflags(s); }
    unsigned iopl() const { return s.eflags >> 12 & 3; }
    bool code64() const { return s.mode & mode_code64; }
    bool long_active() const { return s.mode & mode_lma; }
    bool protected_mode() const { return (s.mode & (mode_pe | mode_vm86)) == mode_pe; }
    bool vm86() const { return s.mode & mode_vm86; }

    // --- Addresses ---
    /// The sum alone: all there is to a plain operand's address (Insn::plain()).
    u64 plain_address(const Insn* i) const {
        return s.regs[i->base] + (s.regs[i->index] << i->scale) + u64(i64(i->disp));
    }
    u64 effective_address(const Insn* i) const {
        const u64 a = plain_address(i);
        return i->address_log2 == 3 ? a : i->address_log2 == 2 ? u32(a) : u16(a);
    }
    /// 48 bits, or 57 with five levels of tables, extended by their sign.
    bool canonical(u64 a) const { return u64(i64(a << unused_bits_) >> unused_bits_) == a; }
    u64 mask_ip(u64 ip) const { return s.mode & mode_code64 ? ip : u32(ip); }
    u64 a20() const { return u64(i64(i32(s.a20_mask))); }
    u64 stack_mask() const {
        return s.mode & mode_code64 ? ~u64(0) : s.mode & mode_stack32 ? 0xffffffff : 0xffff;
    }
    void set_sp(u64 v) {
        const u64 m = stack_mask();
        s.regs[rsp] = m == 0xffff ? (s.regs[rsp] & ~m) | (v & m) : v & m;
    }

protected:
    CpuRegisters() = default;
    ~CpuRegisters() = default;

    u8 cpl_ = 0;
    u8 unused_bits_ = 16;  ///< of a linear address, at the top
};

}  // namespace i386
