// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/core/null-machine.h"

#include "exec/memory.h"
#include "exec/ram-block.h"

namespace hw {

namespace {

class NullMachine final : public Machine {
public:
    explicit NullMachine(const MachineType& type) : Machine(type) {}
    void* config() override { return &options_; }

    Result<void> assemble(Platform& platform, accel::Accelerator&,
                          const MachineConfig& c) override {
        // `-m` gives it memory, which a test can read and write; by default it has none.
        if (!options_.kernel.empty())
            return fail("The -kernel parameter is not supported by machine 'none'");
        auto* block = c.ram;
        if (!block && c.ram_size) block = TRY(platform.memory.allocate_ram("ram", c.ram_size));
        if (block) {
            ram_ = exec::MemoryRegion::ram(platform.memory, "ram", *block);
            platform.system_memory.add_subregion(0, *ram_);
        }
        return {};
    }
    void reset() override {}
    bool takes_nmi() const override { return false; }

private:
    MachineOptions options_;
    std::unique_ptr<exec::MemoryRegion> ram_;
};

}  // namespace

constinit const MachineType null_machine_type = [] {
    MachineType t{};
    t.name = "none-machine";
    t.parent = "machine";
    t.description = "empty machine";
    t.machine_name = "none";
    t.default_ram_id = "ram";
    t.default_ram_size = 0;
    t.has_floppy = t.has_cdrom = t.has_sdcard = t.has_parallel = t.has_serial = false;
    t.create = [](const MachineType& type) -> std::unique_ptr<Machine> {
        return std::make_unique<NullMachine>(type);
    };
    return t;
}();

}  // namespace hw
