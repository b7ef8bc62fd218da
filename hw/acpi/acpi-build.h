// SPDX-License-Identifier: GPL-2.0-or-later
//
// Owns the ACPI files of a machine: builds them, and builds them once more when firmware first
// reads them, for what it has done to the chip set until then shows in them. "acpi_build" remembers
// that this has happened.
#pragma once

#include <functional>

#include "hw/acpi/tables.h"
#include "hw/nvram/fw_cfg.h"
#include "migration/vmstate/owner.h"

namespace hw {

struct AcpiBuildState {
    u8 patched = 0;
};

class AcpiBuild final : public vmstate::Stateful<AcpiBuildState> {
public:
    /// `facts` is asked each time.
    AcpiBuild(FwCfg& fw_cfg, std::function<AcpiFacts()> facts)
        : fw_cfg_(fw_cfg), facts_(std::move(facts)) {}

    const vmstate::Table& vmstate() const override;
    /// Adds the files and the saved section.
    Result<void> install(vmstate::Registry&);
    void reset() { state_.patched = 0; }

private:
    void patch();

    FwCfg& fw_cfg_;
    std::function<AcpiFacts()> facts_;
};

}  // namespace hw
