// SPDX-License-Identifier: GPL-2.0-or-later
//
// ide-hd and ide-cd: what -device and the board plug into a channel.
#include "hw/ide/ide-drive.h"

#include <fmt/format.h>

namespace hw {

namespace {

using P = IdeDriveProperties;
using qom::property;

/// The order is `info qtree`'s.
template <std::size_t N = 0>
consteval auto drive_properties(const std::array<qom::Property, N>& own = {}) {
    return qom::joined(block_properties, block_error_properties, own,
                       qom::properties(property<&P::version>("ver"), property<&P::wwn>("wwn"),
                                       property<&P::serial>("serial"), property<&P::model>("model"),
                                       property<&P::bootindex>("bootindex").of_object(),
                                       property<&P::unit>("unit")));
}

constexpr auto hd_properties = drive_properties(
    qom::properties(property<&P::cylinders>("cyls"), property<&P::heads>("heads"),
                    property<&P::sectors>("secs"), property<&P::rotation_rate>("rotation_rate")));
constexpr auto cd_properties = drive_properties();

constexpr qom::Type ide_bus_type{.name = "IDE", .parent = "bus"};

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
    disk()->drain();
    if (parent_bus()) channel().disconnect_drive(properties_.unit);
}

IdeChannel& IdeDrive::channel() const {
    return static_cast<IdeBus&>(*parent_bus()).channel();
}

bool IdeDrive::is_cdrom() const {
    return &type() == &ide_cd_type;
}

/// A geometry is given as a whole; what IDENTIFY can say limits it.
Result<void> IdeDrive::check_geometry() const {
    const P& p = properties_;
    if (!p.cylinders && !p.heads && !p.sectors) return {};
    struct Limit {
        const char* name;
        std::uint32_t value, most;
    };
    for (const Limit& l : {Limit{"cyls", p.cylinders, 65535}, Limit{"heads", p.heads, 16},
                           Limit{"secs", p.sectors, 255}})
        if (l.value < 1 || l.value > l.most)
            return fail("{} must be between 1 and {}", l.name, l.most);
    return {};
}

Result<void> IdeDrive::realize(Platform& platform) {
    P& p = properties_;
    const bool cdrom = is_cdrom();
    TRY(connect_disk(platform, p, {.medium = !cdrom, .writes = !cdrom, .removable = cdrom}));
    if (p.logical_block_size != 512) return fail("logical_block_size must be 512 for IDE");
    TRY(check_geometry());
    if (p.discard_granularity == 0xffffffff) p.discard_granularity = 512;
    const auto& b = static_cast<IdeBus&>(*parent_bus());
    if (p.serial.empty()) p.serial = fmt::format("QM{:05}", b.serial_number(p.unit));
    if (p.version.empty()) p.version = "2.5+";

    IdeDriveConfig c;
    c.disk = disk();
    c.kind = cdrom ? IdeKind::Cdrom : IdeKind::Disk;
    c.serial = p.serial;
    c.version = p.version;
    c.model = p.model;
    c.wwn = p.wwn;
    c.rotation_rate = p.rotation_rate;
    c.physical_block_size = p.physical_block_size;
    c.cylinders = p.cylinders;
    c.heads = p.heads;
    c.sectors = p.sectors;
    c.discard = p.discard_granularity != 0;
    channel().connect_drive(p.unit, c);
    connected_ = true;
    return {};
}

void IdeDrive::medium_changed(bool loaded) {
    channel().medium_changed(properties_.unit, loaded);
}
bool IdeDrive::tray_open() const {
    return connected_ && channel().drive_state(properties_.unit).tray_open;
}
bool IdeDrive::medium_locked() const {
    return connected_ && channel().drive_state(properties_.unit).tray_locked;
}
void IdeDrive::eject_requested(bool force) {
    channel().eject_requested(properties_.unit, force);
}
void IdeDrive::resized() {
    if (connected_) channel().resized(properties_.unit);
}
void IdeDrive::vm_started() {
    channel().retry(properties_.unit);
}

}  // namespace hw
