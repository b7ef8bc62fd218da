// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/display/video-memory.h"

#include <bit>

#include "hw/core/device.h"
#include "qapi/context.h"

namespace hw {

VideoMemory::~VideoMemory() {
    if (consoles_) consoles_->remove(*console_);
    region_.reset();
    if (block_) map_->release_ram(*block_);
}

Result<void> VideoMemory::allocate(Platform& p, std::string idstr, const char* name,
                                   std::uint64_t bytes) {
    block_ = TRY(p.memory.allocate_ram(std::move(idstr), std::bit_ceil(bytes)));
    map_ = &p.memory;
    region_ = exec::MemoryRegion::ram(p.memory, name, *block_);
    return {};
}

Result<void> VideoMemory::allocate_mb(Platform& p, std::string idstr, const char* name,
                                      unsigned mb) {
    if (mb < 1 || mb > 512)
        return fail("Invalid video memory size: {} MiB; it is from 1 to 512", mb);
    return allocate(p, std::move(idstr), name, std::uint64_t{mb} << 20);
}

void VideoMemory::show(Platform& p, ui::Console& console) {
    consoles_ = p.services.find<ui::Consoles>();
    console_ = &console;
    if (consoles_) consoles_->add(console);
}

}  // namespace hw
