// SPDX-License-Identifier: GPL-2.0-or-later
//
// VMware's back door: an IN from port 5658h with a magic number in EAX runs the command in CX, with
// parameters and results in the other registers (as open-vm-tools and Linux's vmware.h document
// it). Other devices add commands.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "hw/isa/isa-bus.h"

namespace hw {

/// The general registers of the processor whose access is under way.
class CurrentCpuRegisters {
public:
    struct Registers {
        u32 eax = 0, ebx = 0, ecx = 0, edx = 0, esi = 0, edi = 0;
    };
    virtual ~CurrentCpuRegisters() = default;
    /// False when no processor is in an access (a debugger's, a test's).
    virtual bool get(Registers&) = 0;
    /// All but EAX, which is the result of the IN.
    virtual void set(const Registers&) = 0;
};

struct VmportConfig {
    bool read_set_eax = true;
    bool signal_unsupported_cmd = true;
    bool report_vmx_type = true;
    bool cmds_v2 = true;
    u8 vmware_vmx_version = 6;
    u8 vmware_vmx_type = 2;
};

struct Nothing {};

class Vmport final : public DeviceOf<VmportConfig, Nothing> {
public:
    static const DeviceType device_type_;
    /// Returns what EAX becomes and may change the other registers.
    using Command = std::function<u32(CurrentCpuRegisters::Registers&)>;
    enum : u16 {
        cmd_get_version = 10,
        cmd_get_ram_size = 20,
        cmd_vmmouse_data = 39,
        cmd_vmmouse_status = 40,
        cmd_vmmouse_command = 41,
        commands = 84,
    };

    Vmport() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    vmstate::Owner* saved_state() override { return nullptr; }

    void add(u16 command, Command handler) { handlers_[command] = std::move(handler); }
    /// Memory below 4 GiB, for the command that asks.
    void set_ram_size(u64 bytes) { ram_size_ = bytes; }

    u64 io_read(u64, unsigned);
    void io_write(u64 offset, u64, unsigned size) { io_read(offset, size); }

protected:
    Result<void> realize(Platform&) override;

private:
    std::array<Command, commands> handlers_;
    CurrentCpuRegisters* cpu_ = nullptr;
    u64 ram_size_ = 0;
    std::unique_ptr<exec::MemoryRegion> registers_;
};

}  // namespace hw
