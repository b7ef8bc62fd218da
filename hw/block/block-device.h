// SPDX-License-Identifier: GPL-2.0-or-later
//
// What every device with a `drive=` has in common: the properties of its back end, and how it comes
// by one and gives it back.
#pragma once

#include <string>

#include "block/block-backend.h"
#include "hw/core/device.h"
#include "qom/property.h"

namespace block {
class Drives;
}

namespace hw {

/// The first base of a drive's own property struct, so that the rows below reach it through the
/// same pointer.
struct BlockConf {
    std::string drive;  // the name of a block backend or node
    qom::OnOffAuto backend_defaults = qom::OnOffAuto::Auto;
    std::uint32_t logical_block_size = 0, physical_block_size = 0;  // 0: 512
    std::uint32_t min_io_size = 0, opt_io_size = 0;
    std::uint32_t discard_granularity = 0xffffffff;  // all ones: the type's usual one
    qom::OnOffAuto write_cache = qom::OnOffAuto::Auto;
    bool share_rw = false;
    qom::OnOffAuto account_invalid = qom::OnOffAuto::Auto, account_failed = qom::OnOffAuto::Auto;
    std::uint8_t rerror = 0, werror = 0;  // 0: auto, else block::OnError + 1
};

/// In the order of `info qtree`.
inline constexpr auto block_properties = [] {
    using C = BlockConf;
    constexpr auto size = qom::PropertyKind::Size;
    constexpr std::string_view block_size_help = "A power of two between 512 B and 2 MiB";
    return qom::properties(
        qom::property<&C::drive>("drive", "Node name or ID of a block device to use as a backend"),
        qom::property<&C::backend_defaults>("backend_defaults", "on/off/auto"),
        qom::property<&C::logical_block_size>("logical_block_size", block_size_help)
            .as("size", size),
        qom::property<&C::physical_block_size>("physical_block_size", block_size_help)
            .as("size", size),
        qom::property<&C::min_io_size>("min_io_size").as("size", size),
        qom::property<&C::opt_io_size>("opt_io_size").as("size", size),
        qom::property<&C::discard_granularity>("discard_granularity").as("size", size),
        qom::property<&C::write_cache>("write-cache", "on/off/auto"),
        qom::property<&C::share_rw>("share-rw"),
        qom::property<&C::account_invalid>("account-invalid", "on/off/auto"),
        qom::property<&C::account_failed>("account-failed", "on/off/auto"));
}();
/// rerror and werror, for devices that can do something about an error.
inline constexpr std::string_view on_error_words[] = {"auto", "report", "ignore", "enospc", "stop"};
inline constexpr qom::EnumTable on_error_table{"BlockdevOnError", on_error_words};
inline constexpr auto block_error_properties = [] {
    constexpr auto row = [](qom::Property p) {
        p.kind = qom::PropertyKind::Enum;
        p.type = on_error_table.name;
        p.words = &on_error_table;
        return p;
    };
    constexpr std::string_view help = "Error handling policy, report/ignore/enospc/stop/auto";
    return qom::properties(row(qom::property<&BlockConf::rerror>("rerror", help)),
                           row(qom::property<&BlockConf::werror>("werror", help)));
}();

class BlockDevice : public Device, public block::AttachedDevice {
public:
    explicit BlockDevice(const DeviceType& type) : Device(type) {}
    ~BlockDevice() override;

    block::BlockBackend* disk() const { return disk_; }
    std::string id_or_path() const override { return id().empty() ? path() : id(); }

protected:
    struct Needs {
        bool medium = true;  // refuses an empty drive
        bool writes = true;  // and an image that is read-only
        bool removable = false;
        bool tells_status = true;  // has rerror and werror
    };
    /// Checks the properties, fills in the defaults and attaches to the back end.
    Result<void> connect_disk(Platform&, BlockConf&, const Needs&);

private:
    Result<void> find_disk(const BlockConf&, const Needs&);
    Result<void> take_errors(const BlockConf&, const Needs&);

    block::Drives* drives_ = nullptr;
    block::BlockBackend* disk_ = nullptr;
};

}  // namespace hw
