// SPDX-License-Identifier: GPL-2.0-or-later
//
// Interrupt and other one-bit lines. An IrqIn is one input of a chip; an IrqOut is an output pin,
// which is connected to an input once and driven any number of times. A test can intercept a
// device's outputs (qtest irq_intercept_out) without the device noticing.
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

/// `irq_in<&Pic::set_irq>(*this, n)` where `void Pic::set_irq(int pin, int level)`.
template <auto Member, class D>
IrqIn irq_in(D& device, int pin) {
    return IrqIn([](void* d, int n, int level) { (static_cast<D*>(d)->*Member)(n, level); },
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
        if (intercept_)
            intercept_(level);
        else
            to_.set(level);
    }
    void raise() { set(1); }
    void lower() { set(0); }
    void pulse() {
        set(1);
        set(0);
    }
    int level() const { return level_; }
    /// qtest: hears the line instead of its real target. Empty gives the wire back.
    void intercept(std::function<void(int level)> observer) { intercept_ = std::move(observer); }

private:
    IrqIn to_;
    int level_ = 0;
    std::function<void(int)> intercept_;
};

}  // namespace hw
