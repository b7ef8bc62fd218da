// SPDX-License-Identifier: GPL-2.0-or-later
//
// Intel 8042 keyboard controller with the PS/2 program (IBM PS/2 Hardware Interface Technical
// Reference, "Keyboard and Auxiliary Device Controller"), and the keyboard and mouse plugged in.
#pragma once

#include <memory>

#include "hw/input/ps2-keyboard.h"
#include "hw/input/ps2-mouse.h"
#include "hw/isa/isa-bus.h"

namespace hw {

struct I8042Config {
    bool extended_state = true;
    bool kbd_throttle = false;
    u8 kbd_irq = 1;
    u8 mouse_irq = 12;
};

struct I8042State {
    u8 write_cmd = 0;  // the command whose parameter port 60h is due to get
    u8 status = 0;
    u8 mode = 0;     // the controller command byte
    u8 pending = 0;  // who has a byte for us, as bits of Pending
    u8 outport = 0;
    u32 migration_flags = 0;
    u32 obsrc = 0;  // whose byte is in the output buffer
    u8 obdata = 0;
    u8 cbdata = 0;         // the controller's own
    bool extended = true;  // from the configuration: whether the four above are sent
};

class I8042 final : public DeviceOf<I8042Config, I8042State> {
public:
    static const DeviceType device_type_;

    I8042();

    const vmstate::Table& vmstate() const override;
    void hold_reset() override;

    std::vector<Pins> pins() const override {
        return {
            {"ps2-mouse-input-irq", 1, 0}, {"ps2-kbd-input-irq", 1, 0}, {"", 0, 2}, {"a20", 0, 1}};
    }
    Ps2Keyboard& keyboard() { return keyboard_; }
    Ps2Mouse& mouse() { return mouse_; }
    IrqOut& a20() { return a20_; }
    IrqOut& keyboard_irq() { return kbd_irq_; }
    IrqOut& mouse_irq() { return mouse_irq_; }
    /// Rises when the guest wants a reset.
    IrqOut& reset_request() { return reset_; }

    u64 data_read(u64, unsigned);
    void data_write(u64, u64 value, unsigned);
    u64 status_read(u64, unsigned) { return state_.status; }
    void command_write(u64, u64 value, unsigned);

protected:
    Result<void> realize(Platform&) override;
    void pre_save(I8042State& s) override { s.extended = config_.extended_state; }
    void post_load(int) override;

private:
    void keyboard_has_data(int, int level);
    void mouse_has_data(int, int level);
    u8 deliverable() const;
    void answer(u8 byte, bool as_mouse = false);
    void fill_buffer();
    void fill_buffer_if_empty();
    void empty_buffer();
    void drive_irqs();
    void write_outport(u8 value);

    Ps2Keyboard keyboard_;
    Ps2Mouse mouse_;
    IrqOut a20_, kbd_irq_, mouse_irq_, reset_;
    std::unique_ptr<exec::MemoryRegion> data_, command_;
};

}  // namespace hw
