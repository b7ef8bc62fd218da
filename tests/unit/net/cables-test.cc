// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cables between emulators: -netdev socket, stream and dgram, and what a hostile peer sends.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "net/announce.h"
#include "net/stream.h"
#include "tests/unit/net/world.h"

namespace net::testing {

namespace {

const Frame hello(60, 'h'), answer(1514, 'a');

/// Two networks on one loop, and a card in each.
struct Pair {
    World w;
    std::unique_ptr<TestCard> a, b;

    void plug(std::string_view first, std::string_view second) {
        w.add(first);
        w.add(second);
        a = std::make_unique<TestCard>(&w.network, "a");
        b = std::make_unique<TestCard>(&w.network, "b");
    }
    void wait_for(const std::string& part) {
        w.run_until([&] { return w.network.find("a")->info().find(part) != std::string::npos; });
    }
    void expect_both_ways() {
        a->send(hello);
        w.run_until([&] { return !b->got.empty(); });
        b->send(answer);
        w.run_until([&] { return !a->got.empty() && a->got.back() == answer; });
        EXPECT_EQ(b->got[0], hello);
    }
};

std::string unix_name(const char* stem) {
    return chardev::testing::temporary_name(stem);
}

/// A port that nobody has now.
std::uint16_t free_port(int type = SOCK_STREAM) {
    UniqueFd fd(socket(AF_INET, type, 0));
    sockaddr_in in{.sin_family = AF_INET};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t n = sizeof in;
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&in), n), 0);
    EXPECT_EQ(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&in), &n), 0);
    return ntohs(in.sin_port);
}

TEST(SocketCable, ListensAndConnects) {
    Pair p;
    const auto port = free_port();
    p.plug(fmt::format("socket,id=a,listen=127.0.0.1:{}", port),
           fmt::format("socket,id=b,connect=127.0.0.1:{}", port));
    EXPECT_EQ(p.w.network.find("a")->info(), "");
    p.wait_for("socket: connection from 127.0.0.1:");
    p.expect_both_ways();
    EXPECT_EQ(p.w.network.find("b")->info(), fmt::format("socket: connect to 127.0.0.1:{}", port));
    EXPECT_TRUE(p.w.events.heard.empty());
}

TEST(SocketCable, SendsDatagramsBetweenTwoPorts) {
    Pair p;
    const auto one = free_port(SOCK_DGRAM), two = free_port(SOCK_DGRAM);
    p.plug(fmt::format("socket,id=a,udp=127.0.0.1:{},localaddr=127.0.0.1:{}", two, one),
           fmt::format("socket,id=b,udp=127.0.0.1:{},localaddr=127.0.0.1:{}", one, two));
    EXPECT_EQ(p.w.network.find("a")->info(), fmt::format("socket: udp=127.0.0.1:{}", two));
    p.expect_both_ways();
}

TEST(SocketCable, JoinsAMulticastGroup) {
    Pair p;
    const auto port = free_port(SOCK_DGRAM);
    p.plug(fmt::format("socket,id=a,mcast=230.0.0.1:{},localaddr=127.0.0.1", port),
           fmt::format("dgram,id=b,remote.type=inet,remote.host=230.0.0.1,remote.port={},"
                       "local.type=inet,local.host=127.0.0.1,local.port=0",
                       port));
    EXPECT_EQ(p.w.network.find("a")->info(), fmt::format("socket: mcast=230.0.0.1:{}", port));
    EXPECT_EQ(p.w.network.find("b")->info(), fmt::format("mcast=230.0.0.1:{}", port));
    p.expect_both_ways();
}

TEST(SocketCable, RefusesWhatMakesNoCable) {
    World w;
    const char* one_of = "exactly one of listen=, connect=, mcast= or udp= is required";
    EXPECT_EQ(w.refusal("socket,id=a"), one_of);
    EXPECT_EQ(w.refusal("socket,id=a,listen=:1,connect=:2"), one_of);
    EXPECT_EQ(w.refusal("socket,id=a,listen=:1,localaddr=:2"),
              "localaddr= is only valid with mcast= or udp=");
    EXPECT_EQ(w.refusal("socket,id=a,udp=:1"), "localaddr= is mandatory with udp=");
    EXPECT_EQ(w.refusal("socket,id=a,listen=abc"),
              "host address 'abc' doesn't contain ':' separating host from port");
    EXPECT_EQ(w.refusal("socket,id=a,mcast=10.0.0.1:1234"),
              "specified mcastaddr 10.0.0.1:1234 does not contain a multicast address");
    EXPECT_EQ(w.refusal("socket,id=a,fd=2000"), "File descriptor '2000' is not a socket");
    EXPECT_NE(w.refusal("socket,id=a,connect=127.0.0.1:99999999").find("Invalid port"),
              std::string::npos);
}

TEST(StreamCable, TellsOfItsConnectionsAndTakesTheNext) {
    Pair p;
    const auto name = unix_name("stream");
    p.plug(fmt::format("stream,id=a,server=on,addr.type=unix,addr.path={}", name),
           fmt::format("stream,id=b,addr.type=unix,addr.path={}", name));
    for (int i = 0; i < 2; i++) {
        p.wait_for("unix:" + name);
        p.expect_both_ways();
        p.b.reset();
        ASSERT_TRUE(p.w.network.remove("b"));
        p.w.run_until([&] { return p.w.network.find("a")->info().empty(); });
        p.a->got.clear();
        p.w.add(fmt::format("stream,id=b,addr.type=unix,addr.path={}", name));
        p.b = std::make_unique<TestCard>(&p.w.network, "b");
    }
    const auto told = [&](std::string_view event) {
        return std::ranges::count_if(p.w.events.heard,
                                     [&](auto& e) { return e.starts_with(event); });
    };
    EXPECT_EQ(told(R"(NETDEV_STREAM_DISCONNECTED {"netdev-id": "a"})"), 2);
    EXPECT_GE(told("NETDEV_STREAM_CONNECTED "), 4);
}

TEST(StreamCable, NamesTheOtherSideOfATcpConnection) {
    Pair p;
    const auto port = free_port();
    p.plug(
        fmt::format("stream,id=a,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port={}", port),
        fmt::format("stream,id=b,addr.type=inet,addr.host=127.0.0.1,addr.port={}", port));
    p.wait_for("tcp:127.0.0.1:");
    p.expect_both_ways();
    ASSERT_EQ(p.w.events.heard.size(), 2u);
    for (const auto& e : p.w.events.heard)
        EXPECT_NE(e.find(R"("ipv4": true)"), std::string::npos) << e;
}

TEST(StreamCable, AnAddressWhereNobodyListensIsShownAndLosesFrames) {
    World w;
    Client& c = w.add("stream,id=a,addr.type=unix,addr.path=/nonexistent");
    TestCard card(&w.network, "a");
    w.run_until([&] { return c.info().starts_with("connection error"); });
    EXPECT_TRUE(card.send(hello));
}

/// A peer that speaks bytes.
struct Peer {
    World w;
    UniqueFd end;
    Client* client = nullptr;
    std::unique_ptr<TestCard> card;

    explicit Peer(int type = SOCK_STREAM, const char* netdev = "socket,id=a,fd=") {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, type, 0, ends), 0);
        end.reset(ends[0]);
        client = &w.add(fmt::format("{}{}", netdev, ends[1]));
        card = std::make_unique<TestCard>(&w.network, "a");
    }
    void say(const Frame& bytes) {
        EXPECT_EQ(::send(end.get(), bytes.data(), bytes.size(), 0),
                  static_cast<ssize_t>(bytes.size()));
    }
    void say_framed(Frame f) {
        const auto n = f.size();
        f.insert(f.begin(),
                 {0, 0, static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)});
        say(f);
    }
};

TEST(StreamCable, PutsFramesTogetherFromSingleBytes) {
    std::vector<Frame> got;
    FrameReader reader;
    Frame stream{0, 0, 0, 2, 'x', 'y', 0, 0, 0, 0, 0, 0, 0, 1, 'z', 0, 0};
    for (const std::uint8_t byte : stream)
        ASSERT_TRUE(reader.feed(std::span(&byte, 1), [&](std::span<const std::uint8_t> f) {
            got.emplace_back(f.begin(), f.end());
        }));
    EXPECT_EQ(got, (std::vector<Frame>{{'x', 'y'}, {'z'}}));
}

TEST(StreamCable, ALengthThatNoFrameHasEndsTheConnection) {
    for (const Frame& nonsense :
         {Frame{0xff, 0xff, 0xff, 0xff}, Frame{0, 1, 0x10, 1}, Frame{0x80, 0, 0, 0, 1, 2}}) {
        Peer p;
        p.say_framed(hello);
        p.say(nonsense);
        p.w.run_until([&] { return p.client->info().empty(); });
        EXPECT_EQ(p.card->got, std::vector<Frame>{hello});
        char byte;
        EXPECT_EQ(recv(p.end.get(), &byte, 1, 0), 0);
    }
}

TEST(StreamCable, HoldsThePeerUpWhileTheCardTakesNothing) {
    Peer p;
    p.card->willing = false;
    const Frame frame(60000, 'f');
    int sent = 0;
    // Without an end to its patience the emulator would hold all that a peer cares to send.
    const int small = 1 << 16;
    ASSERT_EQ(setsockopt(p.end.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    Frame framed{0, 0, 60000 >> 8, 60000 & 0xff};
    framed.insert(framed.end(), frame.begin(), frame.end());
    for (; sent < 200; sent++) {
        p.w.run_ready();
        if (::send(p.end.get(), framed.data(), framed.size(), MSG_DONTWAIT) !=
            static_cast<ssize_t>(framed.size()))
            break;
    }
    EXPECT_LT(sent, 200);
    p.card->willing = true;
    p.card->flush_incoming();
    p.w.run_until([&] { return p.card->got.size() >= static_cast<std::size_t>(sent); });
}

TEST(StreamCable, WaitsForAPeerThatDoesNotRead) {
    Peer p;
    const Frame frame(60000, 'f');
    unsigned sent = 0;
    while (p.card->send(frame) && sent < 1000)
        sent++;
    ASSERT_LT(sent, 1000u);
    // All that was sent comes, whole and in order.
    std::size_t bytes = 0;
    Frame buffer(1 << 16);
    p.w.run_until([&] {
        while (true) {
            const auto n = recv(p.end.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (n <= 0) break;
            bytes += static_cast<std::size_t>(n);
        }
        return bytes == (sent + 1) * (frame.size() + 4);
    });
    EXPECT_EQ(p.card->drains, 1);
}

TEST(DatagramCable, CarriesFramesBetweenNames) {
    Pair p;
    const auto one = unix_name("dgram1"), two = unix_name("dgram2");
    p.plug(fmt::format("dgram,id=a,local.type=unix,local.path={0},remote.type=unix,remote.path={1}",
                       one, two),
           fmt::format("dgram,id=b,local.type=unix,local.path={1},remote.type=unix,remote.path={0}",
                       one, two));
    EXPECT_EQ(p.w.network.find("a")->info(), fmt::format("udp={}:{}", one, two));
    p.expect_both_ways();
    ASSERT_TRUE(p.w.network.remove("a"));
    EXPECT_NE(access(one.c_str(), F_OK), 0);
}

TEST(DatagramCable, TakesASocketAndLosesWhatIsNoFrame) {
    Peer p(SOCK_DGRAM, "dgram,id=a,local.type=fd,local.str=");
    p.say({});
    const int room = 1 << 20;
    ASSERT_EQ(setsockopt(p.end.get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    p.say(Frame(longest_frame + 1, 'x'));
    p.say(hello);
    p.w.run_until([&] { return !p.card->got.empty(); });
    EXPECT_EQ(p.card->got, std::vector<Frame>{hello});
    EXPECT_TRUE(p.card->send(answer));
    Frame buffer(2000);
    EXPECT_EQ(recv(p.end.get(), buffer.data(), buffer.size(), MSG_DONTWAIT), 1514);
}

TEST(DatagramCable, KeepsWhatTheHostCannotTakeYet) {
    Peer p(SOCK_DGRAM, "dgram,id=a,local.type=fd,local.str=");
    unsigned sent = 0;
    while (p.card->send(hello) && sent < 100'000)
        sent++;
    ASSERT_LT(sent, 100'000u);
    unsigned got = 0;
    Frame buffer(2000);
    p.w.run_until([&] {
        while (recv(p.end.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) == 60)
            got++;
        return got == sent + 1;
    });
    EXPECT_EQ(p.card->drains, 1);
}

TEST(DatagramCable, RefusesWhatMakesNoCable) {
    World w;
    EXPECT_EQ(w.refusal("dgram,id=a"), "dgram requires local= parameter");
    EXPECT_EQ(w.refusal("dgram,id=a,local.type=unix,local.path=x"),
              "type=inet or type=unix requires remote parameter");
    EXPECT_EQ(w.refusal("dgram,id=a,local.type=unix,local.path=x,remote.type=inet,"
                        "remote.host=127.0.0.1,remote.port=1"),
              "remote and local types must be the same");
    EXPECT_EQ(w.refusal("dgram,id=a,local.type=fd,local.str=x,remote.type=unix,remote.path=y"),
              "don't set remote with local.fd");
    EXPECT_EQ(w.refusal("stream,id=a"), "Parameter 'addr' is missing");
    EXPECT_EQ(w.refusal("stream,id=a,addr.type=vsock,addr.cid=1,addr.port=1"),
              "Parameter 'type' does not accept value 'vsock'");
}

TEST(Announce, SendsReverseArpRequestsOfTheCardsThatWereNamed) {
    World w;
    w.add("hubport,id=a,hubid=0");
    w.add("hubport,id=b,hubid=0");
    TestCard first(&w.network, "a"), second(&w.network, "b");
    qapi::AnnounceParameters what{.initial = 1, .max = 2, .rounds = 3, .step = 1};
    what.interfaces = {first.name()};
    ASSERT_TRUE(w.network.announcements().start(what));
    EXPECT_EQ(second.got.size(), 1u);
    w.run_until([&] { return second.got.size() == 3; });
    EXPECT_TRUE(first.got.empty());
    const Frame& f = second.got[0];
    const Frame mac{0x52, 0x54, 0, 0x12, 0x34, 0x56};
    Frame expected(6, 0xff);
    auto add = [&](const Frame& part) {
        expected.insert(expected.end(), part.begin(), part.end());
    };
    add(mac);
    add({0x80, 0x35, 0, 1, 8, 0, 6, 4, 0, 3});
    add(mac);
    add({0, 0, 0, 0});
    add(mac);
    expected.resize(60);
    EXPECT_EQ(f, expected);
    for (auto member : {&qapi::AnnounceParameters::initial, &qapi::AnnounceParameters::rounds}) {
        qapi::AnnounceParameters bad = what;
        bad.*member = -1;
        EXPECT_FALSE(w.network.announcements().start(bad));
    }
}

TEST(Announce, ASecondOneOfTheSameNameReplacesTheFirst) {
    World w;
    w.add("hubport,id=a,hubid=0");
    TestCard card(&w.network, "a"), far(nullptr);
    ASSERT_TRUE(Client::connect(w.network.add_hub_port(0), far));
    ASSERT_TRUE(
        w.network.announcements().start({.initial = 1, .max = 1, .rounds = 1000, .step = 0}));
    ASSERT_TRUE(w.network.announcements().start({.initial = 1, .max = 1, .rounds = 2, .step = 0}));
    w.run_until([&] { return far.got.size() == 3; });
    w.run_ready();
    EXPECT_EQ(far.got.size(), 3u);
}

}  // namespace
}  // namespace net::testing
