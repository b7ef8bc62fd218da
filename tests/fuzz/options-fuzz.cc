// SPDX-License-Identifier: GPL-2.0-or-later
//
// Any text as the argument of an option, in all three forms, into types with unions, arrays and
// alternates. What is taken must come back the same when it is written as JSON and read again.
#include "qapi/keyval.h"
#include "qapi/qapi-visit-char.h"
#include "qapi/qapi-visit-introspect.h"

#include <cstdio>
#include <cstdlib>

namespace {

template <class T>
void take(const qapi::Argument& argument) {
    const auto value = qapi::from_argument<T>(argument);
    if (!value) return;
    const qapi::Json json = qapi::to_json(*value);
    const auto again = qapi::from_json<T>(json);
    if (again && qapi::to_json(*again) == json) return;
    std::fprintf(stderr, "not the same again: %s\n", json.text().c_str());
    std::abort();
}

void take_all(const Result<qapi::Argument>& argument) {
    if (!argument) return;
    take<qapi::ChardevBackend>(*argument);
    take<qapi::SchemaInfo>(*argument);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    take_all(qapi::parse_keyval_or_json(text, "type"));
    take_all(qapi::parse_options(text, "type"));
    return 0;
}
