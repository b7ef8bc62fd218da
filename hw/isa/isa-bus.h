// SPDX-License-Identifier: GPL-2.0-or-later
//
// The ISA bus: I/O ports and the low 16 MiB of memory, sixteen interrupt lines, and the DMA
// channels of the two 8237A controllers. The device that carries the bus (PIIX3, or the board
// itself on a machine without PCI) makes it; the board connects the lines before it plugs devices.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exec/memory.h"
#include "hw/core/bus.h"
#include "hw/core/int.h"
#include "hw/core/irq.h"

namespace hw {

/// A controller of DMA channels as the peripherals see it.
class IsaDma {
public:
    /// Called while the channel's request is up and it is unmasked: moves what it can and returns
    /// the new position in bytes; equal to `size` means terminal count.
    using Transfer = unsigned (*)(void* device, unsigned channel, unsigned position, unsigned size);
    enum class Direction : u8 { Verify, ToMemory, FromMemory, Illegal };

    virtual ~IsaDma() = default;
    /// `channel` counts within the controller (0-3).
    virtual void register_channel(unsigned channel, Transfer, void* device) = 0;
    virtual void set_request(unsigned channel, bool up) = 0;
    virtual Direction direction(unsigned channel) const = 0;
    virtual bool auto_init(unsigned channel) const = 0;
    /// From or to guest memory at the channel's current address plus `position`.
    virtual unsigned read_memory(unsigned channel, std::span<u8> to, unsigned position) = 0;
    virtual unsigned write_memory(unsigned channel, std::span<const u8> from,
                                  unsigned position) = 0;
    /// Runs transfers that are due soon, not within the register access that started them.
    virtual void schedule() = 0;
};

class IsaBus final : public Bus {
public:
    static constexpr unsigned irq_count = 16;

    IsaBus(Device* parent, exec::MemoryRegion& memory, exec::MemoryRegion& io,
           std::string name = "isa.0");
    ~IsaBus() override;

    std::string_view kind() const override { return "ISA"; }

    void connect_irqs(const std::array<IrqIn, irq_count>& lines) { irqs_ = lines; }
    /// Unwired when the number is no ISA line.
    IrqIn irq(unsigned n) const { return n < irq_count ? irqs_[n] : IrqIn(); }

    /// Channels 0-3 are `low`'s, 4-7 `high`'s.
    void connect_dma(IsaDma* low, IsaDma* high) { dma_ = {low, high}; }
    /// Null when the machine has no such channel.
    IsaDma* dma(unsigned channel) const { return channel < 8 ? dma_[channel / 4] : nullptr; }

    exec::MemoryRegion& memory() const { return memory_; }
    exec::MemoryRegion& io() const { return io_; }
    /// Makes a register region and maps it at `port`.
    std::unique_ptr<exec::MemoryRegion> add_io(u32 port, std::string name, u64 size,
                                               const exec::MemoryOps& ops, void* device) const;

private:
    exec::MemoryRegion& memory_;
    exec::MemoryRegion& io_;
    std::array<IrqIn, irq_count> irqs_{};
    std::array<IsaDma*, 2> dma_{};
};

/// What carries the bus on a board without PCI: nothing but address lines.
class IsaBridge final : public Device {
public:
    static const DeviceType device_type_;
    IsaBridge() : Device(device_type_) {}
    void carry(std::unique_ptr<Bus> bus) { buses_.push_back(std::move(bus)); }
    std::span<const std::unique_ptr<Bus>> child_buses() const override { return buses_; }

protected:
    Result<void> realize(Platform&) override { return {}; }

private:
    std::vector<std::unique_ptr<Bus>> buses_;
};

/// The bus an ISA device is plugged into.
inline IsaBus& isa_bus(const Device& device) {
    return static_cast<IsaBus&>(*device.parent_bus());
}

/// The common ancestor in the type tree.
extern const qom::Type isa_device_type;
extern const qom::Type isa_bus_type;

/// `DeviceType` of an ISA device. `user` is whether -device may make one.
template <class D>
constexpr DeviceType isa_type(std::string_view name, std::span<const qom::Property> properties,
                              Category category, bool user, std::string_view description = {}) {
    return DeviceType{{.name = name,
                       .parent = "isa-device",
                       .properties = properties,
                       .description = description},
                      "ISA",
                      category,
                      user,
                      true,  // the bus says no
                      []() -> std::unique_ptr<Device> { return std::make_unique<D>(); }};
}

}  // namespace hw
