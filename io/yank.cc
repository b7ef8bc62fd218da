// SPDX-License-Identifier: GPL-2.0-or-later
#include "io/yank.h"

#include <sys/socket.h>

#include <algorithm>

namespace io {

Result<void> Yanks::yank(std::span<const YankName> names) {
    std::lock_guard hold(mutex_);
    std::vector<Instance*> found;
    for (const YankName& name : names) {
        const auto one = std::ranges::find(instances_, name, &Instance::name_);
        if (one == instances_.end()) return fail(ErrorClass::DeviceNotFound, "Instance not found");
        found.push_back(*one);
    }
    for (Instance* instance : found)
        for (const int socket : instance->sockets_)
            ::shutdown(socket, SHUT_RDWR);
    return {};
}

std::vector<YankName> Yanks::list() const {
    std::lock_guard hold(mutex_);
    std::vector<YankName> names;
    for (const Instance* instance : instances_)
        names.push_back(instance->name_);
    return names;
}

Yanks::Instance::Instance(Yanks& all, YankName name) : all_(all), name_(std::move(name)) {
    std::lock_guard hold(all_.mutex_);
    all_.instances_.push_back(this);
}

Yanks::Instance::~Instance() {
    std::lock_guard hold(all_.mutex_);
    std::erase(all_.instances_, this);
}

void Yanks::Instance::watch(int socket) {
    std::lock_guard hold(all_.mutex_);
    sockets_.insert(socket);
}

void Yanks::Instance::forget(int socket) {
    std::lock_guard hold(all_.mutex_);
    sockets_.erase(socket);
}

}  // namespace io
