// SPDX-License-Identifier: GPL-2.0-or-later
//
// An ATA channel: the command block and control block registers, and the two drives behind them.
// Specification: AT Attachment with Packet Interface 6 (ATA/ATAPI-6), T13/1410D; packet commands:
// MMC-3 and SPC-2.
//
// In files: ide-channel.cc registers and resets, ata-commands.cc the command table, ata-transfer.cc
// sectors by PIO and DMA, atapi.cc packets and atapi-commands.cc what they say, identify.cc what a
// drive says about itself, ide-retry.cc what follows an error.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "block/block-backend.h"
#include "exec/memory.h"
#include "hw/core/irq.h"
#include "hw/ide/ide-state.h"
#include "hw/ide/smart.h"

namespace hw {

/// The bus-master side of a channel, as its drives see it.
class IdeDma {
public:
    virtual ~IdeDma() = default;
    /// A drive has a DMA command ready; `go` runs now or when the driver starts the engine.
    virtual void wait_for_start(std::function<void()> go) = 0;
    /// How many bytes of the next `limit` the descriptors have room for.
    virtual std::size_t room(std::size_t limit) = 0;
    /// Moves bytes between the drive and where the descriptors point, and steps over them.
    virtual void to_memory(std::span<const std::uint8_t>) = 0;
    virtual void from_memory(std::span<std::uint8_t>) = 0;
    /// The command is over; `more` = the descriptors describe more memory than it moved.
    virtual void finish(bool more) = 0;
    /// The command at hand begins anew at the first descriptor.
    virtual void restart() = 0;
    virtual void interrupt() = 0;
    virtual void reset() = 0;
};

enum class IdeKind : std::uint8_t { Disk, Cdrom };

/// What is behind a connector, as its -device options describe it.
struct IdeDriveConfig {
    block::BlockBackend* disk = nullptr;
    IdeKind kind = IdeKind::Disk;
    std::string serial, version = "2.5+", model;
    std::uint64_t wwn = 0;
    std::uint16_t rotation_rate = 0;
    std::uint32_t logical_block_size = 512, physical_block_size = 512;
    std::uint32_t cylinders = 0, heads = 0, sectors = 0;  // 0: from the size
    bool discard = true;
};

class IdeChannel final {
public:
    static constexpr unsigned units = 2;

    IdeChannel(IdeBusState& bus, std::array<IdeDriveState, units>& drives)
        : bus_(bus), drives_(drives) {
        for (unsigned n = 0; n < units; n++)
            backs_[n].unit = n;
    }
    IdeChannel(const IdeChannel&) = delete;

    IrqOut& irq() { return irq_; }
    void connect_dma(IdeDma* dma) { dma_ = dma; }
    void connect_drive(unsigned unit, const IdeDriveConfig&);
    void disconnect_drive(unsigned unit);
    bool has_drive(unsigned unit) const { return backs_[unit].config.disk; }

    /// Power-on state.
    void reset();
    /// Waits until no request is under way.
    void drain();
    /// The state is another's; the drives' running parts are brought in line.
    void loaded();
    void prepare_save();

    // Command block, eight ports; the first is the data register of 2 or 4 bytes.
    std::uint64_t command_read(exec::hwaddr, unsigned size);
    void command_write(exec::hwaddr, std::uint64_t value, unsigned size);
    // Control block: one port.
    std::uint64_t control_read(exec::hwaddr, unsigned size);
    void control_write(exec::hwaddr, std::uint64_t value, unsigned size);

    void medium_changed(unsigned unit, bool loaded);
    void eject_requested(unsigned unit, bool force);
    void resized(unsigned unit);
    /// The VM goes on after it was stopped for an I/O error of this drive.
    void retry(unsigned unit);
    const IdeDriveState& drive_state(unsigned unit) const { return drives_[unit]; }
    bool waiting_for_dma() const { return dma_waiting_; }

private:
    /// What does not migrate of a drive.
    struct Back {
        unsigned unit = 0;
        IdeDriveConfig config;
        std::uint32_t cylinders = 0, heads = 0, sectors = 0;
        std::uint64_t nb_sectors = 0;
        std::uint64_t generation = 0;  // answers to requests of before a reset are dropped
        // A packet command's data phase.
        bool atapi_dma = false;
        std::array<std::uint8_t, ata::packet_size> packet{};
        std::int64_t lba = -1;  // next sector of a CD read; -1: the reply is in the buffer
        std::int64_t first_lba = 0;
        std::uint32_t sector_count = 0;
        std::int32_t cd_sector_size = 0, buffer_index = 0;
        Smart smart;
    };
    using Drive = IdeDriveState;
    Drive& drive(const Back& b) { return drives_[b.unit]; }
    Back& active() { return backs_[bus_.unit & 1]; }
    std::uint8_t* buffer(Back&);
    void measure(Back&);

    // ide-channel.cc
    void raise_irq();
    void set_signature(Back&);
    void reset_drive(Back&);
    void software_reset();
    std::uint16_t data_read16(Back&);
    void write_registers(unsigned reg, std::uint8_t value);
    void start_block(Back&, std::int32_t offset, std::int32_t length, ata::AfterBlock);
    void halt_block(Back&);
    void stop_block(Back&);
    void block_done(Back&);
    void abort_command(Back&);

    // ata-commands.cc
    void execute(std::uint8_t command);
    struct Command;
    static std::span<const Command> commands();
    bool nop(Back&, std::uint8_t);
    bool data_set_management(Back&, std::uint8_t);
    bool device_reset(Back&, std::uint8_t);
    bool read_pio(Back&, std::uint8_t);
    bool write_pio(Back&, std::uint8_t);
    bool read_multiple(Back&, std::uint8_t);
    bool write_multiple(Back&, std::uint8_t);
    bool read_dma(Back&, std::uint8_t);
    bool write_dma(Back&, std::uint8_t);
    bool verify(Back&, std::uint8_t);
    bool smart(Back&, std::uint8_t);
    bool no_operation(Back&, std::uint8_t);
    bool seek(Back&, std::uint8_t);
    bool native_max(Back&, std::uint8_t);
    bool diagnose(Back&, std::uint8_t);
    bool specify(Back&, std::uint8_t);
    bool power_mode(Back&, std::uint8_t);
    bool packet(Back&, std::uint8_t);
    bool identify_packet(Back&, std::uint8_t);
    bool set_multiple(Back&, std::uint8_t);
    bool flush_cache(Back&, std::uint8_t);
    bool identify(Back&, std::uint8_t);
    bool set_features(Back&, std::uint8_t);

    // ata-transfer.cc
    void take_count(Back&, bool lba48);
    std::int64_t address(const Back&) const;
    void set_address(Back&, std::int64_t);
    bool in_range(const Back&, std::int64_t sector, std::uint64_t count) const;
    void read_sectors(Back&);
    void write_sectors(Back&);
    enum class DmaKind : std::uint8_t { Read, Write, Trim };
    void start_dma(Back&, DmaKind);
    void dma_step(Back&, DmaKind);
    void dma_moved(Back&, DmaKind, std::uint32_t sectors);
    void dma_failed(Back&);
    void dma_over(Back&, bool more);
    void trim(Back&, std::size_t bytes);
    void begin_dma(Back&, std::int32_t retry, std::function<void()>);
    static std::int32_t retry_bits(DmaKind);

    // ide-retry.cc
    void set_retry(Back&);
    void clear_retry();
    void transfer_failed(Back&);
    bool handle_error(Back&, bool is_read, int error, std::int32_t retry);

    // identify.cc
    void identify_disk(Back&);
    void identify_cdrom(Back&);

    // atapi.cc
    void atapi_ok(Back&);
    void atapi_error(Back&, std::uint8_t sense_key, std::uint8_t asc);
    void atapi_reply(Back&, std::int32_t size, std::int32_t limit);
    std::uint8_t* user_data(Back&, std::int64_t lba);
    void atapi_next_block(Back&);
    void atapi_read(Back&, std::uint32_t lba, std::uint32_t count, std::int32_t sector_size);
    void atapi_dma_step(Back&);
    bool atapi_goes_on(Back&, int error);
    void atapi_keep_read(Back&);
    void atapi_packet_waits(Back&);
    void atapi_again(Back&);

    // atapi-commands.cc
    struct Packet;
    static std::span<const Packet> packets();
    void atapi_command(Back&);
    static std::uint32_t cd_sectors(const Back&);
    static bool is_dvd(const Back&);
    static bool has_medium(const Back&);
    bool atapi_medium_check(Back&, unsigned flags);
    void atapi_prevent_removal(Back&);
    void atapi_read_capacity(Back&);
    void atapi_read10(Back&);
    void atapi_read12(Back&);
    void atapi_mechanism_status(Back&);
    void atapi_request_sense(Back&);
    void atapi_inquiry(Back&);
    void atapi_product_data(Back&, std::uint8_t page, std::int32_t limit);
    void atapi_mode_sense(Back&);
    void atapi_seek(Back&);
    void atapi_dvd_structure(Back&);
    void atapi_read_toc(Back&);
    void atapi_get_configuration(Back&);
    void atapi_event_status(Back&);
    void atapi_start_stop(Back&);
    void atapi_disc_information(Back&);
    void atapi_read_cd(Back&);

    IdeBusState& bus_;
    std::array<IdeDriveState, units>& drives_;
    std::array<Back, units> backs_;
    IrqOut irq_;
    IdeDma* dma_ = nullptr;
    bool dma_waiting_ = false;
    std::int32_t waiting_retry_ = 0;  // how the command that waits for the engine is done again
};

}  // namespace hw
