// SPDX-License-Identifier: GPL-2.0-or-later
//
// Descriptors that somebody gave this process, and opening files through them: sets behind the
// names "/dev/fdset/N" (add-fd), and single ones by name (getfd). One of each for a Vm.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.h"
#include "util/unique-fd.h"

namespace io {

class FdSets {
public:
    struct Member {
        UniqueFd fd;
        std::optional<std::string> opaque;
    };
    struct Added {
        std::int64_t set;
        int fd;
    };

    /// To that set, or to the first unused number.
    Result<Added> add(UniqueFd, std::optional<std::int64_t> set, std::optional<std::string> opaque);
    /// One descriptor of a set, or all of them; the set goes with its last.
    Result<void> remove(std::int64_t set, std::optional<std::int64_t> fd);
    const std::map<std::int64_t, std::vector<Member>>& sets() const { return sets_; }

    /// open(2), but "/dev/fdset/N" gives a duplicate of the member with the access mode of
    /// `flags`. -1 and errno on failure: callers word their own errors.
    int open(const std::string& path, int flags, unsigned mode = 0) const;
    static bool names_set(std::string_view path);

    /// getfd: replaces an earlier descriptor of that name.
    Result<void> keep(const std::string& name, UniqueFd);
    Result<void> close(const std::string& name);
    /// By name, which it then no longer has, or a number for one inherited by exec.
    static std::optional<int> number(std::string_view text);
    Result<UniqueFd> take(const std::string& name_or_number);

private:
    std::map<std::int64_t, std::vector<Member>> sets_;
    std::map<std::string, UniqueFd> named_;
};

}  // namespace io
