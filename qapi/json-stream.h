// SPDX-License-Identifier: GPL-2.0-or-later
//
// Json from bytes that come in pieces, as a QMP client sends them. The language is JSON with two
// additions: strings may stand in single quotes, and such strings may hold \'. Whatever arrives,
// the stream goes on: a mistake is told once, then reading resumes at the next bracket, brace,
// comma, colon or line. Memory is bounded by the three limits.
#pragma once

#include "qapi/json.h"

#include <functional>
#include <memory>

namespace qapi {

class JsonStream {
public:
    static constexpr std::size_t max_token_bytes = 64 << 20;
    static constexpr std::size_t max_tokens = 2 << 20;
    static constexpr int max_nesting = 1024;

    /// The receiver gets every whole value, or why there is none, in the order of the bytes.
    explicit JsonStream(std::function<void(Result<Json>)> receiver);
    ~JsonStream();

    void feed(std::string_view bytes);
    /// The other side closed: what is unfinished becomes an error or a last number or keyword.
    void finish();
    /// Nothing begun: the last byte ended a value or was white space.
    bool idle() const;

private:
    class Lexer;
    std::unique_ptr<Lexer> lexer_;
};

}  // namespace qapi
