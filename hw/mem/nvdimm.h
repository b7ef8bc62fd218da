// SPDX-License-Identifier: GPL-2.0-or-later
//
// "nvdimm": a module that keeps its contents. The end of its back end is the label area, by which a
// guest names parts of it; the guest reaches that by ACPI only (hw/acpi/nvdimm-acpi.h).
#pragma once

#include <array>
#include <span>

#include "hw/mem/memory-module.h"

namespace hw {

struct NvdimmConfig : PcDimmConfig {
    std::uint64_t label_size = 0;
    bool unarmed = false;  // the guest is told that writes may not last
    std::string uuid = "00000000-0000-0000-0000-000000000000";
};

class Nvdimm final : public MemoryModule {
public:
    static const DeviceType device_type_;
    static constexpr std::uint64_t least_label_size = 128 << 10;

    Nvdimm() : MemoryModule(device_type_) {}
    ~Nvdimm() override { leave(); }
    void* config() override { return &config_; }
    const PcDimmConfig& settings() const override { return config_; }

    bool nonvolatile() const override { return true; }
    bool unarmed() const { return config_.unarmed; }
    std::span<std::uint8_t> labels() const;
    /// For who watches the memory.
    void labels_written(std::uint64_t offset, std::uint64_t length);

private:
    PcDimmConfig& settings() override { return config_; }
    Result<void> may_plug(const DeviceMemory&) const override;
    Result<std::uint64_t> usable_size(const exec::MemoryBackend&) const override;
    NvdimmConfig config_;
};

}  // namespace hw
