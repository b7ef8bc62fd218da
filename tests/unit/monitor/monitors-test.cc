// SPDX-License-Identifier: GPL-2.0-or-later
//
// Monitors on real sockets and a main loop, with clients that behave badly.
#include "monitor/monitors.h"

#include <glib.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "io/fdset.h"
#include "io/socket.h"
#include "monitor/qmp-session.h"

namespace monitor {
namespace {

using qapi::Command;
using qapi::Context;
using qapi::Json;
using qapi::JsonObject;

/// A client that waits on its socket like any other process would.
class Client {
public:
    explicit Client(const std::string& path) {
        auto fd = io::connect(io::UnixAddress{path});
        EXPECT_TRUE(fd);
        if (fd) fd_ = *std::move(fd);
    }
    void send(std::string_view text) const {
        std::size_t done = 0;
        while (done < text.size()) {
            const auto n = ::send(fd_.get(), text.data() + done, text.size() - done, MSG_NOSIGNAL);
            if (n < 0) return;
            done += static_cast<std::size_t>(n);
        }
    }
    /// A line, or what has come when the time is over.
    std::string line(int milliseconds = 5000) {
        for (;;) {
            const auto end = buffer_.find("\r\n");
            if (end != buffer_.npos) {
                std::string text = buffer_.substr(0, end);
                buffer_.erase(0, end + 2);
                return text;
            }
            pollfd p{fd_.get(), POLLIN, 0};
            char piece[65536];
            if (poll(&p, 1, milliseconds) <= 0) return "(silence)";
            const auto n = recv(fd_.get(), piece, sizeof piece, 0);
            if (n <= 0) return "(closed)";
            buffer_.append(piece, static_cast<std::size_t>(n));
        }
    }
    std::string until(std::string_view end) {
        while (buffer_.find(end) == buffer_.npos) {
            char piece[65536];
            const auto n = recv(fd_.get(), piece, sizeof piece, 0);
            if (n <= 0) break;
            buffer_.append(piece, static_cast<std::size_t>(n));
        }
        return std::exchange(buffer_, {});
    }
    int descriptor() const { return fd_.get(); }

private:
    UniqueFd fd_;
    std::string buffer_;
};

std::atomic<bool> busy, release_it, ran_out_of_band;

Result<Json> capabilities(Context& cx, const Json& arguments) {
    TRY(cx.get<QmpSession>().negotiate(arguments["enable"].size() > 0));
    return Json(JsonObject());
}
Result<Json> hello(Context&, const Json&) {
    return Json("hello");
}
Result<Json> block(Context&, const Json&) {
    busy = true;
    while (!release_it)
        std::this_thread::yield();
    return Json("blocked");
}
Result<Json> poke(Context&, const Json&) {
    ran_out_of_band = true;
    release_it = true;
    return Json("poked");
}
Result<Json> big(Context&, const Json&) {
    return Json(std::string(1'000'000, 'x'));
}
constexpr Command commands[] = {{"qmp_capabilities", capabilities, 0},
                                {"hello", hello, 0},
                                {"block", block, 0},
                                {"poke", poke, Command::allow_oob},
                                {"big", big, 0}};

/// A VM's worth of loop and monitors, running in a thread of its own.
class Machine {
public:
    Machine() {
        static std::atomic<int> count;
        path = fmt::format("{}/monitors-test-{}-{}", g_get_tmp_dir(), getpid(), count++);
        table_.add(commands);
        services_.provide(chardevs_);
        services_.provide(table_);
    }
    ~Machine() {
        if (thread_.joinable()) {
            loop.quit();
            thread_.join();
        }
    }
    void start(std::initializer_list<std::string> qmp,
               std::initializer_list<std::string> hmp = {}) {
        for (const auto& suffix : qmp)
            ASSERT_TRUE(monitors.add_line("unix:" + path + suffix + ",server=on,wait=off",
                                          Monitors::Mode::control, chardevs_));
        for (const auto& suffix : hmp)
            ASSERT_TRUE(monitors.add_line("unix:" + path + suffix + ",server=on,wait=off",
                                          Monitors::Mode::readline, chardevs_));
        thread_ = std::thread([this] {
            Bql held(lock_);
            loop.run(held);
        });
    }

    std::string path;
    MainLoop loop;
    Events events;

private:
    BigLock lock_;
    qapi::CommandTable table_;
    Context services_;
    io::FdSets descriptors_;
    chardev::Chardevs chardevs_{chardev::Environment{loop.context(), descriptors_, {}, {}}};
    std::thread thread_;

public:
    Monitors monitors{
        {.commands = table_, .services = services_, .loop = loop, .events = events, .tell = {}}};
};

constexpr auto negotiate = "{\"execute\":\"qmp_capabilities\"}\r\n";
constexpr auto say_hello = "{\"execute\":\"hello\"}\r\n";
constexpr auto greets = "{\"return\": \"hello\"}";

TEST(Monitors, TalkToSeveralClientsEachInItsOwnState) {
    Machine m;
    m.start({"a", "b"});
    Client a(m.path + "a"), b(m.path + "b");
    EXPECT_NE(a.line().find("\"QMP\""), std::string::npos);
    EXPECT_NE(b.line().find("\"QMP\""), std::string::npos);
    a.send(negotiate);
    EXPECT_EQ(a.line(), "{\"return\": {}}");
    b.send(say_hello);
    EXPECT_NE(b.line().find("CommandNotFound"), std::string::npos);
    a.send(say_hello);
    EXPECT_EQ(a.line(), greets);
    m.loop.post([&] { m.events.emit("STOP", nullptr); });
    EXPECT_NE(a.line().find("STOP"), std::string::npos);
    b.send(negotiate);
    EXPECT_EQ(b.line(), "{\"return\": {}}");  // and no event from before
}

TEST(Monitors, TakeANewClientAfterHalfALine) {
    Machine m;
    m.start({"a"});
    for (int i = 0; i < 20; i++) {
        Client c(m.path + "a");
        EXPECT_NE(c.line().find("\"QMP\""), std::string::npos);
        c.send("{\"execute\": \"qmp_cap");
    }
    Client c(m.path + "a");
    (void)c.line();
    c.send(negotiate);
    EXPECT_EQ(c.line(), "{\"return\": {}}");
}

TEST(Monitors, RunOutOfBandWhileTheMainLoopIsBusy) {
    busy = release_it = ran_out_of_band = false;
    Machine m;
    m.start({"a", "b"});
    Client a(m.path + "a"), b(m.path + "b");
    (void)a.line();
    (void)b.line();
    a.send("{'execute':'qmp_capabilities','arguments':{'enable':['oob']}}");
    EXPECT_EQ(a.line(), "{\"return\": {}}");
    b.send(negotiate);
    EXPECT_EQ(b.line(), "{\"return\": {}}");
    b.send("{'execute':'block'}");
    while (!busy)
        std::this_thread::yield();
    a.send("{'execute':'hello','id':1}{'exec-oob':'poke','id':2}");
    EXPECT_EQ(a.line(), "{\"return\": \"poked\", \"id\": 2}");
    EXPECT_EQ(b.line(), "{\"return\": \"blocked\"}");
    EXPECT_EQ(a.line(), "{\"return\": \"hello\", \"id\": 1}");
    m.loop.post([&] { m.events.emit("STOP", nullptr); });
    EXPECT_NE(a.line().find("STOP"), std::string::npos);
    for (int i = 0; i < 100; i++) {
        a.send(say_hello);
        EXPECT_EQ(a.line(), greets);
    }
}

TEST(Monitors, AClientThatNeverReadsHoldsUpNobody) {
    Machine m;
    m.start({"a", "b"});
    Client deaf(m.path + "a"), other(m.path + "b");
    deaf.send(negotiate);
    // As many commands as it can get rid of; then it sits there.
    std::string flood;
    for (int i = 0; i < 100; i++)
        flood += "{'execute':'big'}";
    (void)::send(deaf.descriptor(), flood.data(), flood.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)other.line();
    other.send(negotiate);
    EXPECT_EQ(other.line(), "{\"return\": {}}");
    for (int i = 0; i < 1000; i++)
        m.loop.post([&] { m.events.emit("STOP", nullptr); });
    for (int i = 0; i < 1000; i++)
        ASSERT_NE(other.line().find("STOP"), std::string::npos);
    other.send(say_hello);
    EXPECT_EQ(other.line(), greets);
    // It wakes up: greeting, answer, and all forty answers.
    (void)deaf.line();
    EXPECT_EQ(deaf.line(), "{\"return\": {}}");
    for (int i = 0; i < 40;) {
        const std::string got = deaf.line();
        ASSERT_NE(got, "(silence)");
        if (got.find("STOP") == got.npos) i++;
    }
}

TEST(Monitors, SurviveGarbageAndSuddenEnds) {
    Machine m;
    m.start({"a"});
    unsigned seed = 12345;
    for (int i = 0; i < 200; i++) {
        Client c(m.path + "a");
        std::string junk;
        for (int n = 0; n < 500; n++)
            junk += static_cast<char>((seed = seed * 1103515245 + 12345) >> 16);
        c.send(junk);
    }
    Client c(m.path + "a");
    (void)c.line();
    c.send(negotiate);
    EXPECT_EQ(c.line(), "{\"return\": {}}");
}

TEST(Monitors, GoAwayWhileServedByTheirThread) {
    for (int i = 0; i < 10; i++) {
        Machine m;
        m.start({"a"});
        Client a(m.path + "a");
        (void)a.line();
        a.send("{'execute':'qmp_capabilities','arguments':{'enable':['oob']}}");
        EXPECT_EQ(a.line(), "{\"return\": {}}");
        a.send(say_hello);
        if (i % 2) {
            EXPECT_EQ(a.line(), greets);
        }
    }
}

TEST(Monitors, SpeakToPeopleToo) {
    Machine m;
    m.start({}, {"h"});
    Client h(m.path + "h");
    EXPECT_EQ(h.until("(qemu) "),
              "QEMU 7.2.22 monitor - type 'help' for more information\r\n(qemu) ");
    h.send("hepl\x1b[D\x08p\x05\x7f\r");  // hepl, corrected by cursor keys
    EXPECT_NE(h.until("\n(qemu) ").find("unknown command"), std::string::npos);
    h.send("print 1+1\n");
    EXPECT_NE(h.until("\n(qemu) ").find("\r\n0x2\r\n"), std::string::npos);
}

TEST(MonitorOptions, AreRefusedInKnownWords) {
    Machine m;
    io::FdSets descriptors;
    chardev::Chardevs chardevs(chardev::Environment{m.loop.context(), descriptors, {}, {}});
    ASSERT_TRUE(chardevs.add_line("c", "null"));
    const auto refusal = [&](const chardev::KeyValues& options) {
        auto added = m.monitors.add(options, chardevs);
        return added ? "accepted" : added.error().description();
    };
    EXPECT_EQ(refusal({{"mode", "control"}}), "Parameter 'chardev' is missing");
    EXPECT_EQ(refusal({{"chardev", "zzz"}, {"mode", "control"}}), "chardev \"zzz\" not found");
    EXPECT_EQ(refusal({{"chardev", "c"}, {"mode", "zork"}}),
              "Parameter 'mode' does not accept value 'zork'");
    EXPECT_EQ(refusal({{"chardev", "c"}, {"mode", "readline"}, {"pretty", "on"}}),
              "'pretty' is not compatible with HMP monitors");
    EXPECT_EQ(refusal({{"chardev", "c"}}), "accepted");
    EXPECT_EQ(refusal({{"chardev", "c"}}), "Device 'c' is in use");
}

}  // namespace
}  // namespace monitor
