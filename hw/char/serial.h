// SPDX-License-Identifier: GPL-2.0-or-later
//
// National Semiconductor PC16550D UART with FIFOs (data sheet TL/C/8652). The chip apart from its
// bus; isa-serial and pci-serial wrap it. Characters leave as fast as the back end takes them;
// only the receive timeout knows the baud rate.
#pragma once

#include <array>
#include <functional>

#include "chardev/char.h"
#include "hw/core/int.h"
#include "hw/core/irq.h"
#include "migration/vmstate/table.h"
#include "util/timer.h"

namespace hw {

struct Fifo16 {
    static constexpr u32 capacity = 16;
    std::array<u8, capacity> data{};
    u32 head = 0, num = 0;

    bool empty() const { return num == 0; }
    bool full() const { return num == capacity; }
    void push(u8 byte) { data[(head + num++) % capacity] = byte; }
    u8 pop() {
        const u8 byte = data[head];
        head = (head + 1) % capacity;
        num--;
        return byte;
    }
};

struct SerialState {
    u16 divider = 12;
    u8 rbr = 0;
    u8 ier = 0;
    u8 iir = 1;
    u8 lcr = 0;
    u8 mcr = 0;
    u8 lsr = 0;
    u8 msr = 0;
    u8 scr = 0;
    u8 fcr_vmstate = 0;
    i32 thr_ipending = -1;  // -1, in a stream only: to be concluded from iir
    u32 tsr_retry = 0;      // the back end has not taken tsr yet
    u8 thr = 0;
    u8 tsr = 0;
    Fifo16 recv_fifo{};
    Fifo16 xmit_fifo{};
    i64 fifo_timeout_timer = -1;
    i32 timeout_ipending = 0;
    i32 poll_msl = -1;  // polls the modem lines of a real port: never here
    i64 modem_status_poll = -1;
};

/// "serial", what every wrapper's section nests as "state".
extern const vmstate::Table serial_table;

class Serial final : public chardev::FrontEnd {
public:
    Serial(SerialState& state, Clock& clock, u32 baudbase = 115200);

    void reset();
    void pre_save();
    void post_load();

    u64 io_read(u64 offset, unsigned size);
    void io_write(u64 offset, u64 value, unsigned size);

    IrqOut irq;
    /// A character came in and the device is told to wake the machine.
    std::function<void()> on_wakeup;

private:
    // chardev::FrontEnd
    std::size_t can_receive() override;
    void receive(std::span<const u8>) override;
    void event(chardev::Event) override;
    void writable() override;
    bool may_swap_chardev() const override { return true; }

    bool fifo_enabled() const;
    bool divisor_latch() const;
    void update_irq();
    void update_parameters();
    void write_fcr(u8 value);
    void write_thr(u8 value);
    void write_ier(u8 value);
    u8 read_rbr();
    void accept(std::span<const u8>);
    void transmit();
    void restart_timeout();

    SerialState& state_;
    Clock& clock_;
    const u32 baudbase_;
    i64 char_time_ = 0;  // ns
    unsigned trigger_ = 1;
    bool break_sent_ = false;
    Timer timeout_;
};

}  // namespace hw
