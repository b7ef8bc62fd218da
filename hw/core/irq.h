// SPDX-License-Identifier: GPL-2.0-or-later
//
// Interrupt and other one-bit lines. An IrqIn is one input of a chip; an IrqOut is an output pin,
// which is connected to an input once and driven any number of times. A test can listen in on a
// device's pins (qtest irq_intercept_in, irq_intercept_out) without the device noticing.
#pragma once

#include <cstdint>
#include <functional>

namespace hw {

/// One input pin: a handler, its device and the pin's number there. A value; copying it copies the
/// wire's end.
class IrqIn {
public:
    using Handler = void (*)(void* device, int pin, int level);
    IrqIn() = default;
    IrqIn(Handler handler, void* device, int pin) : handler_(handler), device_(device), pin_(pin) {}
    explicit operator bool() const { return handler_; }
    void set(int level) const {
        if (handler_) handler_(device_, pin_, level);
    }
    int pin() const { return pin_; }

private:
    Handler handler_ = nullptr;
    void* device_ = nullptr;
    int pin_ = 0;
};

/// Hears the level of an input pin of a Device before the device does.
using PinObserver = std::function<void(int pin, int level)>;

/// `irq_in<&Pic::set_irq>(*this, n)` where `void Pic::set_irq(int pin, int level)`.
template <auto Member, class D>
IrqIn irq_in(D& device, int pin) {
    return IrqIn(
        [](void* to, int n, int level) {
            D& d = *static_cast<D*>(to);
            if constexpr (requires { d.input_observer(); })
                if (const PinObserver* observe = d.input_observer()) [[unlikely]]
                    (*observe)(n, level);
            (d.*Member)(n, level);
        },
        &device, pin);
}

class IrqOut {
public:
    IrqOut() = default;
    IrqOut(const IrqOut&) = delete;
    void connect(IrqIn to) { to_ = to; }
    bool connected() const { return bool(to_); }
    /// Lines carry a level, not an edge: setting the level it has is allowed and passed on.
    void set(int level) {
        level_ = level;
        if (observer_) [[unlikely]]
            observer_(level);
        to_.set(level);
    }
    void raise() { set(1); }
    void lower() { set(0); }
    void pulse() {
        set(1);
        set(0);
    }
    int level() const { return level_; }
    /// Hears the line before its target does. Empty: nobody.
    void observe(std::function<void(int level)> observer) { observer_ = std::move(observer); }

private:
    IrqIn to_;
    int level_ = 0;
    std::function<void(int)> observer_;
};

}  // namespace hw
