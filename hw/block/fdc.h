// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 82077AA floppy disk controller with two drives, on the ISA bus.
// Data sheet: 82077AA CHMOS Single-Chip Floppy Disk Controller, order 290166.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "hw/block/block-device.h"
#include "hw/core/bus.h"
#include "hw/isa/isa-bus.h"
#include "qom/property.h"

namespace hw {

class FloppyDrive;
class IsaFdc;

enum class FloppyType : std::uint8_t { F144, F288, F120, None, Auto };

struct FdcConfig {
    std::uint32_t iobase = 0x3f0, irq = 6, dma = 2;
    FloppyType type_a = FloppyType::Auto, type_b = FloppyType::Auto;
    FloppyType fallback = FloppyType::F288;
    std::int32_t bootindex_a = -1, bootindex_b = -1;
};

struct FloppyDriveState {
    std::uint8_t head = 0, track = 0, sect = 0;
    std::uint8_t media_changed = 1, media_rate = 0, perpendicular = 0;
};

enum class FdcPhase : std::uint8_t { Reconstruct, Command, Execution, Result };

struct FdcState {
    std::uint8_t sra = 0, srb = 0, dor = 0, tdr = 0, dsr = 0, msr = 0;
    std::uint8_t status0 = 0, status1 = 0, status2 = 0;
    std::array<std::uint8_t, 512> fifo{};
    std::uint32_t data_pos = 0, data_len = 0;
    std::uint8_t data_state = 0, data_dir = 0, eot = 0, timer0 = 0, timer1 = 0;
    std::uint8_t precomp_trk = 0, config = 0x60, lock = 0, pwrd = 0, num_floppies = 2;
    std::array<FloppyDriveState, 2> drives;
    std::int32_t reset_sensei = 0;
    std::int64_t result_timer = -1;
    FdcPhase phase = FdcPhase::Reconstruct;
};

class FloppyBus final : public Bus {
public:
    FloppyBus(IsaFdc& controller);
    std::string_view kind() const override { return "floppy-bus"; }
    Result<void> attach(Device&) override;
    void detach(Device&) override;
    bool full() const override { return drives_[0] && drives_[1]; }
    FloppyDrive* drive(unsigned unit) const { return drives_[unit]; }
    IsaFdc& controller() const { return controller_; }

private:
    IsaFdc& controller_;
    std::array<FloppyDrive*, 2> drives_{};
};

class IsaFdc final : public DeviceOf<FdcConfig, FdcState> {
public:
    IsaFdc();
    FdcConfig& settings() { return config_; }
    FloppyBus& floppy_bus() { return static_cast<FloppyBus&>(*buses_[0]); }
    /// What CMOS and ACPI tables tell of a drive; None where there is none.
    FloppyType drive_type(unsigned unit) const;

    void hold_reset() override;
    std::span<const std::unique_ptr<Bus>> child_buses() const override { return buses_; }
    const vmstate::Table& vmstate() const override;

    std::uint64_t read(exec::hwaddr port, unsigned size);
    void write(exec::hwaddr port, std::uint64_t value, unsigned size);
    std::uint64_t read_dir(exec::hwaddr, unsigned size) { return read(7, size); }
    void write_ccr(exec::hwaddr, std::uint64_t v, unsigned size) { write(7, v, size); }

    void drive_changed(unsigned unit);

protected:
    Result<void> realize(Platform&) override;
    void pre_save(FdcState&) override;
    void post_load(int) override;

private:
    /// The format of the medium, or of what the drive takes when it is empty.
    struct Geometry {
        std::uint8_t last_sect = 0, max_track = 0;
        bool double_sided = false;
    };
    struct Command;
    static std::span<const Command> commands();

    unsigned selected() const { return state_.dor & 1; }
    FloppyDriveState& drive() { return state_.drives[selected()]; }
    block::BlockBackend* disk() const;
    void select(unsigned unit);
    void measure(unsigned unit);

    void reset(bool interrupt);
    void write_dor(std::uint8_t value);
    std::uint8_t read_fifo();
    void write_fifo(std::uint8_t value);
    void execute();
    void raise_irq();
    void lower_irq();
    void to_command_phase();
    void to_result_phase(unsigned length);

    enum class Seek { Same, Moved, NoTrack, NoSector, NotImplied };
    Seek seek(FloppyDriveState&, const Geometry&, unsigned head, unsigned track, unsigned sect,
              bool implied, bool inserted);
    bool next_sector();
    std::uint64_t position() const;
    void start_transfer(std::uint8_t direction);
    void stop_transfer(std::uint8_t status0, std::uint8_t status1, std::uint8_t status2);
    unsigned dma(unsigned position, unsigned size);
    bool scan_hits(std::span<const std::uint8_t> disk_has);

    void read_data();
    void write_data();
    void deleted_data();
    template <std::uint8_t direction>
    void scan() {
        start_transfer(direction);
    }
    void verify();
    void read_id();
    void format();
    void format_sector();
    void sense_interrupt();
    void recalibrate();
    void seek_command();
    template <int direction>
    void relative_seek() {
        seek_by(direction * state_.fifo[2]);
    }
    void seek_by(int cylinders);
    void save();
    void restore();
    void drive_specification();
    void specify();
    void sense_drive();
    void perpendicular();
    void configure();
    void lock();
    void dump_registers();
    void version();
    void part_id();
    void power_down();
    void accept();
    void invalid();

    std::array<Geometry, 2> geometry_;
    IrqOut irq_;
    IsaDma* dma_ = nullptr;
    std::unique_ptr<exec::MemoryRegion> registers_, dir_;
    std::vector<std::unique_ptr<Bus>> buses_;
};

struct FloppyProperties : BlockConf {
    std::uint32_t unit = 0xffffffff;
    FloppyType type = FloppyType::Auto;
};

class FloppyDrive final : public BlockDevice {
public:
    FloppyDrive();
    void* config() override { return &properties_; }
    FloppyProperties& properties() { return properties_; }
    FloppyType drive_type() const { return properties_.type; }

    bool removable() const override { return true; }
    void medium_changed(bool loaded) override;

protected:
    Result<void> realize(Platform&) override;

private:
    FloppyBus& bus() const { return static_cast<FloppyBus&>(*parent_bus()); }
    FloppyProperties properties_;
};

extern const DeviceType isa_fdc_type, floppy_type;
std::span<const DeviceType* const> hw_block_types();
std::span<const qom::Type* const> hw_block_base_types();

}  // namespace hw
