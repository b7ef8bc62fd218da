// SPDX-License-Identifier: GPL-2.0-or-later
//
// Result<T>: a value or an Error. No exception crosses a room's border; a function that can fail
// for a reason outside this program says so in its return type, and the compiler warns when the
// answer is dropped. The surface is a subset of std::expected (C++23), so that moving to it is an
// alias.
//
// Three kinds of trouble, three ways to say them:
//   the guest did something odd   -> the hardware's answer and log_guest_error(); never an Error
//   the user or the environment   -> an Error that names the thing and the remedy
//   our own bug                   -> assert()
#pragma once

#include <fmt/core.h>

#include <cassert>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

/// The five classes a QMP client can tell apart (qapi/error.json).
enum class ErrorClass {
    GenericError,
    CommandNotFound,
    DeviceNotActive,
    DeviceNotFound,
    KVMMissingCap,
};

class [[nodiscard]] Error {
public:
    Error(ErrorClass cls, std::string description)
        : class_(cls), description_(std::move(description)) {}

    ErrorClass error_class() const { return class_; }
    /// One sentence without a full stop, as it goes to a QMP client.
    const std::string& description() const { return description_; }
    /// What the user can do about it; printed on a line of its own, never sent over QMP.
    const std::string& hint() const { return hint_; }

    /// Puts the place in front: `prepend("-device edu: ")`.
    Error&& prepend(std::string_view where) && {
        description_.insert(0, where);
        return std::move(*this);
    }
    Error&& with_hint(std::string hint) && {
        hint_ = std::move(hint);
        return std::move(*this);
    }

private:
    ErrorClass class_;
    std::string description_;
    std::string hint_;
};

template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}
    /// Lets a `unique_ptr<Derived>` be returned where a `unique_ptr<Base>` is promised.
    template <class U>
    requires(std::convertible_to<U&&, T> && !std::same_as<std::remove_cvref_t<U>, T> &&
             !std::same_as<std::remove_cvref_t<U>, Error> &&
             !std::same_as<std::remove_cvref_t<U>, Result>) Result(U&& value)
        : v_(std::in_place_index<0>, std::forward<U>(value)) {}

    explicit operator bool() const { return v_.index() == 0; }
    bool has_value() const { return v_.index() == 0; }
    T& operator*() & { return std::get<0>(v_); }
    const T& operator*() const& { return std::get<0>(v_); }
    T&& operator*() && { return std::get<0>(std::move(v_)); }
    T* operator->() { return &std::get<0>(v_); }
    const T* operator->() const { return &std::get<0>(v_); }
    const Error& error() const& { return std::get<1>(v_); }
    Error&& error() && { return std::get<1>(std::move(v_)); }
    T value_or(T other) && { return *this ? *std::move(*this) : std::move(other); }

private:
    std::variant<T, Error> v_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    explicit operator bool() const { return !error_; }
    bool has_value() const { return !error_; }
    void operator*() const {}
    const Error& error() const& { return *error_; }
    Error&& error() && { return *std::move(error_); }

private:
    std::optional<Error> error_;
};

/// `return fail("no such file: {}", name);`
template <class... Args>
Error fail(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorClass::GenericError, fmt::format(format, std::forward<Args>(args)...)};
}
template <class... Args>
Error fail(ErrorClass cls, fmt::format_string<Args...> format, Args&&... args) {
    return {cls, fmt::format(format, std::forward<Args>(args)...)};
}
/// "WHAT: No such file or directory" for a saved errno.
Error fail_errno(int error_number, std::string_view what);

/// The only macro of the error layer: the value, or return the error to the caller.
#define TRY(expression)                                          \
    ({                                                           \
        auto&& try_result_ = (expression);                       \
        if (!try_result_) return std::move(try_result_).error(); \
        *std::move(try_result_);                                 \
    })
