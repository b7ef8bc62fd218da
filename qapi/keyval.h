// SPDX-License-Identifier: GPL-2.0-or-later
//
// The options of a command-line argument, in the three forms that QEMU knows:
//
//   keyval    driver=none,in.frequency=44100,nodes.0=1   -audiodev, -blockdev, -display, -machine
//   options   memory-backend-ram,id=m,share,host-nodes=0-3   -object, -device, -chardev, -netdev
//   JSON      {"driver": "none"}    for most of them
//
// In the first two a comma in a value is written twice, and the first word may lack its key. In
// keyval dots in a key make objects and arrays. In options keys are flat, a repeated one makes an
// array (0-3 counting as four elements), and a word alone is a switch: `share`, `noshare`.
#pragma once

#include "qapi/visitor.h"

namespace qapi {

struct Argument {
    enum class Form { json, keyval, options };
    Form form = Form::json;
    /// An object. Except in JSON form every scalar is a string.
    Json value;
    /// `help` or `?` stood among the options.
    bool help = false;
    /// Switches in the deprecated short form, as written: worth a warning.
    std::vector<std::string> short_forms;
};

/// `implied_key` is the key of a first word that has none; empty where the form does not allow it.
Result<Argument> parse_keyval(std::string_view text, std::string_view implied_key);
Argument parse_options(std::string_view text, std::string_view implied_key);
/// JSON when it starts with a brace.
Result<Argument> parse_keyval_or_json(std::string_view text, std::string_view implied_key);
Result<Argument> parse_options_or_json(std::string_view text, std::string_view implied_key);

/// Letters, digits, '-', '.', '_', a letter first.
bool is_identifier(std::string_view id);

/// The reader that suits the argument's form. The argument must outlive it.
std::unique_ptr<Visitor> make_reader(const Argument& argument);

/// For generated types; include their qapi-visit-*.h.
template <class T>
Result<T> from_argument(const Argument& argument) {
    return read<T>(*make_reader(argument), visit_generated<T>);
}

}  // namespace qapi
