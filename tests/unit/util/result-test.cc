// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace {

Result<int> half(int n) {
    if (n % 2) return fail("{} is odd", n);
    return n / 2;
}
Result<int> quarter(int n) {
    return half(TRY(half(n)));
}

TEST(Result, TryUnwrapsAValueAndReturnsAnError) {
    EXPECT_EQ(*quarter(12), 3);
    auto r = quarter(6);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().description(), "3 is odd");
    EXPECT_EQ(r.error().error_class(), ErrorClass::GenericError);
}

TEST(Result, ErrorsCarryClassPlaceAndRemedy) {
    Error e = fail(ErrorClass::DeviceNotFound, "Device '{}' not found", "net0")
                  .prepend("device_del: ")
                  .with_hint("try 'info qtree'");
    EXPECT_EQ(e.error_class(), ErrorClass::DeviceNotFound);
    EXPECT_EQ(e.description(), "device_del: Device 'net0' not found");
    EXPECT_EQ(e.hint(), "try 'info qtree'");
}

TEST(Result, TakesAPointerToADerivedObject) {
    struct Base {
        virtual ~Base() = default;
    };
    struct Derived : Base {};
    auto make = []() -> Result<std::unique_ptr<Base>> { return std::make_unique<Derived>(); };
    EXPECT_TRUE(make());
}

TEST(Result, ErrnoReadsAsTheSystemSaysIt) {
    EXPECT_EQ(fail_errno(ENOENT, "Unable to open x").description(),
              "Unable to open x: No such file or directory");
}

}  // namespace
