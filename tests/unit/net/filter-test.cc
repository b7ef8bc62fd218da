// SPDX-License-Identifier: GPL-2.0-or-later
//
// What filter-dump writes.
#include "net/filter-dump.h"

#include <fstream>
#include <iterator>

#include "qapi/context.h"
#include "qom/access.h"
#include "qom/type-table.h"
#include "tests/unit/net/world.h"

namespace net::testing {

namespace {

struct Dump : World {
    qom::TypeTable types;
    qom::Object container{qom::container_type};
    qom::UserObjects objects{types, container};
    qapi::Context services;
    std::string file = chardev::testing::temporary_name("dump");

    Dump() {
        types.add(filter_types());
        services.provide(network);
        add("hubport,id=a,hubid=0");
    }
    ~Dump() { unlink(file.c_str()); }
    Result<qom::UserObject*> make(std::string_view netdev) {
        return objects.add(services, {{"qom-type", "filter-dump"},
                                      {"id", "f"},
                                      {"netdev", netdev},
                                      {"file", file},
                                      {"maxlen", 64}});
    }
    std::string written() {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
};

TEST(FilterDump, WritesBothDirectionsCutToLength) {
    Dump d;
    const auto made = d.make("a");
    ASSERT_TRUE(made) << made.error().description();
    TestCard card(&d.network, "a"), far(nullptr);
    ASSERT_TRUE(Client::connect(d.network.add_hub_port(0), far));
    card.send(Frame(60, 'x'));
    far.send(Frame(100, 'y'));
    const std::string text = d.written();
    ASSERT_EQ(text.size(), 24u + 16 + 60 + 16 + 64);
    EXPECT_EQ(text.substr(0, 4), "\xd4\xc3\xb2\xa1");
    EXPECT_EQ(text[24 + 8], 60);
    EXPECT_EQ(text[24 + 16 + 60 + 8], 64);
    EXPECT_EQ(text[24 + 16 + 60 + 12], 100);
    EXPECT_EQ(text.substr(24 + 16 + 60 + 16), std::string(64, 'y'));
}

TEST(FilterDump, OutlivesItsBackEndAndGoesBeforeIt) {
    Dump d;
    ASSERT_TRUE(d.make("a"));
    ASSERT_TRUE(d.network.remove("a"));
    ASSERT_TRUE(d.objects.remove("f"));
    Client& again = d.add("hubport,id=a,hubid=0");
    ASSERT_TRUE(d.make("a"));
    EXPECT_EQ(again.taps().size(), 1u);
    ASSERT_TRUE(d.objects.remove("f"));
    EXPECT_TRUE(again.taps().empty());
    EXPECT_FALSE(d.make("zz"));
}

}  // namespace
}  // namespace net::testing
