// SPDX-License-Identifier: GPL-2.0-or-later
//
// RTL8139C+: the registers. Each answers in its own width; other widths are made of bytes.
#include <algorithm>

#include "hw/net/rtl8139.h"

namespace hw {

using namespace rtl8139;

namespace {

constexpr std::uint8_t mode_bits = 0xc0, mode_program = 0x80, mode_load = 0x40,
                       mode_unlocked = 0xc0;
constexpr std::uint8_t eeprom_select = 0x08, eeprom_clock = 0x04, eeprom_data = 0x02;
constexpr std::int64_t timer_tick = 30;  // ns: a cycle of the PCI clock
constexpr std::uint32_t tsd_owned = 0x2000;
constexpr unsigned rx_lead = 0x10;  // CAPR is behind what was read by so much

/// What a write leaves of a register: the bits of `keep`.
template <class R>
void assign(R& reg, std::uint32_t value, std::uint32_t keep) {
    reg = static_cast<R>((reg & keep) | (value & ~keep));
}

}  // namespace

void Rtl8139::update_irq() {
    set_intx(state_.IntrStatus & state_.IntrMask);
}

bool Rtl8139::unlocked() const {
    return (state_.Cfg9346 & mode_bits) == mode_unlocked;
}

/// The command register's reset: filters, RCR, CONFIG4 and the transmit addresses stay, as on
/// QEMU 7.2.
void Rtl8139::reset_chip() {
    const Rtl8139State fresh;
    Rtl8139State& s = state_;
    std::copy(mac().begin(), mac().end(), s.phys.begin());
    s.IntrStatus = s.IntrMask = 0;
    update_irq();
    s.TxStatus = fresh.TxStatus;
    s.currTxDesc = s.currCPlusRxDesc = s.currCPlusTxDesc = 0;
    s.RxRingAddrLO = s.RxRingAddrHI = 0;
    s.RxBuf = s.RxBufPtr = s.RxBufAddr = 0;
    s.RxBufferSize = fresh.RxBufferSize;
    s.TxConfig = fresh.TxConfig;
    s.bChipCmdState = fresh.bChipCmdState;
    s.Config0 = fresh.Config0, s.Config1 = fresh.Config1, s.Config3 = fresh.Config3;
    s.Config5 = fresh.Config5;
    s.CSCR = fresh.CSCR;
    s.CpCmd = 0;
    s.cplus_enabled = 0;
    s.BasicModeCtrl = fresh.BasicModeCtrl;
    s.BasicModeStatus = fresh.BasicModeStatus;
    link_changed(link_up());
    s.NWayAdvert = fresh.NWayAdvert, s.NWayLPAR = fresh.NWayLPAR;
    s.NWayExpansion = fresh.NWayExpansion;
    s.TCTR = s.TimerInt = 0;
    s.TCTR_base = 0;
    s.tally_counters = {};
    gathered_.clear();
    arm_timer();
}

// ---- reading ----------------------------------------------------------------------------------

std::uint64_t Rtl8139::reg_read(exec::hwaddr offset, unsigned size) {
    const auto at = static_cast<unsigned>(offset);
    if (size == 4)
        if (auto v = read_long(at)) return *v;
    if (size == 2)
        if (auto v = read_word(at)) return *v;
    std::uint64_t v = 0;
    for (unsigned n = 0; n < size; n++)
        v |= std::uint64_t{read_byte(at + n)} << 8 * n;
    return v;
}

std::optional<std::uint32_t> Rtl8139::read_long(unsigned at) const {
    const Rtl8139State& s = state_;
    if (at >= 0x10 && at <= 0x1c && at % 4 == 0) return s.TxStatus[(at - 0x10) / 4];
    if (at >= 0x20 && at <= 0x2c && at % 4 == 0) return s.TxAddr[(at - 0x20) / 4];
    switch (at) {
        case 0x30: return s.RxBuf;
        case 0x40: return s.TxConfig;
        case 0x44: return s.RxConfig;
        case 0x48: return counter();
        case 0x4c: return s.RxMissed;
        case 0x54: return s.TimerInt;
        case 0xe4: return s.RxRingAddrLO;
        case 0xe8: return s.RxRingAddrHI;
        default: return {};
    }
}

std::optional<std::uint16_t> Rtl8139::read_word(unsigned at) const {
    const Rtl8139State& s = state_;
    if (at >= 0x20 && at < 0x30)
        return static_cast<std::uint16_t>(s.TxAddr[(at - 0x20) / 4] >> (at & 2 ? 16 : 0));
    switch (at) {
        case 0x38: return static_cast<std::uint16_t>(s.RxBufPtr - rx_lead);
        case 0x3a: return static_cast<std::uint16_t>(s.RxBufAddr);
        case 0x3c: return s.IntrMask;
        case 0x3e: return s.IntrStatus;
        case 0x5c: return s.MultiIntr;
        case 0x60: return transmit_summary();
        case 0x62: return s.BasicModeCtrl;
        case 0x64: return s.BasicModeStatus;
        case 0x66: return s.NWayAdvert;
        case 0x68: return s.NWayLPAR;
        case 0x6a: return s.NWayExpansion;
        case 0x74: return s.CSCR;
        case 0xe0: return s.CpCmd;
        case 0xe2: return std::uint16_t{0};  // no mitigation
        default: return {};
    }
}

std::uint8_t Rtl8139::read_byte(unsigned at) {
    const Rtl8139State& s = state_;
    if (at < 6) return s.phys[at];
    if (at >= 0x08 && at < 0x10) return s.mult[at - 0x08];
    if (at >= 0x10 && at < 0x20)
        return static_cast<std::uint8_t>(s.TxStatus[(at - 0x10) / 4] >> 8 * (at % 4));
    switch (at) {
        case 0x37:
            return static_cast<std::uint8_t>(s.bChipCmdState |
                                             (s.RxBufAddr == s.RxBufPtr ? cr_empty : 0));
        case 0x43: return static_cast<std::uint8_t>(s.TxConfig >> 24);  // which chip it is
        case 0x50:
            if ((s.Cfg9346 & mode_bits) == mode_program)
                return static_cast<std::uint8_t>((s.Cfg9346 & ~1) | (s.eeprom.eedo ? 1 : 0));
            return s.Cfg9346;
        case 0x51: return s.Config0;
        case 0x52: return s.Config1;
        case 0x58: return static_cast<std::uint8_t>(0xd0 | (~s.BasicModeStatus & 0x04));
        case 0x59: return s.Config3;
        case 0x5a: return s.Config4;
        case 0x5b: return s.clock_enabled;
        case 0x5e: return rtl8139_type.revision;
        case 0xd8: return s.Config5;
        case 0xec: return s.TxThresh;
        default: return 0;
    }
}

/// What became of the four transmissions: owned, aborted, underrun, sent, four bits each.
std::uint16_t Rtl8139::transmit_summary() const {
    constexpr std::uint32_t tsd_ok = 0x8000, tsd_underrun = 0x4000, tsd_aborted = 0x40000000;
    unsigned out = 0;
    for (unsigned n = 0; n < state_.TxStatus.size(); n++) {
        const std::uint32_t t = state_.TxStatus[n];
        out |= (t & tsd_owned ? 1u << n : 0) | (t & tsd_aborted ? 1u << (4 + n) : 0) |
               (t & tsd_underrun ? 1u << (8 + n) : 0) | (t & tsd_ok ? 1u << (12 + n) : 0);
    }
    return static_cast<std::uint16_t>(out);
}

// ---- writing ----------------------------------------------------------------------------------

void Rtl8139::reg_write(exec::hwaddr offset, std::uint64_t value, unsigned size) {
    const auto at = static_cast<unsigned>(offset);
    if (size == 4 && write_long(at, static_cast<std::uint32_t>(value))) return;
    if (size == 2 && write_word(at, static_cast<std::uint16_t>(value))) return;
    for (unsigned n = 0; n < size; n++)
        write_byte(at + n, static_cast<std::uint8_t>(value >> 8 * n));
}

bool Rtl8139::write_long(unsigned at, std::uint32_t v) {
    Rtl8139State& s = state_;
    if (at >= 0x10 && at <= 0x1c && at % 4 == 0) {
        const unsigned n = (at - 0x10) / 4;
        if (s.cplus_enabled) {
            // Here are the address of the counters' dump, and the command to make it.
            constexpr std::uint32_t dump = 0x08;
            s.TxStatus[n] = n ? v : v & ~dump;
            if (n == 0 && v & dump) dump_tally();
        } else {
            assign(s.TxStatus[n], v & ~0xff00c000u, 0x00c00000);
            transmit();
        }
        return true;
    }
    if (at >= 0x20 && at <= 0x2c && at % 4 == 0) {
        s.TxAddr[(at - 0x20) / 4] = v;
        return true;
    }
    switch (at) {
        case 0x30: s.RxBuf = v; return true;
        case 0x40:
            // The version of the chip is no one's to change, and nothing while it is off.
            if (enabled(cr_transmit)) assign(s.TxConfig, v, 0xfcf0f80f);
            return true;
        case 0x44: set_receive_config(v); return true;
        case 0x48:
            s.TCTR_base = platform().clocks.virt.now_ns();
            arm_timer();
            return true;
        case 0x4c: s.RxMissed = 0; return true;
        case 0x54:
            s.TimerInt = v;
            arm_timer();
            return true;
        case 0xe4: s.RxRingAddrLO = v; return true;
        case 0xe8: s.RxRingAddrHI = v; return true;
        default: return false;
    }
}

bool Rtl8139::write_word(unsigned at, std::uint16_t v) {
    Rtl8139State& s = state_;
    switch (at) {
        case 0x38:
            s.RxBufPtr = (v + rx_lead) % s.RxBufferSize;
            flush_incoming();
            return true;
        case 0x3c:
            assign(s.IntrMask, v, 0x1e00);
            update_irq();
            return true;
        case 0x3e:
            assign(s.IntrStatus, s.IntrStatus & ~v, 0x1e00);
            update_irq();
            return true;
        case 0x5c: assign(s.MultiIntr, v, 0xf000); return true;
        case 0x62: assign(s.BasicModeCtrl, v, ~0x0200u); return true;
        case 0x64: assign(s.BasicModeStatus, v, ~0x00c0u); return true;
        case 0x66: s.NWayAdvert = v; return true;
        case 0x68: return true;  // the partner's
        case 0x6a: s.NWayExpansion = v; return true;
        case 0xe0:
            s.cplus_enabled = 1;
            assign(s.CpCmd, v, 0xff84);
            flush_incoming();
            return true;
        case 0xe2: return true;
        default: return false;
    }
}

void Rtl8139::write_byte(unsigned at, std::uint8_t v) {
    Rtl8139State& s = state_;
    if (at < 6) {
        s.phys[at] = v;
        return;
    }
    if (at >= 0x08 && at < 0x10) {
        s.mult[at - 0x08] = v;
        return;
    }
    switch (at) {
        case 0x37: write_command(v); break;
        case 0x40: write_long(at, (s.TxConfig & ~0xffu) | v); break;
        case 0x50: write_eeprom_control(v); break;
        case 0x51:
            if (unlocked()) assign(s.Config0, v, 0xf8);
            break;
        case 0x52:
            if (unlocked()) assign(s.Config1, v, 0x0c);
            break;
        case 0x59:
            if (unlocked()) assign(s.Config3, v, 0x8f);
            break;
        case 0x5a:
            if (unlocked()) assign(s.Config4, v, 0x0a);
            break;
        case 0x5b:
            // The clock halts and runs by letters.
            if (v == 'R') s.clock_enabled = 1;
            if (v == 'H') s.clock_enabled = 0;
            flush_incoming();
            break;
        case 0xd8: assign(s.Config5, v, 0x80); break;
        case 0xd9:
            if (v & 0x80) transmit_list(true);
            if (v & 0x40) transmit_list(false);
            break;
        case 0xec: s.TxThresh = v; break;
        default: break;
    }
}

void Rtl8139::write_command(std::uint8_t v) {
    Rtl8139State& s = state_;
    if (v & cr_reset) reset_chip();
    if (v & cr_receive) s.currCPlusRxDesc = 0;
    if (v & cr_transmit) s.currCPlusTxDesc = 0;
    assign(s.bChipCmdState, v, 0xe3);
    // The reset is over before anyone looks.
    s.bChipCmdState &= static_cast<std::uint8_t>(~cr_reset);
    flush_incoming();
}

void Rtl8139::write_eeprom_control(std::uint8_t v) {
    Rtl8139State& s = state_;
    v = static_cast<std::uint8_t>((v & ~0x31) | (s.Cfg9346 & 0x31));
    switch (v & mode_bits) {
        case mode_program:
            drive_eeprom93c46(s.eeprom, v & eeprom_select, v & eeprom_clock, v & eeprom_data);
            break;
        case mode_load:  // the configuration anew from the EEPROM
            v = 0;
            reset_chip();
            break;
        default: break;
    }
    s.Cfg9346 = v;
}

void Rtl8139::set_receive_config(std::uint32_t v) {
    Rtl8139State& s = state_;
    assign(s.RxConfig, v, 0xf0fc0040);
    s.RxBufferSize = 8192u << (s.RxConfig >> 11 & 3);
    s.RxBufPtr = s.RxBufAddr = 0;  // a ring of another size begins anew
    flush_incoming();
}

/// In the order and the widths of the data sheet, 6.5 ("Dump Tally Counter").
void Rtl8139::dump_tally() {
    const Rtl8139Tally& t = state_.tally_counters;
    std::vector<std::uint8_t> bytes;
    auto put = [&](std::uint64_t v, unsigned size) {
        for (unsigned n = 0; n < size; n++)
            bytes.push_back(static_cast<std::uint8_t>(v >> 8 * n));
    };
    put(t.TxOk, 8), put(t.RxOk, 8), put(t.TxERR, 8), put(t.RxERR, 4), put(t.MissPkt, 2);
    put(t.FAE, 2), put(t.Tx1Col, 4), put(t.TxMCol, 4), put(t.RxOkPhy, 8), put(t.RxOkBrd, 8);
    put(t.RxOkMul, 4), put(t.TxAbt, 2), put(t.TxUndrn, 2);
    constexpr std::uint32_t alignment = 0x3f;
    dma_write(std::uint64_t{state_.TxStatus[1]} << 32 | (state_.TxStatus[0] & ~alignment), bytes);
}

// ---- the timer --------------------------------------------------------------------------------

std::uint32_t Rtl8139::counter() const {
    return static_cast<std::uint32_t>((platform().clocks.virt.now_ns() - state_.TCTR_base) /
                                      timer_tick);
}

/// TCTR counts the bus's cycles; when it meets TimerInt, that is an interrupt. It wraps.
void Rtl8139::arm_timer() {
    timer_->cancel();
    if (!state_.TimerInt) return;
    constexpr std::int64_t turn = timer_tick << 32;
    const std::int64_t now = platform().clocks.virt.now_ns();
    const std::int64_t since = (now - state_.TCTR_base) % turn;
    std::int64_t left = std::int64_t{state_.TimerInt} * timer_tick - since;
    if (left <= 0) left += turn;
    timer_->set(now + left);
}

void Rtl8139::timer_passed() {
    state_.IntrStatus |= isr_timeout;
    update_irq();
    arm_timer();
}

}  // namespace hw
