// SPDX-License-Identifier: GPL-2.0-or-later
//
// Given descriptors.
#include "io/fdset.h"

#include <fcntl.h>

#include <cerrno>
#include <charconv>

namespace io {

namespace {

constexpr std::string_view prefix = "/dev/fdset/";

template <class T>
std::optional<T> whole_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return value;
}

}  // namespace

Result<FdSets::Added> FdSets::add(UniqueFd fd, std::optional<std::int64_t> set,
                                  std::optional<std::string> opaque) {
    if (set && *set < 0) return fail("Parameter 'fdset-id' expects a non-negative value");
    if (!set) {
        set = 0;
        while (sets_.contains(*set))
            ++*set;
    }
    const Added added{*set, fd.get()};
    sets_[*set].push_back({std::move(fd), std::move(opaque)});
    return added;
}

Result<void> FdSets::remove(std::int64_t set, std::optional<std::int64_t> fd) {
    const auto found = sets_.find(set);
    if (found != sets_.end()) {
        auto& members = found->second;
        const auto before = members.size();
        std::erase_if(members, [&](const Member& m) { return !fd || m.fd.get() == *fd; });
        const bool removed = members.size() != before;
        if (members.empty()) sets_.erase(found);
        if (removed) return {};
    }
    if (fd) return fail("File descriptor named 'fdset-id:{}, fd:{}' not found", set, *fd);
    return fail("File descriptor named 'fdset-id:{}' not found", set);
}

bool FdSets::names_set(std::string_view path) {
    return path.starts_with(prefix);
}

int FdSets::open(const std::string& path, int flags, unsigned mode) const {
    if (!names_set(path)) return ::open(path.c_str(), flags | O_CLOEXEC, mode);
    const auto set = whole_number<std::int64_t>(std::string_view(path).substr(prefix.size()));
    if (!set) return errno = EINVAL, -1;
    const auto found = sets_.find(*set);
    if (found == sets_.end()) return errno = ENOENT, -1;
    for (const Member& m : found->second) {
        const int has = fcntl(m.fd.get(), F_GETFL);
        if (has < 0) return -1;
        if ((has & O_ACCMODE) != (flags & O_ACCMODE)) continue;
        const int copy = fcntl(m.fd.get(), F_DUPFD_CLOEXEC, 0);
        if (copy < 0) return -1;
        // The opener starts as if it had opened the file itself, as far as flags can say so.
        constexpr int settable = O_APPEND | O_NONBLOCK;
        (void)fcntl(copy, F_SETFL, (has & ~settable) | (flags & settable));
        if ((flags & O_TRUNC) && ftruncate(copy, 0) < 0 && errno != EINVAL) {
            ::close(copy);
            return -1;
        }
        return copy;
    }
    return errno = EACCES, -1;
}

Result<void> FdSets::keep(const std::string& name, UniqueFd fd) {
    if (!name.empty() && name[0] >= '0' && name[0] <= '9')
        return fail("Parameter 'fdname' expects a name not starting with a digit");
    named_[name] = std::move(fd);
    return {};
}

Result<void> FdSets::close(const std::string& name) {
    if (!named_.erase(name)) return fail("File descriptor named '{}' not found", name);
    return {};
}

std::optional<int> FdSets::number(std::string_view text) {
    return whole_number<int>(text);
}

Result<UniqueFd> FdSets::take(const std::string& name) {
    if (const auto inherited = number(name)) {
        if (*inherited < 0 || fcntl(*inherited, F_GETFD) < 0)
            return fail_errno(EBADF, fmt::format("File descriptor '{}'", name));
        return UniqueFd(*inherited);
    }
    const auto found = named_.find(name);
    if (found == named_.end()) return fail("File descriptor named '{}' has not been found", name);
    UniqueFd fd = std::move(found->second);
    named_.erase(found);
    return fd;
}

}  // namespace io
