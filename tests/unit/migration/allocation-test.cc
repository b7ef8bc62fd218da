// SPDX-License-Identifier: GPL-2.0-or-later
//
// Memory that runs out at any point of a save, a load or a snapshot of a whole machine: the command
// fails, and nothing has changed. Each allocation by operator new is made to fail in turn.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <new>

#include "migration/incoming.h"
#include "migration/with-memory.h"
#include "qapi/qapi-commands-migration.h"
#include "system/run-control.h"
#include "tests/live-vm.h"
#include "util/main-loop.h"

namespace {

constexpr long never = -1;
long allocations_left = never;

void* allocate(std::size_t size) {
    if (allocations_left == 0) {
        allocations_left = never;
        throw std::bad_alloc();
    }
    if (allocations_left > 0) allocations_left--;
    if (void* p = std::malloc(size ? size : 1)) return p;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    try {
        return allocate(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
void operator delete(void* p) noexcept {
    std::free(p);
}
void operator delete[](void* p) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}
void operator delete[](void* p, std::size_t) noexcept {
    std::free(p);
}

namespace {

class Allocations : public testing::Test {
protected:
    Allocations() {
        char name[] = "/tmp/allocations-XXXXXX";
        ::close(::mkstemp(name));
        file_ = name;
    }
    ~Allocations() override { ::unlink(file_.c_str()); }

    qapi::Context& context() { return vm_.foundation().services; }
    bool running() { return vm_.foundation().run_control.running(); }
    std::string contents() const {
        std::ifstream in(file_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(std::span<const std::uint8_t> bytes) {
        std::ofstream(file_, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
    }

    /// Says where, not all of it.
    static void expect_same(const std::vector<std::uint8_t>& now,
                            const std::vector<std::uint8_t>& before) {
        const auto [a, b] = std::mismatch(now.begin(), now.end(), before.begin(), before.end());
        EXPECT_TRUE(now == before) << "first difference at byte " << a - now.begin();
    }

    /// Runs `work` until it succeeds without a failure; after each that failed, `unchanged`.
    /// Returns how many allocations it makes.
    long each(const std::function<Result<void>()>& work, const std::function<void()>& unchanged) {
        for (long n = 0; n < 100000; n++) {
            allocations_left = n;
            auto r = work();
            const bool failed = allocations_left == never;
            allocations_left = never;
            if (!failed) {
                EXPECT_TRUE(r) << r.error().description();
                return n;
            }
            if (r) {  // it did without: once more from the beginning
                EXPECT_TRUE(vm_.load(before_));
                continue;
            }
            EXPECT_NE(r.error().description().find("Out of memory"), std::string::npos)
                << r.error().description();
            unchanged();
            if (HasFailure()) {
                ADD_FAILURE() << "when allocation " << n << " failed";
                return n;
            }
        }
        ADD_FAILURE() << "it never ends";
        return 0;
    }

    tests::LiveVm vm_{{"-M", "pc", "-accel", "qtest", "-S", "-display", "none", "-monitor", "none",
                       "-serial", "null", "-rtc", "base=2022-01-01T00:00:00,clock=vm", "-net",
                       "none"}};
    const std::vector<std::uint8_t> before_ = vm_.saved();
    std::string file_;
};

TEST_F(Allocations, OfASave) {
    const qapi::XenSaveDevicesStateArgs save{.filename = file_};
    for (const bool run : {false, true}) {
        auto& control = vm_.foundation().run_control;
        auto& held = vm_.foundation().loop.held();
        if (run) (void)control.start(held);
        ASSERT_EQ(running(), run);
        write(std::vector<std::uint8_t>{'o', 'l', 'd'});
        const long n = each([&] { return qapi::qmp_xen_save_devices_state(context(), save); },
                            [&] {
                                // Should it be the resume afterwards that fails, the file is new,
                                // and whole.
                                const std::string now = contents();
                                EXPECT_TRUE(now == "old" || now.size() == before_.size())
                                    << now.size();
                                EXPECT_EQ(running(), run);
                            });
        EXPECT_GT(n, 0);
        EXPECT_TRUE(contents().starts_with("QEVM"));
        EXPECT_EQ(running(), run);
        if (run) control.stop(held, qapi::RunState::paused);
    }
}

TEST_F(Allocations, OfALoad) {
    auto other = before_;
    // Another time of day, in the last bytes of the RTC's section: any value will do.
    {
        tests::LiveVm source({"-M", "pc", "-accel", "qtest", "-S", "-display", "none", "-monitor",
                              "none", "-serial", "null", "-rtc",
                              "base=2023-02-03T04:05:06,clock=vm", "-net", "none"});
        other = source.saved();
    }
    ASSERT_NE(other, before_);
    write(other);
    const qapi::XenLoadDevicesStateArgs load{.filename = file_};
    const long n = each([&] { return qapi::qmp_xen_load_devices_state(context(), load); },
                        [&] { expect_same(vm_.saved(), before_); });
    EXPECT_GT(n, 50);
    EXPECT_EQ(vm_.saved(), other);
}

TEST_F(Allocations, OfAnIncomingStream) {
    std::optional<tests::LiveVm> target;
    std::vector<std::uint8_t> empty;
    auto come_in = [&]() -> Result<void> {
        auto& loop = target->foundation().loop;
        auto& incoming = target->foundation().services.get<migration::Incoming>();
        std::optional<Error> refused;
        incoming.on_failure([&](const Error& error) { refused = error; });
        TRY(migration::with_memory([&] { return incoming.start("file:" + file_); }));
        loop.run_until(target->emulator().held(), [&] { return !incoming.pending() || refused; });
        if (refused) return *refused;
        return {};
    };
    auto on_a_new_one = [&] {
        const long left = std::exchange(allocations_left, never);
        target.emplace(std::vector<const char*>{"-M", "pc", "-accel", "qtest", "-S", "-display",
                                                "none", "-monitor", "none", "-serial", "null",
                                                "-rtc", "base=2023-02-03T04:05:06,clock=vm", "-net",
                                                "none", "-incoming", "defer"});
        empty = target->saved();
        // After this the loop has memory for one more descriptor, which is not what this is about.
        write(std::vector<std::uint8_t>{'n', 'o', 'n', 'e'});
        EXPECT_FALSE(come_in());
        write(before_);
        allocations_left = left;
        return come_in();
    };
    EXPECT_GT(each(on_a_new_one, [&] { expect_same(target->saved(), empty); }), 50);
    EXPECT_NE(empty, before_);
    expect_same(target->saved(), before_);
}

TEST_F(Allocations, OfASnapshotAndOfLooking) {
    each([&] { return qapi::qmp_x_device_state_snapshot(context(), {.name = "a"}); },
         [&] { expect_same(vm_.saved(), before_); });
    each([&] { return qapi::qmp_x_device_state_revert(context(), {.name = "a"}); },
         [&] { expect_same(vm_.saved(), before_); });
    each(
        [&]() -> Result<void> {
            auto r = qapi::qmp_query_device_state(context(), {.decode = true, .idstr = "i8259"});
            if (!r) return r.error();
            return {};
        },
        [&] { expect_same(vm_.saved(), before_); });
}

}  // namespace
