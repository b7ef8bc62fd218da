// SPDX-License-Identifier: GPL-2.0-or-later
//
// The wire form of drives and channels.
#include "hw/ide/ide-state.h"

#include "migration/vmstate/fields.h"

namespace hw {

namespace {

using Drive = IdeDriveState;
using vmstate::field;

constexpr auto pio_fields = vmstate::fields(
    field<&Drive::req_nb_sectors>("req_nb_sectors"),
    vmstate::counted<Drive, [](const Drive&) { return ata::buffer_size; }>(
        field<&Drive::io_buffer>("io_buffer")),
    field<&Drive::cur_io_buffer_offset>("cur_io_buffer_offset").within(0, ata::buffer_size),
    field<&Drive::cur_io_buffer_len>("cur_io_buffer_len").within(0, ata::buffer_size),
    field<&Drive::after_block>("end_transfer_fn_idx").within(0, 5),
    field<&Drive::elementary_transfer_size>("elementary_transfer_size"),
    field<&Drive::packet_transfer_size>("packet_transfer_size"));
Result<void> check_block(Drive& s, int) {
    if (s.cur_io_buffer_offset + s.cur_io_buffer_len <= std::int32_t{ata::buffer_size}) return {};
    return fail("the data block reaches beyond the drive's buffer");
}
constexpr vmstate::Table pio_table{
    .name = "ide_drive/pio_state",
    .fields = pio_fields,
    .needed =
        vmstate::needed<Drive, [](const Drive& s) { return s.status & ata::DRQ || s.retries_pio; }>,
    .check = vmstate::check<Drive, check_block>};

constexpr auto tray_fields = vmstate::fields(field<&Drive::tray_open>("tray_open"),
                                             field<&Drive::tray_locked>("tray_locked"));
constexpr vmstate::Table tray_table{
    .name = "ide_drive/tray_state",
    .fields = tray_fields,
    .needed = vmstate::needed<Drive, [](const Drive& s) { return s.tray_open || s.tray_locked; }>};

constexpr auto event_fields = vmstate::fields(field<&Drive::new_media>("events.new_media"),
                                              field<&Drive::eject_request>("events.eject_request"));
constexpr vmstate::Table event_table{
    .name = "ide_drive/atapi/gesn_state",
    .fields = event_fields,
    .needed =
        vmstate::needed<Drive, [](const Drive& s) { return s.new_media || s.eject_request; }>};

constexpr auto drive_fields = vmstate::fields(
    field<&Drive::mult_sectors>("mult_sectors").within(0, ata::max_multiple),
    field<&Drive::identify_set>("identify_set"),
    vmstate::only_if<Drive, [](const Drive& s, int) { return s.identify_set != 0; }>(
        vmstate::buffer<&Drive::identify_data>("identify_data")),
    field<&Drive::feature>("feature"), field<&Drive::error>("error"),
    field<&Drive::nsector>("nsector"), field<&Drive::sector>("sector"), field<&Drive::lcyl>("lcyl"),
    field<&Drive::hcyl>("hcyl"), field<&Drive::hob_feature>("hob_feature"),
    field<&Drive::hob_sector>("hob_sector"), field<&Drive::hob_nsector>("hob_nsector"),
    field<&Drive::hob_lcyl>("hob_lcyl"), field<&Drive::hob_hcyl>("hob_hcyl"),
    field<&Drive::select>("select"), field<&Drive::status>("status"), field<&Drive::lba48>("lba48"),
    field<&Drive::sense_key>("sense_key"), field<&Drive::asc>("asc"),
    field<&Drive::cdrom_changed>("cdrom_changed").from_version(3));
static_assert(
    vmstate::covers<Drive>(drive_fields, pio_fields, tray_fields, event_fields,
                           vmstate::not_saved<&Drive::retries_pio>()));  // set when loaded
constexpr auto drive_subsections = vmstate::subsections(pio_table, tray_table, event_table);

using BusState = IdeBusState;
constexpr auto error_fields =
    vmstate::fields(field<&BusState::error_status>("error_status"),
                    field<&BusState::retry_sector_num>("retry_sector_num").from_version(2),
                    field<&BusState::retry_nsector>("retry_nsector").from_version(2),
                    field<&BusState::retry_unit>("retry_unit").from_version(2));
constexpr vmstate::Table error_table{
    .name = "ide_bus/error",
    .version = 2,
    .minimum_version = 1,
    .fields = error_fields,
    .needed = vmstate::needed<BusState, [](const BusState& s) { return s.error_status != 0; }>};
constexpr auto bus_fields =
    vmstate::fields(field<&BusState::cmd>("cmd"), field<&BusState::unit>("unit").within(0, 1));
static_assert(vmstate::covers<BusState>(bus_fields, error_fields));
constexpr auto bus_subsections = vmstate::subsections(error_table);

}  // namespace

constinit const vmstate::Table ide_drive_table{.name = "ide_drive",
                                               .version = 3,
                                               .minimum_version = 0,
                                               .fields = drive_fields,
                                               .subsections = drive_subsections};
constinit const vmstate::Table ide_bus_table{
    .name = "ide_bus", .fields = bus_fields, .subsections = bus_subsections};

}  // namespace hw
