// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands that write guest memory to a file, through their handlers.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "qapi/qapi-commands-machine.h"
#include "tests/unit/hw/core/fake-platform.h"
#include "util/main-loop.h"

namespace {

TEST(Pmemsave, WritesWhatTheGuestWouldRead) {
    hw::testing::FakePlatform fake;
    MainLoop loop;
    fake.services.provide(fake.platform);
    fake.services.provide(loop);
    exec::RamBlock& block = **fake.map.allocate_ram("ram", 0x1000);
    auto ram = exec::MemoryRegion::ram(fake.map, "ram", block);
    fake.memory_root->add_subregion(0x1000, *ram);
    block.host()[0] = 'x';
    const std::string name = ::testing::TempDir() + "pmemsave-" + std::to_string(getpid());
    loop.post([&] {
        EXPECT_TRUE(qapi::qmp_pmemsave(fake.services, {.val = 0xfff, .size = 3, .filename = name}));
    });
    loop.run_pending(fake.bql);
    std::ifstream file(name, std::ios::binary);
    const std::string saved{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(saved, std::string("\0x\0", 3));
    std::filesystem::remove(name);
    auto failed =
        qapi::qmp_pmemsave(fake.services, {.val = 0, .size = 3, .filename = "/nonexistent/x"});
    EXPECT_EQ(failed.error().description(),
              "Could not open '/nonexistent/x': No such file or directory");
}

}  // namespace
