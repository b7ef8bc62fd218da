// SPDX-License-Identifier: GPL-2.0-or-later
//
// How a processor reaches a VGA core: the ports and memory of the IBM VGA and Bochs' index and data
// ports; and the same registers in a memory window, with the monitor's EDID (QEMU's
// docs/specs/standard-vga says where they are).
#pragma once

#include <memory>
#include <optional>

#include "hw/core/device.h"
#include "hw/display/edid.h"
#include "hw/display/vga.h"

namespace hw {

class VgaWindows {
public:
    explicit VgaWindows(Vga& vga) : vga_(vga) {}

    /// Maps ports 3B4h to 3DAh and 1CEh, and the 128 KiB at A0000h.
    void add_legacy(exec::MemoryMap&, exec::MemoryRegion& memory, exec::MemoryRegion& io);
    struct Mmio {
        std::optional<Edid> edid;
        bool extended;  // the byte order register
    };
    /// 4 KiB, for a BAR.
    exec::MemoryRegion& add_mmio(exec::MemoryMap&, const Mmio&);

    template <unsigned Base>
    std::uint64_t port_read(exec::hwaddr offset, unsigned) {
        return vga_.port_read(Base + static_cast<unsigned>(offset));
    }
    template <unsigned Base>
    void port_write(exec::hwaddr offset, std::uint64_t value, unsigned) {
        vga_.port_write(Base + static_cast<unsigned>(offset), static_cast<std::uint8_t>(value));
    }
    std::uint64_t vbe_port_read(exec::hwaddr offset, unsigned size);
    void vbe_port_write(exec::hwaddr offset, std::uint64_t value, unsigned size);
    std::uint64_t vbe_mmio_read(exec::hwaddr offset, unsigned size);
    void vbe_mmio_write(exec::hwaddr offset, std::uint64_t value, unsigned size);
    std::uint64_t extended_read(exec::hwaddr offset, unsigned size);
    void extended_write(exec::hwaddr offset, std::uint64_t value, unsigned size);

private:
    Vga& vga_;
    std::unique_ptr<exec::MemoryRegion> low_, ports_[5], vbe_;
    std::unique_ptr<exec::MemoryRegion> mmio_, mmio_ports_, mmio_vbe_, mmio_extended_;
    EdidWindow edid_;
};

// Offsets in the memory window; bochs-display has the same.
inline constexpr exec::hwaddr mmio_ports_at = 0x400, mmio_vbe_at = 0x500, mmio_extended_at = 0x600;
inline constexpr std::uint64_t mmio_size = 0x1000, mmio_ports_size = 0x20, mmio_vbe_size = 0x16,
                               mmio_extended_size = 8;
/// What the byte order register holds.
inline constexpr std::uint32_t order_little = 0x1e1e1e1e, order_big = 0xbebebebe;

}  // namespace hw
