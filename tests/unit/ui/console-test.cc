// SPDX-License-Identifier: GPL-2.0-or-later
//
// Consoles: what clients read of them and which one they mean, and the files their pictures go to.
#include <glib/gstdio.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <iterator>

#include "io/fdset.h"
#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-ui.h"
#include "qom/type-table.h"
#include "qom/user-objects.h"
#include "ui/console.h"

namespace {

using qapi::Json;

TEST(TextScreen, ShowsCharactersInTheirColors) {
    ui::TextScreen s(4, 2);
    s.at(0, 0) = {U'A', 15, 1};
    s.at(1, 0) = {U'B', 15, 1};
    s.at(2, 0) = {ui::from_code_page_437(0xcd), 4, 0, true};
    s.cursor = {1, 1};
    EXPECT_EQ(s.plain(), "AB═\n\n");
    EXPECT_EQ(s.colored(),
              "\x1b[0;97;44mAB\x1b[0;31;40;5m═\x1b[0;37;40m \x1b[0m\n"
              "\x1b[0;37;40m \x1b[0;37;40;7m \x1b[0;37;40m  \x1b[0m\n");
}

TEST(TextScreen, KnowsThePicturesOfCodePage437) {
    EXPECT_EQ(ui::from_code_page_437(0), U' ');
    EXPECT_EQ(ui::from_code_page_437(0x01), U'☺');
    EXPECT_EQ(ui::from_code_page_437(0x7e), U'~');
    EXPECT_EQ(ui::from_code_page_437(0xdb), U'█');
    EXPECT_EQ(ui::from_code_page_437(0xff), U' ');
}

TEST(Image, FilesHoldTheirPixels) {
    ui::Image image(2, 1);
    image.pixels = {0x00ff0000, 0x00010203};
    EXPECT_EQ(ppm(image), std::string("P6\n2 1\n255\n\xff\0\0\1\2\3", 17));
    const std::string file = png(image);
    EXPECT_EQ(file.substr(0, 8), "\x89PNG\r\n\x1a\n");
    const auto at = file.find("IDAT") + 4;
    std::string raw(7, 0);
    uLongf size = raw.size();
    ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(raw.data()), &size,
                         reinterpret_cast<const Bytef*>(file.data() + at),
                         static_cast<uLong>(file.size() - at)),
              Z_OK);
    EXPECT_EQ(raw, std::string("\0\xff\0\0\1\2\3", 7));
}

class Display final : public ui::Console {
public:
    Display(const qom::Object& device, unsigned head) : device_(device), head_(head) {}
    ui::Image picture() override { return ui::Image(1, 1); }
    ui::TextScreen text() override { return screen; }
    const qom::Object* device() const override { return &device_; }
    unsigned head() const override { return head_; }
    ui::TextScreen screen;

private:
    const qom::Object& device_;
    unsigned head_;
};

class ConsoleCommands : public ::testing::Test {
protected:
    ConsoleCommands() {
        table_.add(qapi::commands_ui());
        services_.provide(tree_);
        services_.provide(descriptors_);
        services_.provide(consoles);
        machine_.add_child("peripheral", peripheral_);
        peripheral_.add_child("card", card_);
        peripheral_.add_child("other", other_);
        root_.add_child("machine", machine_);
    }
    ~ConsoleCommands() override { g_unlink(file_.c_str()); }
    /// The error's words, or the answer's text.
    std::string operator()(const char* command, qapi::JsonObject arguments) {
        const Result<Json> done = table_.run(services_, command, std::move(arguments));
        if (!done) return done.error().description();
        const Json& text = (*done)["human-readable-text"];
        return text.string() ? *text.string() : "";
    }
    std::string dump(qapi::JsonObject arguments) {
        arguments.set("filename", file_);
        return (*this)("screendump", std::move(arguments));
    }
    std::string written() {
        std::ifstream in(file_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    ui::Consoles consoles;
    Display first{card_, 0}, second{card_, 1};

private:
    qom::TypeTable types_;
    qom::Object root_{qom::container_type}, machine_{qom::container_type},
        peripheral_{qom::container_type}, card_{qom::container_type}, other_{qom::container_type};
    qom::Tree tree_{root_, types_};
    io::FdSets descriptors_;
    qapi::CommandTable table_;
    qapi::Context services_;
    std::string file_ = std::string(g_get_tmp_dir()) + "/console-test-" + std::to_string(getpid());
};

TEST_F(ConsoleCommands, SayWhichConsoleIsNotThere) {
    EXPECT_EQ(dump({}), "There is no console to take a screendump from");
    consoles.add(first);
    consoles.add(second);
    EXPECT_EQ(dump({{"head", 1}}), "'head' must be specified together with 'device'");
    EXPECT_EQ(dump({{"device", "x"}}), "Device 'x' not found");
    EXPECT_EQ(dump({{"device", "other"}}), "Device other (head 0) is not bound to a QemuConsole");
    EXPECT_EQ(dump({{"device", "card"}, {"head", 2}}),
              "Device card (head 2) is not bound to a QemuConsole");
    EXPECT_EQ((*this)("screendump", {{"filename", "/nonexistent/x"}}),
              "failed to open file '/nonexistent/x': No such file or directory");
}

TEST_F(ConsoleCommands, WriteThePictureInTheFormatAskedFor) {
    consoles.add(first);
    EXPECT_EQ(dump({}), "");
    EXPECT_EQ(written(), ppm(first.picture()));
    EXPECT_EQ(dump({{"format", "png"}, {"device", "card"}}), "");
    EXPECT_EQ(written(), png(first.picture()));
}

TEST_F(ConsoleCommands, TellTheTextOfOneConsole) {
    consoles.add(first);
    consoles.add(second);
    EXPECT_EQ((*this)("x-query-screen", {}), "The display shows graphics, no characters");
    second.screen = ui::TextScreen(1, 1);
    second.screen.at(0, 0).character = U'x';
    EXPECT_EQ((*this)("x-query-screen", {{"device", "card"}, {"head", 1}}), "x\n");
    EXPECT_EQ((*this)("x-query-screen", {{"device", "card"}, {"head", 1}, {"colors", true}}),
              "\x1b[0;37;40mx\x1b[0m\n");
}

}  // namespace
