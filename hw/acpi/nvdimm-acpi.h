// SPDX-License-Identifier: GPL-2.0-or-later
//
// What ACPI has of nonvolatile modules: the NFIT that tells where they are (ACPI 6.4, 5.2.25), the
// root device's methods (9.20), and what stands behind them: a guest's method leaves a request in a
// page, writes its address to a port, and finds the answer in the same page
// (docs/specs/acpi_nvdimm).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "exec/address-space.h"
#include "hw/acpi/tables.h"
#include "hw/mem/nvdimm.h"

namespace hw {

/// -machine nvdimm-persistence=: how far the platform takes data by itself when power fails.
enum class NvdimmPersistence : u8 { Unsaid, MemoryController, Cpu };

class NvdimmAcpi {
public:
    static constexpr u64 port_size = 4;
    static constexpr u16 port = 0xa18;
    static constexpr std::size_t page = 4096;

    NvdimmAcpi(const DeviceMemory& memory, exec::AddressSpace& guest, Log& log,
               NvdimmPersistence persistence)
        : memory_(memory), guest_(guest), log_(log), persistence_(persistence) {}

    /// A module came: what a guest has read of the list is out of date.
    void changed() { changed_ = true; }
    std::unique_ptr<exec::MemoryRegion> make_region(exec::MemoryMap&);
    /// The structures of the NFIT; empty while there is no module.
    std::vector<u8> interface_table() const;

    u64 read(u64, unsigned) { return 0; }
    void write(u64 offset, u64 value, unsigned size);

    /// The request in a page, and the answer to it.
    std::vector<u8> answer(std::span<const u8> request);

private:
    std::vector<u8> read_table(u32 revision, u32 function, u32 offset);
    std::vector<u8> of_module(Nvdimm*, u32 revision, u32 function, std::span<const u8> arguments);

    const DeviceMemory& memory_;
    exec::AddressSpace& guest_;
    Log& log_;
    const NvdimmPersistence persistence_;
    bool changed_ = false;
};

/// The tables for a machine that takes such modules: the SSDT with the methods, and the NFIT where
/// there is something to tell.
std::vector<AcpiFacts::Extra> nvdimm_tables(const NvdimmAcpi&, unsigned slots);
/// The file of fw_cfg that becomes the page.
inline constexpr const char* nvdimm_page_file = "etc/acpi/nvdimm-mem";

}  // namespace hw
