// SPDX-License-Identifier: GPL-2.0-or-later
//
// The schedule (Design Guide, section 3): the frame list's entry links to transfer descriptors and
// queue heads; a queue's transfers are done down the queue, one queue's after the other's.
#include <algorithm>
#include <array>

#include "hw/usb/uhci.h"

namespace hw {

namespace {

constexpr std::uint32_t link_end = 1, link_queue = 2, link_depth_first = 4, link_address = ~0xfu;
/// A guest's lists may be loops. No frame has time for more than this many.
constexpr unsigned most_links = 1024;

// Control and status of a transfer descriptor (section 3.2.2).
constexpr std::uint32_t td_short_detect = 1u << 29, td_errors = 3u << 27, td_isochronous = 1u << 25,
                        td_interrupt = 1u << 24, td_active = 1u << 23, td_stalled = 1u << 22,
                        td_babble = 1u << 20, td_nak = 1u << 19, td_timeout = 1u << 18,
                        td_length = 0x7ff;
constexpr std::uint32_t cause_complete = 1, cause_short = 2;
constexpr std::size_t longest_packet = 1280;

}  // namespace

// Bytes of lists and buffers are read and written as a bus master; without that right they are 1s.
std::uint32_t Uhci::load(std::uint32_t at) {
    std::array<std::uint8_t, 4> b;
    b.fill(0xff);
    dma_read(at, b);
    return b[0] | b[1] << 8 | b[2] << 16 | static_cast<std::uint32_t>(b[3]) << 24;
}

void Uhci::store(std::uint32_t at, std::uint32_t v) {
    const std::uint8_t b[] = {static_cast<std::uint8_t>(v), static_cast<std::uint8_t>(v >> 8),
                              static_cast<std::uint8_t>(v >> 16),
                              static_cast<std::uint8_t>(v >> 24)};
    dma_write(at, b);
}

void Uhci::halt(std::uint16_t cause) {
    state_.cmd &= static_cast<std::uint16_t>(~uhci_run);
    state_.status |= cause | uhci_halted;
    update_irq();
}

UsbDevice* Uhci::device_at(unsigned address) const {
    for (unsigned n = 0; n < UhciState::port_count; n++) {
        UsbDevice* device = bus().port(n);
        if (device && state_.ports[n].ctrl & uhci_enabled && device->usb_address() == address)
            return device;
    }
    return nullptr;
}

void Uhci::run_frame() {
    moved_ = 0;
    idle_heads_.clear();
    std::uint32_t link = load(state_.fl_base_addr + (state_.frnum & 0x3ff) * 4u);
    std::uint32_t head = 0;  // of the queue whose element `link` is, and where it goes on
    std::uint32_t after = link_end;
    for (unsigned n = 0; n < most_links && moved_ < config_.bandwidth; n++) {
        if (link & link_end) {
            if (!head || after & link_end) return;
            head = 0;
            link = after;
            continue;
        }
        if (link & link_queue) {
            // Bandwidth reclamation makes a ring of queues: once around without a transfer is
            // enough.
            const std::uint32_t at = link & link_address;
            if (std::ranges::find(idle_heads_, at) != idle_heads_.end()) return;
            idle_heads_.push_back(at);
            if (head) {  // a queue within a queue is not, here
                link = link_end;
                continue;
            }
            head = at;
            after = load(at);
            link = load(at + 4);
            if (link & link_queue && !(link & link_end)) link = link_end;
            continue;
        }
        const std::uint32_t at = link & link_address, before = moved_;
        std::uint32_t next = link_end;
        const Next how = run_transfer(at, next);
        if (how == Next::Halt) return;
        if (moved_ != before) idle_heads_.clear();
        if (!head) {
            link = next;
            continue;
        }
        // Of a queue the next transfer stands in its head; it is done in this frame when this one
        // says so.
        if (how == Next::Vertical) store(head + 4, next);
        link = how == Next::Vertical && next & link_depth_first ? next : link_end;
    }
}

/// One transfer descriptor; `link` is what follows it.
Uhci::Next Uhci::run_transfer(std::uint32_t at, std::uint32_t& link) {
    link = load(at);
    std::uint32_t control = load(at + 4);
    if (!(control & td_active)) {
        if (control & td_interrupt) state_.pending_int_mask |= cause_complete;
        return Next::Horizontal;
    }
    const std::uint32_t token = load(at + 8), buffer = load(at + 12);
    const auto pid = static_cast<UsbPacket::Pid>(token & 0xff);
    if (pid != UsbPacket::In && pid != UsbPacket::Out && pid != UsbPacket::Setup) {
        halt(uhci_hcperr);
        return Next::Halt;
    }
    const std::size_t size = ((token >> 21) + 1) & td_length;
    if (size > longest_packet) {
        halt(uhci_hcperr);
        return Next::Halt;
    }
    UsbDevice* device = device_at(token >> 8 & 0x7f);
    if (!device) return finish(at, control & ~td_errors, td_timeout, Next::Horizontal);

    std::array<std::uint8_t, longest_packet> data{};
    const std::span<std::uint8_t> bytes(data.data(), size);
    if (pid != UsbPacket::In) dma_read(buffer, bytes);
    const UsbAnswer answer =
        device->handle({pid, static_cast<std::uint8_t>(token >> 15 & 0xf), bytes});
    switch (answer.status) {
        case UsbAnswer::Nak:
            // Once more in the next frame; an isochronous transfer has no second chance.
            control |= td_nak;
            if (control & td_isochronous) control &= ~td_active;
            store(at + 4, control);
            return Next::Horizontal;
        case UsbAnswer::Stall: return finish(at, control, td_stalled, Next::Horizontal);
        case UsbAnswer::Babble:
            return finish(at, control, td_babble | td_stalled, Next::Horizontal);
        default: break;
    }
    const std::size_t done = pid == UsbPacket::In ? std::min(answer.length, size) : size;
    if (pid == UsbPacket::In) dma_write(buffer, bytes.first(done));
    moved_ += static_cast<std::uint32_t>(done) + 1;
    control =
        (control & ~(td_length | td_nak)) | (static_cast<std::uint32_t>(done - 1) & td_length);
    if (done < size && control & td_short_detect) {
        state_.pending_int_mask |= cause_short;
        return finish(at, control, 0, Next::Horizontal);
    }
    return finish(at, control, 0, Next::Vertical);
}

/// Takes the transfer off the list of what is to do.
Uhci::Next Uhci::finish(std::uint32_t at, std::uint32_t control, std::uint32_t errors, Next next) {
    store(at + 4, (control & ~td_active) | errors);
    if (control & td_interrupt) state_.pending_int_mask |= cause_complete;
    if (errors) {
        state_.status |= uhci_usberr;
        update_irq();
    }
    return next;
}

}  // namespace hw
