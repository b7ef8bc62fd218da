// SPDX-License-Identifier: GPL-2.0-or-later
//
// -netdev user: its rules, a guest's first packets, and its saved section.
#include <algorithm>
#include <array>
#include <span>

#include "migration/vmstate/load.h"
#include "migration/vmstate/save.h"
#include "migration/vmstate/stream.h"
#include "net/forwards.h"
#include "tests/unit/net/world.h"

namespace net::testing {

namespace {

constexpr std::size_t empty_section = 1 + 2 + 16 * 8;

using Address = std::array<std::uint8_t, 4>;
constexpr std::uint8_t udp = 17, icmp = 1;

void put_checksum(std::span<const std::uint8_t> words, std::uint8_t* at) {
    unsigned sum = 0;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2)
        sum += words[i] << 8 | words[i + 1];
    sum = ~((sum & 0xffff) + (sum >> 16));
    at[0] = static_cast<std::uint8_t>(sum >> 8);
    at[1] = static_cast<std::uint8_t>(sum);
}

std::array<std::uint8_t, 6> mac(std::uint8_t last) {
    return {0x52, 0x54, 0x00, 0x12, 0x34, last};
}

/// To all on the cable, with room for `payload` bytes behind the IPv4 header.
Frame ip_frame(std::uint8_t last_mac_byte, std::uint8_t protocol, Address from, Address to,
               std::size_t payload) {
    Frame f(14 + 20 + payload);
    std::fill_n(f.begin(), 6, 0xff);
    std::ranges::copy(mac(last_mac_byte), &f[6]);
    f[12] = 8;
    std::uint8_t* ip = &f[14];
    ip[0] = 0x45;
    ip[2] = static_cast<std::uint8_t>((20 + payload) >> 8);
    ip[3] = static_cast<std::uint8_t>(20 + payload);
    ip[8] = 64;
    ip[9] = protocol;
    std::ranges::copy(from, ip + 12);
    std::ranges::copy(to, ip + 16);
    put_checksum({ip, 20}, ip + 10);
    return f;
}

/// A DHCPDISCOVER (RFC 2131).
Frame discover(std::uint8_t last_mac_byte) {
    constexpr std::size_t length = 8 + 236 + 4 + 4;
    Frame f = ip_frame(last_mac_byte, udp, {}, {255, 255, 255, 255}, length);
    std::uint8_t* head = &f[34];
    head[1] = 68;
    head[3] = 67;
    head[4] = static_cast<std::uint8_t>(length >> 8);
    head[5] = static_cast<std::uint8_t>(length);
    std::uint8_t* dhcp = head + 8;
    dhcp[0] = 1, dhcp[1] = 1, dhcp[2] = 6;
    std::ranges::copy(mac(last_mac_byte), dhcp + 28);
    const std::uint8_t options[] = {0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255};
    std::ranges::copy(options, dhcp + 236);
    return f;
}

constexpr Address guest_address{10, 0, 2, 15}, gateway{10, 0, 2, 2};

/// An echo request to the gateway (RFC 792).
Frame echo_request() {
    Frame f = ip_frame(0x56, icmp, guest_address, gateway, 16);
    f[34] = 8;
    put_checksum({&f[34], 16}, &f[36]);
    return f;
}

/// "I have it", to the gateway (RFC 826).
Frame arp_reply() {
    Frame f(14 + 28);
    std::fill_n(f.begin(), 6, 0xff);
    std::ranges::copy(mac(0x56), &f[6]);
    const std::uint8_t head[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 2};
    std::ranges::copy(head, &f[12]);
    std::ranges::copy(mac(0x56), &f[22]);
    std::ranges::copy(guest_address, &f[28]);
    std::ranges::copy(gateway, &f[38]);
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
    EXPECT_TRUE(std::ranges::equal(guest_address, std::span(&(*offer)[14 + 28 + 16], 4)));
}

// As after a load, which brings no addresses of the cable: what is held back until the guest has
// told its own goes out then, not with the next timer.
TEST(UserNet, AnswersAsSoonAsItKnowsWhereTheGuestIs) {
    Guest g;
    const auto got = [&](std::uint8_t type, std::size_t at, std::uint8_t value) {
        return std::ranges::any_of(g.card.got, [&](const Frame& f) {
            return f.size() > at && f[12] == 8 && f[13] == type && f[at] == value;
        });
    };
    g.card.send(echo_request());
    ASSERT_TRUE(got(6, 21, 1));  // ARP: who has it?
    EXPECT_FALSE(got(0, 34, 0));
    g.card.send(arp_reply());
    g.run_ready();
    EXPECT_TRUE(got(0, 34, 0));  // the echo's reply
}

TEST(UserNet, SavesWhoHasWhichAddress) {
    Guest g;
    const Frame before = g.saved();
    EXPECT_EQ(before, Frame(empty_section));
    g.card.send(discover(0x57));
    const Frame after = g.saved();
    ASSERT_EQ(after.size(), empty_section);
    // Behind the end mark, the packet number and "in use": the first lease's hardware address.
    EXPECT_TRUE(std::ranges::equal(mac(0x57), std::span(&after[1 + 2 + 2], 6)));
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
