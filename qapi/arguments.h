// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the generated command callers have in common, so that each of them stays small.
#pragma once

#include "qapi/visitor.h"

namespace qapi {

Result<void> no_arguments(const JsonObject& arguments);

class ArgumentReader {
public:
    explicit ArgumentReader(const Json& arguments) : visitor_(make_json_reader(arguments)) {}
    Visitor& visitor() { return *visitor_; }
    bool failed() const { return !visitor_->ok(); }
    Error error() { return *visitor_->take_error(); }

private:
    std::unique_ptr<Visitor> visitor_;
};

class ReplyWriter {
public:
    ReplyWriter() : visitor_(make_json_writer(json_)) {}
    Visitor& visitor() { return *visitor_; }
    Json take() { return std::move(json_); }

private:
    Json json_;
    std::unique_ptr<Visitor> visitor_;
};

}  // namespace qapi
