// SPDX-License-Identifier: GPL-2.0-or-later
//
// The section `slirp` of a stream: version 4 of libslirp's own form, which is the state of guest
// forwards that lead to character devices, the last packet number, and who got which address.
#pragma once

#include <functional>
#include <vector>

#include "migration/vmstate/owner.h"

struct Slirp;

namespace net {

extern const vmstate::Table slirp_table;

/// What the table describes: the section's bytes.
struct SlirpImage {
    std::vector<std::uint8_t> bytes;
};

class SlirpState final : public vmstate::Owner {
public:
    /// `make_scratch` makes an instance of the same configuration that touches nothing of the host,
    /// to try a load on; whoever gets it cleans it up.
    SlirpState(Slirp& slirp, std::function<Slirp*()> make_scratch, std::function<void()> loaded)
        : slirp_(slirp), make_scratch_(std::move(make_scratch)), loaded_(std::move(loaded)) {}

    const vmstate::Table& vmstate() const override { return slirp_table; }
    const void* state_for_saving() override;
    std::unique_ptr<vmstate::Staged> stage() override;
    std::unique_ptr<vmstate::Staged> blank() override;

private:
    class Copy;
    Slirp& slirp_;
    std::function<Slirp*()> make_scratch_;
    std::function<void()> loaded_;
    SlirpImage image_;
};

}  // namespace net
