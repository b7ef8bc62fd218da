// SPDX-License-Identifier: GPL-2.0-or-later
//
// A memory module ("pc-dimm", "nvdimm"): a memory back end gives the bytes, DeviceMemory the
// address and the slot, and ACPI tells the guest (hw/acpi/memory-hotplug.h). It has no state of its
// own to save: its contents are a RAM block.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "exec/memory-backend.h"
#include "exec/memory.h"
#include "hw/core/device.h"
#include "hw/mem/device-memory.h"

namespace hw {

struct PcDimmConfig {
    std::uint64_t addr = 0;  // 0: wherever there is room
    std::string memdev;      // id or path; once realized the path
    std::uint32_t node = 0;
    std::int32_t slot = -1;  // -1: any
};

class MemoryModule : public Device {
public:
    using Device::Device;
    std::uint64_t address() const { return settings().addr; }
    /// What the guest has of it as memory.
    std::uint64_t size() const { return memory_ ? memory_->size() : 0; }
    unsigned slot() const { return static_cast<unsigned>(settings().slot); }
    unsigned node() const { return settings().node; }
    const std::string& backend_path() const { return settings().memdev; }
    exec::MemoryRegion& memory() { return *memory_; }

    Result<void> request_unplug() override;

    /// Keeps its contents; other tables tell of it.
    virtual bool nonvolatile() const { return false; }
    virtual const PcDimmConfig& settings() const = 0;

protected:
    virtual PcDimmConfig& settings() = 0;
    Result<void> realize(Platform&) override;
    /// Whether the machine takes this kind.
    virtual Result<void> may_plug(const DeviceMemory&) const { return {}; }
    /// How much of the back end is memory, or why it does not suit.
    virtual Result<std::uint64_t> usable_size(const exec::MemoryBackend&) const;
    exec::MemoryBackend* backend() const { return backend_; }
    /// Out of the guest's memory: for the destructor of each kind, while it still knows what it is.
    void leave();

private:
    Result<exec::MemoryBackend*> find_backend(Platform&);

    DeviceMemory* place_ = nullptr;  // while it is plugged there
    exec::MemoryBackend* backend_ = nullptr;
    std::unique_ptr<exec::MemoryRegion> whole_, memory_;
};

class PcDimm final : public MemoryModule {
public:
    static const DeviceType device_type_;
    PcDimm() : MemoryModule(device_type_) {}
    ~PcDimm() override { leave(); }
    void* config() override { return &config_; }
    const PcDimmConfig& settings() const override { return config_; }

private:
    PcDimmConfig& settings() override { return config_; }
    PcDimmConfig config_;
};

/// The boundary that a back end's memory stands at in the guest: of a huge page of the host where
/// it may get some, else of a page.
std::uint64_t alignment_of(const exec::MemoryBackend&);

}  // namespace hw
