// SPDX-License-Identifier: GPL-2.0-or-later
//
// A bus master IDE function's engine for one channel: it walks a table of physical region
// descriptors. Specification: Programming Interface for Bus Master IDE Controller, revision 1.0.
#pragma once

#include <cstdint>
#include <functional>

#include "hw/ide/ide-channel.h"
#include "hw/pci/pci-device.h"

namespace hw {

struct BmdmaState {
    std::uint8_t cmd = 0, status = 0;
    std::uint32_t addr = 0;
    // The descriptor at hand: where the next one is, whether this is the last, what is left of it.
    std::uint32_t cur_addr = 0, cur_prd_last = 0, cur_prd_addr = 0, cur_prd_len = 0;
    // QEMU keeps the retry state here on the wire; ours lives in IdeBusState.
    std::uint8_t migration_compat_status = 0;
    std::int64_t migration_retry_sector_num = 0;
    std::uint32_t migration_retry_nsector = 0;
    std::uint8_t migration_retry_unit = 0;
};
extern const vmstate::Table bmdma_table;

class Bmdma final : public IdeDma {
public:
    Bmdma(PciDevice& function, BmdmaState& state, IdeChannel& channel, IdeBusState& bus)
        : function_(function), state_(state), channel_(channel), bus_(bus) {}

    // Registers: BMICX, BMISX, BMIDTPX.
    std::uint64_t read(exec::hwaddr offset, unsigned size);
    void write(exec::hwaddr offset, std::uint64_t value, unsigned size);

    void wait_for_start(std::function<void()> go) override;
    std::size_t room(std::size_t limit) override;
    void to_memory(std::span<const std::uint8_t>) override;
    void from_memory(std::span<std::uint8_t>) override;
    void finish(bool more) override;
    void restart() override;
    void interrupt() override;
    void reset() override;

    void prepare_save();
    void loaded();

private:
    struct Cursor {
        std::uint32_t next, last, address, length;
    };
    Cursor cursor() const;
    void keep(const Cursor&);
    /// False: no descriptor with room is left.
    bool advance(Cursor&);
    template <class F>
    void move(std::size_t bytes, F&& piece);
    void write_command(std::uint8_t value);

    PciDevice& function_;
    BmdmaState& state_;
    IdeChannel& channel_;
    IdeBusState& bus_;
    std::function<void()> ready_;  // the drive's command, while the engine is stopped
};

}  // namespace hw
