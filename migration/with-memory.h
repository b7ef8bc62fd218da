// SPDX-License-Identifier: GPL-2.0-or-later
//
// Saving and loading allocate in many places, sized by what a file says. Where memory ends the work
// is given up as a whole, and that exception ends here, at the border of the room.
#pragma once

#include <new>

#include "util/result.h"

namespace migration {

template <class F>
auto with_memory(F&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return fail("Out of memory");
    }
}

}  // namespace migration
