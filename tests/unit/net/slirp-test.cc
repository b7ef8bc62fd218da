// SPDX-License-Identifier: GPL-2.0-or-later
//
// -netdev user: its rules, a guest's first packets, and its saved section.
#include <algorithm>

#include "migration/vmstate/load.h"
#include "migration/vmstate/save.h"
#include "migration/vmstate/stream.h"
#include "net/forwards.h"
#include "tests/unit/net/world.h"

namespace net::testing {

namespace {

constexpr std::size_t empty_section = 1 + 2 + 16 * 8;

/// A DHCPDISCOVER in Ethernet, IPv4 and UDP (RFC 2131).
Frame discover(std::uint8_t last_mac_byte) {
    Frame f(14 + 20 + 8 + 236 + 4 + 4);
    std::fill_n(f.begin(), 6, 0xff);
    const std::uint8_t mac[] = {0x52, 0x54, 0x00, 0x12, 0x34, last_mac_byte};
    std::ranges::copy(mac, &f[6]);
    f[12] = 8;
    std::uint8_t* ip = &f[14];
    const auto length = f.size() - 14;
    ip[0] = 0x45;
    ip[2] = static_cast<std::uint8_t>(length >> 8);
    ip[3] = static_cast<std::uint8_t>(length);
    ip[8] = 64;
    ip[9] = 17;
    std::fill_n(ip + 16, 4, 0xff);
    unsigned sum = 0;
    for (int i = 0; i < 20; i += 2)
        sum += ip[i] << 8 | ip[i + 1];
    sum = ~((sum & 0xffff) + (sum >> 16));
    ip[10] = static_cast<std::uint8_t>(sum >> 8);
    ip[11] = static_cast<std::uint8_t>(sum);
    std::uint8_t* udp = ip + 20;
    udp[1] = 68;
    udp[3] = 67;
    udp[4] = static_cast<std::uint8_t>((length - 20) >> 8);
    udp[5] = static_cast<std::uint8_t>(length - 20);
    std::uint8_t* dhcp = udp + 8;
    dhcp[0] = 1, dhcp[1] = 1, dhcp[2] = 6;
    std::ranges::copy(mac, dhcp + 28);
    const std::uint8_t options[] = {0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255};
    std::ranges::copy(options, dhcp + 236);
    return f;
}

struct Guest : World {
    Client& net;
    TestCard card;
    explicit Guest(std::string_view netdev = "user,id=n")
        : net(add(netdev)), card(&network, net.name()) {}

    vmstate::Owner& section() { return *sections.owners.at(0); }
    Frame saved() {
        vmstate::Writer out;
        vmstate::save(section().vmstate(), section().state_for_saving(), out);
        return {out.data().begin(), out.data().end()};
    }
    /// Parsed and checked, and made the network's when all of it was right.
    Result<void> load(const Frame& bytes) {
        auto staged = section().stage();
        vmstate::Reader in(bytes);
        TRY(vmstate::load(section().vmstate(), staged->data(), 4, in));
        TRY(staged->check(4));
        staged->commit(4);
        return {};
    }
};

TEST(UserNet, GivesTheAddressesOfDhcp) {
    Guest g;
    g.card.send(discover(0x56));
    const auto offer = std::ranges::find_if(g.card.got, [](const Frame& f) {
        return f.size() > 14 + 28 + 20 && f[12] == 8 && f[14 + 9] == 17 && f[14 + 20 + 1] == 67;
    });
    ASSERT_NE(offer, g.card.got.end());
    const std::uint8_t address[] = {10, 0, 2, 15};
    EXPECT_TRUE(std::equal(address, address + 4, &(*offer)[14 + 28 + 16]));
}

TEST(UserNet, SavesWhoHasWhichAddress) {
    Guest g;
    const Frame before = g.saved();
    EXPECT_EQ(before, Frame(empty_section));
    g.card.send(discover(0x57));
    const Frame after = g.saved();
    ASSERT_EQ(after.size(), empty_section);
    // Behind the end mark, the packet number and "in use": the first lease's hardware address.
    const std::uint8_t mac[] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x57};
    EXPECT_TRUE(std::equal(mac, mac + 6, &after[1 + 2 + 2]));
}

TEST(UserNet, LoadsWhatItSaved) {
    Guest g, other;
    g.card.send(discover(0x57));
    const Frame state = g.saved();
    ASSERT_TRUE(other.load(state));
    EXPECT_EQ(other.saved(), state);
}

TEST(UserNet, KeepsItsStateWhenALoadIsRefused) {
    Guest g;
    g.card.send(discover(0x57));
    const Frame state = g.saved();
    for (std::size_t n = 0; n < state.size(); n++)
        EXPECT_FALSE(g.load({state.begin(), state.begin() + static_cast<std::ptrdiff_t>(n)})) << n;
    // A connection to an address that leads nowhere in this network.
    Frame connection = {42, 0, 0, 0, 0, 0, 2, 10, 0, 2, 100, 0, 80, 0, 2, 10, 0, 2, 15, 4, 0};
    connection.insert(connection.end(), {0, 0, 0, 0, 0, 0, 0});
    EXPECT_FALSE(g.load(connection));
    EXPECT_EQ(g.saved(), state);
}

/// The fixed part of a saved connection and where its numbers stand.
Frame connection(std::uint32_t buffer_length = 1, std::uint16_t tcp_state = 4) {
    vmstate::Writer w;
    w.u8(42);
    w.be32(0);
    for (std::uint8_t host : {100, 15}) {
        w.be16(2);
        // Network order taken for a number of a little endian host, and that in big endian.
        const std::uint8_t address[] = {host, 2, 0, 10};
        w.bytes(address);
        w.be16(80 << 8);
    }
    w.zeros(3);
    w.be32(0);
    for (int i = 0; i < 2; i++) {
        w.be32(0);
        w.be32(buffer_length);
        w.be32(0);
        w.be32(0);
        w.zeros(std::min<std::uint32_t>(buffer_length, 4096));
    }
    w.be16(tcp_state);
    w.zeros(8 + 6);
    w.be16(1460);
    w.zeros(3 + 13 * 4);
    w.be32(1460);
    w.zeros(4 + 2 + 2 + 4 + 2 + 2 + 2 + 4 + 1 + 1 + 2 + 4 + 12);
    w.u8(0);
    w.zeros(2 + 128);
    return {w.data().begin(), w.data().end()};
}

TEST(UserNet, LooksAtEveryNumberOfASavedConnection) {
    Guest g("user,id=n,guestfwd=tcp:10.0.2.100:80-null");
    const Frame before = g.saved();
    const auto huge = g.load(connection(0xfffffff0));
    ASSERT_FALSE(huge);
    EXPECT_NE(huge.error().description().find("buffer"), std::string::npos);
    const auto state = g.load(connection(1, 11));
    ASSERT_FALSE(state);
    EXPECT_NE(state.error().description().find("TCP state"), std::string::npos);
    EXPECT_EQ(g.saved(), before);

    // The forward to port 80 is there: the same connection, all its numbers right, is taken.
    Frame good = connection();
    const auto loaded = g.load(good);
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().description());
}

TEST(UserNet, RefusesAddressesThatDoNotFit) {
    World w;
    const std::pair<const char*, const char*> cases[] = {
        {"net=foo", "Failed to parse netmask"},
        {"net=10.0.0.0/3", "Invalid netmask provided (must be in range 4-32)"},
        {"net=10.0.0.0/255.0.255.0", "Failed to parse netmask (trailing chars)"},
        {"net=10.0.0.0/8,host=1.2.3.4", "Host doesn't belong to network"},
        {"dhcpstart=1.2.3.4", "DHCP doesn't belong to network"},
        {"dns=10.0.2.2", "DNS must be different from host"},
        {"dhcpstart=10.0.2.2", "DHCP must be different from host and DNS"},
        {"ipv4=off,ipv6=off", "IPv4 and IPv6 disabled"},
        {"ipv6-prefixlen=127",
         "Invalid IPv6 prefix provided (IPv6 prefix length must be between 0 and 126)"},
        {"ipv6-host=fe80::1", "IPv6 Host doesn't belong to network"},
        {"smb=/tmp", "Parameter 'smb' is not supported: this program starts no file server"},
        {"guestfwd=foo", "Invalid guest forwarding rule 'foo'"},
        {"guestfwd=tcp:10.0.2.2:80-null",
         "Conflicting/invalid host:port in guest forwarding rule 'tcp:10.0.2.2:80-null'"},
        {"hostfwd=tcp:9.9.9.9:1-:8", "Could not set up host forwarding rule 'tcp:9.9.9.9:1-:8'"}};
    for (const auto& [options, why] : cases)
        EXPECT_EQ(w.refusal(fmt::format("user,id=x,{}", options)), why) << options;
    EXPECT_TRUE(w.sections.owners.empty());
    EXPECT_EQ(w.add("user,id=x,net=192.168.7.0").info(), "net=192.168.0.0,restrict=off");
    EXPECT_EQ(w.add("user,id=y,net=192.168.7.0/24,restrict=on").info(),
              "net=192.168.7.0,restrict=on");
}

TEST(HostForward, SaysWhatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {{"foo", "No : separators"},
                                                         {"xcp::1-:2", "Bad protocol name"},
                                                         {"tcp:1-:2", "Missing : separator"},
                                                         {"tcp:x:1-:2", "Bad host address"},
                                                         {"tcp::x-:2", "Bad host port"},
                                                         {"tcp::1", "Bad host port separator"},
                                                         {"tcp::1-2", "Missing guest address"},
                                                         {"tcp::1-x:2", "Bad guest address"},
                                                         {"tcp::1-:99999", "Bad guest port"},
                                                         {"tcp::1-:0", "Bad guest port"}};
    for (const auto& [rule, why] : cases) {
        const auto f = parse_host_forward(rule);
        ASSERT_FALSE(f) << rule;
        EXPECT_EQ(f.error().description(),
                  fmt::format("Invalid host forwarding rule '{}' ({})", rule, why));
    }
    const auto f = parse_host_forward("udp:127.0.0.1:5000-10.0.2.9:53");
    ASSERT_TRUE(f);
    EXPECT_TRUE(f->udp);
    EXPECT_EQ(f->host_port, 5000);
    EXPECT_EQ(f->guest_port, 53);
    EXPECT_EQ(f->guest.s_addr, htonl(0x0a000209));
}

TEST(UserNet, ForwardsComeAndGo) {
    World w;
    auto& net = dynamic_cast<UserNetwork&>(w.add("user,id=n"));
    const HostForward forward{.host = {htonl(INADDR_LOOPBACK)}, .guest_port = 80};
    ASSERT_TRUE(net.add_forward(forward));
    EXPECT_NE(net.connections().find("TCP[HOST_FORWARD]"), std::string::npos);
    EXPECT_FALSE(net.remove_forward({.host_port = 1}));
}

}  // namespace
}  // namespace net::testing
