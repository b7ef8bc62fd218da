// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads generated types from JSON, checking as it goes. Errors name the member by its path from
// the root, "props.cache[2].size", and are worded as QMP clients know them; where those give the
// bare name, or 'null' for an element, so do these.
#pragma once

#include "qapi/visitor.h"

namespace qapi {

class JsonReader : public Visitor {
public:
    explicit JsonReader(const Json& root) : Visitor(true), root_(root) {}

    void begin_object(const char* name) override;
    void end_object() override;
    std::size_t begin_array(const char* name, std::size_t) override;
    void end_array() override;
    bool optional(const char* name, bool) override;
    std::optional<std::size_t> alternate(const char* name, std::string_view type,
                                         std::initializer_list<Json::Kind> kinds,
                                         std::size_t) override;
    void integer(const char* name, std::int64_t& value) override;
    void unsigned_integer(const char* name, std::uint64_t& value) override;
    void size(const char* name, std::uint64_t& value) override;
    void boolean(const char* name, bool& value) override;
    void number(const char* name, double& value) override;
    void string(const char* name, std::string& value) override;
    void enumeration(const char* name, std::size_t& value, const EnumTable& table) override;
    void any(const char* name, Json& value) override;
    void null(const char* name) override;
    void refuse(const char* name, std::string_view wanted) override;

protected:
    /// The value of that name, or the next element; counts as read. Null after an error.
    const Json* next(const char* name);
    /// The same where an array cannot be meant.
    virtual const Json* scalar(const char* name) { return next(name); }
    virtual Error unexpected(const std::string& member) const;
    void enter(const Json& value, const char* name);
    /// What was wrong with the value read last.
    void wrong_type(const char* name, std::string_view expected);
    void wrong_value(const char* name, std::string_view expected);
    virtual std::string path(const char* name) const;

private:
    struct Frame {
        const Json* value;
        const char* name;        // in the frame around it
        std::size_t index;       // of the element read last
        std::vector<bool> used;  // which members were read
    };

    const Json* peek(const char* name);

    const Json& root_;
    std::vector<Frame> frames_;
};

}  // namespace qapi
