// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/vmport.h"

#include "qapi/context.h"

namespace hw {
namespace {

constexpr u32 magic = 0x564d5868;  // "VMXh"

using C = VmportConfig;
constexpr auto properties =
    qom::properties(qom::property<&C::read_set_eax>("x-read-set-eax"),
                    qom::property<&C::signal_unsupported_cmd>("x-signal-unsupported-cmd"),
                    qom::property<&C::report_vmx_type>("x-report-vmx-type"),
                    qom::property<&C::cmds_v2>("x-cmds-v2"),
                    qom::property<&C::vmware_vmx_version>("vmware-vmx-version")
                        .as("uint32", qom::PropertyKind::Unsigned),
                    qom::property<&C::vmware_vmx_type>("vmware-vmx-type"));

constexpr vmstate::Table table{.name = "vmport"};
constexpr auto io_ops = exec::memory_ops<&Vmport::io_read, &Vmport::io_write>(
    {.impl = {.min = 1, .max = 4}, .past_end = true});

}  // namespace

const DeviceType Vmport::device_type_ =
    isa_type<Vmport>("vmport", properties, Category::Uncategorized, false);

const vmstate::Table& Vmport::vmstate() const {
    return table;
}

Result<void> Vmport::realize(Platform& platform) {
    cpu_ = platform.services.find<CurrentCpuRegisters>();
    add(cmd_get_version, [this](CurrentCpuRegisters::Registers& r) {
        r.ebx = magic;
        if (config_.report_vmx_type) r.ecx = config_.vmware_vmx_type;
        return config_.vmware_vmx_version;
    });
    add(cmd_get_ram_size, [this](CurrentCpuRegisters::Registers& r) {
        r.ebx = 0x1177;
        return u32(ram_size_);
    });
    registers_ = isa_bus(*this).add_io(0x5658, "vmport", 1, io_ops, this);
    return {};
}

u64 Vmport::io_read(u64, unsigned) {
    CurrentCpuRegisters::Registers r;
    if (!cpu_ || !cpu_->get(r)) return ~0u;
    if (r.eax != magic) return r.eax;
    const u16 command = u16(r.ecx);
    if (command >= commands || !handlers_[command]) return ~0u;
    const u32 result = handlers_[command](r);
    cpu_->set(r);
    return result;
}

}  // namespace hw
