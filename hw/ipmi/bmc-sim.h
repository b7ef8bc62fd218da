// SPDX-License-Identifier: GPL-2.0-or-later
//
// "ipmi-bmc-sim": a management controller with a watchdog, its sensor and its record in the SDR
// repository, an event log, an event message buffer, and a FRU area.
//
// It has its own power: a reset of the machine does not reach it. Like QEMU 7.2 it saves the
// watchdog, the flags and the sensor; the log, the FRU area and the log's clock start anew in the
// process that goes on.
#pragma once

#include <array>
#include <optional>

#include "hw/ipmi/ipmi.h"

namespace hw {

class SystemRequests;

struct BmcSimConfig {
    u8 slave_addr = 0x20;
    u8 device_id = 0x20;
    u8 device_rev = 0;
    u8 fwrev1 = 0, fwrev2 = 0;
    u8 ipmi_version = 0x02;  // least significant digit first: 2.0
    u32 mfg_id = 0;
    u16 product_id = 0;
    u16 fruareasize = 1024;
};

/// What a discrete sensor remembers (section 35.14).
struct IpmiSensor {
    u8 status = 0, reading = 0;
    u16 states = 0, assert_states = 0, deassert_states = 0, assert_enable = 0;
};

struct BmcSimState {
    u8 bmc_global_enables = 0;
    u8 msg_flags = 0;
    bool watchdog_initialized = false;
    u8 watchdog_use = 0;
    u8 watchdog_action = 0;
    u8 watchdog_pretimeout = 0;
    u8 watchdog_expired = 0;
    u16 watchdog_timeout = 0;
    bool watchdog_running = false;
    bool watchdog_preaction_ran = false;
    i64 watchdog_expiry = 0;
    std::array<u8, 16> evtbuf{};
    IpmiSensor watchdog_sensor;
};

class BmcSim final : public IpmiBmc, public vmstate::Stateful<BmcSimState> {
public:
    static const DeviceType device_type_;
    BmcSim();

    void* config() override { return &config_; }
    vmstate::Owner* saved_state() override { return this; }
    const vmstate::Table& vmstate() const override;
    std::vector<u8> answer(std::span<const u8> request) override;
    u8 slave_address() const override { return config_.slave_addr; }

    // What a handler works on: the request's data, and the answer's, to be filled.
    struct Call {
        std::span<const u8> in;
        std::vector<u8>& out;
        void put16(unsigned v);
        void put32(u32 v);
        unsigned get16(std::size_t at) const { return unsigned(in[at] | in[at + 1] << 8); }
    };
    struct Command;

protected:
    Result<void> realize(Platform&) override;
    void post_load(int) override;

private:
    // Chassis (section 28)
    Completion chassis_capabilities(Call&);
    Completion chassis_status(Call&);
    Completion chassis_control(Call&);
    Completion restart_cause(Call&);
    // Global (20), watchdog (27), messages (22)
    Completion device_id(Call&);
    Completion cold_reset(Call&);
    Completion warm_reset(Call&);
    Completion set_acpi_power(Call&);
    Completion get_acpi_power(Call&);
    Completion reset_watchdog(Call&);
    Completion set_watchdog(Call&);
    Completion get_watchdog(Call&);
    Completion set_global_enables(Call&);
    Completion get_global_enables(Call&);
    Completion clear_message_flags(Call&);
    Completion get_message_flags(Call&);
    Completion get_message(Call&);
    Completion read_event_buffer(Call&);
    // Sensors and events (29, 35)
    Completion platform_event(Call&);
    Completion set_event_enable(Call&);
    Completion get_event_enable(Call&);
    Completion rearm(Call&);
    Completion event_status(Call&);
    Completion sensor_reading(Call&);
    Completion sensor_type(Call&);
    // FRU (34), SDR repository (33), event log (31)
    Completion fru_info(Call&);
    Completion read_fru(Call&);
    Completion write_fru(Call&);
    Completion sdr_info(Call&);
    Completion reserve_sdr(Call&);
    Completion get_sdr(Call&);
    Completion sel_info(Call&);
    Completion reserve_sel(Call&);
    Completion get_sel(Call&);
    Completion add_sel(Call&);
    Completion clear_sel(Call&);
    Completion get_sel_time(Call&);
    Completion set_sel_time(Call&);

    static std::span<const Command> commands();
    void update_flags();
    void start_watchdog();
    void watchdog_due();
    void watchdog_expired();
    void watchdog_event(unsigned offset, bool logged);
    u16 log_event(std::array<u8, 16> record);
    void record_event(std::array<u8, 16> record, bool logged);
    u32 log_time() const;

    using Record = std::array<u8, 16>;
    BmcSimConfig config_;
    SystemRequests* requests_ = nullptr;
    std::optional<Timer> timer_;
    std::array<u8, 2> acpi_power_{};
    u8 restart_cause_ = 0;
    std::vector<u8> fru_;
    std::vector<Record> log_;
    bool log_overflowed_ = false;
    u32 last_added_ = ~u32{0}, last_cleared_ = ~u32{0};
    i64 log_clock_offset_ = 0;
    u16 log_reservation_ = 0, sdr_reservation_ = 0;
    bool log_reserved_ = false;  // and nothing was cleared since
};

}  // namespace hw
