// SPDX-License-Identifier: GPL-2.0-or-later
//
// From a template of handlers to the one for a decoded instruction, and the binders that the
// tables name.
#pragma once

#include "target/i386/cpu.h"
#include "target/i386/decode/decode.h"

namespace i386 {

/// Wraps void(Cpu&, const Insn*) for instructions that go on with the next one.
template <auto f>
const Insn* then_next(Cpu& c, const Insn* i) {
    f(c, i);
    return c.next(i);
}
/// The same for the last instruction of a block.
template <auto f>
const Insn* then_leave(Cpu& c, const Insn* i) {
    f(c, i);
    return c.leave(i);
}

/// Op::template run<T>: Handler-shaped, T by operand size.
template <class Op>
Handler by_size(const Insn& i) {
    switch (i.size_log2) {
        case 0: return &Op::template run<u8>;
        case 1: return &Op::template run<u16>;
        case 2: return &Op::template run<u32>;
        default: return &Op::template run<u64>;
    }
}
/// As by_size, for instructions without a byte form.
template <class Op>
Handler by_wide_size(const Insn& i) {
    switch (i.size_log2) {
        case 1: return &Op::template run<u16>;
        case 2: return &Op::template run<u32>;
        default: return &Op::template run<u64>;
    }
}
template <class Op>
Handler by_y_size(const Insn& i) {
    return i.size_log2 == 3 ? &Op::template run<u64> : &Op::template run<u32>;
}

/// A row with one handler for every form.
template <Handler h>
Handler bind_one(const Insn&, u32) {
    return h;
}
template <auto f>
Handler bind_next(const Insn&, u32) {
    return &then_next<f>;
}
template <auto f>
Handler bind_leave(const Insn&, u32) {
    return &then_leave<f>;
}
template <class Op>
Handler bind_size(const Insn& i, u32) {
    return by_size<Op>(i);
}
template <class Op>
Handler bind_wide(const Insn& i, u32) {
    return by_wide_size<Op>(i);
}
template <class Op>
Handler bind_y(const Insn& i, u32) {
    return by_y_size<Op>(i);
}

/// The value of the rm operand, register or memory.
template <class T>
inline T rm_value(Cpu& c, const Insn* i) {
    return i->memory ? c.load<T>(i) : c.get<T>(i->rm);
}
template <class T>
inline void rm_store(Cpu& c, const Insn* i, T v) {
    if (i->memory)
        c.store<T>(i, v);
    else
        c.put<T>(i->rm, v);
}

/// `f(old)` gives the new value of a memory operand; atomically when LOCK (or XCHG) asks for it.
/// Returns the old value. Flags are the caller's, after it: nothing faults once memory changed.
template <class T, class F>
inline T modify_at(Cpu& c, u64 linear, bool locked, F f) {
    if (T* p = c.host_write<T>(linear)) [[likely]] {
        if (!locked) {
            T old;
            std::memcpy(&old, p, sizeof(T));
            const T v = f(old);
            std::memcpy(p, &v, sizeof(T));
            return old;
        }
        T old = __atomic_load_n(p, __ATOMIC_RELAXED);
        while (!__atomic_compare_exchange_n(p, &old, f(old), false, __ATOMIC_SEQ_CST,
                                            __ATOMIC_SEQ_CST)) {
        }
        return old;
    }
    return c.modify_slow<T>(linear, f);
}
template <class T, class F>
inline T modify(Cpu& c, const Insn* i, bool locked, F f) {
    return modify_at<T>(c, c.linear(i, sizeof(T), Access::write), locked, f);
}

Handler bind_add(const Insn&, u32);
Handler bind_or(const Insn&, u32);
Handler bind_adc(const Insn&, u32);
Handler bind_sbb(const Insn&, u32);
Handler bind_and(const Insn&, u32);
Handler bind_sub(const Insn&, u32);
Handler bind_xor(const Insn&, u32);
Handler bind_cmp(const Insn&, u32);
Handler bind_test(const Insn&, u32);
// The same with a register destination and an rm source.
Handler bind_add_g(const Insn&, u32);
Handler bind_or_g(const Insn&, u32);
Handler bind_adc_g(const Insn&, u32);
Handler bind_sbb_g(const Insn&, u32);
Handler bind_and_g(const Insn&, u32);
Handler bind_sub_g(const Insn&, u32);
Handler bind_xor_g(const Insn&, u32);
Handler bind_cmp_g(const Insn&, u32);
// And with an immediate source.
Handler bind_add_i(const Insn&, u32);
Handler bind_or_i(const Insn&, u32);
Handler bind_adc_i(const Insn&, u32);
Handler bind_sbb_i(const Insn&, u32);
Handler bind_and_i(const Insn&, u32);
Handler bind_sub_i(const Insn&, u32);
Handler bind_xor_i(const Insn&, u32);
Handler bind_cmp_i(const Insn&, u32);
Handler bind_test_i(const Insn&, u32);

Handler bind_inc(const Insn&, u32);
Handler bind_dec(const Insn&, u32);
Handler bind_inc_z(const Insn&, u32);
Handler bind_dec_z(const Insn&, u32);
Handler bind_not(const Insn&, u32);
Handler bind_neg(const Insn&, u32);
Handler bind_xadd(const Insn&, u32);
Handler bind_cmpxchg(const Insn&, u32);
Handler bind_cmpxchg8b(const Insn&, u32);
Handler bind_xchg(const Insn&, u32);
Handler bind_xchg_z(const Insn&, u32);

Handler bind_mov(const Insn&, u32);
Handler bind_mov_g(const Insn&, u32);
Handler bind_mov_i(const Insn&, u32);
Handler bind_mov_zi(const Insn&, u32);
Handler bind_mov_ao(const Insn&, u32);
Handler bind_mov_oa(const Insn&, u32);
Handler bind_movzx8(const Insn&, u32);
Handler bind_movzx16(const Insn&, u32);
Handler bind_movsx8(const Insn&, u32);
Handler bind_movsx16(const Insn&, u32);
Handler bind_movsxd(const Insn&, u32);
Handler bind_lea(const Insn&, u32);
template <unsigned cc>
Handler bind_cmov(const Insn&, u32);
template <unsigned cc>
Handler bind_set(const Insn&, u32);
Handler bind_bswap(const Insn&, u32);
Handler bind_movbe_g(const Insn&, u32);
Handler bind_movbe_m(const Insn&, u32);
Handler bind_cbw(const Insn&, u32);
Handler bind_cwd(const Insn&, u32);
Handler bind_xlat(const Insn&, u32);
Handler bind_lahf(const Insn&, u32);
Handler bind_sahf(const Insn&, u32);
Handler bind_clc(const Insn&, u32);
Handler bind_stc(const Insn&, u32);
Handler bind_cmc(const Insn&, u32);
Handler bind_cld(const Insn&, u32);
Handler bind_std(const Insn&, u32);
Handler bind_nop(const Insn&, u32);
Handler bind_pause(const Insn&, u32);
Handler bind_salc(const Insn&, u32);
Handler bind_3dnow(const Insn&, u32);
Handler bind_3dnow_extended(const Insn&, u32);
template <unsigned seg>
Handler bind_load_far(const Insn&, u32);

Handler bind_rol(const Insn&, u32);
Handler bind_ror(const Insn&, u32);
Handler bind_rcl(const Insn&, u32);
Handler bind_rcr(const Insn&, u32);
Handler bind_shl(const Insn&, u32);
Handler bind_shr(const Insn&, u32);
Handler bind_sar(const Insn&, u32);
Handler bind_rol1(const Insn&, u32);
Handler bind_ror1(const Insn&, u32);
Handler bind_rcl1(const Insn&, u32);
Handler bind_rcr1(const Insn&, u32);
Handler bind_shl1(const Insn&, u32);
Handler bind_shr1(const Insn&, u32);
Handler bind_sar1(const Insn&, u32);
Handler bind_rol_cl(const Insn&, u32);
Handler bind_ror_cl(const Insn&, u32);
Handler bind_rcl_cl(const Insn&, u32);
Handler bind_rcr_cl(const Insn&, u32);
Handler bind_shl_cl(const Insn&, u32);
Handler bind_shr_cl(const Insn&, u32);
Handler bind_sar_cl(const Insn&, u32);
Handler bind_shld(const Insn&, u32);
Handler bind_shrd(const Insn&, u32);
Handler bind_shld_cl(const Insn&, u32);
Handler bind_shrd_cl(const Insn&, u32);

Handler bind_mul(const Insn&, u32);
Handler bind_imul(const Insn&, u32);
Handler bind_imul_g(const Insn&, u32);
Handler bind_imul_i(const Insn&, u32);
Handler bind_div(const Insn&, u32);
Handler bind_idiv(const Insn&, u32);
Handler bind_daa(const Insn&, u32);
Handler bind_das(const Insn&, u32);
Handler bind_aaa(const Insn&, u32);
Handler bind_aas(const Insn&, u32);
Handler bind_aam(const Insn&, u32);
Handler bind_aad(const Insn&, u32);

Handler bind_bt(const Insn&, u32);
Handler bind_bts(const Insn&, u32);
Handler bind_btr(const Insn&, u32);
Handler bind_btc(const Insn&, u32);
Handler bind_bt_i(const Insn&, u32);
Handler bind_bts_i(const Insn&, u32);
Handler bind_btr_i(const Insn&, u32);
Handler bind_btc_i(const Insn&, u32);
Handler bind_bsf(const Insn&, u32);
Handler bind_bsr(const Insn&, u32);
Handler bind_tzcnt(const Insn&, u32);
Handler bind_lzcnt(const Insn&, u32);
Handler bind_popcnt(const Insn&, u32);
Handler bind_crc32_8(const Insn&, u32);
Handler bind_crc32_v(const Insn&, u32);
Handler bind_andn(const Insn&, u32);
Handler bind_bextr(const Insn&, u32);
Handler bind_blsi(const Insn&, u32);
Handler bind_blsmsk(const Insn&, u32);
Handler bind_blsr(const Insn&, u32);
Handler bind_bzhi(const Insn&, u32);
Handler bind_mulx(const Insn&, u32);
Handler bind_pdep(const Insn&, u32);
Handler bind_pext(const Insn&, u32);
Handler bind_rorx(const Insn&, u32);
Handler bind_sarx(const Insn&, u32);
Handler bind_shlx(const Insn&, u32);
Handler bind_shrx(const Insn&, u32);
Handler bind_adcx(const Insn&, u32);
Handler bind_adox(const Insn&, u32);

Handler bind_push_z(const Insn&, u32);
Handler bind_push_e(const Insn&, u32);
Handler bind_push_i(const Insn&, u32);
Handler bind_pop_z(const Insn&, u32);
Handler bind_pop_e(const Insn&, u32);
template <unsigned seg>
Handler bind_push_seg(const Insn&, u32);
template <unsigned seg>
Handler bind_pop_seg(const Insn&, u32);
Handler bind_pusha(const Insn&, u32);
Handler bind_popa(const Insn&, u32);
Handler bind_pushf(const Insn&, u32);
Handler bind_popf(const Insn&, u32);
Handler bind_enter(const Insn&, u32);
Handler bind_leave_frame(const Insn&, u32);

template <unsigned cc>
Handler bind_jcc(const Insn&, u32);
Handler bind_jmp(const Insn&, u32);
Handler bind_jmp_e(const Insn&, u32);
Handler bind_jmp_far(const Insn&, u32);
Handler bind_jmp_far_m(const Insn&, u32);
Handler bind_call(const Insn&, u32);
Handler bind_call_e(const Insn&, u32);
Handler bind_call_far(const Insn&, u32);
Handler bind_call_far_m(const Insn&, u32);
Handler bind_ret(const Insn&, u32);
Handler bind_ret_i(const Insn&, u32);
Handler bind_retf(const Insn&, u32);
Handler bind_retf_i(const Insn&, u32);
Handler bind_iret(const Insn&, u32);
Handler bind_loop(const Insn&, u32);
Handler bind_loope(const Insn&, u32);
Handler bind_loopne(const Insn&, u32);
Handler bind_jcxz(const Insn&, u32);
Handler bind_int(const Insn&, u32);
Handler bind_int3(const Insn&, u32);
Handler bind_into(const Insn&, u32);
Handler bind_int1(const Insn&, u32);
Handler bind_bound(const Insn&, u32);
Handler bind_ud(const Insn&, u32);

Handler bind_movs(const Insn&, u32);
Handler bind_stos(const Insn&, u32);
Handler bind_lods(const Insn&, u32);
Handler bind_scas(const Insn&, u32);
Handler bind_cmps(const Insn&, u32);
Handler bind_ins(const Insn&, u32);
Handler bind_outs(const Insn&, u32);

}  // namespace i386
