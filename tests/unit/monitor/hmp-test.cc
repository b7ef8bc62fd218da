// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP without a terminal, then its line editing.
#include "monitor/hmp.h"

#include <gtest/gtest.h>

#include "chardev/chardevs.h"
#include "io/fdset.h"
#include "monitor/readline.h"
#include "qapi/qapi-commands-char.h"

namespace monitor {
namespace {

using qapi::Context;
using qapi::Json;
using qapi::JsonObject;

Result<Json> status(Context&, const Json&) {
    return Json::object({{"running", false}, {"singlestep", false}, {"status", "prelaunch"}});
}
Result<Json> quit(Context&, const Json&) {
    return Json(JsonObject());
}
Result<Json> save(Context&, const Json& a) {
    return fail("{} {} {}", *a.find("val")->integer(), *a.find("size")->integer(),
                *a.find("filename")->string());
}
Result<Json> set(Context&, const Json& a) {
    return fail("{}", a.find("value")->text());
}
constexpr qapi::Command commands[] = {
    {"query-status", status, 0}, {"quit", quit, 0}, {"pmemsave", save, 0}, {"qom-set", set, 0}};

struct Monitor {
    qapi::CommandTable table;
    Context services;
    io::FdSets descriptors;
    chardev::Chardevs chardevs{chardev::Environment{nullptr, descriptors, {}, {}}};
    Hmp hmp{table, services};
    Monitor() {
        table.add(commands);
        table.add(qapi::commands_char());
        services.provide(chardevs);
    }
    std::string operator()(std::string_view line) { return hmp.run(line); }
};

TEST(Hmp, RunsCommandsAndSubcommands) {
    Monitor m;
    EXPECT_EQ(m("info status"), "VM status: paused (prelaunch)\r\n");
    EXPECT_EQ(m("  info   status  "), "VM status: paused (prelaunch)\r\n");
    EXPECT_EQ(m("q"), "");
    EXPECT_EQ(m(""), "");
}

TEST(Hmp, SaysWhatIsWrongWithALine) {
    Monitor m;
    const std::pair<const char*, const char*> cases[] = {
        {"foo bar", "unknown command: 'foo'\r\n"},
        {"info nosuch", "unknown command: 'info nosuch'\r\n"},
        {"help nosuch", "unknown command: 'nosuch'\r\n"},
        {"stop", "unknown command: 'stop'\r\n"},  // its QMP command is not there
        {"quit foo",
         "quit|q: extraneous characters at the end of line\r\nTry \"help quit\" for more "
         "information\r\n"},
        {"info status -x",
         "status: extraneous characters at the end of line\r\nTry \"help info status\" for more "
         "information\r\n"},
        {"pmemsave",
         "unexpected end of expression\r\nTry \"help pmemsave\" for more information\r\n"},
        {"pmemsave x 2 f",
         "invalid char 'x' in expression\r\nTry \"help pmemsave\" for more information\r\n"},
        {"pmemsave 1/0 2 f", "division by zero\r\nTry \"help pmemsave\" for more information\r\n"},
        {"pmemsave 1 2",
         "pmemsave: filename expected\r\nTry \"help pmemsave\" for more information\r\n"},
        {"qom-set -x /a b c",
         "qom-set: unsupported option -x\r\nTry \"help qom-set\" for more information\r\n"},
        {"chardev-remove hc", "Error: Chardev 'hc' not found\r\n"},
        {"chardev-add foo,id=x", "Error: 'foo' is not a valid char driver name\r\n"},
        {"chardev-add null", "Error: chardev: no id specified\r\n"},
        {"ringbuf_read x 3", "Error: Device 'x' not found\r\n"},
    };
    for (const auto& [line, expected] : cases)
        EXPECT_EQ(m(line), expected) << line;
}

TEST(Hmp, ReadsArguments) {
    Monitor m;
    EXPECT_EQ(m("pmemsave 0x10+2*(3-1) 7%4|8 \"a b\\\"c\""), "Error: 20 11 a b\"c\r\n");
    EXPECT_EQ(m("pmemsave -1 ~0 f"), "Error: -1 -1 f\r\n");
    EXPECT_EQ(m("pmemsave (0-9223372036854775807-1)/-1 1 f"),
              "Error: -9223372036854775808 1 f\r\n");
    EXPECT_EQ(m("qom-set /a b [1, 2]  "), "Error: [1, 2]\r\n");
    EXPECT_EQ(m("qom-set /a b two words"), "Error: \"two words\"\r\n");
    EXPECT_NE(m("qom-set -j /a b two words").find("JSON"), std::string::npos);
    EXPECT_EQ(m("print/x 255"), "0xff\r\n");
    EXPECT_EQ(m("p /x 0"), "0\r\n");
    EXPECT_EQ(m("p /i 0xff"), "255\r\n");
    EXPECT_EQ(m("p /d 0xff"), "255\r\n");
    EXPECT_EQ(m("p /c 'A'"), "'A'\r\n");
    EXPECT_EQ(m("print/o 8"), "010\r\n");
    EXPECT_EQ(m("p " + std::string(5000, '(')),
              "expression is nested too deep\r\nTry \"help p\" for more information\r\n");
}

TEST(Hmp, ViewsOnCharacterDevices) {
    Monitor m;
    EXPECT_EQ(m("chardev-add ringbuf,id=rb,size=16"), "");
    EXPECT_EQ(m("ringbuf_write rb \"hi\\n\""), "");
    EXPECT_EQ(m("ringbuf_read rb 9"), "hi\r\n\r\n");
    EXPECT_EQ(m("info chardev"), "rb: filename=ringbuf\r\n");
    EXPECT_EQ(m("chardev-change rb null"), "");
    EXPECT_EQ(m("info chardev"), "rb: filename=null\r\n");
    EXPECT_EQ(m("chardev-remove rb"), "");
}

TEST(Hmp, HelpsWithWhatIsThere) {
    Monitor m;
    EXPECT_EQ(m("help quit"), "quit|q  -- end the emulator\r\n");
    EXPECT_EQ(m("help info status"), "info status  -- whether the guest runs\r\n");
    const std::string all = m("help");
    EXPECT_NE(all.find("chardev-add args -- "), std::string::npos);
    EXPECT_EQ(all.find("stop|s"), std::string::npos);
    EXPECT_EQ(m("info"), m("help info"));
    EXPECT_NE(m("info").find("info chardev  -- "), std::string::npos);
}

TEST(Hmp, CompletesCommandsAndArguments) {
    Monitor m;
    const auto words = [&](std::string_view line) { return m.hmp.complete(line).words; };
    EXPECT_EQ(words("chardev-r"), std::vector<std::string>{"chardev-remove"});
    EXPECT_EQ(words("info st"), std::vector<std::string>{"status"});
    EXPECT_EQ(words("help q"), (std::vector<std::string>{"q", "qom-set", "quit"}));
    (void)m("chardev-add null,id=first");
    EXPECT_EQ(words("chardev-remove "), std::vector<std::string>{"first"});
    EXPECT_EQ(words("chardev-remove x"), std::vector<std::string>{});
    EXPECT_EQ(words("logfile /et"), std::vector<std::string>{"/etc/"});
}

struct Terminal {
    std::string shown;
    std::vector<std::string> lines;
    Readline readline{{.show = [this](std::string_view s) { shown += s; },
                       .line = [this](const std::string& l) { lines.push_back(l); },
                       .complete =
                           [](const std::string& line) {
                               return Readline::Host::Completions{
                                   0, line == "qui" ? std::vector<std::string>{"quit"}
                                      : line == "s" ? std::vector<std::string>{"status", "stats"}
                                                    : std::vector<std::string>{}};
                           }},
                      "> "};
    Terminal() { readline.start(); }
    std::string type(std::string_view keys) {
        for (const char c : keys)
            readline.key(static_cast<std::uint8_t>(c));
        return lines.empty() ? "" : lines.back();
    }
};

TEST(Readline, EditsALine) {
    Terminal t;
    EXPECT_EQ(t.type("hello\r"), "hello");
    EXPECT_EQ(t.shown, "> hello\n");
    EXPECT_EQ(t.type("hllo\x1b[D\x1b[D\x1b[De\r"), "hello");
    EXPECT_EQ(t.type("bc\x01"
                     "a\x05"
                     "d\n"),
              "abcd");
    EXPECT_EQ(t.type("abx\x7f"
                     "c\x08\r"),
              "ab");
    EXPECT_EQ(t.type("one two\x17three\r"), "one three");
    EXPECT_EQ(t.type("abc\x1b[H\x1b[3~\r"), "bc");
    EXPECT_EQ(t.type("abc\x1b[D\x0b\r"), "ab");
    EXPECT_EQ(t.type("junk\x15good\r"), "good");
    EXPECT_EQ(t.type("\x1b[1;5C\x1b[99Zok\r"), "ok");
    const auto before = t.lines.size();
    t.type("x\r\n");
    EXPECT_EQ(t.lines.size(), before + 1);  // CR LF is one key
    t.type(std::string(10'000, 'y') + "\r");
    EXPECT_EQ(t.lines.back().size(), Readline::longest_line);
}

TEST(Readline, RemembersLines) {
    Terminal t;
    t.type("one\rtwo\r");
    EXPECT_EQ(t.type("new\x1b[A\x1b[A\x1b[A\r"), "one");
    EXPECT_EQ(t.readline.history(), (std::vector<std::string>{"two", "one"}));
    EXPECT_EQ(t.type("draft\x10\x0e\r"), "draft");
    for (int i = 0; i < 200; i++)
        t.type(std::to_string(i) + "\r");
    EXPECT_EQ(t.readline.history().size(), Readline::most_history);
}

TEST(Readline, Completes) {
    Terminal t;
    EXPECT_EQ(t.type("qui\t\r"), "quit ");
    EXPECT_EQ(t.type("s\t\r"), "stat");
    EXPECT_EQ(t.type("zzz\t\r"), "zzz");
}

}  // namespace
}  // namespace monitor
