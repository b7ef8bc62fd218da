// SPDX-License-Identifier: GPL-2.0-or-later
//
// ide-hd and ide-cd: what -device and the board plug into a channel.
#include "hw/ide/ide-drive.h"

#include <fmt/format.h>

#include "block/drives.h"
#include "qapi/context.h"

namespace hw {

namespace {

using P = IdeDriveProperties;
using qom::property;

constexpr qom::PropertyKind size_kind = qom::PropertyKind::Size;

constexpr std::string_view on_error_words[] = {"auto", "report", "ignore", "enospc", "stop"};
constexpr qom::EnumTable on_error_table{"BlockdevOnError", on_error_words};

constexpr std::string_view on_error_help = "Error handling policy, report/ignore/enospc/stop/auto";
constexpr qom::Property on_error(qom::Property p) {
    p.kind = qom::PropertyKind::Enum;
    p.type = on_error_table.name;
    p.words = &on_error_table;
    return p;
}

constexpr std::string_view block_size_help = "A power of two between 512 B and 2 MiB";

/// The order is `info qtree`'s.
template <class... More>
consteval auto drive_properties(More... more) {
    return qom::properties(
        property<&P::drive>("drive", "Node name or ID of a block device to use as a backend"),
        property<&P::backend_defaults>("backend_defaults", "on/off/auto"),
        property<&P::logical_block_size>("logical_block_size", block_size_help)
            .as("size", size_kind),
        property<&P::physical_block_size>("physical_block_size", block_size_help)
            .as("size", size_kind),
        property<&P::min_io_size>("min_io_size").as("size", size_kind),
        property<&P::opt_io_size>("opt_io_size").as("size", size_kind),
        property<&P::discard_granularity>("discard_granularity").as("size", size_kind),
        property<&P::write_cache>("write-cache", "on/off/auto"), property<&P::share_rw>("share-rw"),
        property<&P::account_invalid>("account-invalid", "on/off/auto"),
        property<&P::account_failed>("account-failed", "on/off/auto"),
        on_error(property<&P::rerror>("rerror", on_error_help)),
        on_error(property<&P::werror>("werror", on_error_help)), more...,
        property<&P::version>("ver"), property<&P::wwn>("wwn"), property<&P::serial>("serial"),
        property<&P::model>("model"), property<&P::bootindex>("bootindex").of_object(),
        property<&P::unit>("unit"));
}

constexpr auto hd_properties =
    drive_properties(property<&P::cylinders>("cyls"), property<&P::heads>("heads"),
                     property<&P::sectors>("secs"), property<&P::rotation_rate>("rotation_rate"));
constexpr auto cd_properties = drive_properties();

constexpr qom::Type ide_bus_type{.name = "IDE", .parent = "bus"};

Result<void> check_block_size(std::string_view name, std::uint32_t size) {
    if (size < 512 || size > 2 << 20 || (size & (size - 1)) != 0)
        return fail("Property .{} doesn't take value {}: it is a power of two from 512 to 2 MiB",
                    name, size);
    return {};
}

}  // namespace

constinit const DeviceType ide_hd_type{
    {.name = "ide-hd",
     .parent = "ide-device",
     .properties = hd_properties,
     .description = "virtual IDE disk"},
    "IDE",
    Category::Storage,
    true,
    true,
    [] { return std::unique_ptr<Device>(new IdeDrive(ide_hd_type)); }};

constinit const DeviceType ide_cd_type{
    {.name = "ide-cd",
     .parent = "ide-device",
     .properties = cd_properties,
     .description = "virtual IDE CD-ROM"},
    "IDE",
    Category::Storage,
    true,
    true,
    [] { return std::unique_ptr<Device>(new IdeDrive(ide_cd_type)); }};

std::span<const qom::Type* const> ide_base_types() {
    static constexpr qom::Type device{.name = "ide-device", .parent = "device", .abstract = true};
    static constexpr const qom::Type* types[] = {&ide_bus_type, &device};
    return types;
}

// ---- bus --------------------------------------------------------------------------------------

IdeBus::IdeBus(std::string name, Device* controller, IdeChannel& channel, unsigned first_serial)
    : Bus(ide_bus_type, std::move(name), controller),
      channel_(channel),
      first_serial_(first_serial) {}

Result<void> IdeBus::attach(Device& device) {
    auto& d = static_cast<IdeDrive&>(device);
    std::uint32_t& unit = d.properties().unit;
    if (unit == 0xffffffff) unit = drives_[0] ? 1 : 0;
    if (unit >= drives_.size())
        return fail("Can't create IDE unit {}, bus supports only 2 units", unit);
    if (drives_[unit]) return fail("IDE unit {} is in use", unit);
    drives_[unit] = &d;
    return {};
}

void IdeBus::detach(Device& device) {
    for (IdeDrive*& d : drives_)
        if (d == &device) d = nullptr;
}

// ---- drives -----------------------------------------------------------------------------------

IdeDrive::~IdeDrive() {
    if (!connected_) return;
    disk_->drain();
    disk_->attach(nullptr);
    if (parent_bus()) bus().channel().disconnect_drive(properties_.unit);
}

bool IdeDrive::is_cdrom() const {
    return &type() == &ide_cd_type;
}

Result<void> IdeDrive::realize(Platform& platform) {
    P& p = properties_;
    if (!disk_) {
        auto* drives = platform.services.find<block::Drives>();
        if (!p.drive.empty()) {
            if (!drives) return fail("Can't find a block device or node '{}'", p.drive);
            disk_ = TRY(drives->for_device(p.drive));
        } else if (is_cdrom() && drives) {
            disk_ = &drives->add_anonymous();
        } else {
            return fail("No drive specified");
        }
    }
    if (!is_cdrom() && !disk_->inserted()) return fail("Device needs media, but drive is empty");
    if (!is_cdrom() && disk_->read_only())
        return fail("Block node is read-only")
            .with_hint("An IDE disk cannot be read-only; use a CD-ROM");

    if (!p.logical_block_size) p.logical_block_size = 512;
    if (!p.physical_block_size) p.physical_block_size = p.logical_block_size;
    TRY(check_block_size("logical_block_size", p.logical_block_size));
    TRY(check_block_size("physical_block_size", p.physical_block_size));
    if (p.logical_block_size != 512) return fail("logical_block_size must be 512 for IDE");
    if (p.discard_granularity == 0xffffffff) p.discard_granularity = 512;
    if (p.serial.empty()) p.serial = fmt::format("QM{:05}", bus().serial_number(p.unit));
    if (p.version.empty()) p.version = "2.5+";
    if (p.rerror) disk_->on_read_error = static_cast<block::OnError>(p.rerror - 1);
    if (p.werror) disk_->on_write_error = static_cast<block::OnError>(p.werror - 1);

    IdeDriveConfig c;
    c.disk = disk_;
    c.kind = is_cdrom() ? IdeKind::Cdrom : IdeKind::Disk;
    c.serial = p.serial;
    c.version = p.version;
    c.model = p.model;
    c.wwn = p.wwn;
    c.rotation_rate = p.rotation_rate;
    c.physical_block_size = p.physical_block_size;
    c.cylinders = p.cylinders;
    c.heads = p.heads;
    c.sectors = p.sectors;
    c.write_cache = p.write_cache != qom::OnOffAuto::Off;
    c.discard = p.discard_granularity != 0;
    bus().channel().connect_drive(p.unit, c);
    disk_->attach(this);
    connected_ = true;
    return {};
}

void IdeDrive::medium_changed(bool loaded) {
    bus().channel().medium_changed(properties_.unit, loaded);
}
bool IdeDrive::tray_open() const {
    return bus().channel().drive_state(properties_.unit).tray_open;
}
bool IdeDrive::medium_locked() const {
    return bus().channel().drive_state(properties_.unit).tray_locked;
}
void IdeDrive::eject_requested(bool force) {
    bus().channel().eject_requested(properties_.unit, force);
}

}  // namespace hw
