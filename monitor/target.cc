// SPDX-License-Identifier: GPL-2.0-or-later
//
// What kind of emulator this is.
#include "accel/accel.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-machine.h"

namespace qapi {

Result<TargetInfo> qmp_query_target(Context&) {
    return TargetInfo{.arch = SysEmuTarget::x86_64};
}

// There is no accel/kvm to be present.
Result<KvmInfo> qmp_query_kvm(Context& cx) {
    const auto* accelerator = cx.find<accel::Accelerator>();
    return KvmInfo{.enabled = accelerator && accelerator->name() == "kvm", .present = false};
}

}  // namespace qapi
