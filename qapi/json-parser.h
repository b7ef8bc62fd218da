// SPDX-License-Identifier: GPL-2.0-or-later
//
// From the tokens of one value to the value: the grammar half of json-stream.h.
#pragma once

#include "qapi/json.h"

namespace qapi {

struct Token {
    enum class Kind : std::uint8_t { punctuation, string, integer, number, keyword };
    Kind kind;
    std::uint32_t start;  // in the text of all tokens
    std::uint32_t length;
};

Result<Json> parse_json(std::string_view text, const std::vector<Token>& tokens);

}  // namespace qapi
