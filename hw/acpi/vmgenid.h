// SPDX-License-Identifier: GPL-2.0-or-later
//
// "vmgenid": a number in guest memory that changes when the guest goes on from another point than
// the one it stopped at (Microsoft, "Virtual Machine Generation ID"; docs/specs/vmgenid).
// Firmware puts it where it likes and tells us, and an ACPI device leads the guest there.
#pragma once

#include <array>
#include <string>

#include "hw/acpi/tables.h"
#include "hw/core/device.h"
#include "hw/core/int.h"

namespace hw {

class AcpiCore;

struct VmGenIdConfig {
    std::string guid = "auto";
};

struct VmGenIdState {
    std::array<u8, 8> vmgenid_addr_le{};  // where firmware put it; 0: nowhere yet
};

class VmGenId final : public DeviceOf<VmGenIdConfig, VmGenIdState> {
public:
    static const DeviceType device_type_;
    /// The general-purpose event that tells the guest of a new number.
    static constexpr unsigned gpe = 5;

    VmGenId() : DeviceOf(device_type_) {}
    ~VmGenId() override;
    const vmstate::Table& vmstate() const override;
    void hold_reset() override;

    /// The canonical text.
    std::string text() const;
    /// The ACPI device that says where the number is.
    AcpiFacts::Extra table() const;

protected:
    Result<void> realize(Platform&) override;
    void post_load(int) override { tell_guest(); }

private:
    void tell_guest();

    std::array<u8, 16> guid_{};  // the first three fields little endian, as the guest reads them
    AcpiCore* acpi_ = nullptr;
};

std::span<const DeviceType* const> vmgenid_types();

}  // namespace hw
