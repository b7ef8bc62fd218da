// SPDX-License-Identifier: GPL-2.0-or-later
//
// The two ends of a character line.
#include "chardev/char.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace chardev {

FrontEnd::~FrontEnd() {
    disconnect();
}

Result<void> FrontEnd::connect(Chardev* chardev) {
    disconnect();
    if (!chardev) return {};
    chardev_ = chardev;
    Result<void> attached = chardev->attach(*this);
    if (!attached) chardev_ = nullptr;
    return attached;
}

void FrontEnd::disconnect() {
    if (!chardev_) return;
    chardev_->detach(*this);
    chardev_ = nullptr;
    open_ = false;
}

bool FrontEnd::line_open() const {
    return chardev_ && chardev_->is_open();
}

std::size_t FrontEnd::write(std::span<const std::uint8_t> bytes) {
    return chardev_ ? chardev_->write(bytes) : bytes.size();
}

void FrontEnd::accept_input() {
    if (chardev_) chardev_->accept_input();
}

void FrontEnd::set_open(bool open) {
    if (open_.exchange(open) != open && chardev_) chardev_->front_end_open_changed(*this, open);
}

std::vector<UniqueFd> FrontEnd::take_descriptors() {
    return chardev_ ? chardev_->take_descriptors() : std::vector<UniqueFd>();
}

void FrontEnd::take_focus() {
    if (chardev_) chardev_->take_focus(*this);
}

Chardev::~Chardev() {
    if (front_end_) front_end_->chardev_ = nullptr;
}

std::size_t Chardev::write(std::span<const std::uint8_t> bytes) {
    const std::size_t taken = put(bytes);
    for (std::size_t done = 0; log_ && done < taken;) {
        const auto n = ::write(log_.get(), bytes.data() + done, taken - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;  // a full disk costs the copy, not the console
        done += static_cast<std::size_t>(n);
    }
    return taken;
}

Result<void> Chardev::log_to(const std::string& file, bool append) {
    log_.reset(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0666));
    if (!log_) return fail_errno(errno, fmt::format("Unable to open logfile {}", file));
    return {};
}

Result<void> Chardev::attach(FrontEnd& front_end) {
    if (in_use()) return fail("Device '{}' is in use", label_);
    front_end_ = &front_end;
    if (open_) announce_to(front_end, Event::Opened);
    accept_input();
    return {};
}

void Chardev::detach(FrontEnd& front_end) {
    if (front_end_ == &front_end) front_end_ = nullptr;
}

bool Chardev::front_end_open() const {
    return front_end_ && front_end_->is_open();
}

void Chardev::swap_for(Chardev& other) {
    FrontEnd* moved = std::exchange(front_end_, nullptr);
    if (!moved) return;
    if (open_ && !other.is_open()) announce_to(*moved, Event::Closed);
    moved->chardev_ = &other;
    other.front_end_ = moved;
    if (!open_ && other.is_open()) announce_to(*moved, Event::Opened);
    other.accept_input();
}

std::size_t Chardev::room() const {
    return front_end_ ? front_end_->can_receive() : 0;
}

void Chardev::deliver(std::span<const std::uint8_t> bytes) {
    if (front_end_ && !bytes.empty()) front_end_->receive(bytes);
}

void Chardev::announce(Event event) {
    if (front_end_) front_end_->event(event);
}

void Chardev::announce_writable() {
    if (front_end_) front_end_->writable();
}

void Chardev::set_line_open(bool open) {
    if (open_.exchange(open) != open) announce(open ? Event::Opened : Event::Closed);
}

}  // namespace chardev
