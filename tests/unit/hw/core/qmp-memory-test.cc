// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands about guest memory, through their handlers.
#include <gtest/gtest.h>
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

TEST_F(QmpMemory, NmiNeedsAMachineThatTakesOne) {
    EXPECT_EQ(qapi::qmp_inject_nmi(fake.services).error().description(),
              "this feature or command is not currently supported");
}

}  // namespace
}  // namespace hw
