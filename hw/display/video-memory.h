// SPDX-License-Identifier: GPL-2.0-or-later
//
// What every display adapter has: video memory of its own, and a place among the VM's consoles.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "exec/memory.h"
#include "exec/ram-block.h"
#include "ui/console.h"
#include "util/result.h"

namespace hw {

struct Platform;

class VideoMemory {
public:
    VideoMemory() = default;
    VideoMemory(const VideoMemory&) = delete;
    ~VideoMemory();

    /// Once, at realize. `idstr` names it in migration streams, `name` in `info mtree`; the size
    /// becomes a power of two.
    Result<void> allocate(Platform&, std::string idstr, const char* name, std::uint64_t bytes);
    /// As above, in the MiB that a user's vgamem_mb says.
    Result<void> allocate_mb(Platform&, std::string idstr, const char* name, unsigned mb);
    exec::RamBlock& block() const { return *block_; }
    exec::MemoryRegion& region() const { return *region_; }
    /// Puts the adapter's screen among the consoles, if the VM has any.
    void show(Platform&, ui::Console&);

private:
    exec::MemoryMap* map_ = nullptr;
    exec::RamBlock* block_ = nullptr;
    std::unique_ptr<exec::MemoryRegion> region_;
    ui::Consoles* consoles_ = nullptr;
    ui::Console* console_ = nullptr;
};

}  // namespace hw
