// SPDX-License-Identifier: GPL-2.0-or-later
//
// object-add of guest memory, through its QMP handlers.
#include "exec/memory-backend.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "qapi/context.h"
#include "qapi/json.h"
#include "qapi/keyval.h"
#include "qapi/qapi-commands-qom.h"
#include "qapi/qapi-visit-qom.h"
#include "qom/type-table.h"

namespace exec {
namespace {

struct MemoryBackendTest : testing::Test {
    MemoryMap map;
    qom::TypeTable types;
    qom::Object root{qom::container_type}, container{qom::container_type};
    qom::UserObjects objects{types, container};
    qom::Tree tree{root, types};
    qapi::Context cx;

    MemoryBackendTest() {
        static constexpr const qom::Type* base[] = {&memory_backend_type};
        types.add<qom::Type>(base);
        types.add(memory_backend_types());
        root.add_child("objects", container);
        cx.provide(map);
        cx.provide(objects);
        cx.provide(tree);
    }
    /// As -object does; "" or the error.
    std::string add(std::string_view text) {
        auto argument = qapi::parse_options_or_json(text, "qom-type");
        auto options = qapi::from_argument<qapi::ObjectOptions>(*argument);
        if (!options) return options.error().description();
        auto done = qapi::qmp_object_add(cx, *options);
        return done ? "" : done.error().description();
    }
    std::string remove(std::string id) {
        auto done = qapi::qmp_object_del(cx, {.id = std::move(id)});
        return done ? "" : done.error().description();
    }
};

TEST_F(MemoryBackendTest, AllocatesWhatWasAskedFor) {
    EXPECT_EQ(add("memory-backend-ram,id=m,size=1M,prealloc=on,prealloc-threads=2"), "");
    RamBlock* block = map.find_ram("m");
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(block->size(), 1u << 20);
    EXPECT_FALSE(block->shared());
    EXPECT_EQ(*qapi::qmp_qom_get(cx, {.path = "/objects/m", .property = "size"}),
              qapi::Json(1 << 20));
    EXPECT_EQ(remove("m"), "");
    EXPECT_TRUE(map.ram_blocks().empty());
}

TEST_F(MemoryBackendTest, MemfdIsSharedAndSealed) {
    EXPECT_EQ(add("{\"qom-type\": \"memory-backend-memfd\", \"id\": \"m\", \"size\": 8192, "
                  "\"x-use-canonical-path-for-ramblock-id\": true}"),
              "");
    RamBlock* block = map.find_ram("/objects/m");
    ASSERT_NE(block, nullptr);
    EXPECT_TRUE(block->shared());
    EXPECT_EQ(fcntl(block->fd(), F_GET_SEALS), F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
}

TEST_F(MemoryBackendTest, RefusesInKnownWords) {
    EXPECT_EQ(add("memory-backend-ram,id=m"), "Parameter 'size' is missing");
    EXPECT_EQ(add("memory-backend-ram,size=1M"), "Parameter 'id' is missing");
    EXPECT_EQ(add("memory-backend-ram,id=m,size=x"), "Parameter 'size' expects a size value");
    EXPECT_EQ(add("memory-backend-ram,id=m,size=0"),
              "property 'size' of memory-backend-ram doesn't take value '0'");
    EXPECT_EQ(add("memory-backend-nosuch,id=m"),
              "Parameter 'qom-type' does not accept value 'memory-backend-nosuch'");
    EXPECT_EQ(add("memory-backend-file,id=m,size=1M"), "Parameter 'mem-path' is missing");
    EXPECT_EQ(add("memory-backend-file,id=m,size=1M,mem-path=/nonexistent/foo"),
              "can't open backing store /nonexistent/foo for guest RAM: No such file or directory");
    EXPECT_EQ(add("memory-backend-ram,id=1m,size=1M"), "Parameter 'id' expects an identifier");
    EXPECT_EQ(add("memory-backend-ram,id=m,size=1M,policy=foo"),
              "Parameter 'policy' does not accept value 'foo'");
    EXPECT_EQ(add("memory-backend-ram,id=m,size=1M,policy=bind,host-nodes=0"),
              "memory-backend-ram: 'policy' and 'host-nodes' are not supported");
    EXPECT_TRUE(container.children().empty());
    EXPECT_TRUE(map.ram_blocks().empty());
    EXPECT_EQ(add("memory-backend-ram,id=m,size=1M"), "");
    EXPECT_EQ(add("memory-backend-ram,id=m,size=1M"),
              "attempt to add duplicate property 'm' to object (type 'container')");
    EXPECT_EQ(remove("nosuch"), "object 'nosuch' not found");
}

TEST_F(MemoryBackendTest, MemoryInUseStaysAsItIs) {
    EXPECT_EQ(add("memory-backend-ram,id=m,size=1M"), "");
    dynamic_cast<MemoryBackend*>(objects.find("m"))->set_used(true);
    EXPECT_EQ(remove("m"), "object 'm' is in use, can not be deleted");
    auto done = qapi::qmp_qom_set(cx, {.path = "/objects/m", .property = "size", .value = 7});
    EXPECT_EQ(done.error().description(), "cannot change property size of memory-backend-ram");
}

}  // namespace
}  // namespace exec
