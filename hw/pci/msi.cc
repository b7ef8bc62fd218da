// SPDX-License-Identifier: GPL-2.0-or-later
//
// Message signalled interrupts: a function writes a word to memory instead of pulling a wire.
// Specification: PCI Local Bus Specification 3.0, section 6.8.1.
#include <bit>
#include <cassert>

#include "hw/pci/pci-device.h"

namespace hw {

using namespace pci;

namespace {

// Offsets in the capability, and message control.
constexpr unsigned message_control = 2, message_address = 4, message_upper_address = 8;
constexpr std::uint16_t enable = 1 << 0, address64_capable = 1 << 7, maskable_vectors = 1 << 8;
constexpr unsigned capable_shift = 1, enabled_shift = 4, count_mask = 7;

struct Layout {
    std::uint16_t control;
    unsigned data() const { return control & address64_capable ? 0xc : 8; }
    unsigned mask() const { return data() + 4; }
    unsigned pending() const { return data() + 8; }
    unsigned length() const { return control & maskable_vectors ? pending() + 4 : data() + 2; }
    unsigned vectors() const { return 1u << (control >> enabled_shift & count_mask); }
};

}  // namespace

void PciDevice::add_msi(unsigned at, unsigned vectors, bool address64, bool maskable) {
    assert(std::has_single_bit(vectors) && vectors <= 32);
    const auto log = static_cast<std::uint16_t>(std::countr_zero(vectors));
    const Layout l{static_cast<std::uint16_t>(log << capable_shift |
                                              (address64 ? address64_capable : 0) |
                                              (maskable ? maskable_vectors : 0))};
    add_capability(Capability::Msi, at, l.length());
    msi_at_ = static_cast<std::uint8_t>(at);
    set_config16(at + message_control, l.control);
    auto writable = [&](unsigned offset, std::uint32_t mask, unsigned size) {
        for (unsigned i = 0; i < size; i++)
            writable_[at + offset + i] = static_cast<std::uint8_t>(mask >> 8 * i);
    };
    writable(message_control, count_mask << enabled_shift | enable, 2);
    writable(message_address, 0xfffffffc, 4);
    if (address64) writable(message_upper_address, 0xffffffff, 4);
    writable(l.data(), 0xffff, 2);
    if (maskable) writable(l.mask(), 0xffffffff >> (32 - vectors), 4);
}

bool PciDevice::msi_enabled() const {
    return msi_at_ && config16(msi_at_ + message_control) & enable;
}

bool PciDevice::msi_masked(unsigned vector) const {
    const Layout l{config16(msi_at_ + message_control)};
    return l.control & maskable_vectors && config32(msi_at_ + l.mask()) >> vector & 1;
}

void PciDevice::msi_notify(unsigned vector) {
    const Layout l{config16(msi_at_ + message_control)};
    assert(msi_enabled());
    if (vector >= l.vectors()) vector = 0;
    if (msi_masked(vector)) {
        set_config32(msi_at_ + l.pending(), config32(msi_at_ + l.pending()) | 1u << vector);
        return;
    }
    std::uint64_t address = config32(msi_at_ + message_address);
    if (l.control & address64_capable)
        address |= std::uint64_t{config32(msi_at_ + message_upper_address)} << 32;
    const std::uint32_t data = (config16(msi_at_ + l.data()) & ~(l.vectors() - 1)) | vector;
    const std::uint8_t bytes[4] = {static_cast<std::uint8_t>(data),
                                   static_cast<std::uint8_t>(data >> 8), 0, 0};
    dma_write(address, bytes);
}

void PciDevice::msi_written(unsigned address, unsigned size) {
    Layout l{config16(msi_at_ + message_control)};
    if (address >= msi_at_ + l.length() || address + size <= msi_at_ || !(l.control & enable))
        return;
    // "While enabled for MSI, a function is prohibited from using its INTx# pin."
    if (has_intx()) set_intx(0);
    // A driver may ask for more vectors than the function has.
    const unsigned capable = l.control >> capable_shift & count_mask;
    if ((l.control >> enabled_shift & count_mask) > capable) {
        l.control = static_cast<std::uint16_t>((l.control & ~(count_mask << enabled_shift)) |
                                               capable << enabled_shift);
        set_config16(msi_at_ + message_control, l.control);
    }
    if (!(l.control & maskable_vectors)) return;
    const std::uint32_t pending = config32(msi_at_ + l.pending());
    for (unsigned v = 0; v < l.vectors(); v++)
        if (pending >> v & 1 && !msi_masked(v)) {
            set_config32(msi_at_ + l.pending(), config32(msi_at_ + l.pending()) & ~(1u << v));
            msi_notify(v);
        }
}

void PciDevice::reset_msi() {
    Layout l{config16(msi_at_ + message_control)};
    l.control &= static_cast<std::uint16_t>(~(count_mask << enabled_shift | enable));
    set_config16(msi_at_ + message_control, l.control);
    set_config32(msi_at_ + message_address, 0);
    if (l.control & address64_capable) set_config32(msi_at_ + message_upper_address, 0);
    set_config16(msi_at_ + l.data(), 0);
    if (l.control & maskable_vectors) {
        set_config32(msi_at_ + l.mask(), 0);
        set_config32(msi_at_ + l.pending(), 0);
    }
}

}  // namespace hw
