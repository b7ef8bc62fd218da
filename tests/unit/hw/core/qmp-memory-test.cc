// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands about guest memory, through their handlers.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "exec/memory-backend.h"
#include "hw/core/machine.h"
#include "qapi/json.h"
#include "qapi/qapi-commands-machine.h"
#include "qapi/qapi-commands-qom.h"
#include "qapi/qapi-visit-machine.h"
#include "qom/type-table.h"
#include "tests/unit/hw/core/fake-platform.h"
#include "util/main-loop.h"

namespace hw {
namespace {

struct QmpMemory : ::testing::Test {
    testing::FakePlatform fake;
    MainLoop loop;
    qom::TypeTable types;
    qom::Object container{qom::container_type};
    qom::UserObjects objects{types, container};
    qom::Tree tree{fake.root, types};
    MachineConfig config;

    QmpMemory() {
        static constexpr const qom::Type* base[] = {&exec::memory_backend_type};
        types.add<qom::Type>(base);
        types.add(exec::memory_backend_types());
        fake.root.add_child("objects", container);
        fake.services.provide(fake.map);
        fake.services.provide(fake.platform);
        fake.services.provide(loop);
        fake.services.provide(objects);
        fake.services.provide(tree);
        fake.services.provide(config);
    }
};

TEST_F(QmpMemory, BackEndsAreListed) {
    qapi::JsonObject options{{"qom-type", "memory-backend-ram"}, {"id", "m"}, {"size", 8192}};
    ASSERT_TRUE(objects.add(fake.services, options));
    auto list = qapi::qmp_query_memdev(fake.services);
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 1u);
    EXPECT_EQ(qapi::to_json(list->front()),
              *qapi::Json::parse("{'share': false, 'reserve': true, 'prealloc': false, "
                                 "'host-nodes': [], 'size': 8192, 'merge': true, 'dump': true, "
                                 "'policy': 'default', 'id': 'm'}"));
}

TEST_F(QmpMemory, SummaryAndBlocks) {
    config.ram_size = 64 << 20;
    EXPECT_EQ(qapi::qmp_query_memory_size_summary(fake.services)->base_memory, 64u << 20);
    ASSERT_TRUE(fake.map.allocate_ram("pc.rom", 0x20000));
    ASSERT_TRUE(fake.map.allocate_ram("pc.ram", 0x8000000));
    EXPECT_EQ(qapi::qmp_x_query_ramblock(fake.services)->human_readable_text,
              "              Block Name    PSize              Offset               Used            "
              "  Total\n"
              "                  pc.ram    4 KiB  0x0000000000040000 0x0000000008000000 "
              "0x0000000008000000\n"
              "                  pc.rom    4 KiB  0x0000000000000000 0x0000000000020000 "
              "0x0000000000020000\n");
}

TEST_F(QmpMemory, PmemsaveWritesWhatTheGuestWouldRead) {
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

TEST_F(QmpMemory, NmiNeedsAMachineThatTakesOne) {
    EXPECT_EQ(qapi::qmp_inject_nmi(fake.services).error().description(),
              "this feature or command is not currently supported");
}

}  // namespace
}  // namespace hw
