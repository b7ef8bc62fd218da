// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which operation an x87 opcode is (SDM volume 2, tables ).
#include "target/i386/fp/portable/x87-call.h"
#include "target/i386/fp/x87.h"

#include <array>
#include <initializer_list>
#include <utility>

namespace i386::fp {
namespace {

using Digits = std::array<X87Operation, 8>;

constexpr Digits arithmetic{x87_add,      x87_multiply,          x87_compare, x87_compare_pop,
                            x87_subtract, x87_subtract_reversed, x87_divide,  x87_divide_reversed};
/// DE, which pops; FCOMPP is the only one of its kind.
constexpr Digits arithmetic_pop{
    x87_add,      x87_multiply,          x87_compare_pop, x87_compare_pop_both,
    x87_subtract, x87_subtract_reversed, x87_divide,      x87_divide_reversed};
constexpr Digits integers{x87_load_integer, x87_store_truncated_pop, x87_store_integer,
                          x87_store_integer_pop};
constexpr Digits with(Digits row, std::initializer_list<std::pair<unsigned, X87Operation>> more) {
    for (const auto& [digit, operation] : more)
        row[digit] = operation;
    return row;
}

/// D8 to DF, by the ModRM byte's digit.
constexpr Digits in_memory[8] = {
    arithmetic,
    {x87_load, nullptr, x87_store, x87_store_pop},
    arithmetic,
    with(integers, {{5, x87_load}, {7, x87_store_pop}}),
    arithmetic,
    {x87_load, x87_store_truncated_pop, x87_store, x87_store_pop},
    arithmetic,
    with(integers, {{4, x87_load_decimal},
                    {5, x87_load_integer},
                    {6, x87_store_decimal_pop},
                    {7, x87_store_integer_pop}}),
};
constexpr Digits on_registers[8] = {
    arithmetic,
    {x87_load, x87_exchange, x87_no_operation, x87_store_pop_unchecked},
    with({}, {{5, x87_compare_unordered_pop_both}}),
    {},
    arithmetic,
    {x87_free, x87_exchange, x87_store, x87_store_pop, x87_compare_unordered,
     x87_compare_unordered_pop},
    arithmetic_pop,
    {x87_free_pop, x87_exchange, x87_store_pop, x87_store_pop},
};
/// D9 E0 to D9 FF.
constexpr Digits without_operand[4] = {
    {x87_change_sign, x87_absolute, nullptr, nullptr, x87_test, x87_examine},
    {x87_load_constant, x87_load_constant, x87_load_constant, x87_load_constant, x87_load_constant,
     x87_load_constant, x87_load_constant},
    {x87_exponential, x87_logarithm, x87_tangent, x87_arctangent, x87_extract, x87_ieee_remainder,
     x87_decrement_top, x87_increment_top},
    {x87_remainder, x87_logarithm_of_one_and, x87_square_root, x87_sine_cosine, x87_round,
     x87_scale, x87_sine, x87_cosine},
};

}  // namespace

X87Operation find_x87_operation(unsigned code) {
    const unsigned opcode = code >> 8, modrm = code & 0xFF, digit = modrm >> 3 & 7;
    if (modrm < 0xC0) return in_memory[opcode][digit];
    if (opcode == 1 && modrm >= 0xE0) return without_operand[digit & 3][modrm & 7];
    return on_registers[opcode][digit];
}

void run_x87_operation(X87Call& s, X87Operation operation) {
    operation(s);
    if (s.stopped()) {
        s.env.raised &= before_computation;
        s.env.up &= s.stack_fault;
    }
    X87& x = s.x;
    const unsigned given = s.conditions_given | (s.keep_c1 ? 0u : status_c1);
    x.status = u16((x.status & ~given) | s.conditions | (s.env.up ? status_c1 : 0) | s.env.raised |
                   (s.stack_fault ? status_stack_fault : 0));
    update_error_summary(x);
}

}  // namespace i386::fp
