// SPDX-License-Identifier: GPL-2.0-or-later
//
// A machine in another process. The test listens on two sockets, the emulator connects to them:
// so there is nothing to wait for but its connections, and its death shows as their end.
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "tests/qtest/libqtest.h"
#include "util/unique-fd.h"

namespace qtest {

namespace {

using qapi::Json;

constexpr int patience_ms = 60'000;

[[noreturn]] void broken(std::string_view what) {
    throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

/// One stream socket of lines.
class LineSocket {
public:
    explicit LineSocket(const std::string& path) {
        listener_ = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ||
            listen(listener_.get(), 1) < 0)
            broken(path);
    }
    /// False when nobody came within `ms`.
    bool accept(int ms) {
        pollfd ready{listener_.get(), POLLIN, 0};
        if (poll(&ready, 1, ms) <= 0) return false;
        peer_ = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        return peer_.get() >= 0;
    }
    void send(std::string_view text) {
        while (!text.empty()) {
            const auto n = ::send(peer_.get(), text.data(), text.size(), MSG_NOSIGNAL);
            if (n < 0) broken("the emulator is gone");
            text.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    std::string line() {
        for (;;) {
            if (auto end = buffer_.find('\n'); end != buffer_.npos) {
                std::string found = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                if (found.ends_with('\r')) found.pop_back();
                return found;
            }
            pollfd ready{peer_.get(), POLLIN, 0};
            if (poll(&ready, 1, patience_ms) <= 0)
                throw std::runtime_error("the emulator does not answer");
            std::array<char, 65536> chunk;
            const auto n = recv(peer_.get(), chunk.data(), chunk.size(), 0);
            if (n <= 0) throw std::runtime_error("the emulator has ended");
            buffer_.append(chunk.data(), static_cast<std::size_t>(n));
        }
    }

private:
    UniqueFd listener_, peer_;
    std::string buffer_;
};

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = std::filesystem::temp_directory_path() / "qtest-XXXXXX";
        if (!mkdtemp(name.data())) broken(name);
        path = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::string path;
};

class ProcessLink final : public Link {
public:
    explicit ProcessLink(std::string_view options)
        : qtest_(folder_.path + "/qtest"), qmp_(folder_.path + "/qmp") {
        const char* chosen = std::getenv("QTEST_EMULATOR");
        std::string command = fmt::format(
            "exec {} -display none -qtest unix:{}/qtest -qtest-log none -qmp unix:{}/qmp {}",
            chosen ? chosen : EMULATOR, folder_.path, folder_.path, options);
        child_ = fork();
        if (child_ < 0) broken("fork");
        if (child_ == 0) {
            execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
            _exit(127);
        }
        wait_for(qmp_, command);
        wait_for(qtest_, command);
        if (!receive_qmp().find("QMP")) throw std::runtime_error("no QMP greeting");
        send_qmp(*Json::parse("{\"execute\": \"qmp_capabilities\"}"));
        receive_qmp();
    }
    ~ProcessLink() override {
        kill(child_, SIGTERM);
        waitpid(child_, nullptr, 0);
    }
    void send(std::string_view line) override { qtest_.send(std::string(line) + "\n"); }
    std::string receive() override { return qtest_.line(); }
    void send_qmp(const Json& message) override { qmp_.send(message.text() + "\n"); }
    Json receive_qmp() override {
        auto message = Json::parse(qmp_.line());
        if (!message) throw std::runtime_error(message.error().description());
        return *message;
    }

private:
    /// Comes back as soon as the child has connected, or has died.
    void wait_for(LineSocket& socket, const std::string& command) {
        for (int waited = 0; waited < patience_ms; waited += 50) {
            if (socket.accept(50)) return;
            int status;
            if (waitpid(child_, &status, WNOHANG) == child_)
                throw std::runtime_error(fmt::format("{}: ended with status {}", command, status));
        }
        throw std::runtime_error(command + ": does not connect");
    }

    TemporaryFolder folder_;
    LineSocket qtest_, qmp_;
    pid_t child_ = -1;
};

}  // namespace

Machine start_plain(std::string_view options) {
    return Machine(std::make_unique<ProcessLink>(options));
}

Machine start(std::string_view options) {
    return start_plain(fmt::format("-accel qtest {}", options));
}

}  // namespace qtest
