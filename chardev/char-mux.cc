// SPDX-License-Identifier: GPL-2.0-or-later
//
// mux: several front ends (a serial port and a monitor) take turns on one line. Ctrl-A is the
// escape character; Ctrl-A h lists what may follow it.
#include <algorithm>
#include <array>
#include <chrono>
#include <deque>

#include "chardev/backends.h"

namespace chardev {

class MuxChardev final : public Chardev, FrontEnd {
public:
    MuxChardev(Environment& env, std::string label) : Chardev(std::move(label), "mux"), env_(env) {}
    ~MuxChardev() override {
        for (Slot& slot : slots_)
            if (slot.front_end) slot.front_end->chardev_ = nullptr;
    }
    Result<void> start(Chardev& base);

    Result<void> attach(FrontEnd&) override;
    void detach(FrontEnd&) override;
    void accept_input() override;
    void take_focus(FrontEnd&) override;
    void front_end_open_changed(FrontEnd&, bool) override;
    void drain(int milliseconds) override {
        if (chardev()) chardev()->drain(milliseconds);
    }
    void set_echo(bool echo) override {
        if (chardev()) chardev()->set_echo(echo);
    }
    bool in_use() const override {
        return std::ranges::any_of(slots_, [](const Slot& s) { return s.front_end; });
    }
    bool may_be_swapped() const override { return false; }

protected:
    std::size_t put(std::span<const std::uint8_t>) override;
    std::size_t can_receive() override;
    void receive(std::span<const std::uint8_t>) override;
    void event(Event) override;
    void writable() override;

private:
    static constexpr std::size_t most_front_ends = 4;
    static constexpr std::size_t typed_ahead = 32;
    static constexpr std::uint8_t escape = 0x01;  // Ctrl-A
    struct Slot {
        FrontEnd* front_end = nullptr;
        std::deque<std::uint8_t> waiting;
    };

    void command(std::uint8_t key);
    void give_focus(std::size_t slot);
    void pass_on(Slot&);
    void say(std::string_view text) { (void)FrontEnd::write(text); }
    std::string timestamp();

    Environment& env_;
    std::array<Slot, most_front_ends> slots_;
    std::size_t focus_ = most_front_ends;  // nobody's
    bool escaped_ = false;
    bool timestamps_ = false;
    bool line_start_ = true;
    std::chrono::steady_clock::time_point timestamps_from_;
};

Result<void> MuxChardev::start(Chardev& base) {
    TRY(FrontEnd::connect(&base));
    FrontEnd::set_open(true);
    set_line_open(true);  // those behind it are there whether or not somebody looks
    return {};
}

Result<void> MuxChardev::attach(FrontEnd& f) {
    const auto free = std::ranges::find(slots_, nullptr, &Slot::front_end);
    if (free == slots_.end())
        return fail("Too many front ends on mux '{}': {} is the most", label(), most_front_ends);
    free->front_end = &f;
    announce_to(f, Event::Opened);
    give_focus(static_cast<std::size_t>(free - slots_.begin()));
    return {};
}

void MuxChardev::detach(FrontEnd& f) {
    for (std::size_t i = 0; i < slots_.size(); i++) {
        if (slots_[i].front_end != &f) continue;
        slots_[i] = {};
        if (focus_ != i) continue;
        focus_ = most_front_ends;
        front_end_ = nullptr;
        for (std::size_t other = 0; other < slots_.size(); other++)
            if (slots_[other].front_end) return give_focus(other);
    }
}

void MuxChardev::front_end_open_changed(FrontEnd&, bool) {}

void MuxChardev::take_focus(FrontEnd& f) {
    for (std::size_t i = 0; i < slots_.size(); i++)
        if (slots_[i].front_end == &f) give_focus(i);
}

void MuxChardev::give_focus(std::size_t slot) {
    if (slot == focus_) return;
    if (focus_ < slots_.size() && slots_[focus_].front_end)
        announce_to(*slots_[focus_].front_end, Event::MuxOut);
    focus_ = slot;
    front_end_ = slots_[slot].front_end;
    announce_to(*front_end_, Event::MuxIn);
    accept_input();
}

std::string MuxChardev::timestamp() {
    using namespace std::chrono;
    const auto ms = duration_cast<milliseconds>(steady_clock::now() - timestamps_from_).count();
    return fmt::format("[{:02}:{:02}:{:02}.{:03}] ", ms / 3'600'000, ms / 60'000 % 60,
                       ms / 1000 % 60, ms % 1000);
}

std::size_t MuxChardev::put(std::span<const std::uint8_t> bytes) {
    if (!timestamps_) return FrontEnd::write(bytes);
    std::size_t taken = 0;
    while (taken < bytes.size()) {
        if (line_start_) say(timestamp());
        const auto rest = bytes.subspan(taken);
        const auto newline = std::ranges::find(rest, '\n');
        const auto length =
            static_cast<std::size_t>(newline - rest.begin()) + (newline == rest.end() ? 0 : 1);
        const std::size_t n = FrontEnd::write(rest.first(length));
        taken += n;
        if (n < length) {
            line_start_ = false;
            break;
        }
        line_start_ = newline != rest.end();
    }
    return taken;
}

// The line is always read: an escape must get through to a front end that takes nothing.
std::size_t MuxChardev::can_receive() {
    if (focus_ >= slots_.size()) return 1;
    Slot& slot = slots_[focus_];
    const std::size_t space = typed_ahead - std::min(typed_ahead, slot.waiting.size());
    if (slot.waiting.empty()) return std::max(room_of(*slot.front_end), space);
    return std::max<std::size_t>(space, 1);
}

void MuxChardev::receive(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) {
        if (std::exchange(escaped_, false)) {
            if (byte != escape) {
                command(byte);
                continue;
            }
        } else if (byte == escape) {
            escaped_ = true;
            continue;
        }
        if (focus_ >= slots_.size()) continue;
        Slot& slot = slots_[focus_];
        if (slot.waiting.empty() && room_of(*slot.front_end) > 0)
            deliver_to(*slot.front_end, {&byte, 1});
        else if (slot.waiting.size() < typed_ahead)
            slot.waiting.push_back(byte);
    }
}

void MuxChardev::pass_on(Slot& slot) {
    while (slot.front_end && !slot.waiting.empty() && room_of(*slot.front_end) > 0) {
        const std::uint8_t byte = slot.waiting.front();
        slot.waiting.pop_front();
        deliver_to(*slot.front_end, {&byte, 1});
    }
}

void MuxChardev::accept_input() {
    if (focus_ < slots_.size()) pass_on(slots_[focus_]);
    FrontEnd::accept_input();
}

void MuxChardev::command(std::uint8_t key) {
    switch (key) {
        case 'h':
        case '?':
            say("\r\n"
                "C-a h    this list\r\n"
                "C-a x    end the emulator\r\n"
                "C-a t    timestamps at the start of lines, on or off\r\n"
                "C-a b    send a break (magic SysRq)\r\n"
                "C-a c    go on to the next of console and monitor\r\n"
                "C-a C-a  send C-a\r\n");
            break;
        case 'x':
            say("\r\nQEMU: Terminated\r\n");
            if (env_.terminate) env_.terminate();
            break;
        case 't':
            timestamps_ = !timestamps_;
            timestamps_from_ = std::chrono::steady_clock::now();
            line_start_ = false;
            break;
        case 'b':
            if (focus_ < slots_.size()) announce_to(*slots_[focus_].front_end, Event::Break);
            break;
        case 'c':
            for (std::size_t n = 1; n <= slots_.size(); n++) {
                const std::size_t next = (focus_ + n) % slots_.size();
                if (slots_[next].front_end) return give_focus(next);
            }
            break;
        default: break;
    }
}

void MuxChardev::event(Event e) {
    for (Slot& slot : slots_)
        if (slot.front_end) announce_to(*slot.front_end, e);
}

void MuxChardev::writable() {
    for (Slot& slot : slots_)
        if (slot.front_end) announce_writable_to(*slot.front_end);
}

Made make_mux(Environment& env, const std::string& label, Chardev& base) {
    auto mux = std::make_unique<MuxChardev>(env, label);
    TRY(mux->start(base));
    return mux;
}

}  // namespace chardev
