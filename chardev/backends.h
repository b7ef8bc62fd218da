// SPDX-License-Identifier: GPL-2.0-or-later
//
// What it takes to make a back end, and the makers; Chardevs (chardevs.h) is what others use.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "chardev/char.h"
#include "chardev/config.h"

namespace io {
class FdSets;
class Yanks;
}  // namespace io

namespace chardev {

/// What the process lends its character devices. References stay valid for their life.
struct Environment {
    io::Context* loop;  // the main loop's
    io::FdSets& descriptors;
    /// A remark for the user's terminal: which pty it became, why a connection failed.
    std::function<void(const std::string&)> tell;
    /// Ctrl-A x in a mux.
    std::function<void()> terminate;
    /// Null: its connections cannot be cut from outside.
    io::Yanks* yanks = nullptr;
};

using Made = Result<std::unique_ptr<Chardev>>;

Made make_null(Environment&, const std::string& label);
Made make_file(Environment&, const std::string& label, const FileConfig&);
Made make_pipe(Environment&, const std::string& label, const PipeConfig&);
Made make_pty(Environment&, const std::string& label);
Made make_stdio(Environment&, const std::string& label, const StdioConfig&);
Made make_socket(Environment&, const std::string& label, const SocketConfig&);
Made make_ringbuf(Environment&, const std::string& label, const RingbufConfig&);
Made make_vc(Environment&, const std::string& label);
/// `base` outlives it.
Made make_mux(Environment&, const std::string& label, Chardev& base);

}  // namespace chardev
