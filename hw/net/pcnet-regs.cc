// SPDX-License-Identifier: GPL-2.0-or-later
//
// The registers of a PCnet: control and status (CSR) and bus configuration (BCR), each behind an
// address port and a data port.
#include <algorithm>

#include "hw/net/pcnet.h"

namespace hw {

using namespace pcnet;

namespace {

/// The four ports, which are words or, once a driver has written a long one, double words.
enum Port : unsigned { RDP, RAP, RESET, BDP, none };
constexpr unsigned prom_bytes = 0x10;

constexpr u16 csr0_write_one_clears = BABL | CERR | MISS | MERR | RINT | TINT | IDON;
/// Status bits of CSR4 and CSR5, cleared by a one, whose masks or enables stand next to them.
constexpr u16 csr4_write_one_clears = 0x026a, csr5_write_one_clears = 0x0a90;
constexpr u16 bcr18_dwio = 0x0080;
constexpr unsigned last_bcr = 22;

/// CSR that a driver may write while the chip stands (data sheet, "Control and Status Registers").
bool writable_stopped(unsigned n) {
    return n == 1 || n == 2 || (n >= 8 && n <= 11) || (n >= 12 && n <= 15) ||
           (n >= 16 && n <= 41) || n == 47 || n == RCVRC || n == XMTRC || n == RCVRL ||
           n == XMTRL || n == missed_frames;
}

struct Initial {
    u8 at;
    u16 value;
};
constexpr Initial csr_at_reset[] = {
    {0, STOP},    {4, 0x0115},  {RCVRC, 1},   {XMTRC, 1},    {RCVRL, 1},    {XMTRL, 1},
    {80, 0x1410}, {88, 0x1003}, {89, 0x0262}, {100, 0x0200}, {103, 0x0105},
};

}  // namespace

// ---- ports ------------------------------------------------------------------------------------

u64 Pcnet::io_read(u64 offset, unsigned size) {
    if (offset < prom_bytes) {
        u64 value = 0;
        for (unsigned i = 0; i < size && offset + i < prom_bytes; i++)
            value |= u64{state_.state.prom[offset + i]} << 8 * i;
        return value;
    }
    const unsigned width = dwio() ? 4 : 2, which = unsigned(offset - prom_bytes) / width;
    if (size != width || which >= none) return ~u64{0};
    return read_register(which);
}

void Pcnet::io_write(u64 offset, u64 value, unsigned size) {
    auto& s = state_.state;
    if (offset < prom_bytes) {
        if (s.bcr[2] & 0x0100)  // APROMWE
            for (unsigned i = 0; i < size && offset + i < prom_bytes; i++)
                s.prom[offset + i] = u8(value >> 8 * i);
        return;
    }
    if (size == 4 && offset == prom_bytes && !dwio()) s.bcr[18] |= bcr18_dwio;
    const unsigned width = dwio() ? 4 : 2, which = unsigned(offset - prom_bytes) / width;
    if (size == width && which < none) write_register(which, u16(value));
}

u16 Pcnet::read_register(unsigned which) {
    auto& s = state_.state;
    switch (which) {
        case RDP: return read_csr(unsigned(s.rap));
        case RAP: return u16(s.rap);
        case BDP: return read_bcr(unsigned(s.rap));
        default:
            soft_reset();
            s.bcr[18] &= u16(~bcr18_dwio);
            return 0;
    }
}

void Pcnet::write_register(unsigned which, u16 value) {
    auto& s = state_.state;
    switch (which) {
        case RDP: write_csr(unsigned(s.rap), value); break;
        case RAP: s.rap = value & 0x7f; break;
        case BDP: write_bcr(unsigned(s.rap), value); break;
        default: break;
    }
}

// ---- control and status -----------------------------------------------------------------------

u16 Pcnet::read_csr(unsigned n) {
    auto& s = state_.state;
    switch (n) {
        case 0: {
            update_irq();
            const u16 v = s.csr[0];
            return v & (BABL | CERR | MISS | MERR) ? v | ERR : v;
        }
        case 16: return s.csr[1];
        case 17: return s.csr[2];
        case 58: return s.bcr[20];
        default: return s.csr[n & 0x7f];
    }
}

void Pcnet::write_csr(unsigned n, u16 value) {
    auto& s = state_.state;
    switch (n) {
        case 0: write_csr0(value); break;
        case 3: s.csr[3] = value; break;
        case 4:
            s.csr[4] =
                (value & ~csr4_write_one_clears) | (s.csr[4] & csr4_write_one_clears & ~value);
            break;
        case 5:
            s.csr[5] =
                (value & ~csr5_write_one_clears) | (s.csr[5] & csr5_write_one_clears & ~value);
            break;
        case 58: write_bcr(20, value); return;
        default:
            if (!(s.csr[0] & STOP || s.csr[5] & SPND) || !writable_stopped(n)) return;
            if (n == 16 || n == 17)
                s.csr[n - 15] = value;
            else
                s.csr[n] = value;
            if (n == RCVRL || n == XMTRL) s.csr[n] = std::max<u16>(value, 1);
            return;
    }
    update_irq();
}

void Pcnet::write_csr0(u16 value) {
    u16& csr0 = state_.state.csr[0];
    csr0 &= u16(~(value & csr0_write_one_clears));
    csr0 = (csr0 & ~IENA) | (value & IENA);
    if (value & STOP) return stop();
    if (value & INIT && !(csr0 & INIT)) initialise();
    if (value & STRT && !(csr0 & STRT)) start();
    if (value & TDMD && csr0 & TXON) transmit();
}

void Pcnet::update_irq() {
    auto& s = state_.state;
    u16& csr0 = s.csr[0];
    // CSR3 masks those of CSR0, at their places; CSR4's stand below each, CSR5's enables too.
    const u16 plain = csr0 & ~s.csr[3] & (BABL | MISS | MERR | RINT | TINT | IDON);
    const u16 more = (s.csr[4] >> 1 & ~s.csr[4] & (csr4_write_one_clears >> 1) & 0x0115) |
                     (s.csr[5] >> 1 & s.csr[5] & (csr5_write_one_clears >> 1) & 0x0548);
    const bool asks = plain || more;
    csr0 = u16((csr0 & ~INTR) | (asks ? INTR : 0));
    s.isr = asks && csr0 & IENA;
    set_intx(s.isr);
}

void Pcnet::soft_reset() {
    auto& s = state_.state;
    s.rap = s.rdra = s.tdra = 0;
    s.csr.fill(0);
    for (const Initial& i : csr_at_reset)
        s.csr[i.at] = i.value;
    for (unsigned i = 0; i < 3; i++)
        s.csr[12 + i] = u16(s.prom[2 * i] | s.prom[2 * i + 1] << 8);
    s.xmit_pos = s.tx_busy = 0;
    poll_->cancel();
    update_irq();
}

/// Reads the initialisation block ("Initialization Block"): 24 bytes, or 28 with 32 bits.
void Pcnet::initialise() {
    auto& s = state_.state;
    std::array<u8, 28> b{};
    dma_read(u32{s.csr[1]} | u32{s.csr[2]} << 16, b);
    const auto word = [&](unsigned at) { return u16(b[at] | b[at + 1] << 8); };
    const auto longword = [&](unsigned at) { return u32{word(at)} | u32{word(at + 2)} << 16; };
    const unsigned address = wide() ? 4 : 2, filter = wide() ? 12 : 8, rings = wide() ? 20 : 16;
    const unsigned receive_log = wide() ? b[2] >> 4 : b[rings + 3] >> 5,
                   transmit_log = wide() ? b[3] >> 4 : b[rings + 7] >> 5;
    s.csr[15] = word(0);
    for (unsigned i = 0; i < 3; i++)
        s.csr[12 + i] = word(address + 2 * i);
    for (unsigned i = 0; i < 4; i++)
        s.csr[8 + i] = word(filter + 2 * i);
    const u32 bank = wide() ? 0 : u32{s.csr[2]} << 16 & 0xff000000, mask = wide() ? ~0u : 0xffffff;
    s.rdra = bank | (longword(rings) & mask);
    s.tdra = bank | (longword(rings + 4) & mask);
    s.csr[6] = u16(receive_log << 8 | transmit_log << 12);
    s.csr[RCVRL] = s.csr[RCVRC] = u16(1u << std::min(receive_log, 9u));
    s.csr[XMTRL] = s.csr[XMTRC] = u16(1u << std::min(transmit_log, 9u));
    s.csr[0] = (s.csr[0] & ~(STOP | STRT)) | INIT | IDON;
}

void Pcnet::start() {
    auto& s = state_.state;
    u16& csr0 = s.csr[0];
    csr0 = (csr0 & ~STOP) | STRT;
    if (!(s.csr[15] & DTX)) csr0 |= TXON;
    if (!(s.csr[15] & DRX)) csr0 |= RXON;
    s.xmit_pos = 0;
    poll();
    flush_incoming();
}

void Pcnet::stop() {
    auto& s = state_.state;
    s.csr[0] = STOP;
    s.csr[4] &= u16(~csr4_write_one_clears);
    s.csr[5] &= u16(~csr5_write_one_clears);
    poll_->cancel();
    update_irq();
}

// ---- bus configuration ------------------------------------------------------------------------

u16 Pcnet::read_bcr(unsigned n) const {
    const auto& s = state_.state;
    if (n > last_bcr) return 0;
    // The light-emitting diodes' registers show whether they are on.
    if (n >= 4 && n <= 7) return u16((s.bcr[n] & 0x7fff) | (s.bcr[n] & s.lnkst ? 0x8000 : 0));
    return s.bcr[n];
}

void Pcnet::write_bcr(unsigned n, u16 value) {
    auto& s = state_.state;
    switch (n) {
        case 20: {  // SWSTYLE, in which all but the first have 32 bits (SSIZE32)
            if (!(s.csr[0] & STOP || s.csr[5] & SPND)) return;
            constexpr u16 csrpcnet = 0x0200, ssize32 = 0x0100;
            const unsigned chosen = value & 0xff;
            s.bcr[20] = u16((chosen <= 3 ? chosen : 0) | (chosen && chosen <= 3 ? ssize32 : 0) |
                            (chosen == 1 ? 0 : csrpcnet));
            break;
        }
        case 2:
        case 4:
        case 5:
        case 6:
        case 7:
        case 9:
        case 18:
        case 19:
        case 21:
        case 22: s.bcr[n] = value; break;
        default: break;
    }
}

}  // namespace hw
