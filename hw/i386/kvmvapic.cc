// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/kvmvapic.h"

#include <numeric>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

using H = VapicHandlers;
constexpr auto handler_fields = vmstate::fields(
    vmstate::field<&H::set_tpr>("set_tpr"), vmstate::field<&H::set_tpr_eax>("set_tpr_eax"),
    vmstate::field<&H::get_tpr>("get_tpr"), vmstate::field<&H::get_tpr_stack>("get_tpr_stack"));
static_assert(vmstate::covers<H>(handler_fields));
constexpr vmstate::Table handler_table{.name = "kvmvapic-handlers", .fields = handler_fields};

using R = VapicRomState;
constexpr auto rom_fields = vmstate::fields(
    vmstate::unused(8), vmstate::field<&R::vaddr>("vaddr"),
    vmstate::field<&R::fixup_start>("fixup_start"), vmstate::field<&R::fixup_end>("fixup_end"),
    vmstate::field<&R::vapic_vaddr>("vapic_vaddr"), vmstate::field<&R::vapic_size>("vapic_size"),
    vmstate::field<&R::vcpu_shift>("vcpu_shift"),
    vmstate::field<&R::real_tpr_addr>("real_tpr_addr"),
    vmstate::structs<&R::up>("up", handler_table), vmstate::structs<&R::mp>("mp", handler_table));
static_assert(vmstate::covers<R>(rom_fields));
constexpr vmstate::Table rom_table{.name = "kvmvapic-guest-rom", .fields = rom_fields};

using S = VapicState;
constexpr auto fields = vmstate::fields(vmstate::structs<&S::rom_state>("rom_state", rom_table),
                                        vmstate::field<&S::state>("state"),
                                        vmstate::field<&S::real_tpr_addr>("real_tpr_addr"),
                                        vmstate::field<&S::rom_state_vaddr>("rom_state_vaddr"),
                                        vmstate::field<&S::vapic_paddr>("vapic_paddr"),
                                        vmstate::field<&S::rom_state_paddr>("rom_state_paddr"));
static_assert(vmstate::covers<S>(fields));
Result<void> check(const S& s, int) {
    if (s.state > 2) return fail("state {} is not in 0..2", s.state);
    return {};
}
constexpr vmstate::Table table{
    .name = "kvm-tpr-opt", .fields = fields, .check = vmstate::check<S, check>};

constexpr auto io_ops =
    exec::memory_ops<&KvmVapic::io_read, &KvmVapic::io_write>({.impl = {.min = 1, .max = 4}});

}  // namespace

const DeviceType KvmVapic::device_type_{
    {.name = "kvmvapic", .parent = "sys-bus-device"},
    "System",
    Category::Uncategorized,
    false,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<KvmVapic>(); }};

const vmstate::Table& KvmVapic::vmstate() const {
    return table;
}

Result<void> KvmVapic::realize(Platform& platform) {
    registers_ = exec::MemoryRegion::io(platform.memory, "kvmvapic", 2, io_ops, this);
    platform.system_io.add_subregion(0x7e, *registers_);
    return {};
}

std::vector<u8> KvmVapic::option_rom() {
    constexpr std::size_t blocks = 18;  // of 512 bytes
    constexpr u8 far_return = 0xcb;
    std::vector<u8> rom(blocks * 512);
    rom[0] = 0x55;
    rom[1] = 0xaa;
    rom[2] = blocks;
    rom[3] = far_return;
    rom.back() = u8(-std::accumulate(rom.begin(), rom.end(), 0));
    return rom;
}

}  // namespace hw
