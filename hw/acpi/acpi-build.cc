// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/acpi-build.h"

#include "migration/vmstate/fields.h"
#include "migration/vmstate/registry.h"

namespace hw {
namespace {

constexpr auto fields = vmstate::fields(vmstate::field<&AcpiBuildState::patched>("patched"));
static_assert(vmstate::covers<AcpiBuildState>(fields));
constexpr vmstate::Table table{.name = "acpi_build", .fields = fields};

constexpr const char *tables = "etc/acpi/tables", *rsdp = "etc/acpi/rsdp",
                     *loader = "etc/table-loader";

}  // namespace

const vmstate::Table& AcpiBuild::vmstate() const {
    return table;
}

Result<void> AcpiBuild::install(vmstate::Registry& registry) {
    AcpiTables built = build_acpi_tables(facts_());
    fw_cfg_.set_acpi_sizes(built.tables.size(), built.loader.size(), built.rsdp.size());
    auto on_select = [this](FwCfg::Bytes&) { patch(); };
    TRY(fw_cfg_.add_file(tables, std::move(built.tables), on_select));
    TRY(fw_cfg_.add_file(loader, std::move(built.loader), on_select));
    TRY(fw_cfg_.add_file(rsdp, std::move(built.rsdp), on_select));
    registry.add({}, *this);
    return {};
}

void AcpiBuild::patch() {
    if (state_.patched) return;
    state_.patched = 1;
    AcpiTables built = build_acpi_tables(facts_());
    fw_cfg_.update_file(tables, std::move(built.tables));
    fw_cfg_.update_file(loader, std::move(built.loader));
    fw_cfg_.update_file(rsdp, std::move(built.rsdp));
}

}  // namespace hw
