// SPDX-License-Identifier: GPL-2.0-or-later
//
// The firmware configuration device (docs/specs/fw_cfg): items that firmware and kernels read by
// number or by file name, through two ports or by DMA. "fw_cfg_io" is the PC's form.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exec/address-space.h"
#include "hw/core/device.h"
#include "hw/core/int.h"
#include "util/blob.h"

namespace hw {

/// Well-known numbers.
enum class FwCfgKey : u16 {
    Signature = 0x00,
    Id = 0x01,
    Uuid = 0x02,
    RamSize = 0x03,
    Nographic = 0x04,
    NbCpus = 0x05,
    MachineId = 0x06,
    KernelAddr = 0x07,
    KernelSize = 0x08,
    KernelCmdline = 0x09,
    InitrdAddr = 0x0a,
    InitrdSize = 0x0b,
    BootDevice = 0x0c,
    Numa = 0x0d,
    BootMenu = 0x0e,
    MaxCpus = 0x0f,
    KernelEntry = 0x10,
    KernelData = 0x11,
    InitrdData = 0x12,
    CmdlineAddr = 0x13,
    CmdlineSize = 0x14,
    CmdlineData = 0x15,
    SetupAddr = 0x16,
    SetupSize = 0x17,
    SetupData = 0x18,
    FileDirectory = 0x19,
    FileFirst = 0x20,
    X86AcpiTables = 0x8000,
    X86SmbiosEntries = 0x8001,
    X86Irq0Override = 0x8002,
    X86E820Table = 0x8003,
    X86Hpet = 0x8004,
};

struct FwCfgConfig {
    bool dma_enabled = true;
    u16 file_slots = 0x20;
    bool acpi_mr_restore = true;
};

struct FwCfgState {
    u16 cur_entry = 0;
    u32 cur_offset = 0;
    u64 dma_addr = 0;
    // Sizes of the ACPI blobs, which a stream's RAM blocks must agree with.
    u64 table_mr_size = 0;
    u64 linker_mr_size = 0;
    u64 rsdp_mr_size = 0;
    bool dma_enabled = true, acpi_mr_restore = true;  // from the configuration
};

class FwCfg final : public DeviceOf<FwCfgConfig, FwCfgState> {
public:
    static const DeviceType device_type_;
    using Bytes = std::vector<u8>;
    /// Called before an item is read that was just selected: a last chance to fill it in.
    using OnSelect = std::function<void(Bytes&)>;
    /// The guest has written [offset, offset + length) of an item.
    using OnWrite = std::function<void(const Bytes&, std::size_t offset, std::size_t length)>;

    FwCfg() : DeviceOf(device_type_) {}

    const vmstate::Table& vmstate() const override;
    void hold_reset() override { select(u16(FwCfgKey::Signature)); }

    /// Replaces an item that is there.
    void add(FwCfgKey, Bytes);
    /// Read piece by piece when the guest asks.
    void add(FwCfgKey, Blob);
    void add_u16(FwCfgKey, u16);
    void add_u32(FwCfgKey, u32);
    void add_u64(FwCfgKey, u64);
    /// With the terminating zero.
    void add_string(FwCfgKey, std::string_view);

    /// A file of the directory. Numbers are given by name order until the machine is done.
    Result<void> add_file(std::string name, Bytes, OnSelect = {});
    /// One the guest may write, by DMA.
    Result<void> add_writable_file(std::string name, Bytes, OnWrite);
    /// New contents for a file that is there, or a new one.
    void set_file(const std::string& name, Bytes);
    /// New contents of the same length for a file that is there; its number does not move.
    void update_file(const std::string& name, Bytes);
    bool has_file(const std::string& name) const { return files_.contains(name); }
    const Bytes* file(const std::string& name) const;
    /// Wires the three blobs whose sizes are saved.
    void set_acpi_sizes(u64 tables, u64 linker, u64 rsdp);

    bool dma() const { return config_.dma_enabled; }

    u64 io_read(u64 offset, unsigned size);
    void io_write(u64 offset, u64 value, unsigned size);
    u64 dma_read(u64 offset, unsigned size);
    void dma_write(u64 offset, u64 value, unsigned size);

protected:
    Result<void> realize(Platform&) override;
    void pre_save(FwCfgState& s) override {
        s.dma_enabled = config_.dma_enabled;
        s.acpi_mr_restore = config_.acpi_mr_restore;
    }

private:
    struct Item {
        Bytes bytes;
        Blob blob;  // instead of `bytes`
        OnSelect on_select;
        OnWrite on_write;
        bool writable = false;

        std::size_t size() const { return blob.empty() ? bytes.size() : blob.size(); }
    };
    void select(u16 key);
    Item* current();
    /// What can be had at once of the current item from `offset` on; empty if it cannot be read.
    std::span<const u8> piece(const Item&, std::size_t offset);
    void rebuild_directory();
    void run_dma();

    std::map<u16, Item> items_;
    std::map<std::string, Item> files_;
    std::vector<Item*> by_number_;  // files, from FileFirst on
    struct Window {
        std::size_t offset = 0;
        Bytes bytes;
    } window_;  // of the blob that is being read; empty after each selection
    exec::AddressSpace* memory_ = nullptr;
    std::unique_ptr<exec::MemoryRegion> ports_, dma_ports_;
};

}  // namespace hw
