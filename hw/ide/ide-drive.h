// SPDX-License-Identifier: GPL-2.0-or-later
//
// The bus between a controller's channel and its drives, and the drives themselves: ide-hd, ide-cd.
// They hold no saved state of their own; the controller's section has it.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "hw/block/block-device.h"
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

struct IdeDriveProperties : BlockConf {
    std::string version, serial, model;
    std::uint64_t wwn = 0;
    std::uint32_t cylinders = 0, heads = 0, sectors = 0;
    std::uint16_t rotation_rate = 0;
    std::int32_t bootindex = -1;
    std::uint32_t unit = 0xffffffff;
};

class IdeDrive final : public BlockDevice {
public:
    explicit IdeDrive(const DeviceType& type) : BlockDevice(type) {}
    ~IdeDrive() override;
    void* config() override { return &properties_; }
    IdeDriveProperties& properties() { return properties_; }
    unsigned unit() const { return properties_.unit; }
    bool is_cdrom() const;

    bool removable() const override { return is_cdrom(); }
    bool has_tray() const override { return is_cdrom(); }
    bool tray_open() const override;
    bool medium_locked() const override;
    void medium_changed(bool loaded) override;
    void eject_requested(bool force) override;
    void resized() override;
    void vm_started() override;

protected:
    Result<void> realize(Platform&) override;

private:
    IdeChannel& channel() const;
    Result<void> check_geometry() const;
    IdeDriveProperties properties_;
    bool connected_ = false;
};

extern const DeviceType ide_hd_type, ide_cd_type;
/// The bus and the drives' abstract ancestor.
std::span<const qom::Type* const> ide_base_types();

}  // namespace hw
