// SPDX-License-Identifier: GPL-2.0-or-later
//
// "kvm-tpr-opt": the saved half of a helper that rewrites how 32-bit Windows reads and writes the
// task priority register. The guest's half is an option ROM. Nothing is rewritten here: a processor
// of ours reads its own TPR at no cost; what a stream brings is kept and passed on, for the
// emulator that it goes to next may have patched guest code in memory.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "exec/memory.h"
#include "hw/core/device.h"
#include "hw/core/int.h"

namespace hw {

struct VapicHandlers {
    u32 set_tpr = 0;
    u32 set_tpr_eax = 0;
    std::array<u32, 8> get_tpr{};
    u32 get_tpr_stack = 0;
};

struct VapicRomState {
    u32 vaddr = 0;
    u32 fixup_start = 0;
    u32 fixup_end = 0;
    u32 vapic_vaddr = 0;
    u32 vapic_size = 0;
    u32 vcpu_shift = 0;
    u32 real_tpr_addr = 0;
    VapicHandlers up{}, mp{};
};

struct VapicState {
    VapicRomState rom_state{};
    u32 state = 0;  // 0 inactive, 1 active, 2 standby
    u32 real_tpr_addr = 0;
    u32 rom_state_vaddr = 0;
    u32 vapic_paddr = 0;
    u32 rom_state_paddr = 0;
};

class KvmVapic final : public DeviceOf<NoConfig, VapicState> {
public:
    static const DeviceType device_type_;

    KvmVapic() : DeviceOf(device_type_) {}
    const vmstate::Table& vmstate() const override;
    void hold_reset() override { state_ = {}; }

    /// The option ROM that takes the helper's place in a PC ("genroms/kvmvapic.bin"): as long, so
    /// that others lie where they would, and empty.
    static std::vector<u8> option_rom();

    u64 io_read(u64, unsigned) { return ~u64{0}; }
    void io_write(u64, u64, unsigned) {}

protected:
    Result<void> realize(Platform&) override;

private:
    std::unique_ptr<exec::MemoryRegion> registers_;
};

}  // namespace hw
