// SPDX-License-Identifier: GPL-2.0-or-later
//
// Any bytes to a QMP session. Whatever comes: every answer is a line of JSON, memory stays bounded,
// and a client that starts anew is served.
#include "tests/fuzz/monitor-fuzz.h"

namespace {

struct Conversation : monitor::QmpSession::Connection {
    fuzz::Machine machine;
    std::vector<std::function<void()>> posted;
    monitor::Dispatcher dispatcher{
        [this](std::function<void()> work) { posted.push_back(std::move(work)); }};
    monitor::QmpSession session{
        machine.table, machine.services, dispatcher, *this, {.offer_oob = true}};

    void output_waiting() override {}
    void input_wanted() override {}

    std::string answers() {
        for (auto& work : std::exchange(posted, {}))
            work();
        const std::string text = session.take_output(64 << 20);
        session.wrote(text.size());
        return text;
    }
    void check(std::string_view text) {
        while (!text.empty()) {
            const auto end = text.find("\r\n");
            if (end == text.npos) fuzz::wrong("an answer without an end", text);
            const auto answer = qapi::Json::parse(text.substr(0, end));
            if (!answer || !answer->object()) fuzz::wrong("an answer that is no object", text);
            if (!answer->find("return") && !answer->find("error") && !answer->find("QMP"))
                fuzz::wrong("an answer that is none", text);
            text.remove_prefix(end + 2);
        }
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Conversation c;  // across inputs: what one leaves behind must not hurt the next
    c.session.opened();
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    // The first byte says how large the pieces are, and whether the client reads in between.
    const std::size_t piece = size ? 1 + data[0] % 64 * 16 : 1;
    const bool reads = size && (data[0] & 0x40);
    while (!bytes.empty()) {
        if (c.session.input_room()) c.session.feed(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        if (reads) c.check(c.answers());
    }
    if (c.session.take_output(64 << 20).size() > monitor::QmpSession::most_output + (4 << 20))
        fuzz::wrong("output without bounds", {});
    c.check(c.answers());
    c.session.opened();
    c.session.feed("{'execute':'qmp_capabilities'}");
    const std::string text = c.answers();
    if (text.find("{\"return\": {}}\r\n") == text.npos) fuzz::wrong("no way to start anew", text);
    return 0;
}
