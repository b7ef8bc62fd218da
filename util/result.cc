// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/result.h"

#include <system_error>

Error fail_errno(int error_number, std::string_view what) {
    return fail("{}: {}", what, std::generic_category().message(error_number));
}
