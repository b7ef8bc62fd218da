// SPDX-License-Identifier: GPL-2.0-or-later
//
// Floppy drives and the bus that joins them to their controller.
#include "hw/block/fdc.h"

namespace hw {

namespace {

constexpr std::string_view type_words[] = {"144", "288", "120", "none", "auto"};
constexpr qom::EnumTable type_table{"FdcDriveType", type_words};
constexpr std::string_view type_help = "FDC drive type, 144/288/120/none/auto";

using P = FloppyProperties;
using qom::property;
constexpr auto properties =
    qom::joined(qom::properties(property<&P::unit>("unit")), block_properties,
                qom::properties(qom::enum_property<&P::type>("drive-type", type_table, type_help)));

using C = FdcConfig;
constexpr auto fdc_properties = qom::properties(
    property<&C::iobase>("iobase"), property<&C::irq>("irq"), property<&C::dma>("dma"),
    qom::enum_property<&C::type_a>("fdtypeA", type_table, type_help),
    qom::enum_property<&C::type_b>("fdtypeB", type_table, type_help),
    qom::enum_property<&C::fallback>("fallback", type_table, type_help),
    property<&C::bootindex_a>("bootindexA").of_object(),
    property<&C::bootindex_b>("bootindexB").of_object());

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
                                       true,  // the bus says no
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

FloppyDrive::FloppyDrive() : BlockDevice(floppy_type) {}

Result<void> FloppyDrive::realize(Platform& platform) {
    FloppyProperties& p = properties_;
    TRY(connect_disk(platform, p, {.medium = false, .removable = true, .tells_status = false}));
    if (p.logical_block_size != 512 || p.physical_block_size != 512)
        return fail("Physical and logical block size must be 512 for floppy");
    const FdcConfig& c = bus().controller().settings();
    FloppyType& type = p.type;
    if (type == FloppyType::Auto) type = p.unit == 0 ? c.type_a : c.type_b;
    // The drive that takes this medium; an empty one takes the largest.
    if (type == FloppyType::Auto) {
        constexpr std::uint64_t kib = 1024;
        switch (disk()->size()) {
            case 1440 * kib:
            case 720 * kib: type = FloppyType::F144; break;
            case 1200 * kib:
            case 360 * kib: type = FloppyType::F120; break;
            default: type = c.fallback;
        }
    }
    bus().controller().drive_changed(p.unit);
    return {};
}

void FloppyDrive::medium_changed(bool) {
    bus().controller().drive_changed(properties_.unit);
}

}  // namespace hw
