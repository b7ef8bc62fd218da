// SPDX-License-Identifier: GPL-2.0-or-later
//
// X87Call: one x87 instruction at work on the guest's registers. Operations compute first, ask
// stopped(), and only then write: an unmasked exception that is known before the computation leaves
// all registers alone (SDM volume 1, 8.5).
#pragma once

#include "target/i386/fp/portable/arithmetic.h"
#include "target/i386/fp/portable/round.h"

#include <cstring>
#include <optional>

namespace i386::fp {

constexpr u16 status_c0 = 1 << 8, status_c1 = 1 << 9, status_c2 = 1 << 10, status_c3 = 1 << 14,
              status_stack_fault = 1 << 6;

/// Ten bytes in memory: an extended number or 18 decimal digits.
struct Packed {
    u8 byte[10];
};

class X87Call {
public:
    X87Call(X87& state, void* memory_operand, unsigned code)
        : x(state),
          memory(memory_operand),
          opcode(u8(0xD8 | code >> 8)),
          digit(u8(code >> 3 & 7)),
          rm(u8(code & 7)),
          env(environment_of_x87(state.control)) {}

    X87& x;
    void* const memory;
    const u8 opcode, digit, rm;
    Environment env;
    bool stack_fault = false, keep_c1 = false;
    u64 flags = 0;  ///< OSZAPC: FCMOVcc reads them, FCOMI and its relatives write them
    u16 conditions = 0, conditions_given = 0;  ///< of C0, C2 and C3; C1 is env.up

    unsigned slot(unsigned i) const { return ((x.status >> 11) + i) & 7; }
    bool empty(unsigned i) const { return !(x.valid >> slot(i) & 1); }
    Float80& st(unsigned i) { return x.reg[slot(i)]; }
    Number number(unsigned i) { return unpack(st(i)); }

    /// What the control word's precision field makes of the extended format.
    Format format() const {
        constexpr int precisions[] = {24, 64, 53, 64};
        return {precisions[x.control >> 8 & 3], extended_format.least, extended_format.most};
    }
    void set(unsigned i, const Float80& v) {
        st(i) = v;
        x.valid |= u8(1 << slot(i));
    }
    void set(unsigned i, const Number& n) { set(i, pack80(n)); }
    void turn(int by) {
        x.status = u16((x.status & ~0x3800) | (((x.status >> 11) + by) & 7) << 11);
    }
    void free(unsigned i) { x.valid &= u8(~(1 << slot(i))); }
    void pop() {
        free(0);
        turn(1);
    }
    void pop(unsigned times) {
        while (times--)
            pop();
    }
    void push(const Float80& v) {
        turn(-1);
        set(0, v);
    }
    void push(const Number& n) { push(pack80(n)); }

    /// An operand is empty, or there is no room for another: true when the instruction ends there,
    /// false when it goes on with the indefinite as its result.
    bool underflowed() { return fault(false); }
    bool overflowed() { return fault(true); }
    /// What `f` gives, or the indefinite if an operand is empty; nothing when the instruction ends
    /// there.
    template <class F>
    std::optional<Number> compute(bool any_empty, F f) {
        const Number r = any_empty ? indefinite : f();
        if (any_empty) underflowed();
        return stopped() ? std::nullopt : std::optional(r);
    }
    bool stopped() const { return env.unmasked() & before_computation; }
    void give_conditions(unsigned c) {
        conditions = u16(c);
        conditions_given = status_c0 | status_c2 | status_c3;
    }

    /// The operand of D8, DA, DC and DE beside ST(0).
    Number source() {
        if (!memory) return number(rm);
        switch (opcode) {
            case 0xD8: return unpack(single_format, load<u32>());
            case 0xDC: return unpack(double_format, load<u64>());
            case 0xDA: return number_of(load<i32>());
            default: return number_of(load<i16>());
        }
    }
    template <class T>
    T load() const {
        T v;
        std::memcpy(&v, memory, sizeof v);
        return v;
    }
    template <class T>
    void store(T v) {
        std::memcpy(memory, &v, sizeof v);
    }

private:
    bool fault(bool up) {
        env.raise(invalid);
        stack_fault = true;
        env.up = up;
        return stopped();
    }
};

using X87Operation = void (*)(X87Call&);

// D8 to DF on registers and memory, by what they do.
void x87_add(X87Call& s);
void x87_multiply(X87Call& s);
void x87_subtract(X87Call& s);
void x87_subtract_reversed(X87Call& s);
void x87_divide(X87Call& s);
void x87_divide_reversed(X87Call& s);
void x87_square_root(X87Call& s);

void x87_compare(X87Call& s);
void x87_compare_pop(X87Call& s);
void x87_compare_pop_both(X87Call& s);
void x87_compare_unordered(X87Call& s);
void x87_compare_unordered_pop(X87Call& s);
void x87_compare_unordered_pop_both(X87Call& s);
void x87_compare_flags(X87Call& s);
void x87_test(X87Call& s);
void x87_examine(X87Call& s);

void x87_load(X87Call& s);
void x87_load_integer(X87Call& s);
void x87_load_decimal(X87Call& s);
void x87_load_constant(X87Call& s);
void x87_no_operation(X87Call& s);
void x87_store(X87Call& s);
void x87_store_pop(X87Call& s);
void x87_store_pop_unchecked(X87Call& s);
void x87_store_integer(X87Call& s);
void x87_store_integer_pop(X87Call& s);
void x87_store_truncated_pop(X87Call& s);
void x87_store_decimal_pop(X87Call& s);

void x87_exchange(X87Call& s);
void x87_move_if(X87Call& s);
void x87_change_sign(X87Call& s);
void x87_absolute(X87Call& s);
void x87_increment_top(X87Call& s);
void x87_decrement_top(X87Call& s);
void x87_free(X87Call& s);
void x87_free_pop(X87Call& s);

void x87_remainder(X87Call& s);
void x87_ieee_remainder(X87Call& s);
void x87_scale(X87Call& s);
void x87_extract(X87Call& s);
void x87_round(X87Call& s);

void x87_exponential(X87Call& s);
void x87_logarithm(X87Call& s);
void x87_logarithm_of_one_and(X87Call& s);
void x87_sine(X87Call& s);
void x87_cosine(X87Call& s);
void x87_sine_cosine(X87Call& s);
void x87_tangent(X87Call& s);
void x87_arctangent(X87Call& s);

/// The order of ST(0) and `b` as the conditions C3, C2 and C0; `invalid` as `quiet_too` says.
unsigned x87_order(const Number& a, const Number& b, bool quiet_too, Environment& env);
/// Runs `operation` and leaves the status word complete.
void run_x87_operation(X87Call& s, X87Operation operation);
/// Of `code`: the opcode's low three bits, then the ModRM byte.
X87Operation find_x87_operation(unsigned code);

}  // namespace i386::fp
