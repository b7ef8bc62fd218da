// SPDX-License-Identifier: GPL-2.0-or-later
//
// Character devices: the host's end of a serial port, a monitor, a console. A Chardev is the back
// end (a socket, a terminal, a file); a FrontEnd is the device or monitor that talks through it.
//
//     struct Uart : hw::Device, private chardev::FrontEnd {
//         std::size_t can_receive() override { return fifo_.room(); }
//         void receive(std::span<const std::uint8_t> bytes) override { ... }
//     };
//
// No call blocks. Everything happens in the thread of the loop that serves the chardev (the main
// loop, or a monitor's own thread after move_to()) or, for devices, under the big lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/watch.h"
#include "util/result.h"
#include "util/unique-fd.h"

namespace chardev {

class Chardev;

enum class Event : std::uint8_t {
    Opened,  // somebody is at the other end
    Closed,  // nobody is
    Break,   // a serial line's break condition
    MuxIn,   // this front end now has the line it shares
    MuxOut,  // it lost it
};

class FrontEnd {
public:
    FrontEnd() = default;
    FrontEnd(const FrontEnd&) = delete;
    virtual ~FrontEnd();

    /// Takes the chardev for itself; "Device 'x' is in use" when another has it. event(Opened)
    /// follows at once if the line is open. Null: not connected, what is written is lost.
    Result<void> connect(Chardev*);
    void disconnect();
    Chardev* chardev() const { return chardev_; }
    /// Somebody listens at the other end.
    bool line_open() const;

    /// Takes as much as fits without waiting and returns how many bytes that were; writable()
    /// comes when there is room again.
    std::size_t write(std::span<const std::uint8_t>);
    std::size_t write(std::string_view text) {
        return write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    /// can_receive() has become positive.
    void accept_input();
    /// Whether the guest (or the monitor) has its end open: `frontend-open` of query-chardev.
    void set_open(bool);
    bool is_open() const { return open_; }
    /// The descriptors that arrived with the input so far.
    std::vector<UniqueFd> take_descriptors();
    /// Asks for the shared line of a mux.
    void take_focus();

protected:
    friend class Chardev;
    friend class MuxChardev;
    /// How many bytes it can take now.
    virtual std::size_t can_receive() = 0;
    virtual void receive(std::span<const std::uint8_t>) = 0;
    virtual void event(Event) {}
    virtual void writable() {}
    /// Whether chardev-change may put another back end under it.
    virtual bool may_swap_chardev() const { return false; }

private:
    Chardev* chardev_ = nullptr;
    std::atomic<bool> open_ = false;
};

class Chardev {
public:
    Chardev(std::string label, std::string_view backend)
        : label_(std::move(label)), backend_(backend) {}
    Chardev(const Chardev&) = delete;
    virtual ~Chardev();

    const std::string& label() const { return label_; }
    /// The word of `-chardev WORD,id=`.
    std::string_view backend() const { return backend_; }
    /// What query-chardev calls `filename`: the back end and what it is connected to.
    virtual std::string filename() const { return std::string(backend_); }
    bool is_open() const { return open_; }
    bool front_end_open() const;

    /// As FrontEnd::write().
    std::size_t write(std::span<const std::uint8_t>);
    /// Copies everything written to this file as well.
    Result<void> log_to(const std::string& file, bool append);
    /// Gives what write() still holds back a moment to leave, at the end of the process.
    virtual void drain(int /* milliseconds */) {}
    /// Lets the front end see a break condition.
    void send_break() { announce(Event::Break); }
    /// Whether a terminal shows what is typed; a front end with line editing does so itself.
    virtual void set_echo(bool) {}
    virtual std::vector<UniqueFd> take_descriptors() { return {}; }
    /// Whether another thread's loop than the main one may serve it.
    virtual bool may_move() const { return false; }
    /// Serves it from that loop from now on. Call it in that loop's thread, while the one that
    /// served it so far waits.
    virtual void move_to(io::Context*) {}

    // The front end's side; FrontEnd calls these.
    virtual Result<void> attach(FrontEnd&);
    virtual void detach(FrontEnd&);
    virtual void accept_input() {}
    virtual void take_focus(FrontEnd&) {}
    virtual bool in_use() const { return front_end_; }
    virtual bool may_be_swapped() const { return !front_end_ || front_end_->may_swap_chardev(); }
    /// Hands the front end, if there is one, over to `other`.
    void swap_for(Chardev& other);
    virtual void front_end_open_changed(FrontEnd&, bool) {}

protected:
    virtual std::size_t put(std::span<const std::uint8_t>) = 0;

    // What a back end tells its front end.
    virtual std::size_t room() const;
    virtual void deliver(std::span<const std::uint8_t>);
    virtual void announce(Event);
    virtual void announce_writable();
    void set_line_open(bool);
    static std::size_t room_of(FrontEnd& f) { return f.can_receive(); }
    static void deliver_to(FrontEnd& f, std::span<const std::uint8_t> b) { f.receive(b); }
    static void announce_to(FrontEnd& f, Event e) { f.event(e); }
    static void announce_writable_to(FrontEnd& f) { f.writable(); }

    FrontEnd* front_end_ = nullptr;

private:
    std::string label_;
    std::string_view backend_;
    std::atomic<bool> open_ = false;  // asked for by the main thread wherever it is served
    UniqueFd log_;
};

}  // namespace chardev
