// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/ide/smart.h"

#include <algorithm>
#include <numeric>

#include "hw/ide/ide-channel.h"

namespace hw {

using namespace ata;

namespace {

struct Attribute {
    std::uint8_t id, flags, value, worst;
    std::array<std::uint8_t, 5> raw;
    std::uint8_t threshold;
};
// As QEMU 7.2's disks have them.
constexpr Attribute attributes[] = {
    {0x01, 0x03, 100, 100, {}, 6},              // raw read error rate
    {0x03, 0x03, 100, 100, {16}, 0},            // spin-up time
    {0x04, 0x02, 100, 100, {100}, 20},          // starts and stops
    {0x05, 0x03, 100, 100, {}, 36},             // remapped sectors
    {0x09, 0x03, 100, 100, {1}, 0},             // hours of service
    {0x0c, 0x03, 100, 100, {}, 0},              // power cycles
    {0xbe, 0x03, 69, 69, {31, 0, 31, 31}, 50},  // temperature of the air around it
};
constexpr std::size_t first_entry = 2, entry_size = 12;
constexpr std::size_t log_entry_size = 24;
// In the LBA register, where QEMU 7.2 looks for it; the standard has it in the count.
constexpr std::uint8_t autosave_off = 0, autosave_on = 0xf1;
constexpr unsigned hours = 0x1234;
constexpr std::uint8_t summary_of_errors = 1, self_tests = 6;  // logs

/// The bytes of a block add up to 0.
void seal(Smart::Block b) {
    b[511] = static_cast<std::uint8_t>(-std::accumulate(b.begin(), b.begin() + 511, 0));
}

void put16(std::uint8_t* p, unsigned v) {
    p[0] = static_cast<std::uint8_t>(v);
    p[1] = static_cast<std::uint8_t>(v >> 8);
}

}  // namespace

bool Smart::test(std::uint8_t which) {
    constexpr std::uint8_t offline = 0, quick = 1, extended = 2;
    if (which != offline && which != quick && which != extended) return false;
    last_ = last_ % most_tests + 1;
    tests_[last_ - 1] = which;
    kept_ = std::max(kept_, last_);
    return true;
}

void Smart::read_data(Block b) const {
    std::ranges::fill(b, std::uint8_t{0});
    b[0] = 1;  // revision
    std::size_t at = first_entry;
    for (const Attribute& a : attributes) {
        b[at] = a.id;
        b[at + 1] = a.flags;
        b[at + 3] = a.value;
        b[at + 4] = a.worst;
        std::copy(a.raw.begin(), a.raw.end(), b.begin() + static_cast<std::ptrdiff_t>(at + 5));
        at += entry_size;
    }
    b[362] =
        static_cast<std::uint8_t>(2 | (autosave_ ? 0x80 : 0));  // off-line tests ran to their end
    put16(&b[364], 288);                                        // seconds that they take
    b[367] = 1 << 4 | 1 << 3 | 1;  // self-tests, surface scans, off-line tests at once
    put16(&b[368], 3);             // saves before power is lost, and by itself
    b[370] = 1;                    // logs errors
    b[372] = 2;  // minutes of a short self-test, of an extended one, of one after transport
    b[373] = 54;
    b[374] = 1;
    seal(b);
}

void Smart::read_thresholds(Block b) {
    std::ranges::fill(b, std::uint8_t{0});
    b[0] = 1;
    std::size_t at = first_entry;
    for (const Attribute& a : attributes) {
        b[at] = a.id;
        b[at + 1] = a.threshold;
        at += entry_size;
    }
    seal(b);
}

bool Smart::has_log(std::uint8_t address) {
    return address == summary_of_errors || address == self_tests;
}

void Smart::read_log(std::uint8_t address, Block b) const {
    std::ranges::fill(b, std::uint8_t{0});
    b[0] = 1;
    if (address == self_tests) {
        for (unsigned n = 0; n < kept_; n++) {
            std::uint8_t* entry = &b[first_entry + n * log_entry_size];
            entry[0] = tests_[n];
            put16(entry + 2, hours);
        }
        b[508] = static_cast<std::uint8_t>(last_);
    }
    seal(b);
}

bool IdeChannel::smart(Back& b, std::uint8_t) {
    using Sub = Smart::Subcommand;
    Drive& d = drive(b);
    const auto sub = static_cast<Sub>(d.feature);
    const bool key = d.lcyl == 0x4f && d.hcyl == 0xc2;
    auto answer = [&](auto&& fill) {
        d.status = DRDY | DSC;
        fill(Smart::Block(buffer(b), 512));
        start_block(b, 0, 512, AfterBlock::Stop);
        raise_irq();
        return false;
    };
    bool known = key && (b.smart.enabled() || sub == Sub::enable);
    if (known) switch (sub) {
            case Sub::enable: b.smart.enable(true); break;
            case Sub::disable: b.smart.enable(false); break;
            case Sub::autosave:
                known = d.sector == autosave_off || d.sector == autosave_on;
                if (known) b.smart.autosave(d.sector == autosave_on);
                break;
            case Sub::return_status: break;  // the key stays: no threshold was exceeded
            case Sub::execute_offline: known = b.smart.test(d.sector); break;
            case Sub::read_data: return answer([&](auto block) { b.smart.read_data(block); });
            case Sub::read_thresholds: return answer(Smart::read_thresholds);
            case Sub::read_log:
                known = Smart::has_log(d.sector);
                if (known) return answer([&](auto block) { b.smart.read_log(d.sector, block); });
                break;
            default: known = false;
        }
    if (known)
        d.status |= DSC;
    else
        abort_command(b);
    return true;
}

}  // namespace hw
