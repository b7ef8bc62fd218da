// SPDX-License-Identifier: GPL-2.0-or-later
//
// The back ends, each with a recording front end.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fstream>

#include "chardev/char-memory.h"
#include "chardev/telnet.h"
#include "tests/unit/chardev/loop.h"

namespace chardev {
namespace {

using testing::Recorder;
using testing::Set;
using testing::temporary_name;

std::string contents(const std::string& name) {
    std::ifstream file(name);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Chardev, HasOneFrontEndAtATime) {
    Set set;
    Chardev* null = set.line("n", "null");
    Recorder first, second;
    ASSERT_TRUE(first.connect(null));
    EXPECT_EQ(first.events, "O");
    EXPECT_EQ(second.connect(null).error().description(), "Device 'n' is in use");
    EXPECT_EQ(set.chardevs.remove("n").error().description(), "Chardev 'n' is busy");
    first.disconnect();
    EXPECT_TRUE(second.connect(null));
    second.disconnect();
    EXPECT_TRUE(set.chardevs.remove("n"));
    EXPECT_EQ(set.chardevs.remove("n").error().description(), "Chardev 'n' not found");
    EXPECT_EQ(second.write("lost"), 4u);
}

TEST(Chardev, FrontEndSurvivesItsBackEnd) {
    Recorder front;
    {
        Set set;
        ASSERT_TRUE(front.connect(set.line("n", "null")));
    }
    EXPECT_EQ(front.chardev(), nullptr);
}

TEST(File, WritesAppendsAndRefuses) {
    Set set;
    const std::string name = temporary_name("file");
    Recorder front;
    ASSERT_TRUE(front.connect(set.line("f", "file:" + name)));
    EXPECT_EQ(front.write("one"), 3u);
    EXPECT_EQ(contents(name), "one");
    ASSERT_TRUE(set.chardevs.add("g", {FileConfig{.out = name, .append = true}}));
    (void)set.chardevs.find("g")->write({reinterpret_cast<const std::uint8_t*>("two"), 3});
    EXPECT_EQ(contents(name), "onetwo");
    EXPECT_EQ(set.error("file:/nonexistent/x"),
              "Could not open '/nonexistent/x': No such file or directory");
    EXPECT_EQ(set.error("file:/"), "Could not open '/': Is a directory");
    unlink(name.c_str());
}

TEST(File, OpensThroughADescriptorSet) {
    Set set;
    const std::string name = temporary_name("fdset");
    ASSERT_TRUE(set.descriptors.add(UniqueFd(open(name.c_str(), O_CREAT | O_WRONLY, 0600)), 3, {}));
    Recorder front;
    ASSERT_TRUE(front.connect(set.line("f", "file:/dev/fdset/3")));
    (void)front.write("through");
    EXPECT_EQ(contents(name), "through");
    EXPECT_EQ(set.error("file:/dev/fdset/4"),
              "Could not open '/dev/fdset/4': No such file or directory");
    unlink(name.c_str());
}

TEST(Logfile, HasACopyOfTheOutput) {
    Set set;
    const std::string name = temporary_name("log");
    ASSERT_TRUE(set.chardevs.add("n", {.backend = NullConfig{}, .logfile = name}));
    Recorder front;
    ASSERT_TRUE(front.connect(set.chardevs.find("n")));
    (void)front.write("copied");
    EXPECT_EQ(contents(name), "copied");
    unlink(name.c_str());
}

TEST(Ringbuf, KeepsTheLastBytes) {
    Set set;
    auto made = set.chardevs.add("r", {RingbufConfig{8}});
    ASSERT_TRUE(made);
    auto* ring = dynamic_cast<RingbufChardev*>(*made);
    Recorder front;
    ASSERT_TRUE(front.connect(ring));
    (void)front.write("abcdefghij");
    EXPECT_EQ(ring->stored(), 8u);
    EXPECT_EQ(ring->read(3), "cde");
    EXPECT_EQ(ring->read(100), "fghij");
    EXPECT_EQ(ring->read(1), "");
    EXPECT_EQ(set.chardevs.add("s", {RingbufConfig{100}}).error().description(),
              "size of ringbuf chardev must be power of two");
    EXPECT_EQ(set.chardevs.add("s", {RingbufConfig{0}}).error().description(),
              "size of ringbuf chardev must be power of two");
}

TEST(Socket, ServesOneClientAfterAnother) {
    Set set;
    const std::string name = temporary_name("socket");
    Recorder front;
    Chardev* c = set.line("s", "unix:" + name + ",server=on,wait=off");
    ASSERT_TRUE(front.connect(c));
    EXPECT_EQ(c->filename(), "disconnected:unix:" + name + ",server=on");
    EXPECT_EQ(front.write("into the void"), 13u);
    for (int i = 0; i < 3; i++) {
        front.text.clear();
        front.events.clear();
        auto client = io::connect(io::UnixAddress{name});
        ASSERT_TRUE(client);
        ASSERT_EQ(write(client->get(), "hi", 2), 2);
        set.run_until([&] { return front.text == "hi"; });
        EXPECT_EQ(c->filename(), "unix:" + name + ",server=on");
        (void)front.write("back");
        char got[8] = {};
        EXPECT_EQ(read(client->get(), got, sizeof got), 4);
        client->reset();
        set.run_until([&] { return front.events == "OC"; });
    }
    front.disconnect();
    ASSERT_TRUE(set.chardevs.remove("s"));
    EXPECT_NE(access(name.c_str(), F_OK), 0);  // the name goes with the listener
}

TEST(Socket, ConnectsAgainAfterAWhile) {
    Set set;
    const std::string name = temporary_name("reconnect");
    Recorder front;
    ASSERT_TRUE(front.connect(set.line("c", "unix:" + name + ",reconnect=1")));
    set.run_until([&] { return !set.told.empty(); });
    EXPECT_EQ(set.told.at(0), "Unable to connect character device c: Failed to connect to '" +
                                  name + "': No such file or directory");
    auto listener = io::listen(io::UnixAddress{name});
    ASSERT_TRUE(listener);
    set.run_until([&] { return front.events == "O"; });
    EXPECT_TRUE(io::accept(listener->get()));
    unlink(name.c_str());
}

TEST(Socket, TakesAListenerByDescriptor) {
    Set set;
    const std::string name = temporary_name("listener");
    auto listener = io::listen(io::UnixAddress{name});
    ASSERT_TRUE(listener);
    ASSERT_TRUE(set.chardevs.add({{"backend", "socket"},
                                  {"id", "s"},
                                  {"fd", std::to_string(listener->release())},
                                  {"server", "on"},
                                  {"wait", "off"}}));
    Recorder front;
    ASSERT_TRUE(front.connect(set.chardevs.find("s")));
    auto client = io::connect(io::UnixAddress{name});
    ASSERT_TRUE(client);
    set.run_until([&] { return front.events == "O"; });
    EXPECT_EQ(set.chardevs.find("s")->filename(), "unix:" + name + ",server=on");
    EXPECT_EQ(
        set.chardevs.add({{"backend", "socket"}, {"id", "t"}, {"fd", "999"}, {"server", "on"}})
            .error()
            .description(),
        "File descriptor '999' is not a socket");
    unlink(name.c_str());
}

TEST(Socket, TenThousandClientsComeAndGo) {
    Set set;
    const std::string name = temporary_name("many");
    Recorder front;
    ASSERT_TRUE(front.connect(set.line("s", "unix:" + name + ",server=on,wait=off")));
    const int lowest_free = UniqueFd(dup(0)).get();
    for (int i = 0; i < 10'000; i++) {
        auto client = io::connect(io::UnixAddress{name});
        ASSERT_TRUE(client) << i << ' ' << client.error().description();
        client->reset();
        set.run_ready();
    }
    set.run_until([&] { return front.events.size() == 20'000; });
    EXPECT_LE(UniqueFd(dup(0)).get(), lowest_free);  // none was left open
}

TEST(Telnet, NegotiatesAndCleansInput) {
    Set set;
    Recorder front;
    Chardev* c = set.line("t", "telnet:127.0.0.1:0,server=on,wait=off");
    ASSERT_TRUE(front.connect(c));
    const std::string where = c->filename();  // "disconnected:telnet:127.0.0.1:PORT,server=on"
    const auto port = where.substr(0, where.rfind(',')).substr(where.find("0.1:") + 4);
    auto client = io::connect(io::InetAddress{.host = "127.0.0.1", .port = port});
    ASSERT_TRUE(client);
    const std::string_view typed("a\xff\xfd\x01z\xff\xff\xff\xf3\xff\xfa\x18\x01\xff\xf0!\r\0", 18);
    ASSERT_EQ(write(client->get(), typed.data(), typed.size()), 18);
    set.run_until([&] { return front.text.size() == 5; });
    EXPECT_EQ(front.text, "az\xff!\r");
    EXPECT_EQ(front.events, "OB");
    char hello[64];
    EXPECT_EQ(read(client->get(), hello, sizeof hello), 12);
    EXPECT_EQ(std::string_view(hello, 12), TelnetFilter::greeting());
}

TEST(Pty, IsOpenWhileSomebodyHasIt) {
    Set set;
    Recorder front;
    Chardev* c = set.line("p", "pty");
    ASSERT_TRUE(front.connect(c));
    const std::string name = c->filename().substr(4);
    EXPECT_EQ(set.told.at(0), "char device redirected to " + name + " (label p)");
    EXPECT_EQ(front.write("nobody"), 6u);
    UniqueFd slave(open(name.c_str(), O_RDWR | O_NOCTTY));
    ASSERT_TRUE(slave);
    (void)front.write("hello");
    EXPECT_EQ(front.events, "O");
    char got[16] = {};
    EXPECT_EQ(read(slave.get(), got, sizeof got), 5);
    ASSERT_EQ(write(slave.get(), "\x03\r", 2), 2);
    set.run_until([&] { return front.text == "\x03\r"; });
    slave.reset();
    set.run_until([&] { return front.events == "OC"; });
}

TEST(Pipe, UsesTwoFifosOrOneDevice) {
    Set set;
    const std::string name = temporary_name("pipe");
    ASSERT_EQ(mkfifo((name + ".in").c_str(), 0600), 0);
    ASSERT_EQ(mkfifo((name + ".out").c_str(), 0600), 0);
    Recorder front;
    ASSERT_TRUE(front.connect(set.line("p", "pipe:" + name)));
    UniqueFd in(open((name + ".in").c_str(), O_WRONLY | O_NONBLOCK));
    ASSERT_TRUE(in);
    ASSERT_EQ(write(in.get(), "x", 1), 1);
    set.run_until([&] { return front.text == "x"; });
    EXPECT_EQ(set.error("pipe:/nonexistent/p"),
              "Could not open '/nonexistent/p': No such file or directory");
    unlink((name + ".in").c_str());
    unlink((name + ".out").c_str());
}

TEST(Mux, SharesALineByEscapes) {
    Set set;
    const std::string name = temporary_name("mux");
    ASSERT_TRUE(set.line("m", "mon:unix:" + name + ",server=on,wait=off"));
    EXPECT_EQ(set.chardevs.find("m")->filename(), "mux");
    EXPECT_EQ(set.chardevs.find("m-base")->filename(), "disconnected:unix:" + name + ",server=on");
    Recorder serial, monitor;
    ASSERT_TRUE(monitor.connect(set.chardevs.find("m")));
    ASSERT_TRUE(serial.connect(set.chardevs.find("m")));
    serial.take_focus();
    auto client = io::connect(io::UnixAddress{name});
    const auto type = [&](std::string_view keys) {
        ASSERT_EQ(write(client->get(), keys.data(), keys.size()), ssize_t(keys.size()));
    };
    type(
        "ab\x01"
        "ccd\x01"
        "c\x01\x01"
        "e");
    set.run_until([&] {
        return serial.text ==
               "ab\x01"
               "e";
    });
    EXPECT_EQ(monitor.text, "cd");
    serial.events.clear();
    type(
        "\x01"
        "b\x01x");
    set.run_until([&] { return set.terminated == 1; });
    EXPECT_EQ(serial.events, "B");
    // What comes while the front end is full waits for it.
    serial.room = 0;
    type("later");
    set.run_ready();
    EXPECT_EQ(serial.text,
              "ab\x01"
              "e");
    serial.room = 100;
    set.run_ready();
    serial.accept_input();
    set.run_until([&] {
        return serial.text ==
               "ab\x01"
               "elater";
    });
    EXPECT_EQ(set.chardevs.remove("m").error().description(), "Chardev 'm' is busy");
    EXPECT_EQ(set.chardevs.remove("m-base").error().description(), "Chardev 'm-base' is busy");
    EXPECT_EQ(set.chardevs.add("k", {MuxConfig{"nope"}}).error().description(),
              "mux: base chardev nope not found");
}

TEST(Change, PutsAnotherBackEndUnderAWillingFrontEnd) {
    Set set;
    Recorder front;
    ASSERT_TRUE(front.connect(set.line("c", "null")));
    EXPECT_EQ(set.chardevs.change("c", {RingbufConfig{16}}).error().description(),
              "Chardev user does not support chardev hotswap");
    front.swappable = true;
    auto changed = set.chardevs.change("c", {RingbufConfig{16}});
    ASSERT_TRUE(changed);
    (void)front.write("new");
    EXPECT_EQ(dynamic_cast<RingbufChardev&>(**changed).read(9), "new");
    EXPECT_FALSE(set.chardevs.change("c", {FileConfig{.out = "/nonexistent/x"}}));
    EXPECT_EQ(front.chardev(), *changed);  // a change that fails changes nothing
    EXPECT_EQ(set.chardevs.change("zz", {}).error().description(), "Chardev 'zz' does not exist");
}

TEST(Chardevs, RefuseASecondOfAName) {
    Set set;
    ASSERT_TRUE(set.line("n", "null"));
    EXPECT_EQ(set.chardevs.add({{"backend", "null"}, {"id", "n"}}).error().description(),
              "Duplicate ID 'n' for chardev");
    EXPECT_EQ(set.chardevs.add("n", {}).error().description(),
              "Chardev with id 'n' already exists");
    EXPECT_EQ(set.error("chardev:zz"), "chardev \"zz\" not found");
    EXPECT_EQ(*set.chardevs.add_line("y", "chardev:n"), set.chardevs.find("n"));
}

TEST(FdSets, AreFoundByNumberAndMode) {
    io::FdSets sets;
    const auto a = sets.add(UniqueFd(open("/dev/null", O_RDONLY)), {}, {});
    EXPECT_EQ(a->set, 0);
    const auto b = sets.add(UniqueFd(open("/dev/null", O_WRONLY)), 0, "why");
    EXPECT_EQ(sets.add(UniqueFd(), -1, {}).error().description(),
              "Parameter 'fdset-id' expects a non-negative value");
    UniqueFd w(sets.open("/dev/fdset/0", O_WRONLY));
    EXPECT_TRUE(w);
    EXPECT_NE(w.get(), b->fd);
    EXPECT_EQ(sets.open("/dev/fdset/0", O_RDWR), -1);
    EXPECT_EQ(errno, EACCES);
    EXPECT_EQ(sets.remove(0, 12345).error().description(),
              "File descriptor named 'fdset-id:0, fd:12345' not found");
    EXPECT_TRUE(sets.remove(0, b->fd));
    EXPECT_TRUE(sets.remove(0, {}));
    EXPECT_EQ(sets.remove(0, {}).error().description(),
              "File descriptor named 'fdset-id:0' not found");
    EXPECT_EQ(sets.keep("1a", UniqueFd()).error().description(),
              "Parameter 'fdname' expects a name not starting with a digit");
    EXPECT_EQ(sets.close("a").error().description(), "File descriptor named 'a' not found");
    EXPECT_EQ(sets.take("zz").error().description(),
              "File descriptor named 'zz' has not been found");
}

}  // namespace
}  // namespace chardev
