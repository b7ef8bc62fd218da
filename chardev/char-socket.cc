// SPDX-License-Identifier: GPL-2.0-or-later
//
// socket: one connection at a time, made by a peer to us (server) or by us to a peer, which may
// come and go.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <mutex>
#include <optional>

#include "chardev/backends.h"
#include "chardev/telnet.h"
#include "io/fdset.h"
#include "io/socket.h"
#include "io/stream.h"
#include "io/yank.h"

namespace chardev {

namespace {

class SocketChardev final : public Chardev, io::Stream::Owner {
public:
    SocketChardev(Environment& env, std::string label, SocketConfig config)
        : Chardev(std::move(label), "socket"),
          env_(env),
          loop_(env.loop),
          config_(std::move(config)) {}
    ~SocketChardev() override {
        drop_stream();
        const auto* unix_address = std::get_if<io::UnixAddress>(&config_.address);
        if (listener_ && unix_address && !unix_address->abstract && config_.descriptor.empty())
            unlink(unix_address->path.c_str());
    }

    Result<void> start();
    std::string filename() const override {
        std::lock_guard lock(name_mutex_);
        return filename_;
    }
    void accept_input() override {
        if (stream_) stream_->resume();
    }
    void drain(int milliseconds) override {
        if (stream_) stream_->drain(milliseconds);
    }
    std::vector<UniqueFd> take_descriptors() override { return std::move(descriptors_); }
    // A connection being tried reports to the main loop.
    bool may_move() const override { return config_.server || !config_.reconnect; }
    void move_to(io::Context*) override;

protected:
    // Nobody there: lost. A guest's console does not stop because nobody watches it.
    std::size_t put(std::span<const std::uint8_t> bytes) override;
    std::size_t stream_room() override { return room(); }
    void stream_received(std::span<const std::uint8_t>, std::vector<UniqueFd>) override;
    void stream_closed() override;
    void stream_writable() override { announce_writable(); }

private:
    void listen();
    void connected(UniqueFd);
    void drop_stream();
    void disconnected();
    void try_later();
    void try_now();
    const char* protocol() const { return config_.telnet ? "telnet" : "tcp"; }
    void set_filename(std::string name) {
        std::lock_guard lock(name_mutex_);
        filename_ = std::move(name);
    }
    void name_absent() {
        set_filename("disconnected:" + io::describe(config_.address, protocol()) +
                     (config_.server ? ",server=on" : ""));
    }

    Environment& env_;
    io::Context* loop_;
    SocketConfig config_;
    UniqueFd listener_;
    io::Watch incoming_;
    io::Alarm alarm_;
    std::unique_ptr<io::Connector> connector_;
    std::unique_ptr<io::Stream> stream_;
    std::optional<io::Yanks::Instance> yank_;
    int socket_ = -1;                    // the stream's
    std::vector<UniqueFd> descriptors_;  // came with the last bytes
    TelnetFilter telnet_;
    mutable std::mutex name_mutex_;  // the main thread asks, whoever serves
    std::string filename_;
    bool complained_ = false;
};

Result<void> SocketChardev::start() {
    if (env_.yanks) yank_.emplace(*env_.yanks, io::YankName{io::YankName::Kind::Chardev, label()});
    if (!config_.descriptor.empty()) {
        // A number that is no socket of ours stays open: it may be anything.
        struct stat status {};
        const auto number = io::FdSets::number(config_.descriptor);
        if (number && (fstat(*number, &status) < 0 || !S_ISSOCK(status.st_mode)))
            return fail("File descriptor '{}' is not a socket", config_.descriptor);
        UniqueFd fd = TRY(env_.descriptors.take(config_.descriptor));
        if (fstat(fd.get(), &status) < 0 || !S_ISSOCK(status.st_mode))
            return fail("File descriptor '{}' is not a socket", config_.descriptor);
        config_.address = io::FdAddress{fd.release()};
    }
    name_absent();
    if (!config_.server) {
        if (config_.reconnect) {
            try_now();
            return {};
        }
        connected(TRY(io::connect(config_.address)));
        return {};
    }
    listener_ = TRY(io::listen(config_.address));
    config_.address = io::listening_address(listener_.get(), config_.address);
    name_absent();
    if (!config_.wait) {
        listen();
        return {};
    }
    if (env_.tell) env_.tell("QEMU waiting for connection on: " + filename_);
    UniqueFd peer = io::accept(listener_.get());
    if (!peer) return fail_errno(errno, "Failed to accept a connection");
    connected(std::move(peer));
    return {};
}

void SocketChardev::listen() {
    if (!listener_ || incoming_) return;
    incoming_ = io::Watch(loop_, listener_.get(), io::Readable, [this](unsigned) {
        const int flags = fcntl(listener_.get(), F_GETFL);
        (void)fcntl(listener_.get(), F_SETFL, flags | O_NONBLOCK);  // it may have gone again
        if (UniqueFd peer = io::accept(listener_.get())) connected(std::move(peer));
    });
}

void SocketChardev::connected(UniqueFd peer) {
    incoming_.cancel();
    if (config_.nodelay) {
        const int on = 1;
        (void)setsockopt(peer.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    set_filename(io::describe_connection(peer.get(), config_.server, protocol()));
    complained_ = false;
    telnet_ = {};
    descriptors_.clear();
    socket_ = peer.get();
    if (yank_) yank_->watch(socket_);
    stream_ = std::make_unique<io::Stream>(loop_, static_cast<io::Stream::Owner&>(*this),
                                           std::move(peer), UniqueFd(), io::Stream::Options{});
    if (config_.telnet && config_.server) {
        const auto hello = TelnetFilter::greeting();
        (void)stream_->write({reinterpret_cast<const std::uint8_t*>(hello.data()), hello.size()});
    }
    set_line_open(true);
    if (stream_) stream_->resume();  // the front end may have room only now
}

void SocketChardev::stream_closed() {
    // The stream that tells this is still on the stack.
    alarm_ = io::Alarm(loop_, 0, [this] { disconnected(); });
}

void SocketChardev::drop_stream() {
    if (stream_ && yank_) yank_->forget(socket_);
    stream_.reset();
}

void SocketChardev::disconnected() {
    drop_stream();
    descriptors_.clear();
    name_absent();
    set_line_open(false);
    if (config_.server)
        listen();
    else if (config_.reconnect)
        try_later();
}

void SocketChardev::try_later() {
    alarm_ = io::Alarm(loop_, config_.reconnect * 1000, [this] { try_now(); });
}

void SocketChardev::try_now() {
    connector_ =
        std::make_unique<io::Connector>(loop_, config_.address, [this](Result<UniqueFd> result) {
            if (result) return connected(*std::move(result));
            if (!complained_ && env_.tell)
                env_.tell(fmt::format("Unable to connect character device {}: {}", label(),
                                      result.error().description()));
            complained_ = true;  // once an outage, not once an attempt
            try_later();
        });
}

void SocketChardev::move_to(io::Context* loop) {
    loop_ = loop;
    if (stream_) stream_->move_to(loop);
    if (incoming_) {
        incoming_.cancel();
        listen();
    }
}

std::size_t SocketChardev::put(std::span<const std::uint8_t> bytes) {
    return stream_ ? stream_->write(bytes) : bytes.size();
}

void SocketChardev::stream_received(std::span<const std::uint8_t> bytes,
                                    std::vector<UniqueFd> descriptors) {
    if (!descriptors.empty()) descriptors_ = std::move(descriptors);
    if (!config_.telnet) return deliver(bytes);
    std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
    const auto outcome = telnet_.filter(copy);
    if (outcome.got_break) announce(Event::Break);
    deliver(std::span(copy).first(outcome.length));
}

}  // namespace

Made make_socket(Environment& env, const std::string& label, const SocketConfig& config) {
    auto made = std::make_unique<SocketChardev>(env, label, config);
    TRY(made->start());
    return made;
}

}  // namespace chardev
