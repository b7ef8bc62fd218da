// SPDX-License-Identifier: GPL-2.0-or-later
//
// One function for each alternative: std::visit(Overloaded{[](A) {}, [](B) {}}, variant).
#pragma once

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // clang 14 does not deduce aggregates
