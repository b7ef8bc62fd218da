// SPDX-License-Identifier: GPL-2.0-or-later
//
// The bus between a controller's channel and its drives, and the drives themselves: ide-hd, ide-cd.
// They hold no saved state of their own; the controller's section has it.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "hw/core/bus.h"
#include "hw/ide/ide-channel.h"
#include "qom/property.h"

namespace hw {

class IdeDrive;

class IdeBus final : public Bus {
public:
    /// `first_serial` numbers the drives that have no serial number of their own.
    IdeBus(std::string name, Device* controller, IdeChannel& channel, unsigned first_serial);
    std::string_view kind() const override { return "IDE"; }
    Result<void> attach(Device&) override;
    void detach(Device&) override;
    bool full() const override { return drives_[0] && drives_[1]; }
    IdeChannel& channel() { return channel_; }
    IdeDrive* drive(unsigned unit) const { return drives_[unit]; }
    unsigned serial_number(unsigned unit) const { return first_serial_ + unit; }

private:
    IdeChannel& channel_;
    unsigned first_serial_;
    std::array<IdeDrive*, IdeChannel::units> drives_{};
};

struct IdeDriveProperties {
    std::string drive;  // the name of a block backend or node
    qom::OnOffAuto backend_defaults = qom::OnOffAuto::Auto;
    std::uint32_t logical_block_size = 0, physical_block_size = 0;  // 0: 512
    std::uint32_t min_io_size = 0, opt_io_size = 0;
    std::uint32_t discard_granularity = 0xffffffff;  // all ones: the type's usual one
    qom::OnOffAuto write_cache = qom::OnOffAuto::Auto;
    bool share_rw = false;
    qom::OnOffAuto account_invalid = qom::OnOffAuto::Auto, account_failed = qom::OnOffAuto::Auto;
    std::uint8_t rerror = 0, werror = 0;  // 0: auto, else block::OnError + 1
    std::string version, serial, model;
    std::uint64_t wwn = 0;
    std::uint32_t cylinders = 0, heads = 0, sectors = 0;
    std::uint16_t rotation_rate = 0;
    std::int32_t bootindex = -1;
    std::uint32_t unit = 0xffffffff;
};

class IdeDrive final : public Device, public block::MediumListener {
public:
    explicit IdeDrive(const DeviceType& type) : Device(type) {}
    ~IdeDrive() override;
    void* config() override { return &properties_; }
    IdeDriveProperties& properties() { return properties_; }
    /// The board's drives have their backend already; a -device's `drive` is looked up at realize.
    void connect_disk(block::BlockBackend& disk) { disk_ = &disk; }
    block::BlockBackend* disk() const { return disk_; }
    unsigned unit() const { return properties_.unit; }
    bool is_cdrom() const;

    void medium_changed(bool loaded) override;
    bool tray_open() const override;
    bool medium_locked() const override;
    void eject_requested(bool force) override;

protected:
    Result<void> realize(Platform&) override;

private:
    IdeBus& bus() const { return static_cast<IdeBus&>(*parent_bus()); }
    IdeDriveProperties properties_;
    block::BlockBackend* disk_ = nullptr;
    bool connected_ = false;
};

extern const DeviceType ide_hd_type, ide_cd_type;
/// The bus and the drives' abstract ancestor.
std::span<const qom::Type* const> ide_base_types();

}  // namespace hw
