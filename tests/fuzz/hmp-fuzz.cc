// SPDX-License-Identifier: GPL-2.0-or-later
//
// Any keys to an HMP terminal: line editing, completion, arguments, expressions.
#include "monitor/hmp.h"
#include "monitor/readline.h"
#include "tests/fuzz/monitor-fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Machine machine;
    monitor::Hmp hmp(machine.table, machine.services);
    std::size_t shown = 0;
    monitor::Readline readline(
        {.show = [&](std::string_view text) { shown += text.size(); },
         .line =
             [&](const std::string& line) {
                 // Those open and write files of whatever name the input says.
                 if (line.find("chardev") == line.npos && line.find("logfile") == line.npos)
                     shown += hmp.run(line).size();
                 readline.start();
             },
         .complete =
             [&](const std::string& line) {
                 auto found = hmp.complete(line);
                 if (found.from > line.size()) fuzz::wrong("completion beyond the line", line);
                 return monitor::Readline::Host::Completions{found.from, std::move(found.words)};
             }},
        "(qemu) ");
    readline.start();
    for (std::size_t i = 0; i < size; i++)
        readline.key(data[i]);
    readline.key('\r');
    return 0;
}
