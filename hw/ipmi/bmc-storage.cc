// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the BMC keeps: the FRU inventory area (section 34), the SDR repository (33) with the
// watchdog's record, and the system event log (31).
#include <algorithm>

#include "hw/ipmi/bmc-bits.h"
#include "hw/ipmi/bmc-sim.h"

namespace hw {

namespace {

constexpr u8 only_fru = 0;
constexpr u8 sdr_version = 0x51;  // also the log's: BCD 1.5
constexpr std::size_t log_capacity = 128, record_size = 16;
constexpr u16 first_record = 0x0000, last_record = 0xffff;
constexpr u8 whole_record = 0xff;
constexpr u8 can_reserve = 1 << 1, overflowed = 1 << 7;

/// A compact sensor record (section 43.2) of the watchdog.
constexpr u8 watchdog_record[] = {0x00,
                                  0x00,
                                  sdr_version,
                                  0x02,
                                  0x23,  // record 0, compact, 35 bytes follow
                                  0x20,
                                  0x00,
                                  watchdog_sensor_number,  // owner, LUN, number
                                  0x23,
                                  0x01,  // entity: system management software
                                  0x63,
                                  0x00,  // events and scanning on; no hysteresis
                                  watchdog_sensor_type,
                                  sensor_specific,  //
                                  0x0f,
                                  0x01,
                                  0x00,
                                  0x00,
                                  0x0f,
                                  0x01,  // asserts, deasserts, shows
                                  0xc0,
                                  0x00,
                                  0x00,  // units: none
                                  0x01,
                                  0x00,
                                  0x00,
                                  0x00,
                                  0x00,
                                  0x00,
                                  0x00,
                                  0x00,
                                  0xc8,
                                  'W',
                                  'a',
                                  't',
                                  'c',
                                  'h',
                                  'd',
                                  'o',
                                  'g'};
static_assert(sizeof(watchdog_record) == 5 + watchdog_record[4]);

/// Bytes [offset, offset + count) of a record, as the two get commands hand them out.
Completion slice(std::span<const u8> record, unsigned offset, unsigned count,
                 std::vector<u8>& out) {
    if (offset > record.size()) return Completion::ParameterOutOfRange;
    const auto rest = record.subspan(offset);
    const std::size_t n = count == whole_record ? rest.size() : count;
    if (n > rest.size()) return Completion::ParameterOutOfRange;
    out.insert(out.end(), rest.begin(), rest.begin() + std::ptrdiff_t(n));
    return Completion::Ok;
}

}  // namespace

// ---- FRU --------------------------------------------------------------------------------------

Completion BmcSim::fru_info(Call& c) {
    if (c.in[0] != only_fru) return Completion::NotPresent;
    c.put16(unsigned(fru_.size()));
    c.out.push_back(0);  // by bytes
    return Completion::Ok;
}

Completion BmcSim::read_fru(Call& c) {
    if (c.in[0] != only_fru) return Completion::NotPresent;
    const std::size_t offset = c.get16(1);
    if (offset >= fru_.size()) return Completion::ParameterOutOfRange;
    // What does not fit an answer is the next request's.
    const std::size_t room = longest - 4,
                      n = std::min({std::size_t{c.in[3]}, room, fru_.size() - offset});
    c.out.push_back(u8(n));
    const auto from = fru_.begin() + std::ptrdiff_t(offset);
    c.out.insert(c.out.end(), from, from + std::ptrdiff_t(n));
    return Completion::Ok;
}

Completion BmcSim::write_fru(Call& c) {
    if (c.in[0] != only_fru) return Completion::NotPresent;
    const std::size_t offset = c.get16(1);
    const auto data = c.in.subspan(3);
    if (offset > fru_.size() || data.size() > fru_.size() - offset)
        return Completion::ParameterOutOfRange;
    std::copy(data.begin(), data.end(), fru_.begin() + std::ptrdiff_t(offset));
    c.out.push_back(u8(data.size()));
    return Completion::Ok;
}

// ---- SDR repository ---------------------------------------------------------------------------

Completion BmcSim::sdr_info(Call& c) {
    c.out.push_back(sdr_version);
    c.put16(1);
    c.put16(0);  // no room for more
    c.put32(~u32{0});
    c.put32(~u32{0});
    c.out.push_back(can_reserve);
    return Completion::Ok;
}

Completion BmcSim::reserve_sdr(Call& c) {
    if (!++sdr_reservation_) sdr_reservation_ = 1;
    c.put16(sdr_reservation_);
    return Completion::Ok;
}

Completion BmcSim::get_sdr(Call& c) {
    // A record that is read in parts needs a reservation, so that it stays the same one.
    if (c.in[4] && !(sdr_reservation_ && c.get16(0) == sdr_reservation_))
        return Completion::ReservationCancelled;
    const unsigned id = c.get16(2);
    if (id != first_record && id != last_record) return Completion::NotPresent;
    c.put16(last_record);  // there is none after it
    return slice(watchdog_record, c.in[4], c.in[5], c.out);
}

// ---- event log --------------------------------------------------------------------------------

u32 BmcSim::log_time() const {
    return u32(timer_->clock().now_ns() / nanoseconds_per_second + log_clock_offset_);
}

u16 BmcSim::log_event(std::array<u8, 16> record) {
    if (log_.size() == log_capacity) {
        log_overflowed_ = true;
        return last_record;
    }
    const u16 id = u16(log_.size());
    record[0] = u8(id);
    record[1] = u8(id >> 8);
    constexpr u8 first_oem_without_time = 0xe0;
    if (record[2] < first_oem_without_time)
        for (unsigned i = 0; i < 4; i++)
            record[3 + i] = u8(log_time() >> 8 * i);
    log_.push_back(record);
    last_added_ = log_time();
    return id;
}

Completion BmcSim::sel_info(Call& c) {
    c.out.push_back(sdr_version);
    c.put16(unsigned(log_.size()));
    c.put16(unsigned((log_capacity - log_.size()) * record_size));
    c.put32(last_added_);
    c.put32(last_cleared_);
    c.out.push_back(u8(can_reserve | (log_overflowed_ ? overflowed : 0)));
    return Completion::Ok;
}

Completion BmcSim::reserve_sel(Call& c) {
    log_reserved_ = true;
    if (!++log_reservation_) log_reservation_ = 1;
    c.put16(log_reservation_);
    return Completion::Ok;
}

Completion BmcSim::get_sel(Call& c) {
    if (c.in[4] && !(log_reserved_ && c.get16(0) == log_reservation_))
        return Completion::ReservationCancelled;
    unsigned id = c.get16(2);
    if (id == last_record && !log_.empty()) id = unsigned(log_.size() - 1);
    if (id >= log_.size()) return Completion::NotPresent;
    c.put16(id + 1 < log_.size() ? id + 1 : last_record);
    return slice(log_[id], c.in[4], c.in[5], c.out);
}

Completion BmcSim::add_sel(Call& c) {
    Record record;
    std::copy_n(c.in.begin(), record.size(), record.begin());
    const u16 id = log_event(record);
    if (id == last_record) return Completion::OutOfSpace;
    c.put16(id);
    return Completion::Ok;
}

Completion BmcSim::clear_sel(Call& c) {
    constexpr u8 erase = 0xaa, ask = 0x00, erased = 0x01;
    if (!log_reserved_ || c.get16(0) != log_reservation_) return Completion::ReservationCancelled;
    if (c.in[2] != 'C' || c.in[3] != 'L' || c.in[4] != 'R') return Completion::InvalidField;
    if (c.in[5] == erase) {
        log_.clear();
        log_overflowed_ = false;
        last_cleared_ = log_time();
        log_reserved_ = false;
    } else if (c.in[5] != ask) {
        return Completion::InvalidField;
    }
    c.out.push_back(erased);
    return Completion::Ok;
}

Completion BmcSim::get_sel_time(Call& c) {
    c.put32(log_time());
    return Completion::Ok;
}

Completion BmcSim::set_sel_time(Call& c) {
    const u32 wanted = c.get16(0) | u32(c.get16(2)) << 16;
    log_clock_offset_ += i64{wanted} - i64{log_time()};
    return Completion::Ok;
}

}  // namespace hw
