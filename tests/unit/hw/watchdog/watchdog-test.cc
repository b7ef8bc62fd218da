// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "hw/core/system-requests.h"
#include "hw/watchdog/ib700.h"
#include "tests/unit/hw/isa-fixture.h"

using namespace hw;

namespace {

struct Requests final : SystemRequests {
    int expired = 0;
    void request_reset(qapi::ShutdownCause) override {}
    void request_shutdown(qapi::ShutdownCause) override {}
    void request_exit(int) override {}
    void request_suspend() override {}
    void request_wakeup(WakeupReason) override {}
    void guest_panicked() override {}
    void guest_crash_loaded() override {}
    void watchdog_expired() override { expired++; }
    void request_standstill(std::function<void()> work) override { work(); }
    void io_error_stop() override {}
};

}  // namespace

TEST(Ib700, BitesWhenNobodyFeedsIt) {
    hw::testing::IsaFixture f;
    Requests requests;
    f.services.provide<SystemRequests>(requests);
    f.plug(std::make_unique<Ib700>());
    f.outb(0x443, 0x0a);  // ten seconds
    f.advance(9 * nanoseconds_per_second);
    f.outb(0x443, 0x0a);
    f.advance(9 * nanoseconds_per_second);
    EXPECT_EQ(requests.expired, 0);
    f.advance(1 * nanoseconds_per_second);
    EXPECT_EQ(requests.expired, 1);
    f.outb(0x443, 0x0f);
    f.outb(0x441, 0);
    f.advance(60 * nanoseconds_per_second);
    EXPECT_EQ(requests.expired, 1);
}
