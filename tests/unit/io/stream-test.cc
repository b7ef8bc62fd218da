// SPDX-License-Identifier: GPL-2.0-or-later
//
// Byte streams and sockets on an event loop of their own.
#include "io/stream.h"

#include <fcntl.h>
#include <glib.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>
#include <cstring>
#include <string>

#include "io/socket.h"

namespace {

struct Loop {
    GMainContext* context = g_main_context_new();
    ~Loop() { g_main_context_unref(context); }
    void run_until(const std::function<bool()>& done) {
        bool timed_out = false;
        io::Alarm limit(context, 5000, [&] { timed_out = true; });
        while (!done() && !timed_out)
            g_main_context_iteration(context, TRUE);
        ASSERT_FALSE(timed_out);
    }
    void run_ready() {
        while (g_main_context_iteration(context, FALSE)) {
        }
    }
};

struct Recorder : io::Stream::Owner {
    std::size_t room = 1 << 20;
    std::string text;
    std::vector<UniqueFd> fds;
    int closed = 0, writable = 0;
    std::size_t stream_room() override { return room; }
    void stream_received(std::span<const std::uint8_t> b, std::vector<UniqueFd> d) override {
        text.append(b.begin(), b.end());
        for (auto& fd : d)
            fds.push_back(std::move(fd));
    }
    void stream_closed() override { closed++; }
    void stream_writable() override { writable++; }
};

struct Pair {
    UniqueFd ours, theirs;
    Pair() {
        int fds[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        ours = UniqueFd(fds[0]);
        theirs = UniqueFd(fds[1]);
    }
};

std::span<const std::uint8_t> bytes(std::string_view s) {
    return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

TEST(Stream, DeliversInputAndTellsTheEndOnce) {
    Loop loop;
    Pair pair;
    Recorder owner;
    io::Stream stream(loop.context, owner, std::move(pair.ours), {}, {});
    ASSERT_EQ(write(pair.theirs.get(), "hello", 5), 5);
    loop.run_until([&] { return owner.text == "hello"; });
    pair.theirs.reset();
    loop.run_until([&] { return owner.closed == 1; });
    loop.run_ready();
    EXPECT_EQ(owner.closed, 1);
}

TEST(Stream, ReadsNoMoreThanTheOwnerHasRoomFor) {
    Loop loop;
    Pair pair;
    Recorder owner;
    owner.room = 3;
    io::Stream stream(loop.context, owner, std::move(pair.ours), {}, {});
    ASSERT_EQ(write(pair.theirs.get(), "abcdef", 6), 6);
    loop.run_until([&] { return !owner.text.empty(); });
    EXPECT_EQ(owner.text, "abc");
    owner.room = 0;
    loop.run_ready();
    EXPECT_EQ(owner.text, "abc");
    owner.room = 100;
    stream.resume();
    loop.run_until([&] { return owner.text == "abcdef"; });
}

TEST(Stream, BoundsItsOutputQueueAndTellsWhenThereIsRoomAgain) {
    Loop loop;
    Pair pair;
    Recorder owner;
    io::Stream stream(loop.context, owner, std::move(pair.ours), {}, {.queue_limit = 1000});
    const std::string block(4096, 'x');
    std::size_t sent = 0;
    for (;;) {
        const std::size_t n = stream.write(bytes(block));
        sent += n;
        if (n < block.size()) break;
        ASSERT_LT(sent, 64u << 20);
    }
    EXPECT_EQ(stream.queued(), 1000u);
    EXPECT_EQ(stream.write(bytes("more")), 0u);
    EXPECT_EQ(owner.writable, 0);
    std::size_t received = 0;
    std::vector<char> sink(1 << 16);
    loop.run_until([&] {
        ssize_t n;
        while ((n = recv(pair.theirs.get(), sink.data(), sink.size(), MSG_DONTWAIT)) > 0)
            received += static_cast<std::size_t>(n);
        return owner.writable == 1 && received == sent;
    });
    EXPECT_EQ(stream.queued(), 0u);
}

TEST(Stream, SurvivesWritingToAPeerThatLeft) {
    Loop loop;
    Pair pair;
    Recorder owner;
    io::Stream stream(loop.context, owner, std::move(pair.ours), {}, {});
    pair.theirs.reset();
    EXPECT_EQ(stream.write(bytes("gone")), 4u);  // no SIGPIPE, no error to the writer
    loop.run_until([&] { return owner.closed == 1; });
}

TEST(Stream, TakesDescriptorsSentWithTheBytes) {
    Loop loop;
    Pair pair;
    Recorder owner;
    io::Stream stream(loop.context, owner, std::move(pair.ours), {}, {});
    int pipe_fds[2];
    ASSERT_EQ(pipe(pipe_fds), 0);
    UniqueFd read_end(pipe_fds[0]), write_end(pipe_fds[1]);
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    iovec part{const_cast<char*>("f"), 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = write_end.get();
    std::memcpy(CMSG_DATA(c), &fd, sizeof fd);
    ASSERT_EQ(sendmsg(pair.theirs.get(), &message, 0), 1);
    loop.run_until([&] { return owner.text == "f"; });
    ASSERT_EQ(owner.fds.size(), 1u);
    write_end.reset();
    ASSERT_EQ(write(owner.fds[0].get(), "!", 1), 1);
    char got = 0;
    EXPECT_EQ(read(read_end.get(), &got, 1), 1);
    EXPECT_EQ(got, '!');
    EXPECT_NE(fcntl(owner.fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Stream, MayBeDestroyedByItsOwnCallback) {
    Loop loop;
    Pair pair;
    struct Suicide : Recorder {
        std::unique_ptr<io::Stream> stream;
        void stream_received(std::span<const std::uint8_t>, std::vector<UniqueFd>) override {
            stream.reset();
        }
    } owner;
    owner.stream = std::make_unique<io::Stream>(loop.context, owner, std::move(pair.ours),
                                                UniqueFd(), io::Stream::Options{});
    ASSERT_EQ(write(pair.theirs.get(), "x", 1), 1);
    loop.run_until([&] { return !owner.stream; });
}

std::string temporary_name(const char* stem) {
    return fmt::format("{}/{}-{}", g_get_tmp_dir(), stem, getpid());
}

TEST(Socket, ListensConnectsAndNamesBothEnds) {
    const io::UnixAddress address{temporary_name("io-test-socket")};
    auto listener = io::listen(address);
    ASSERT_TRUE(listener) << listener.error().description();
    auto client = io::connect(address);
    ASSERT_TRUE(client);
    UniqueFd server = io::accept(listener->get());
    ASSERT_TRUE(server);
    EXPECT_EQ(io::describe_connection(server.get(), true), "unix:" + address.path + ",server=on");
    EXPECT_EQ(io::describe_connection(client->get(), false), "unix:");
    // A second listener takes the name over, as after a crash.
    EXPECT_TRUE(io::listen(address));
    unlink(address.path.c_str());
}

TEST(Socket, SaysWhichAddressCannotBeHad) {
    EXPECT_EQ(io::listen(io::UnixAddress{"/nonexistent/x"}).error().description(),
              "Failed to bind socket to /nonexistent/x: No such file or directory");
    EXPECT_EQ(io::connect(io::UnixAddress{"/nonexistent/x"}).error().description(),
              "Failed to connect to '/nonexistent/x': No such file or directory");
    auto first = io::listen(io::InetAddress{.host = "127.0.0.1", .port = "0"});
    ASSERT_TRUE(first);
    const auto got = std::get<io::InetAddress>(io::listening_address(first->get(), {}));
    EXPECT_NE(got.port, "0");
    EXPECT_EQ(io::listen(got).error().description(),
              "Failed to find an available port: Address already in use");
    auto next = io::InetAddress{.host = got.host, .port = got.port, .to = 65535};
    EXPECT_TRUE(io::listen(next));
    EXPECT_EQ(io::listen(io::FdAddress{9999}).error().description(),
              "File descriptor '9999' is not a socket");
    const std::string long_name(200, 'a');
    EXPECT_EQ(io::connect(io::UnixAddress{long_name}).error().description(),
              "UNIX socket path '" + long_name + "' is too long");
}

TEST(Socket, DoesNotRemoveAFileThatIsNoSocket) {
    const std::string name = temporary_name("io-test-file");
    ASSERT_TRUE(g_file_set_contents(name.c_str(), "precious", -1, nullptr));
    EXPECT_FALSE(io::listen(io::UnixAddress{name}));
    EXPECT_EQ(access(name.c_str(), F_OK), 0);
    unlink(name.c_str());
}

TEST(Connector, TellsTheOutcomeInTheLoopAndCanBeForgotten) {
    Loop loop;
    std::string outcome;
    io::Connector connector(loop.context, io::UnixAddress{"/nonexistent/y"},
                            [&](Result<UniqueFd> r) { outcome = r.error().description(); });
    loop.run_until([&] { return !outcome.empty(); });
    EXPECT_EQ(outcome, "Failed to connect to '/nonexistent/y': No such file or directory");
    bool called = false;
    {
        io::Connector gone(loop.context, io::UnixAddress{"/nonexistent/y"},
                           [&](auto) { called = true; });
    }
    loop.run_ready();
    EXPECT_FALSE(called);
}

TEST(Post, RunsInTheLoop) {
    Loop loop;
    bool ran = false;
    io::post(loop.context, [&] { ran = true; });
    EXPECT_FALSE(ran);
    loop.run_until([&] { return ran; });
}

}  // namespace
