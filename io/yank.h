// SPDX-License-Identifier: GPL-2.0-or-later
//
// Connections that a client may cut when their other side has stopped answering and the main loop
// waits for it (`yank`). Who owns such a connection registers an Instance and tells it the sockets
// it uses; the cut comes from the monitor's own thread and shuts the sockets down, so that whoever
// waits on one sees its end.
#pragma once

#include <compare>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "util/result.h"

namespace io {

struct YankName {
    enum class Kind { BlockNode, Chardev, Migration } kind;
    std::string name;  // a node's name, a chardev's id; empty for the migration
    auto operator<=>(const YankName&) const = default;
};

class Yanks {
public:
    Yanks() = default;
    Yanks(const Yanks&) = delete;

    /// From any thread. Nothing is cut unless all of them are there.
    Result<void> yank(std::span<const YankName>);
    std::vector<YankName> list() const;

    /// One owner's connections. They are closed only after forget().
    class Instance {
    public:
        Instance(Yanks&, YankName);
        ~Instance();
        Instance(const Instance&) = delete;
        void watch(int socket);
        void forget(int socket);

    private:
        friend class Yanks;
        Yanks& all_;
        const YankName name_;
        std::set<int> sockets_;
    };

private:
    mutable std::mutex mutex_;  // a leaf
    std::vector<Instance*> instances_;
};

}  // namespace io
