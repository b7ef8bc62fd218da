// SPDX-License-Identifier: GPL-2.0-or-later
//
// A periodic timer whose guest is not running while a tick is due (the host gives the processor's
// thread its turn late) would lose all but one of the ticks of that time: an interrupt controller
// remembers one edge. A TickPath tells a timer how its last edge fared, and OwedTicks gives the
// ticks that went under to the guest later, each when it has taken the one before.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "hw/core/int.h"
#include "util/timer.h"

namespace hw {

/// The way of an edge-triggered interrupt from its line to a processor.
class TickPath {
public:
    virtual ~TickPath() = default;
    /// An edge has arrived at an interrupt controller and will be taken, but was not yet.
    virtual bool waiting() const = 0;
    /// Tells every time that a processor has taken one.
    void on_taken(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }

protected:
    void taken() const {
        for (const auto& listener : listeners_)
            listener();
    }

private:
    std::vector<std::function<void()>> listeners_;
};

class OwedTicks {
public:
    /// `pulse` makes an edge and leaves the line as it was.
    void connect(TickPath& path, std::function<void()> pulse) {
        path_ = &path;
        pulse_ = std::move(pulse);
        path.on_taken([this] { repay(); });
    }
    /// Makes the edge of a tick that is due after `missed` others, which come after it. What is
    /// masked is lost, as on the chip.
    template <class F>
    void tick(u64 missed, i64 period_ns, F edge) {
        const bool before = path_ && path_->waiting();
        edge();
        if (!path_ || !path_->waiting()) return forget();
        // More than a second's worth is nothing that a guest would count on.
        const i64 most = nanoseconds_per_second / std::max<i64>(period_ns, 1);
        owed_ = std::min<u64>(owed_ + missed + before, u64(most));
    }
    void forget() { owed_ = 0; }

private:
    void repay() {
        if (owed_ == 0) return;
        owed_--;
        pulse_();
    }

    TickPath* path_ = nullptr;
    std::function<void()> pulse_;
    u64 owed_ = 0;
};

}  // namespace hw
