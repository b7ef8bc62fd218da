// SPDX-License-Identifier: GPL-2.0-or-later
//
// Floppy drives and the bus that joins them to their controller.
#include "block/drives.h"
#include "hw/block/fdc.h"
#include "qapi/context.h"

namespace hw {

namespace {

constexpr std::string_view type_words[] = {"144", "288", "120", "none", "auto"};
constexpr qom::EnumTable type_table{"FdcDriveType", type_words};
constexpr std::string_view type_help = "FDC drive type, 144/288/120/none/auto";

using P = FloppyProperties;
using qom::property;
constexpr auto size_kind = qom::PropertyKind::Size;
constexpr auto properties = qom::properties(
    property<&P::unit>("unit"),
    property<&P::drive>("drive", "Node name or ID of a block device to use as a backend"),
    property<&P::backend_defaults>("backend_defaults", "on/off/auto"),
    property<&P::logical_block_size>("logical_block_size").as("size", size_kind),
    property<&P::physical_block_size>("physical_block_size").as("size", size_kind),
    property<&P::min_io_size>("min_io_size").as("size", size_kind),
    property<&P::opt_io_size>("opt_io_size").as("size", size_kind),
    property<&P::discard_granularity>("discard_granularity").as("size", size_kind),
    property<&P::write_cache>("write-cache", "on/off/auto"), property<&P::share_rw>("share-rw"),
    property<&P::account_invalid>("account-invalid", "on/off/auto"),
    property<&P::account_failed>("account-failed", "on/off/auto"),
    qom::enum_property<&P::type>("drive-type", type_table, type_help));

using C = FdcConfig;
constexpr auto fdc_properties = qom::properties(
    property<&C::iobase>("iobase"), property<&C::irq>("irq"), property<&C::dma>("dma"),
    qom::enum_property<&C::type_a>("fdtypeA", type_table, type_help),
    qom::enum_property<&C::type_b>("fdtypeB", type_table, type_help),
    qom::enum_property<&C::fallback>("fallback", type_table, type_help));

constexpr qom::Type floppy_bus_type{.name = "floppy-bus", .parent = "bus"};

}  // namespace

constinit const DeviceType isa_fdc_type{{.name = "isa-fdc",
                                         .parent = "isa-device",
                                         .properties = fdc_properties,
                                         .description = "virtual floppy controller"},
                                        "ISA",
                                        Category::Storage,
                                        true,
                                        false,
                                        [] { return std::unique_ptr<Device>(new IsaFdc); }};

constinit const DeviceType floppy_type{{.name = "floppy",
                                        .parent = "device",
                                        .properties = properties,
                                        .description = "virtual floppy drive"},
                                       "floppy-bus",
                                       Category::Storage,
                                       true,
                                       false,
                                       [] { return std::unique_ptr<Device>(new FloppyDrive); }};

std::span<const DeviceType* const> hw_block_types() {
    static constexpr const DeviceType* types[] = {&isa_fdc_type, &floppy_type};
    return types;
}
std::span<const qom::Type* const> hw_block_base_types() {
    static constexpr const qom::Type* types[] = {&floppy_bus_type};
    return types;
}

FloppyBus::FloppyBus(IsaFdc& controller)
    : Bus(floppy_bus_type, "floppy-bus.0", &controller), controller_(controller) {}

Result<void> FloppyBus::attach(Device& device) {
    auto& d = static_cast<FloppyDrive&>(device);
    std::uint32_t& unit = d.properties().unit;
    if (unit == 0xffffffff) unit = drives_[0] ? 1 : 0;
    if (unit >= drives_.size())
        return fail("Can't create floppy unit {}, bus supports only 2 units", unit);
    if (drives_[unit]) return fail("Floppy unit {} is in use", unit);
    drives_[unit] = &d;
    return {};
}

void FloppyBus::detach(Device& device) {
    for (FloppyDrive*& d : drives_)
        if (d == &device) d = nullptr;
}

FloppyDrive::FloppyDrive() : Device(floppy_type) {}

FloppyDrive::~FloppyDrive() {
    if (connected_) disk_->attach(nullptr);
}

Result<void> FloppyDrive::realize(Platform& platform) {
    if (!disk_) {
        auto* drives = platform.services.find<block::Drives>();
        if (!drives) return fail("No drive specified");
        disk_ = properties_.drive.empty() ? &drives->add_anonymous()
                                          : TRY(drives->for_device(properties_.drive));
    }
    if (properties_.logical_block_size != 512 || properties_.physical_block_size != 512)
        return fail("Physical and logical block size must be 512 for floppy");
    const FdcConfig& c = bus().controller().settings();
    FloppyType& type = properties_.type;
    if (type == FloppyType::Auto) type = properties_.unit == 0 ? c.type_a : c.type_b;
    disk_->attach(this);
    connected_ = true;
    // The drive that takes this medium; an empty one takes the largest.
    if (type == FloppyType::Auto) {
        constexpr std::uint64_t kib = 1024;
        switch (disk_->size()) {
            case 1440 * kib:
            case 720 * kib: type = FloppyType::F144; break;
            case 1200 * kib:
            case 360 * kib: type = FloppyType::F120; break;
            default: type = c.fallback;
        }
    }
    bus().controller().drive_changed(properties_.unit);
    return {};
}

void FloppyDrive::medium_changed(bool) {
    bus().controller().drive_changed(properties_.unit);
}

}  // namespace hw
