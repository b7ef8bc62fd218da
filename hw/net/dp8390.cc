// SPDX-License-Identifier: GPL-2.0-or-later
//
// What drivers do not use is not there: counters of errors that no virtual cable has, loopback, the
// chip's own view of its DMA addresses.
#include "hw/net/dp8390.h"

#include <zlib.h>

#include <algorithm>

#include "migration/vmstate/fields.h"

namespace hw {

namespace {

using S = Dp8390State;
using vmstate::buffer;
using vmstate::field;
constexpr auto fields = vmstate::fields(
    field<&S::rxcr>("rxcr").from_version(2), field<&S::cmd>("cmd"), field<&S::start>("start"),
    field<&S::stop>("stop"), field<&S::boundary>("boundary"), field<&S::tsr>("tsr"),
    field<&S::tpsr>("tpsr"), field<&S::tcnt>("tcnt"), field<&S::rcnt>("rcnt"),
    field<&S::rsar>("rsar"), field<&S::rsr>("rsr"), field<&S::isr>("isr"), field<&S::dcfg>("dcfg"),
    field<&S::imr>("imr"), buffer<&S::phys>("phys"), field<&S::curpag>("curpag"),
    buffer<&S::mult>("mult"), vmstate::unused(4), buffer<&S::mem>("mem"));
static_assert(vmstate::covers<S>(fields));

constexpr std::uint32_t memory_at = 0x4000, memory_end = 0xc000, prom_size = 32;

// Ports beyond the chip's sixteen.
constexpr unsigned data_port = 0x10, reset_port = 0x1f;

// The command register (section 10.3); the upper two bits are the page.
constexpr std::uint8_t cr_stop = 0x01, cr_transmit = 0x04, cr_remote = 0x18;
// Interrupt status.
constexpr std::uint8_t isr_received = 0x01, isr_transmitted = 0x02, isr_dma_complete = 0x40,
                       isr_reset = 0x80;
constexpr std::uint8_t dcr_words = 0x01;
constexpr std::uint8_t tsr_transmitted = 0x01;
constexpr std::uint8_t rsr_intact = 0x01, rsr_group = 0x20;
constexpr std::uint8_t rcr_broadcast = 0x04, rcr_multicast = 0x08, rcr_promiscuous = 0x10;

constexpr std::size_t shortest = 60, longest = 1514, fcs = 4, ring_header = 4;

/// Registers by page and number, read and written alike but for those below.
enum Register : unsigned {
    CR = 0x00,
    PSTART = 0x01,
    PSTOP = 0x02,
    BNRY = 0x03,
    TSR = 0x04,  // written: TPSR
    TBCR0 = 0x05,
    TBCR1 = 0x06,
    ISR = 0x07,
    RSAR0 = 0x08,  // read: the current address
    RSAR1 = 0x09,
    RBCR0 = 0x0a,  // read: the RTL8029's identity
    RBCR1 = 0x0b,
    RSR = 0x0c,  // written: RCR
    DCR = 0x0e,
    IMR = 0x0f,
    PAR0 = 0x11,
    CURR = 0x17,
    MAR0 = 0x18,
    PSTART_READ = 0x21,
    PSTOP_READ = 0x22,
    CONFIG2 = 0x35,  // RTL8029: full duplex on 10BASE-T
    CONFIG3 = 0x36,
};

std::uint8_t low(std::uint32_t v) {
    return static_cast<std::uint8_t>(v);
}
template <class T>
void set_low(T& v, std::uint8_t byte) {
    v = static_cast<T>((v & 0xff00) | byte);
}
template <class T>
void set_high(T& v, std::uint8_t byte) {
    v = static_cast<T>((v & 0x00ff) | byte << 8);
}

}  // namespace

constinit const vmstate::Table dp8390_table{
    .name = "ne2000", .version = 2, .minimum_version = 0, .fields = fields};

void Dp8390::reset_chip() {
    chip_ = {};
    soft_reset();
}

/// The reset port: the chip stops, and the PROM shows the address, each byte twice, and the bytes
/// by which a card of sixteen bits is known.
void Dp8390::soft_reset() {
    chip_.isr = isr_reset;
    std::array<std::uint8_t, prom_size / 2> prom{};
    std::copy(mac().begin(), mac().end(), prom.begin());
    prom[14] = prom[15] = 0x57;
    for (unsigned n = 0; n < prom_size; n++)
        chip_.mem[n] = prom[n / 2];
    update_irq();
}

void Dp8390::update_irq() {
    set_irq(chip_.isr & chip_.imr & 0x7f);
}

// ---- ports ------------------------------------------------------------------------------------

std::uint64_t Dp8390::port_read(exec::hwaddr offset, unsigned size) {
    if (offset == data_port) return read_data(size);
    if (size == 1 && offset < data_port) return read_register(static_cast<unsigned>(offset));
    if (size == 1 && offset == reset_port) {
        soft_reset();
        return 0;
    }
    return ~std::uint64_t{0};
}

void Dp8390::port_write(exec::hwaddr offset, std::uint64_t value, unsigned size) {
    if (offset == data_port)
        write_data(value, size);
    else if (size == 1 && offset < data_port)
        write_register(static_cast<unsigned>(offset), low(static_cast<std::uint32_t>(value)));
    // The reset ends when the port is written; it was over at once.
}

std::uint8_t Dp8390::read_register(unsigned n) const {
    const S& s = chip_;
    if (n == CR) return s.cmd;
    n |= (s.cmd >> 6) << 4;
    if (n >= PAR0 && n < PAR0 + 6) return s.phys[n - PAR0];
    if (n >= MAR0 && n < MAR0 + 8) return s.mult[n - MAR0];
    switch (n) {
        case TSR: return s.tsr;
        case BNRY: return s.boundary;
        case ISR: return s.isr;
        case RSAR0: return low(s.rsar);
        case RSAR1: return low(s.rsar >> 8);
        case RBCR0: return 'P';
        case RBCR1: return 'C';
        case RSR: return s.rsr;
        case CURR: return s.curpag;
        case PSTART_READ: return low(s.start >> 8);
        case PSTOP_READ: return low(s.stop >> 8);
        case CONFIG2:
        case CONFIG3: return 0x40;
        default: return 0;
    }
}

void Dp8390::write_register(unsigned n, std::uint8_t v) {
    S& s = chip_;
    if (n == CR) {
        write_command(v);
        return;
    }
    n |= (s.cmd >> 6) << 4;
    if (n >= PAR0 && n < PAR0 + 6) s.phys[n - PAR0] = v;
    if (n >= MAR0 && n < MAR0 + 8) s.mult[n - MAR0] = v;
    const std::uint32_t page = v << 8;
    switch (n) {
        case PSTART:
            if (page <= memory_end) s.start = page;
            break;
        case PSTOP:
            if (page <= memory_end) s.stop = page;
            break;
        case BNRY:
            if (page < memory_end) s.boundary = v;
            flush_incoming();
            break;
        case TSR: s.tpsr = v; break;
        case TBCR0: set_low(s.tcnt, v); break;
        case TBCR1: set_high(s.tcnt, v); break;
        case ISR:
            s.isr &= static_cast<std::uint8_t>(~(v & 0x7f));
            update_irq();
            flush_incoming();
            break;
        case RSAR0: set_low(s.rsar, v); break;
        case RSAR1: set_high(s.rsar, v); break;
        case RBCR0: set_low(s.rcnt, v); break;
        case RBCR1: set_high(s.rcnt, v); break;
        case RSR: s.rxcr = v; break;
        case DCR: s.dcfg = v; break;
        case IMR:
            s.imr = v;
            update_irq();
            flush_incoming();
            break;
        case CURR:
            if (page < memory_end) s.curpag = v;
            break;
        default: break;
    }
}

void Dp8390::write_command(std::uint8_t v) {
    chip_.cmd = v;
    if (v & cr_stop) return;
    chip_.isr &= static_cast<std::uint8_t>(~isr_reset);
    // A transfer of no bytes is over at once.
    if (v & cr_remote && !chip_.rcnt) chip_.isr |= isr_dma_complete;
    if (v & cr_transmit) transmit();
    update_irq();
    flush_incoming();
}

// ---- remote DMA -------------------------------------------------------------------------------

bool Dp8390::has_memory(std::uint32_t at) const {
    return at < prom_size || (at >= memory_at && at < memory_end);
}

std::uint64_t Dp8390::read_data(unsigned size) {
    // Sixteen bits at most come from memory at a time, unless the processor asks for more.
    const unsigned bytes = size == 4 ? 4 : chip_.dcfg & dcr_words ? 2 : 1;
    const std::uint32_t at = bytes > 1 ? chip_.rsar & ~1u : chip_.rsar;
    std::uint64_t value = 0;
    for (unsigned n = 0; n < bytes; n++)
        value |= (has_memory(at + n) ? std::uint64_t{chip_.mem[at + n]} : 0xff) << 8 * n;
    advance_dma(bytes);
    return value;
}

void Dp8390::write_data(std::uint64_t value, unsigned size) {
    if (!chip_.rcnt) return;
    const unsigned bytes = size == 4 ? 4 : chip_.dcfg & dcr_words ? 2 : 1;
    const std::uint32_t at = bytes > 1 ? chip_.rsar & ~1u : chip_.rsar;
    for (unsigned n = 0; n < bytes; n++)
        if (has_memory(at + n)) chip_.mem[at + n] = low(static_cast<std::uint32_t>(value >> 8 * n));
    advance_dma(bytes);
}

void Dp8390::advance_dma(unsigned bytes) {
    chip_.rsar += bytes;
    if (chip_.rsar == chip_.stop) chip_.rsar = chip_.start;
    if (chip_.rcnt > bytes) {
        chip_.rcnt = static_cast<std::uint16_t>(chip_.rcnt - bytes);
        return;
    }
    chip_.rcnt = 0;
    chip_.isr |= isr_dma_complete;
    update_irq();
}

// ---- frames -----------------------------------------------------------------------------------

void Dp8390::transmit() {
    std::uint32_t at = static_cast<std::uint32_t>(chip_.tpsr) << 8;
    if (at >= memory_end) at -= memory_end - memory_at;
    if (at + chip_.tcnt <= memory_end) send({chip_.mem.data() + at, chip_.tcnt});
    chip_.tsr = tsr_transmitted;
    chip_.isr |= isr_transmitted;
    chip_.cmd &= static_cast<std::uint8_t>(~cr_transmit);
}

/// Whether the ring has room for the longest frame. On a wire of 10 Mb/s a driver is through with a
/// frame long before the next one is complete, and relies on it: Linux takes ten at a time and
/// forgets the rest until another comes. So nothing comes while it has not acknowledged the last.
bool Dp8390::ready() {
    const S& s = chip_;
    if (s.isr & s.imr & isr_received) return false;
    if (!running() || s.cmd & cr_stop || s.stop <= s.start) return false;
    const std::uint32_t current = s.curpag << 8, boundary = s.boundary << 8;
    const std::uint32_t used = current < boundary ? 0 : current - boundary;
    const std::uint32_t room = current < boundary ? boundary - current : s.stop - s.start;
    return room > used && room - used >= longest + ring_header;
}

bool Dp8390::wanted(std::span<const std::uint8_t> f) const {
    const std::uint8_t mode = chip_.rxcr;
    if (mode & rcr_promiscuous) return true;
    if (std::all_of(f.begin(), f.begin() + 6, [](auto b) { return b == 0xff; }))
        return mode & rcr_broadcast;
    if (!(f[0] & 1)) return std::equal(chip_.phys.begin(), chip_.phys.end(), f.begin());
    if (!(mode & rcr_multicast)) return false;
    // The upper six bits of the address's CRC, whose bits come first the other way round.
    const auto crc = static_cast<std::uint32_t>(~crc32(0, f.data(), 6));
    unsigned hash = 0;
    for (unsigned n = 0; n < 6; n++)
        hash = hash << 1 | (crc >> n & 1);
    return chip_.mult[hash >> 3] >> (hash & 7) & 1;
}

void Dp8390::receive(std::span<const std::uint8_t> frame) {
    if (frame.size() < 6 || frame.size() > longest + fcs || !wanted(frame)) return;
    S& s = chip_;
    const std::size_t size = std::max(frame.size(), shortest);
    const auto length = static_cast<std::uint32_t>(size + fcs);
    std::uint32_t at = s.curpag << 8;
    std::uint32_t next = at + ((length + ring_header + 0xff) & ~0xffu);
    if (next >= s.stop) next -= s.stop - s.start;
    s.rsr = rsr_intact | (frame[0] & 1 ? rsr_group : 0);
    auto put = [&](std::uint8_t byte) {
        if (has_memory(at)) s.mem[at] = byte;
        if (++at == s.stop) at = s.start;
    };
    for (const std::uint8_t byte : {s.rsr, low(next >> 8), low(length), low(length >> 8)})
        put(byte);
    for (std::size_t n = 0; n < size; n++)
        put(n < frame.size() ? frame[n] : 0);
    s.curpag = low(next >> 8);
    s.isr |= isr_received;
    update_irq();
}

}  // namespace hw
