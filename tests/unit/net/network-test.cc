// SPDX-License-Identifier: GPL-2.0-or-later
//
// Cables, hubs, and the network they make up.
#include "tests/unit/net/world.h"

namespace net::testing {

namespace {

const Frame hello(60, 'h'), other(60, 'o');

TEST(Cable, KeepsWhatTheOtherEndCannotTakeAndTellsWhenItIsGone) {
    TestCard a(nullptr), b(nullptr);
    ASSERT_TRUE(Client::connect(a, b));
    b.willing = false;
    EXPECT_FALSE(a.send(hello));
    EXPECT_FALSE(a.send(other));
    EXPECT_TRUE(b.got.empty());
    b.willing = true;
    b.flush_incoming();
    EXPECT_EQ(b.got, (std::vector{hello, other}));
    EXPECT_EQ(a.drains, 1);
    EXPECT_TRUE(a.send(hello));
}

TEST(Cable, LosesWhatComesAfterAThousandFrames) {
    TestCard a(nullptr), b(nullptr);
    ASSERT_TRUE(Client::connect(a, b));
    b.willing = false;
    for (int i = 0; i < 5000; i++)
        a.send(hello);
    b.willing = true;
    b.flush_incoming();
    EXPECT_EQ(b.got.size(), 1024u);
}

TEST(Cable, AFrameThatComesWhileOneIsTakenWaitsForIt) {
    TestCard a(nullptr), b(nullptr);
    ASSERT_TRUE(Client::connect(a, b));
    int depth = 0;
    b.on_receive = [&] {
        EXPECT_EQ(depth++, 0);
        if (b.got.size() == 1) a.send(other);
        depth--;
    };
    a.send(hello);
    EXPECT_EQ(b.got, (std::vector{hello, other}));
}

TEST(Cable, CarriesNothingWhenPulledAtEitherEnd) {
    World w;
    Client& backend = w.add("hubport,id=p,hubid=1");
    TestCard far(&w.network), near(&w.network, "p");
    ASSERT_TRUE(Client::connect(w.add("hubport,id=q,hubid=1"), far));
    backend.set_link(false);
    EXPECT_FALSE(near.link_up());
    EXPECT_EQ(near.link_changes, 1);
    far.send(hello);
    EXPECT_TRUE(near.got.empty());
    backend.set_link(true);
    far.send(hello);
    EXPECT_EQ(near.got.size(), 1u);
}

TEST(Hub, RepeatsToAllOtherPorts) {
    World w;
    for (const char* port : {"hubport,id=a,hubid=3", "hubport,id=b,hubid=3", "hubport,id=c,hubid=3",
                             "hubport,id=d,hubid=4"})
        w.add(port);
    TestCard a(&w.network, "a"), b(&w.network, "b"), c(&w.network, "c"), d(&w.network, "d");
    a.send(hello);
    EXPECT_TRUE(a.got.empty());
    EXPECT_EQ(b.got.size(), 1u);
    EXPECT_EQ(c.got.size(), 1u);
    EXPECT_TRUE(d.got.empty());
}

TEST(Hub, IsNotJoinedToAnother) {
    World w;
    w.add("hubport,id=a,hubid=0");
    EXPECT_EQ(w.refusal("hubport,id=b,hubid=1,netdev=a"),
              "netdev 'a' is a hub port: hubs cannot be joined");
    EXPECT_EQ(w.refusal("hubport,id=b,hubid=1,netdev=zz"), "netdev 'zz' not found");
}

TEST(Network, NothingReachesACardWhileTheMachineStandsStill) {
    World w;
    w.add("hubport,id=a,hubid=0");
    TestCard card(&w.network, "a"), far(nullptr);
    ASSERT_TRUE(Client::connect(w.network.add_hub_port(0), far));
    w.network.set_running(false);
    far.send(hello);
    EXPECT_TRUE(card.got.empty());
    w.network.set_running(true);
    EXPECT_EQ(card.got.size(), 1u);
}

TEST(Network, NamesAndAddressesOfCardsAreUnique) {
    World w;
    std::string mac = "52:54:00:12:34:56";
    TestCard first(&w.network, {}, mac), second(&w.network), third(&w.network);
    EXPECT_EQ(second.name(), "test.1");
    EXPECT_EQ(second.info(), "model=test,macaddr=52:54:00:12:34:57");
    EXPECT_EQ(third.info(), "model=test,macaddr=52:54:00:12:34:58");
}

TEST(Network, RemovingABackEndPullsItsCardsCable) {
    World w;
    w.add("hubport,id=a,hubid=0");
    TestCard card(&w.network, "a");
    ASSERT_TRUE(w.network.remove("a"));
    EXPECT_EQ(card.peer(), nullptr);
    EXPECT_FALSE(card.link_up());
    const auto again = w.network.remove("a");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().error_class(), ErrorClass::DeviceNotFound);
    EXPECT_FALSE(w.network.remove(card.name()));
}

TEST(Network, RefusesWhatIsNotThere) {
    World w;
    w.add("hubport,id=a,hubid=0");
    EXPECT_EQ(w.refusal("hubport,id=a,hubid=0"), "Duplicate ID 'a'");
    EXPECT_EQ(w.refusal("hubport,hubid=0"), "Parameter 'id' is missing");
    EXPECT_EQ(w.refusal("tap,id=t"), "network backend 'tap' is not supported by this program");
    EXPECT_EQ(w.refusal("bogus,id=t"), "Parameter 'type' does not accept value 'bogus'");
    EXPECT_EQ(w.refusal("hubport,id=t,hubid=0,bogus=1"), "Invalid parameter 'bogus'");
}

TEST(Mac, IsSixBytes) {
    const auto mac = parse_mac("52:54:00:aB:34:56");
    ASSERT_TRUE(mac);
    EXPECT_EQ(format_mac(*mac), "52:54:00:ab:34:56");
    for (const char* bad : {"", "52:54:00:12:34", "52:54:00:12:34:5", "52:54:00:12:34:5g",
                            "52:54:00:12:34:56:78", "52.54.00.12.34.56"})
        EXPECT_FALSE(parse_mac(bad)) << bad;
}

}  // namespace
}  // namespace net::testing
