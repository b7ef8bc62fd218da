// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/ospm-status.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-acpi.h"

namespace qapi {

Result<std::vector<ACPIOSTInfo>> qmp_query_acpi_ospm_status(Context& cx) {
    auto* status = cx.find<hw::OspmStatus>();
    if (!status) return fail("command is not supported, missing ACPI device");
    return status->ospm_status();
}

}  // namespace qapi
