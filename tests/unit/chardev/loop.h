// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the tests of character devices share: a loop to turn by hand and a front end that records.
#pragma once

#include <glib.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "chardev/chardevs.h"
#include "io/fdset.h"

namespace chardev::testing {

struct Loop {
    GMainContext* context = g_main_context_new();
    ~Loop() { g_main_context_unref(context); }
    void run_until(const std::function<bool()>& done) {
        bool timed_out = false;
        io::Alarm limit(context, 5000, [&] { timed_out = true; });
        while (!done() && !timed_out)
            g_main_context_iteration(context, TRUE);
        ASSERT_FALSE(timed_out);
    }
    void run_ready() {
        while (g_main_context_iteration(context, FALSE)) {
        }
    }
};

/// The set of one VM that is not there.
struct Set : Loop {
    io::FdSets descriptors;
    std::vector<std::string> told;
    int terminated = 0;
    Chardevs chardevs{Environment{context, descriptors,
                                  [this](const std::string& s) { told.push_back(s); },
                                  [this] { terminated++; }}};

    Chardev* line(const std::string& label, std::string_view text) {
        auto made = chardevs.add_line(label, text);
        EXPECT_TRUE(made) << (made ? "" : made.error().description());
        return made ? *made : nullptr;
    }
    std::string error(std::string_view text) {
        auto made = chardevs.add_line("x", text);
        return made ? "no error" : made.error().description();
    }
};

struct Recorder : FrontEnd {
    std::size_t room = 1 << 20;
    std::string text, events;
    bool swappable = false;
    std::size_t can_receive() override { return room; }
    void receive(std::span<const std::uint8_t> b) override { text.append(b.begin(), b.end()); }
    void event(Event e) override { events += "OCBIX"[static_cast<int>(e)]; }
    bool may_swap_chardev() const override { return swappable; }
};

inline std::string temporary_name(const char* stem) {
    return fmt::format("{}/chardev-test-{}-{}", g_get_tmp_dir(), stem, getpid());
}

}  // namespace chardev::testing
