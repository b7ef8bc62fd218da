// SPDX-License-Identifier: GPL-2.0-or-later
//
// file, pipe and stdio.
#include "chardev/char-fd.h"

#include <fcntl.h>
#include <termios.h>

#include <cerrno>

#include "chardev/backends.h"
#include "io/fdset.h"

namespace chardev {

FdChardev::FdChardev(io::Context* loop, std::string label, std::string_view backend, UniqueFd in,
                     UniqueFd out, io::Stream::Options options)
    : Chardev(std::move(label), backend),
      stream_(std::make_unique<io::Stream>(loop, static_cast<io::Stream::Owner&>(*this),
                                           std::move(in), std::move(out), options)) {
    set_line_open(true);
}

std::size_t FdChardev::put(std::span<const std::uint8_t> bytes) {
    return stream_->write(bytes);
}

void FdChardev::stream_received(std::span<const std::uint8_t> bytes, std::vector<UniqueFd>) {
    deliver(bytes);
}

namespace {

Result<UniqueFd> open_file(Environment& env, const std::string& name, int flags) {
    UniqueFd fd(env.descriptors.open(name, flags, 0666));
    if (!fd) return fail_errno(errno, fmt::format("Could not open '{}'", name));
    return fd;
}

/// The process's own terminal, put back as it was when this goes.
class StdioChardev final : public FdChardev {
public:
    StdioChardev(Environment& env, std::string label, bool signal)
        : FdChardev(env.loop, std::move(label), "stdio", UniqueFd(fcntl(0, F_DUPFD_CLOEXEC, 3)),
                    UniqueFd(fcntl(1, F_DUPFD_CLOEXEC, 3)), {.ignore_end_of_input = true}),
          signal_(signal) {
        terminal_ = tcgetattr(0, &before_) == 0;
        set_echo(false);
    }
    ~StdioChardev() override {
        if (terminal_) tcsetattr(0, TCSANOW, &before_);
    }

    // Line editing and echo are done by a guest or by the monitor; keys come one by one.
    void set_echo(bool echo) override {
        if (!terminal_) return;
        termios mode = before_;
        if (!echo) {
            mode.c_iflag &=
                ~tcflag_t(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
            mode.c_oflag |= OPOST;
            mode.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | IEXTEN);
            mode.c_cflag = (mode.c_cflag & ~tcflag_t(CSIZE | PARENB)) | CS8;
            mode.c_cc[VMIN] = 1;
            mode.c_cc[VTIME] = 0;
        }
        if (!signal_) mode.c_lflag &= ~tcflag_t(ISIG);
        tcsetattr(0, TCSANOW, &mode);
    }

private:
    termios before_{};
    bool terminal_ = false;
    bool signal_;
};

}  // namespace

Made make_file(Environment& env, const std::string& label, const FileConfig& config) {
    const int how = config.append ? O_APPEND : O_TRUNC;
    UniqueFd out = TRY(open_file(env, config.out, O_WRONLY | O_CREAT | how));
    UniqueFd in;
    if (!config.in.empty()) in = TRY(open_file(env, config.in, O_RDONLY));
    const bool output_only = !in;
    return std::make_unique<FdChardev>(
        env.loop, label, "file", std::move(in), std::move(out),
        io::Stream::Options{.output_only = output_only, .ignore_end_of_input = true});
}

// Two FIFOs, NAME.in and NAME.out, opened read-write so that neither end has to come first; or one
// device that is both.
Made make_pipe(Environment& env, const std::string& label, const PipeConfig& config) {
    UniqueFd in(env.descriptors.open(config.device + ".in", O_RDWR));
    UniqueFd out(env.descriptors.open(config.device + ".out", O_RDWR));
    if (!in || !out) {
        out.reset();
        in = TRY(open_file(env, config.device, O_RDWR));
    }
    return std::make_unique<FdChardev>(env.loop, label, "pipe", std::move(in), std::move(out),
                                       io::Stream::Options{.ignore_end_of_input = true});
}

Made make_stdio(Environment& env, const std::string& label, const StdioConfig& config) {
    if (fcntl(0, F_GETFD) < 0 || fcntl(1, F_GETFD) < 0)
        return fail("cannot use stdio: standard input or output is closed");
    return std::make_unique<StdioChardev>(env, label, config.signal);
}

}  // namespace chardev
