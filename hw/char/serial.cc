// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/char/serial.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

enum : u64 { RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR };
enum : u8 {
    ier_erbfi = 0x01,
    ier_etbei = 0x02,
    ier_elsi = 0x04,
    ier_edssi = 0x08,

    iir_none = 0x01,
    iir_modem = 0x00,
    iir_thre = 0x02,
    iir_data = 0x04,
    iir_line = 0x06,
    iir_timeout = 0x0c,
    iir_id = 0x0f,
    iir_fifos = 0xc0,

    fcr_enable = 0x01,
    fcr_reset_rx = 0x02,
    fcr_reset_tx = 0x04,
    fcr_kept = 0xc9,

    lcr_stb = 0x04,
    lcr_pen = 0x08,
    lcr_break = 0x40,
    lcr_dlab = 0x80,

    mcr_dtr = 0x01,
    mcr_rts = 0x02,
    mcr_outs = 0x0c,
    mcr_out2 = 0x08,
    mcr_loop = 0x10,

    lsr_dr = 0x01,
    lsr_oe = 0x02,
    lsr_bi = 0x10,
    lsr_errors = 0x1e,
    lsr_thre = 0x20,
    lsr_temt = 0x40,

    msr_deltas = 0x0f,
    msr_cts = 0x10,
    msr_dsr = 0x20,
    msr_dcd = 0x80,
};

using F = Fifo16;
constexpr auto fifo_fields =
    vmstate::fields(vmstate::buffer<&F::data>("data"), vmstate::field<&F::head>("head"),
                    vmstate::field<&F::num>("num"));
static_assert(vmstate::covers<F>(fifo_fields));
Result<void> check_fifo(const F& f, int) {
    if (f.head >= F::capacity || f.num > F::capacity) return fail("the FIFO is out of bounds");
    return {};
}
constexpr vmstate::Table fifo_table{
    .name = "Fifo8", .fields = fifo_fields, .check = vmstate::check<F, check_fifo>};

using S = SerialState;
constexpr auto fields = vmstate::fields(
    vmstate::field<&S::divider>("divider").from_version(2), vmstate::field<&S::rbr>("rbr"),
    vmstate::field<&S::ier>("ier"), vmstate::field<&S::iir>("iir"), vmstate::field<&S::lcr>("lcr"),
    vmstate::field<&S::mcr>("mcr"), vmstate::field<&S::lsr>("lsr"), vmstate::field<&S::msr>("msr"),
    vmstate::field<&S::scr>("scr"), vmstate::field<&S::fcr_vmstate>("fcr_vmstate").from_version(3));
constexpr auto thr_fields = vmstate::fields(vmstate::field<&S::thr_ipending>("thr_ipending"));
constexpr auto tsr_fields =
    vmstate::fields(vmstate::field<&S::tsr_retry>("tsr_retry"), vmstate::field<&S::thr>("thr"),
                    vmstate::field<&S::tsr>("tsr"));
constexpr auto recv_fields =
    vmstate::fields(vmstate::structs<&S::recv_fifo>("recv_fifo", fifo_table));
constexpr auto xmit_fields =
    vmstate::fields(vmstate::structs<&S::xmit_fifo>("xmit_fifo", fifo_table));
constexpr auto timer_fields =
    vmstate::fields(vmstate::timer<&S::fifo_timeout_timer>("fifo_timeout_timer"));
constexpr auto timeout_fields =
    vmstate::fields(vmstate::field<&S::timeout_ipending>("timeout_ipending"));
constexpr auto poll_fields =
    vmstate::fields(vmstate::field<&S::poll_msl>("poll_msl"),
                    vmstate::timer<&S::modem_status_poll>("modem_status_poll"));
static_assert(vmstate::covers<S>(fields, thr_fields, tsr_fields, recv_fields, xmit_fields,
                                 timer_fields, timeout_fields, poll_fields));

bool thr_needed(const S& s) {
    // Otherwise iir says it, or LSR.THRE is looked at again when the interrupt is enabled.
    return s.ier & ier_etbei && (s.thr_ipending != 0) != ((s.iir & iir_id) == iir_thre);
}
bool tsr_needed(const S& s) {
    return s.tsr_retry;
}
bool recv_needed(const S& s) {
    return !s.recv_fifo.empty();
}
bool xmit_needed(const S& s) {
    return !s.xmit_fifo.empty();
}
bool timer_needed(const S& s) {
    return s.fifo_timeout_timer != -1;
}
bool timeout_needed(const S& s) {
    return s.timeout_ipending;
}
bool poll_needed(const S& s) {
    return s.poll_msl >= 0;
}
template <auto Needed>
consteval vmstate::Table part(std::string_view name, std::span<const vmstate::Field> rows) {
    return {.name = name, .fields = rows, .needed = vmstate::needed<S, Needed>};
}
constexpr auto thr_table = part<thr_needed>("serial/thr_ipending", thr_fields);
constexpr auto tsr_table = part<tsr_needed>("serial/tsr", tsr_fields);
constexpr auto recv_table = part<recv_needed>("serial/recv_fifo", recv_fields);
constexpr auto xmit_table = part<xmit_needed>("serial/xmit_fifo", xmit_fields);
constexpr auto timer_table = part<timer_needed>("serial/fifo_timeout_timer", timer_fields);
constexpr auto timeout_table = part<timeout_needed>("serial/timeout_ipending", timeout_fields);
constexpr auto poll_table = part<poll_needed>("serial/poll", poll_fields);
constexpr auto subsections = vmstate::subsections(thr_table, tsr_table, recv_table, xmit_table,
                                                  timer_table, timeout_table, poll_table);

}  // namespace

constinit const vmstate::Table serial_table{.name = "serial",
                                            .version = 3,
                                            .minimum_version = 2,
                                            .fields = fields,
                                            .subsections = subsections};

Serial::Serial(SerialState& state, Clock& clock, u32 baudbase)
    : state_(state), clock_(clock), baudbase_(baudbase), timeout_(clock, [this] {
          if (state_.recv_fifo.empty()) return;
          state_.timeout_ipending = 1;
          update_irq();
      }) {
    reset();
}

void Serial::reset() {
    timeout_.cancel();
    state_ = {};
    state_.thr_ipending = 0;
    state_.mcr = mcr_out2;
    state_.lsr = lsr_temt | lsr_thre;
    state_.msr = msr_dcd | msr_dsr | msr_cts;
    trigger_ = 1;
    break_sent_ = false;
    update_parameters();
    irq.lower();
}

void Serial::pre_save() {
    state_.fifo_timeout_timer = timeout_.deadline_ns();
}

void Serial::post_load() {
    if (state_.thr_ipending == -1) state_.thr_ipending = (state_.iir & iir_id) == iir_thre;
    // tsr_retry counted attempts there; here the back end says when it has room.
    state_.tsr_retry = state_.tsr_retry != 0;
    write_fcr(state_.fcr_vmstate);
    update_parameters();
    timeout_.restore(state_.fifo_timeout_timer);
    break_sent_ = state_.lcr & lcr_break;
    if (state_.tsr_retry) writable();
    accept_input();
}

bool Serial::fifo_enabled() const {
    return state_.fcr_vmstate & fcr_enable;
}
bool Serial::divisor_latch() const {
    return state_.lcr & lcr_dlab;
}

/// Table III: the highest of the pending and enabled ones.
void Serial::update_irq() {
    u8 id = iir_none;
    if (state_.ier & ier_elsi && state_.lsr & lsr_errors)
        id = iir_line;
    else if (state_.ier & ier_erbfi && state_.timeout_ipending)
        id = iir_timeout;
    else if (state_.ier & ier_erbfi && state_.lsr & lsr_dr &&
             (!fifo_enabled() || state_.recv_fifo.num >= trigger_))
        id = iir_data;
    else if (state_.ier & ier_etbei && state_.thr_ipending)
        id = iir_thre;
    else if (state_.ier & ier_edssi && state_.msr & msr_deltas)
        id = iir_modem;
    state_.iir = u8(id | (state_.iir & 0xf0));
    irq.set(id != iir_none);
}

void Serial::update_parameters() {
    if (state_.divider == 0 || state_.divider > baudbase_) return;
    const unsigned bits =
        1 + 5 + (state_.lcr & 3u) + (state_.lcr & lcr_pen ? 1 : 0) + (state_.lcr & lcr_stb ? 2 : 1);
    char_time_ = nanoseconds_per_second * bits / (baudbase_ / state_.divider);
}

void Serial::restart_timeout() {
    timeout_.set(clock_.now_ns() + 4 * char_time_);
}

// ---- receiver ---------------------------------------------------------------------------------

std::size_t Serial::can_receive() {
    if (state_.mcr & mcr_loop) return 0;
    if (!fifo_enabled()) return state_.lsr & lsr_dr ? 0 : 1;
    const F& fifo = state_.recv_fifo;
    if (fifo.full()) return 0;
    // No more at once than the trigger level: filling the FIFO to the brim would take from the
    // guest the interrupt it asked for and make overruns of every delay.
    return fifo.num < trigger_ ? trigger_ - fifo.num : 1;
}

void Serial::accept(std::span<const u8> bytes) {
    if (fifo_enabled()) {
        for (const u8 byte : bytes) {
            if (state_.recv_fifo.full())
                state_.lsr |= lsr_oe;  // the character in the shift register is lost
            else
                state_.recv_fifo.push(byte);
        }
        state_.lsr |= lsr_dr;
        restart_timeout();
    } else {
        if (state_.lsr & lsr_dr) state_.lsr |= lsr_oe;
        state_.rbr = bytes[0];
        state_.lsr |= lsr_dr;
    }
    update_irq();
}

void Serial::receive(std::span<const u8> bytes) {
    if (bytes.empty()) return;
    if (on_wakeup) on_wakeup();
    accept(bytes);
}

void Serial::event(chardev::Event e) {
    if (e != chardev::Event::Break) return;
    // "only one zero character is loaded into the FIFO" (LSR bit 4)
    const u8 zero = 0;
    accept({&zero, 1});
    state_.lsr |= lsr_bi;
    update_irq();
}

u8 Serial::read_rbr() {
    u8 byte = state_.rbr;
    if (fifo_enabled()) {
        byte = state_.recv_fifo.empty() ? u8(0) : state_.recv_fifo.pop();
        if (state_.recv_fifo.empty())
            state_.lsr &= u8(~(lsr_dr | lsr_bi));
        else
            restart_timeout();
        state_.timeout_ipending = 0;
    } else {
        state_.lsr &= u8(~(lsr_dr | lsr_bi));
    }
    update_irq();
    if (!(state_.mcr & mcr_loop)) accept_input();
    return byte;
}

// ---- transmitter ------------------------------------------------------------------------------

void Serial::write_thr(u8 value) {
    state_.thr = value;
    if (fifo_enabled()) {
        if (state_.xmit_fifo.full()) state_.xmit_fifo.pop();  // an overrun overwrites
        state_.xmit_fifo.push(value);
    }
    state_.thr_ipending = 0;
    state_.lsr &= u8(~(lsr_thre | lsr_temt));
    update_irq();
    if (!state_.tsr_retry) transmit();
}

void Serial::transmit() {
    for (;;) {
        if (!state_.tsr_retry) {
            if (state_.lsr & lsr_thre) break;
            if (fifo_enabled() && state_.xmit_fifo.empty()) {
                state_.lsr |= lsr_thre;
                break;
            }
            state_.tsr = fifo_enabled() ? state_.xmit_fifo.pop() : state_.thr;
            if (!fifo_enabled() || state_.xmit_fifo.empty()) state_.lsr |= lsr_thre;
            if (state_.lsr & lsr_thre && !state_.thr_ipending) {
                state_.thr_ipending = 1;
                update_irq();
            }
        }
        if (state_.mcr & mcr_loop) {
            accept({&state_.tsr, 1});
        } else if (chardev() && write({&state_.tsr, 1}) != 1 && line_open()) {
            state_.tsr_retry = 1;  // writable() goes on
            return;
        }
        state_.tsr_retry = 0;
    }
    state_.lsr |= lsr_temt;
}

void Serial::writable() {
    if (state_.tsr_retry) transmit();
}

// ---- registers --------------------------------------------------------------------------------

void Serial::write_ier(u8 value) {
    const u8 changed = (state_.ier ^ value) & 0x0f;
    state_.ier = value & 0x0f;
    if (changed & ier_etbei)
        // Enabling it interrupts when THR is empty, even if reading IIR had settled that before:
        // beyond the data sheet, and Windows' driver counts on it.
        state_.thr_ipending = state_.ier & ier_etbei && state_.lsr & lsr_thre;
    if (changed) update_irq();
}

void Serial::write_fcr(u8 value) {
    constexpr unsigned trigger_levels[] = {1, 4, 8, 14};
    state_.fcr_vmstate = value & fcr_kept;
    if (value & fcr_enable) {
        state_.iir |= iir_fifos;
        trigger_ = trigger_levels[value >> 6];
    } else {
        state_.iir &= u8(~iir_fifos);
    }
}

void Serial::io_write(u64 offset, u64 wide, unsigned) {
    const u8 value = u8(wide);
    switch (offset) {
        case RBR_THR:
            if (!divisor_latch()) return write_thr(value);
            state_.divider = u16((state_.divider & 0xff00) | value);
            return update_parameters();
        case IER:
            if (!divisor_latch()) return write_ier(value);
            state_.divider = u16((state_.divider & 0x00ff) | value << 8);
            return update_parameters();
        case IIR_FCR: {
            u8 fcr = value;
            if ((fcr ^ state_.fcr_vmstate) & fcr_enable) fcr |= fcr_reset_rx | fcr_reset_tx;
            if (fcr & fcr_reset_rx) {
                state_.lsr &= u8(~(lsr_dr | lsr_bi));
                timeout_.cancel();
                state_.timeout_ipending = 0;
                state_.recv_fifo = {};
            }
            if (fcr & fcr_reset_tx) {
                state_.lsr |= lsr_thre;
                state_.thr_ipending = 1;
                state_.xmit_fifo = {};
            }
            write_fcr(fcr);
            return update_irq();
        }
        case LCR: {
            state_.lcr = value;
            update_parameters();
            const bool set_break = value & lcr_break;
            if (set_break && !break_sent_ && chardev()) chardev()->send_break();
            break_sent_ = set_break;
            return;
        }
        case MCR:
            state_.mcr = value & 0x1f;
            if (!(value & mcr_loop)) accept_input();
            return;
        case SCR: state_.scr = value; return;
        default: return;  // LSR and MSR are for factory tests
    }
}

u64 Serial::io_read(u64 offset, unsigned) {
    switch (offset) {
        case RBR_THR: return divisor_latch() ? state_.divider & 0xff : read_rbr();
        case IER: return divisor_latch() ? state_.divider >> 8 : state_.ier;
        case IIR_FCR: {
            const u8 id = state_.iir;
            if ((id & iir_id) == iir_thre) {
                state_.thr_ipending = 0;
                update_irq();
            }
            return id;
        }
        case LCR: return state_.lcr;
        case MCR: return state_.mcr;
        case LSR: {
            const u8 status = state_.lsr;
            if (status & (lsr_bi | lsr_oe)) {
                state_.lsr &= u8(~(lsr_bi | lsr_oe));
                update_irq();
            }
            return status;
        }
        case MSR: {
            if (state_.mcr & mcr_loop)  // OUT2, OUT1, DTR, RTS appear as DCD, RI, DSR, CTS
                return unsigned(state_.mcr & mcr_outs) << 4 | (state_.mcr & mcr_rts) << 3 |
                       (state_.mcr & mcr_dtr) << 5;
            const u8 status = state_.msr;
            if (status & msr_deltas) {
                state_.msr &= u8(~msr_deltas);
                update_irq();
            }
            return status;
        }
        default: return state_.scr;
    }
}

}  // namespace hw
