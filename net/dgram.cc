// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/dgram.h"

#include <cerrno>

namespace net {

namespace {

// So many datagrams a turn of the loop, which has others to serve.
constexpr int most_at_once = 64;

}  // namespace

DatagramNet::DatagramNet(const Host& host, std::string id, std::string_view type, UniqueFd socket,
                         std::optional<io::RawAddress> to, std::string info)
    : Client(std::move(id), type),
      host_(host),
      socket_(std::move(socket)),
      to_(to),
      info_(std::move(info)),
      incoming_(longest_frame) {
    listen();
}

DatagramNet::~DatagramNet() {
    if (name_ && !name_->abstract) unlink(name_->path.c_str());
}

void DatagramNet::listen() {
    if (!input_)
        input_ =
            io::Watch(host_.loop, socket_.get(), io::Readable, [this](unsigned) { arrived(); });
}

void DatagramNet::arrived() {
    for (int n = 0; n < most_at_once; n++) {
        const auto got =
            recv(socket_.get(), incoming_.data(), incoming_.size(), MSG_DONTWAIT | MSG_TRUNC);
        // ECONNREFUSED and its like tell of a frame that we sent and nobody got.
        if (got < 0 && errno != EAGAIN) continue;
        if (got < 0) return;
        const auto length = static_cast<std::size_t>(got);
        if (!length || length > incoming_.size()) continue;
        if (!send(std::span(incoming_).first(length))) return input_.cancel();
    }
}

bool DatagramNet::transmit(std::span<const std::uint8_t> frame) {
    const auto sent = sendto(socket_.get(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                             to_ ? to_->get() : nullptr, to_ ? to_->length : 0);
    // Whatever else is wrong, the frame is lost, as on a cable that leads nowhere.
    return sent >= 0 || (errno != EAGAIN && errno != EINTR);
}

void DatagramNet::receive(std::span<const std::uint8_t> frame) {
    if (transmit(frame)) return;
    unsent_.assign(frame.begin(), frame.end());
    output_ = io::Watch(host_.loop, socket_.get(), io::Writable, [this](unsigned) {
        if (!transmit(unsent_)) return;
        unsent_.clear();
        output_.cancel();
        flush_incoming();
    });
}

}  // namespace net
