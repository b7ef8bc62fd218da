// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands about nodes and media, from JSON. Replies were captured from QEMU 7.2.22.
#include <gtest/gtest.h>

#include "block/open.h"
#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/event.h"
#include "qapi/json.h"
#include "qapi/qapi-commands-block-core.h"
#include "qapi/qapi-commands-block.h"
#include "tests/unit/block/image.h"

namespace {

using namespace block;
using block::testing::Image;

struct Events final : qapi::EventSink {
    void emit(std::string_view name, const qapi::Json& data) override {
        seen.push_back(fmt::format("{} {}", name, data.text()));
    }
    std::vector<std::string> seen;
};

/// A drive with a tray that its guest can lock.
struct Drive final : AttachedDevice {
    std::string id_or_path() const override { return "cd"; }
    bool removable() const override { return true; }
    bool has_tray() const override { return true; }
    bool tray_open() const override { return open; }
    bool medium_locked() const override { return locked; }
    void medium_changed(bool loaded) override { open = !loaded; }
    void eject_requested(bool) override { asked++; }
    bool open = false, locked = false;
    int asked = 0;
};

class BlockCommands : public ::testing::Test {
protected:
    BlockCommands() {
        table.add(qapi::commands_block());
        table.add(qapi::commands_block_core());
        cx.provide(drives);
        cd = *drives.add_backend("ide1-cd0");
        EXPECT_TRUE(cd->attach(drive, {.writes = false}));
    }
    ~BlockCommands() override { cd->detach(); }

    std::string run(std::string_view name, std::string_view arguments = "{}") {
        const auto result = table.run(cx, name, *qapi::Json::parse(arguments));
        return result ? result->text() : result.error().description();
    }
    qapi::Json ask(std::string_view name, std::string_view arguments = "{}") {
        auto result = table.run(cx, name, *qapi::Json::parse(arguments));
        EXPECT_TRUE(result) << result.error().description();
        return *result;
    }

    Events events;
    Drives drives{make_inline_executor(), &events};
    Drive drive;
    BlockBackend* cd = nullptr;
    qapi::CommandTable table;
    qapi::Context cx;
};

TEST_F(BlockCommands, MakeAndRemoveNodes) {
    EXPECT_EQ(run("blockdev-add", "{'driver': 'null-co'}"),
              "'node-name' must be specified for the root node");
    EXPECT_EQ(run("blockdev-add", "{'driver': 'null-co', 'node-name': '1x'}"),
              "Invalid node-name: '1x'");
    EXPECT_EQ(run("blockdev-add", "{'driver': 'null-co', 'node-name': 'n', 'size': 1048576}"),
              "{}");
    EXPECT_EQ(run("blockdev-add", "{'driver': 'null-co', 'node-name': 'n'}"),
              "Duplicate nodes with node-name='n'");
    EXPECT_EQ(run("blockdev-add", "{'driver': 'null-co', 'node-name': 'ide1-cd0'}"),
              "node-name=ide1-cd0 is conflicting with a device id");
    EXPECT_EQ(run("blockdev-add", "{'driver': 'raw', 'node-name': 'r', 'file': 'none'}"),
              "Cannot find device='none' nor node-name='none'");
    EXPECT_EQ(run("blockdev-add", "{'driver': 'raw', 'node-name': 'r', 'file': 'n'}"), "{}");
    EXPECT_EQ(run("blockdev-del", "{'node-name': 'n'}"), "Node n is in use");
    EXPECT_EQ(run("blockdev-del", "{'node-name': 'zz'}"),
              "Failed to find node with node-name='zz'");
    EXPECT_EQ(run("blockdev-del", "{'node-name': 'r'}"), "{}");
    EXPECT_EQ(run("blockdev-del", "{'node-name': 'n'}"), "{}");
    EXPECT_EQ(run("query-named-block-nodes"), "[]");
}

TEST_F(BlockCommands, DescribeNodesAsQemuDoes) {
    Image image(8 << 20);
    run("blockdev-add", fmt::format("{{'driver': 'raw', 'node-name': 'disk', 'read-only': true, "
                                    "'file': {{'driver': 'file', 'filename': '{}'}}}}",
                                    image.name()));
    const auto nodes = ask("query-named-block-nodes");
    ASSERT_EQ(nodes.size(), 2u);  // the one below was named, too
    auto expected = *qapi::Json::parse(R"({"backing_file_depth": 0, "bps": 0, "bps_rd": 0,
        "bps_wr": 0, "cache": {"direct": false, "no-flush": false, "writeback": true},
        "detect_zeroes": "off", "drv": "raw", "encrypted": false, "iops": 0, "iops_rd": 0,
        "iops_wr": 0, "node-name": "disk", "ro": true, "write_threshold": 0})");
    auto image_info = *qapi::Json::parse(
        R"({"actual-size": 0, "dirty-flag": false, "format": "raw", "virtual-size": 8388608})");
    image_info.object()->set("filename", image.name());
    expected.object()->set("image", std::move(image_info));
    expected.object()->set("file", image.name());
    EXPECT_EQ(nodes[0], expected) << nodes[0].text();
    EXPECT_EQ(*nodes[1]["drv"].string(), "file");
    // What is made together goes together.
    EXPECT_EQ(run("blockdev-del", "{'node-name': 'disk'}"), "{}");
    EXPECT_EQ(run("query-named-block-nodes"), "[]");
}

TEST_F(BlockCommands, ListBackEndsWithoutMedium) {
    EXPECT_EQ(ask("query-block"), *qapi::Json::parse(
                                      R"([{"device": "ide1-cd0", "qdev": "cd", "type": "unknown",
                   "removable": true, "locked": false, "tray_open": false}])"));
    const auto stats = ask("query-blockstats");
    EXPECT_EQ(stats[0]["stats"]["rd_operations"], qapi::Json(0));
    EXPECT_EQ(stats[0]["stats"]["account_failed"], qapi::Json(true));
    EXPECT_EQ(stats[0].find("node-name"), nullptr);
    EXPECT_EQ(stats[0]["stats"].find("idle_time_ns"), nullptr);
}

TEST_F(BlockCommands, MoveMediaThroughTheTray) {
    run("blockdev-add", "{'driver': 'null-co', 'node-name': 'n', 'size': 1048576}");
    EXPECT_EQ(run("blockdev-insert-medium", "{'id': 'cd', 'node-name': 'n'}"),
              "Tray of the device is not open");
    EXPECT_EQ(run("blockdev-open-tray", "{'id': 'cd'}"), "{}");
    EXPECT_EQ(run("blockdev-insert-medium", "{'id': 'cd', 'node-name': 'zz'}"),
              "Node 'zz' not found");
    EXPECT_EQ(run("blockdev-insert-medium", "{'id': 'cd', 'node-name': 'n'}"), "{}");
    EXPECT_EQ(run("blockdev-insert-medium", "{'id': 'cd', 'node-name': 'n'}"),
              "Node 'n' is already in use");
    EXPECT_EQ(run("blockdev-close-tray", "{'id': 'cd'}"), "{}");
    EXPECT_EQ(run("blockdev-del", "{'node-name': 'n'}"), "Node n is in use");
    EXPECT_EQ(run("blockdev-remove-medium", "{'id': 'cd'}"), "Tray of the device is not open");
    EXPECT_EQ(run("eject", "{'device': 'ide1-cd0'}"), "{}");
    EXPECT_FALSE(cd->inserted());
    EXPECT_EQ(events.seen,
              (std::vector<std::string>{
                  R"(DEVICE_TRAY_MOVED {"device": "ide1-cd0", "id": "cd", "tray-open": true})",
                  R"(DEVICE_TRAY_MOVED {"device": "ide1-cd0", "id": "cd", "tray-open": false})",
                  R"(DEVICE_TRAY_MOVED {"device": "ide1-cd0", "id": "cd", "tray-open": true})"}));
}

TEST_F(BlockCommands, AskAGuestThatLockedItsTray) {
    drive.locked = true;
    EXPECT_EQ(run("eject", "{'id': 'cd'}"),
              "Device 'ide1-cd0' is locked and force was not specified, wait for tray to open and "
              "try again");
    EXPECT_EQ(drive.asked, 1);
    EXPECT_FALSE(drive.open);
    EXPECT_EQ(run("blockdev-open-tray", "{'id': 'cd'}"), "{}");
    EXPECT_FALSE(drive.open);
    EXPECT_EQ(run("eject", "{'id': 'cd', 'force': true}"), "{}");
    EXPECT_TRUE(drive.open);
}

TEST_F(BlockCommands, ChangeTheMediumOrNothing) {
    Image image(1 << 20);
    EXPECT_EQ(run("blockdev-change-medium", "{'id': 'cd', 'filename': '/nonexistent'}"),
              "Could not open '/nonexistent': No such file or directory");
    EXPECT_FALSE(drive.open);
    EXPECT_TRUE(events.seen.empty());
    EXPECT_EQ(run("blockdev-change-medium",
                  fmt::format("{{'id': 'cd', 'filename': '{}', 'format': 'raw'}}", image.name())),
              "{}");
    EXPECT_EQ(cd->size(), 1u << 20);
    EXPECT_FALSE(drive.open);
    EXPECT_EQ(events.seen.size(), 2u);
}

TEST_F(BlockCommands, NeedOneDriveThatIsThere) {
    EXPECT_EQ(run("eject"), "Need exactly one of 'device' and 'id'");
    EXPECT_EQ(run("eject", "{'id': 'zz'}"), "Device 'zz' not found");
    const auto result = table.run(cx, "eject", *qapi::Json::parse("{'device': 'zz'}"));
    EXPECT_EQ(result.error().error_class(), ErrorClass::DeviceNotFound);
}

TEST_F(BlockCommands, ResizeWhatCanBeResized) {
    Image image(1 << 20);
    run("blockdev-add",
        fmt::format("{{'driver': 'file', 'node-name': 'f', 'filename': '{}'}}", image.name()));
    run("blockdev-add", "{'driver': 'null-co', 'node-name': 'n'}");
    EXPECT_EQ(run("block_resize", "{'node-name': 'f', 'size': 2097152}"), "{}");
    EXPECT_EQ(drives.find_node("f")->size(), 2u << 20);
    EXPECT_EQ(run("block_resize", "{'node-name': 'n', 'size': 2097152}"),
              "Image format driver does not support resize");
    EXPECT_EQ(run("block_resize", "{'size': 1}"), "Cannot find device='' nor node-name=''");
    EXPECT_EQ(run("block_resize", "{'device': 'zz', 'size': 1}"),
              "Cannot find device='zz' nor node-name=''");
}

TEST_F(BlockCommands, FailTheRequestsThatATestChooses) {
    EXPECT_EQ(run("blockdev-add", R"({"driver": "blkdebug", "node-name": "b",
        "image": {"driver": "null-co", "size": 1048576},
        "inject-error": [{"event": "none", "iotype": "write", "errno": 28, "once": true},
                         {"event": "read_aio", "sector": 7}]})"),
              "{}");
    const auto node = drives.find_node("b");
    std::vector<std::uint8_t> b(1024);
    EXPECT_EQ(node->write(0, b), ENOSPC);
    EXPECT_EQ(node->write(0, b), 0);
    EXPECT_EQ(node->read(0, b), 0);
    EXPECT_EQ(node->read(3072, b), EIO);
    EXPECT_EQ(node->read(3584, b), EIO);
    EXPECT_EQ(node->flush(), 0);
}

TEST_F(BlockCommands, HandAllImagesOverAndTakeThemBack) {
    Image image(4096);
    run("blockdev-add",
        fmt::format("{{'driver': 'raw', 'node-name': 'r', 'file': {{'driver': 'file', "
                    "'filename': '{}'}}}}",
                    image.name()));
    auto* disk = *drives.add_backend("d");
    ASSERT_TRUE(disk->insert(drives.find_node("r")));
    Drive owner;
    ASSERT_TRUE(disk->attach(owner, {}));
    Drives other(make_inline_executor());
    auto* second = *other.add_backend("d");
    Drive second_owner;
    ASSERT_TRUE(second->insert(*open_image(other, {.filename = image.name(), .format = "raw"})));
    EXPECT_EQ(second->attach(second_owner, {}).error().description(),
              "Failed to get \"write\" lock");
    ASSERT_TRUE(drives.inactivate_all());
    EXPECT_TRUE(second->attach(second_owner, {}));
    EXPECT_EQ(drives.before_start().error().description(), "Failed to get \"write\" lock");
    second->detach();
    other.remove_backend(*second);
    EXPECT_TRUE(drives.before_start());
    EXPECT_TRUE(drives.active());
    disk->detach();
}

TEST_F(BlockCommands, FindOutTheFormatAndWarn) {
    Image image(4096);
    std::string warning;
    ImageRequest request{.filename = image.name()};
    request.warn = [&](const std::string& text) { warning = text; };
    ASSERT_TRUE(open_image(drives, request));
    EXPECT_TRUE(warning.starts_with("Image format was not specified for '" + image.name() +
                                    "' and probing guessed raw.\n"));
    auto raw = open_image(drives, {.filename = image.name(), .format = "raw"});
    const std::uint8_t magic[512] = {'Q', 'F', 'I', 0xfb, 0, 0, 0, 2};
    (*raw)->write(0, magic);
    EXPECT_EQ(open_image(drives, request).error().description(),
              fmt::format("'{}' looks like an image of format 'qcow2', which this program does not "
                          "read",
                          image.name()));
    EXPECT_EQ(open_image(drives, {.filename = "foo:bar"}).error().description(),
              "Unknown protocol 'foo'");
    EXPECT_EQ((*open_image(drives, {.filename = "null-co://", .format = "raw"}))->size(), 1u << 30);
}

}  // namespace
