// SPDX-License-Identifier: GPL-2.0-or-later
//
// The protocol on a character device that the test plays the back end of.
#include "accel/qtest/server.h"

#include <gtest/gtest.h>

#include "tests/unit/hw/core/fake-platform.h"
#include "util/main-loop.h"

namespace qtest {
namespace {

class FakeLine final : public chardev::Chardev {
public:
    FakeLine() : Chardev("qtest", "fake") {}
    void open() { set_line_open(true); }
    void close() { set_line_open(false); }
    std::size_t room_now() const { return room(); }
    void type(std::string_view text) {
        deliver({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    void make_room(std::size_t bytes) {
        takes = bytes;
        announce_writable();
    }
    std::string shown;
    std::size_t takes = ~std::size_t{0};
    bool hang_up_on_write = false;

protected:
    std::size_t put(std::span<const std::uint8_t> bytes) override {
        if (hang_up_on_write) close();
        const std::size_t n = std::min(takes, bytes.size());
        shown.append(reinterpret_cast<const char*>(bytes.data()), n);
        takes -= n;
        return n;
    }
};

struct ServerTest : testing::Test {
    hw::testing::FakePlatform fake;
    MainLoop loop;
    FakeLine line;
    std::string log;
    std::unique_ptr<Server> server;

    void start() {
        auto made = Server::create(loop, {fake.memory, fake.io, fake.root, &fake.clocks.virt}, line,
                                   [this](std::string_view text) { log += text; });
        ASSERT_TRUE(made);
        server = *std::move(made);
    }
    /// Input arrives in a turn of the loop, as it does in a VM.
    void type(std::string_view text) {
        loop.post([&] { line.type(text); });
        loop.run_pending(fake.bql);
    }
};

TEST_F(ServerTest, AnswersLinesHoweverTheyArrive) {
    start();
    line.open();
    type("endian");
    EXPECT_EQ(line.shown, "");
    type("ness\nclock_step 5\ninb");
    EXPECT_EQ(line.shown, "OK little\nOK 5\n");
    type(" 0x80\n");
    EXPECT_EQ(line.shown, "OK little\nOK 5\nOK 0x00ff\n");
}

TEST_F(ServerTest, AClientThatDoesNotReadIsNotServedOn) {
    start();
    line.open();
    line.takes = 3;
    type("endianness\n");
    EXPECT_EQ(line.shown, "OK ");
    EXPECT_GT(line.room_now(), 0u);
    type("b64read 0 0x1800000\n");  // 32 MiB of text
    EXPECT_EQ(line.room_now(), 0u);
    line.make_room(~std::size_t{0});
    EXPECT_TRUE(line.shown.starts_with("OK little\nOK AAAA"));
    EXPECT_TRUE(line.shown.ends_with("A\n"));
    EXPECT_GT(line.room_now(), 0u);
}

TEST_F(ServerTest, ASessionEndsWithItsConnection) {
    start();
    line.open();
    type("half a li");
    line.close();
    line.open();
    type("endianness\n");
    EXPECT_EQ(line.shown, "OK little\n");
    line.hang_up_on_write = true;
    type("endianness\nendianness\n");
    line.hang_up_on_write = false;
    line.open();
    line.shown.clear();
    type("endianness\n");
    EXPECT_EQ(line.shown, "OK little\n");
}

TEST_F(ServerTest, LogsBothDirections) {
    start();
    line.open();
    type("foo\n");
    line.close();
    EXPECT_TRUE(log.starts_with("[I 0.000000] OPENED\n[R +0.")) << log;
    EXPECT_NE(log.find("] foo\n[S +"), log.npos);
    EXPECT_NE(log.find("] FAIL Unknown command 'foo'\n[I +"), log.npos);
    EXPECT_TRUE(log.ends_with("] CLOSED\n"));
}

TEST_F(ServerTest, TheLineMustBeFree) {
    start();
    auto second = Server::create(loop, {fake.memory, fake.io, fake.root}, line, {});
    EXPECT_FALSE(second);
}

}  // namespace
}  // namespace qtest
