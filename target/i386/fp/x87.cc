// SPDX-License-Identifier: GPL-2.0-or-later
//
// x87: on x86-64 hosts the guest's register stack lives in the host's while it computes, and the
// instructions run as they are. An unmasked exception stays pending in the host as in the guest;
// before a waiting instruction could trip over it here, the state goes back to CpuState with ES
// set. Elsewhere portable/ computes on CpuState.
#include "target/i386/fp/x87.h"

#include "target/i386/fp/simd.h"
#include "target/i386/fp/unit.h"

namespace i386::fp {
namespace {

constexpr u16 status_es = 0x80, status_busy = 0x8000, exceptions = 0x3F;

template <unsigned n>
struct Bytes {
    u8 b[n];
};

/// With CR0.NE clear the error goes out on FERR#, and the instruction is executed all the same
/// (IGNNE# is what a PC's handler answers with).
void pending_error(Cpu& c) {
    if (c.s.cr0 & cr0_ne) c.raise(exc_mf);
    c.bus().ferr();
}

inline bool all_masked(const Cpu& c) {
    return (c.s.x87.control & exceptions) == exceptions;
}

void note_instruction(Cpu& c, const Insn* i) {
    X87& x = c.s.x87;
    x.ip = c.s.regs[rip] + i->offset;
    x.cs = u16(c.s.seg[cs].selector);
    if (i->memory) {
        x.dp = c.effective_address(i);
        x.ds = u16(c.s.seg[i->seg == seg_flat ? unsigned(ds) : unsigned(i->seg)].selector);
    }
}

template <u8 opcode>
inline void execute(Cpu& c, const Insn* i, void* memory) {
    Unit& u = *c.fp;
    const u8 modrm = u8((i->memory ? 0 : 0xC0 | (i->rm & 7)) | (i->reg & 7) << 3);
    const X87Thunk thunk = u.x87(opcode, modrm);
    if (!thunk) [[unlikely]]
        c.raise(exc_ud);  // the host gives no memory for code, or nobody knows it
    thunk(memory, c.s.x87, unsigned(opcode & 7) << 8 | modrm);
    check_x87_after(c);
    note_instruction(c, i);
}

template <u8 opcode>
const Insn* run_reg(Cpu& c, const Insn* i) {
    enter_x87_checked(c);
    execute<opcode>(c, i, nullptr);
    return c.next(i);
}
template <u8 opcode, unsigned n>
const Insn* run_load(Cpu& c, const Insn* i) {
    check_x87_pending(c);
    alignas(16) auto v = c.load<Bytes<n>>(i);
    enter_x87_checked(c);
    execute<opcode>(c, i, &v);
    return c.next(i);
}
template <u8 opcode, unsigned n>
const Insn* run_store(Cpu& c, const Insn* i) {
    check_x87_pending(c);
    const u64 linear = c.linear(i, n, Access::write);
    c.check_write(linear, n);
    // An unmasked exception leaves the destination as it was.
    alignas(16) Bytes<n> v{};
    if (!all_masked(c)) v = c.load_at<Bytes<n>>(linear);
    enter_x87_checked(c);
    execute<opcode>(c, i, &v);
    c.store_at(linear, v);
    return c.next(i);
}

template <u8 opcode>
Handler choose(const Insn& i) {
    if (!i.memory) return run_reg<opcode>;
    const unsigned digit = i.reg & 7;
    if constexpr (opcode == 0xD8 || opcode == 0xDA) return run_load<opcode, 4>;
    if constexpr (opcode == 0xDC) return run_load<opcode, 8>;
    if constexpr (opcode == 0xDE) return run_load<opcode, 2>;
    if constexpr (opcode == 0xD9) return digit == 0 ? run_load<opcode, 4> : run_store<opcode, 4>;
    if constexpr (opcode == 0xDB) {
        if (digit == 0) return run_load<opcode, 4>;
        if (digit == 5) return run_load<opcode, 10>;
        return digit == 7 ? run_store<opcode, 10> : run_store<opcode, 4>;
    }
    if constexpr (opcode == 0xDD) return digit == 0 ? run_load<opcode, 8> : run_store<opcode, 8>;
    switch (digit) {
        case 0: return run_load<opcode, 2>;
        case 4: return run_load<opcode, 10>;
        case 5: return run_load<opcode, 8>;
        case 6: return run_store<opcode, 10>;
        case 7: return run_store<opcode, 8>;
        default: return run_store<opcode, 2>;
    }
}

template <u8 opcode, bool writes>
const Insn* run_flags(Cpu& c, const Insn* i) {
    enter_x87_checked(c);
    const u64 in = get_oszapc(c.s) | 2;
    const u64 out = c.fp->run_x87_flags(opcode, u8(0xC0 | (i->reg & 7) << 3 | (i->rm & 7)), in);
    check_x87_after(c);
    note_instruction(c, i);
    if (writes) set_oszapc(c.s, u32(out));
    return c.next(i);
}
const Insn* emms(Cpu& c, const Insn* i) {
    enter_x87_checked(c);
    c.fp->emms();
    return c.next(i);
}

const Insn* fldcw(Cpu& c, const Insn* i) {
    check_x87_pending(c);
    const u16 v = c.load<u16>(i);
    c.fp->leave_x87();
    // Bit 6 always reads as one and the others above the masks that mean nothing as zero.
    c.s.x87.control = u16((v & 0x1F3F) | 0x40);
    update_error_summary(c.s.x87);
    return c.next(i);
}
const Insn* fnstcw(Cpu& c, const Insn* i) {
    c.store<u16>(i, c.s.x87.control);
    return c.next(i);
}
const Insn* fnstsw_ax(Cpu& c, const Insn* i) {
    c.put<u16>(rax, c.fp->x87_status());
    return c.next(i);
}
const Insn* fnstsw(Cpu& c, const Insn* i) {
    c.store<u16>(i, c.fp->x87_status());
    return c.next(i);
}
const Insn* fnclex(Cpu& c, const Insn* i) {
    c.fp->leave_x87();
    c.s.x87.status &= u16(~(status_busy | status_es | 0x7F));
    return c.next(i);
}
const Insn* fninit(Cpu& c, const Insn* i) {
    c.fp->leave_x87();
    reset_x87(c.s.x87);
    return c.next(i);
}
const Insn* fwait(Cpu& c, const Insn* i) {
    check_x87_pending(c);
    return c.next(i);
}
const Insn* raise_nm(Cpu& c, const Insn*) {
    c.raise(exc_nm);
}
const Insn* nop(Cpu& c, const Insn* i) {
    return c.next(i);
}

}  // namespace

void check_x87_pending(Cpu& c) {
    if (!c.fp->x87_is_live() && (c.s.x87.status & status_es)) [[unlikely]]
        pending_error(c);
}

void check_x87_after(Cpu& c) {
    if (!all_masked(c)) [[unlikely]]
        c.fp->check_x87_error();
}

void enter_x87_checked(Cpu& c) {
    Unit& u = *c.fp;
    if (u.x87_is_live()) [[likely]]
        return;
    if (c.s.x87.status & status_es) {
        pending_error(c);
        u.enter_x87_ignoring_errors();
        return;
    }
    u.enter_x87();
}

void update_error_summary(X87& x) {
    const bool error = x.status & ~x.control & exceptions;
    x.status = u16((x.status & ~(status_es | status_busy)) | (error ? status_es | status_busy : 0));
}

void reset_x87(X87& x) {
    x.control = 0x37F;
    x.status = 0;
    x.valid = 0;
    x.opcode = x.cs = x.ds = 0;
    x.ip = x.dp = 0;
}

u16 full_tags(const X87& x) {
    unsigned tags = 0;
    for (unsigned n = 0; n < 8; n++) {
        const Float80& r = x.reg[n];
        const unsigned exponent = r.sign_exponent & 0x7FFF;
        unsigned tag = 0;
        if (!(x.valid >> n & 1))
            tag = 3;
        else if (exponent == 0 && r.mantissa == 0)
            tag = 1;
        else if (exponent == 0 || exponent == 0x7FFF || !(r.mantissa >> 63))
            tag = 2;
        tags |= tag << 2 * n;
    }
    return u16(tags);
}

Handler bind_x87(const Insn& i, u32 mode) {
    switch (DecodeTable::get().parsed(i.row).opcode) {
        case 0xD8: return choose<0xD8>(i);
        case 0xD9: return choose<0xD9>(i);
        case 0xDA: return choose<0xDA>(i);
        case 0xDB: return choose<0xDB>(i);
        case 0xDC: return choose<0xDC>(i);
        case 0xDD: return choose<0xDD>(i);
        case 0xDE: return choose<0xDE>(i);
        default: return choose<0xDF>(i);
    }
}
Handler bind_fcmov(const Insn& i, u32) {
    return DecodeTable::get().parsed(i.row).opcode == 0xDA ? run_flags<0xDA, false>
                                                           : run_flags<0xDB, false>;
}
Handler bind_fcomi(const Insn& i, u32) {
    return DecodeTable::get().parsed(i.row).opcode == 0xDB ? run_flags<0xDB, true>
                                                           : run_flags<0xDF, true>;
}
Handler bind_emms(const Insn&, u32) {
    return emms;
}
Handler bind_fldcw(const Insn&, u32) {
    return fldcw;
}
Handler bind_fnstcw(const Insn&, u32) {
    return fnstcw;
}
Handler bind_fnstsw(const Insn& i, u32) {
    return i.memory ? fnstsw : fnstsw_ax;
}
Handler bind_fnclex(const Insn&, u32) {
    return fnclex;
}
Handler bind_fninit(const Insn&, u32) {
    return fninit;
}
Handler bind_fwait(const Insn&, u32 mode) {
    return (mode & mode_mp) && (mode & mode_ts) ? raise_nm : fwait;
}
Handler bind_x87_nop(const Insn&, u32) {
    return nop;
}

}  // namespace i386::fp
