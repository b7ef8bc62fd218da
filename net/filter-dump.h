// SPDX-License-Identifier: GPL-2.0-or-later
//
// `-object filter-dump`: every frame that passes a back end, in a file that tcpdump and Wireshark
// read.
#pragma once

#include <span>

#include "net/net-client.h"
#include "qom/user-objects.h"
#include "util/unique-fd.h"

namespace net {

struct FilterDumpConfig {
    std::string netdev, file, status = "on";
    std::uint32_t maxlen = 65536;
};

class FilterDump final : public qom::UserObject, private Client::Tap {
public:
    FilterDump();
    ~FilterDump() override;
    void* config() override { return &config_; }
    Result<void> complete(qapi::Context&) override;

private:
    void frame(std::span<const std::uint8_t>) override;
    void client_gone() override { client_ = nullptr; }
    std::string info() const override;

    FilterDumpConfig config_;
    Client* client_ = nullptr;
    UniqueFd file_;
};

/// For the type table.
std::span<const qom::UserObjectType* const> filter_types();

}  // namespace net
