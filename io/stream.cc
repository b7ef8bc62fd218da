// SPDX-License-Identifier: GPL-2.0-or-later
//
// Streams over descriptors.
#include "io/stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace io {

namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t max_descriptors = 16;  // in one message

/// Sockets are asked not to block call by call; for the rest it is a property of the open file.
std::optional<int> make_non_blocking(int fd) {
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || (flags & O_NONBLOCK)) return {};
    if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return {};
    return flags;
}

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

Stream::Stream(Context* context, Owner& owner, UniqueFd in, UniqueFd out, Options options)
    : context_(context),
      owner_(owner),
      in_(std::move(in)),
      out_(std::move(out)),
      options_(options) {
    struct stat status {};
    socket_ = !out_ && in_ && fstat(in_.get(), &status) == 0 && S_ISSOCK(status.st_mode);
    if (!socket_) {
        if (in_) in_flags_ = make_non_blocking(in_.get());
        if (out_) out_flags_ = make_non_blocking(out_.get());
    }
    watch();
}

Stream::~Stream() {
    if (destroyed_) *destroyed_ = true;
    if (in_flags_) (void)fcntl(in_.get(), F_SETFL, *in_flags_);
    if (out_flags_) (void)fcntl(out_.get(), F_SETFL, *out_flags_);
}

void Stream::watch() {
    if (!closed_ && in_ && !options_.output_only && !input_ended_ && owner_.stream_room() > 0)
        input_ = Watch(context_, in_.get(), Readable, [this](unsigned c) { input_ready(c); });
    if (!closed_ && queued())
        output_ =
            Watch(context_, output_descriptor(), Writable, [this](unsigned) { output_ready(); });
}

void Stream::move_to(Context* context) {
    input_.cancel();
    output_.cancel();
    context_ = context;
    watch();
}

void Stream::resume() {
    if (!input_ && !closed_ && in_ && !options_.output_only && !input_ended_)
        input_ = Watch(context_, in_.get(), Readable, [this](unsigned c) { input_ready(c); });
}

void Stream::close() {
    if (closed_) return;
    closed_ = true;
    input_.cancel();
    output_.cancel();
    queue_.clear();
    queue_start_ = 0;
    owner_.stream_closed();
}

void Stream::input_ready(unsigned) {
    const std::size_t room = owner_.stream_room();
    if (room == 0) return input_.cancel();
    std::array<std::uint8_t, read_size> buffer;
    std::vector<UniqueFd> descriptors;
    const auto got = receive(std::span(buffer).first(std::min(room, buffer.size())), descriptors);
    if (got < 0 && would_block(errno)) return;
    if (got <= 0) {
        if (options_.ignore_end_of_input) {
            input_ended_ = true;
            input_.cancel();
            return owner_.stream_input_ended();
        }
        return close();
    }
    bool destroyed = false;
    destroyed_ = &destroyed;
    owner_.stream_received(std::span(buffer).first(static_cast<std::size_t>(got)),
                           std::move(descriptors));
    if (destroyed) return;
    destroyed_ = nullptr;
    if (!closed_ && owner_.stream_room() == 0) input_.cancel();
}

std::ptrdiff_t Stream::receive(std::span<std::uint8_t> buffer, std::vector<UniqueFd>& descriptors) {
    if (!socket_) return ::read(in_.get(), buffer.data(), buffer.size());
    alignas(cmsghdr) std::array<char, CMSG_SPACE(max_descriptors * sizeof(int))> control;
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto got = recvmsg(in_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0) return got;
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; i++) {
            int fd;
            std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            descriptors.emplace_back(fd);
        }
    }
    return got;
}

std::ptrdiff_t Stream::send(std::span<const std::uint8_t> bytes) {
    if (socket_) return ::send(in_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return ::write(output_descriptor(), bytes.data(), bytes.size());
}

std::size_t Stream::write(std::span<const std::uint8_t> bytes) {
    if (closed_) return bytes.size();  // into the void, as on a line nobody listens to
    std::size_t taken = 0;
    while (!queued() && taken < bytes.size()) {
        const auto sent = send(bytes.subspan(taken));
        if (sent > 0) {
            taken += static_cast<std::size_t>(sent);
        } else if (sent < 0 && errno == EINTR) {
            continue;
        } else if (sent < 0 && would_block(errno)) {
            break;
        } else {
            // The reader learns of the end by its own means; a writer that cannot write must not
            // fill the queue. Closing here would call the owner back out of its own write().
            return bytes.size();
        }
    }
    const std::size_t room = options_.queue_limit - std::min(options_.queue_limit, queued());
    const auto rest = bytes.subspan(taken).first(std::min(room, bytes.size() - taken));
    if (!rest.empty()) {
        if (queue_start_ > options_.queue_limit / 2) {
            queue_.erase(queue_.begin(), queue_.begin() + static_cast<long>(queue_start_));
            queue_start_ = 0;
        }
        queue_.insert(queue_.end(), rest.begin(), rest.end());
        if (!output_)
            output_ = Watch(context_, output_descriptor(), Writable,
                            [this](unsigned) { output_ready(); });
    }
    taken += rest.size();
    refused_output_ = taken < bytes.size();
    return taken;
}

void Stream::output_ready() {
    while (queued()) {
        const auto sent = send(std::span(queue_).subspan(queue_start_));
        if (sent > 0) {
            queue_start_ += static_cast<std::size_t>(sent);
        } else if (sent < 0 && would_block(errno)) {
            break;
        } else {
            queue_.clear();
            queue_start_ = 0;
            if (!options_.output_only) return close();
        }
    }
    if (!queued()) {
        queue_.clear();
        queue_start_ = 0;
        output_.cancel();
    }
    if (refused_output_ && queued() < options_.queue_limit / 2) {
        refused_output_ = false;
        owner_.stream_writable();
    }
}

void Stream::drain(int milliseconds) {
    timespec start{}, now{};
    clock_gettime(CLOCK_MONOTONIC, &start);
    while (!closed_ && queued()) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        const long spent =
            (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1'000'000;
        if (spent >= milliseconds) return;
        pollfd p{output_descriptor(), POLLOUT, 0};
        if (poll(&p, 1, milliseconds - static_cast<int>(spent)) < 0 && errno != EINTR) return;
        const auto sent = send(std::span(queue_).subspan(queue_start_));
        if (sent > 0)
            queue_start_ += static_cast<std::size_t>(sent);
        else if (!would_block(errno))
            return;
    }
}

}  // namespace io
