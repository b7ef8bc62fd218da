// SPDX-License-Identifier: GPL-2.0-or-later
//
// pty: a pseudo terminal of which somebody may open the other side, any number of times.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>

#include <cerrno>

#include "chardev/backends.h"
#include "io/stream.h"

namespace chardev {

namespace {

constexpr unsigned look_again_ms = 1000;

// The kernel tells a master only by POLLHUP that no slave is open, and not at all when one comes,
// so while nobody is there this looks once a second.
class PtyChardev final : public Chardev, io::Stream::Owner {
public:
    PtyChardev(io::Context* loop, std::string label, UniqueFd master, std::string name)
        : Chardev(std::move(label), "pty"),
          loop_(loop),
          master_(std::move(master)),
          name_(std::move(name)) {
        look();
    }

    std::string filename() const override { return "pty:" + name_; }
    void accept_input() override {
        if (stream_) stream_->resume();
    }
    void drain(int milliseconds) override {
        if (stream_) stream_->drain(milliseconds);
    }

protected:
    // Nobody there: lost, like on a cable with no terminal on it.
    std::size_t put(std::span<const std::uint8_t> bytes) override {
        if (!stream_) look();
        return stream_ ? stream_->write(bytes) : bytes.size();
    }
    std::size_t stream_room() override { return room(); }
    void stream_received(std::span<const std::uint8_t> b, std::vector<UniqueFd>) override {
        deliver(b);
    }
    void stream_closed() override {
        // Not from within the stream that tells it.
        timer_ = io::Alarm(loop_, 0, [this] {
            stream_.reset();
            set_line_open(false);
            timer_ = io::Alarm(loop_, look_again_ms, [this] { look(); });
        });
    }
    void stream_writable() override { announce_writable(); }

private:
    void look() {
        pollfd p{master_.get(), POLLOUT, 0};
        const bool somebody = poll(&p, 1, 0) > 0 && !(p.revents & POLLHUP);
        if (somebody && !stream_) {
            timer_.cancel();
            stream_ =
                std::make_unique<io::Stream>(loop_, static_cast<io::Stream::Owner&>(*this),
                                             UniqueFd(fcntl(master_.get(), F_DUPFD_CLOEXEC, 0)),
                                             UniqueFd(), io::Stream::Options{});
            set_line_open(true);
        } else if (!somebody && !stream_) {
            timer_ = io::Alarm(loop_, look_again_ms, [this] { look(); });
        }
    }

    io::Context* loop_;
    UniqueFd master_;
    std::string name_;
    io::Alarm timer_;
    std::unique_ptr<io::Stream> stream_;
};

}  // namespace

Made make_pty(Environment& env, const std::string& label) {
    int master, slave;
    char name[64] = "";
    if (openpty(&master, &slave, name, nullptr, nullptr) < 0)
        return fail_errno(errno, "Failed to create PTY");
    termios mode{};
    tcgetattr(slave, &mode);
    cfmakeraw(&mode);
    tcsetattr(slave, TCSAFLUSH, &mode);
    close(slave);
    (void)fcntl(master, F_SETFD, FD_CLOEXEC);
    if (env.tell) env.tell(fmt::format("char device redirected to {} (label {})", name, label));
    return std::make_unique<PtyChardev>(env.loop, label, UniqueFd(master), name);
}

}  // namespace chardev
