// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/vmcoreinfo.h"

#include "hw/nvram/fw_cfg.h"
#include "migration/vmstate/fields.h"
#include "qapi/context.h"

namespace hw {
namespace {

constexpr u16 format_elf = 1;

using S = VmcoreinfoState;
constexpr auto fields = vmstate::fields(vmstate::field<&S::has_vmcoreinfo>("has_vmcoreinfo"),
                                        vmstate::field<&S::host_format>("vmcoreinfo.host_format"),
                                        vmstate::field<&S::guest_format>("vmcoreinfo.guest_format"),
                                        vmstate::field<&S::size>("vmcoreinfo.size"),
                                        vmstate::field<&S::paddr>("vmcoreinfo.paddr"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "vmcoreinfo", .fields = fields};

}  // namespace

const DeviceType Vmcoreinfo::device_type_{
    {.name = "vmcoreinfo", .parent = "device"},
    "",
    Category::Misc,
    true,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<Vmcoreinfo>(); }};

const vmstate::Table& Vmcoreinfo::vmstate() const {
    return table;
}

Result<void> Vmcoreinfo::realize(Platform& platform) {
    auto* fw_cfg = platform.services.find<FwCfg>();
    if (!fw_cfg || !fw_cfg->dma()) return fail("vmcoreinfo device requires fw_cfg with DMA");
    return fw_cfg->add_writable_file(
        "etc/vmcoreinfo", {u8(format_elf), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        [this](const FwCfg::Bytes& b, std::size_t offset, std::size_t length) {
            auto little = [&](std::size_t at, unsigned size) {
                u64 value = 0;
                for (unsigned i = 0; i < size; i++)
                    value |= u64(b[at + i]) << 8 * i;
                return value;
            };
            state_.host_format = u16(little(0, 2));
            state_.guest_format = u16(little(2, 2));
            state_.size = u32(little(4, 4));
            state_.paddr = little(8, 8);
            state_.has_vmcoreinfo = offset == 0 && length == b.size() && state_.guest_format != 0;
        });
}

void Vmcoreinfo::hold_reset() {
    state_ = {};
    state_.host_format = format_elf;
}

}  // namespace hw
