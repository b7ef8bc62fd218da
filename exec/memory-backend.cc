// SPDX-License-Identifier: GPL-2.0-or-later
#include "exec/memory-backend.h"

#include "qapi/context.h"
#include "qapi/json.h"

namespace exec {

namespace {

using Config = MemoryBackendConfig;

constexpr std::string_view policy_words[] = {"default", "preferred", "bind", "interleave"};
constexpr qom::EnumTable policies{"HostMemPolicy", policy_words};

constexpr qom::CustomProperty node_list{
    [](void* member, const qapi::Json& value) -> Result<void> {
        auto& nodes = *static_cast<std::vector<std::uint16_t>*>(member);
        nodes.clear();
        for (std::size_t i = 0; i < value.size(); i++) {
            auto n = value[i].unsigned_integer();
            if (!n || *n > 0xffff) return fail("");
            nodes.push_back(static_cast<std::uint16_t>(*n));
        }
        return {};
    },
    [](const void* member) {
        qapi::JsonArray list;
        for (std::uint16_t n : *static_cast<const std::vector<std::uint16_t>*>(member))
            list.emplace_back(n);
        return qapi::Json(std::move(list));
    }};

consteval qom::Property size_property(qom::Property p) {
    return p.as("int", qom::PropertyKind::Size);
}

constexpr auto common_properties = qom::properties(
    qom::property<&Config::share>("share", "other processes see what the guest writes"),
    size_property(qom::property<&Config::size>("size", "how many bytes (500M)")),
    qom::property<&Config::dump>("dump", "part of a core dump").changeable(),
    qom::property<&Config::prealloc_threads>("prealloc-threads", "how many threads preallocate")
        .as("int", qom::PropertyKind::Unsigned),
    qom::property<&Config::path_as_name>("x-use-canonical-path-for-ramblock-id"),
    qom::enum_property<&Config::policy>("policy", policies, "NUMA policy of the host"),
    qom::property<&Config::prealloc>("prealloc", "the host provides all of it at once"),
    qom::property<&Config::reserve>("reserve", "the host promises swap space"),
    qom::custom_property<&Config::host_nodes>("host-nodes", "int", node_list,
                                              "which nodes the policy means"),
    qom::property<&Config::merge>("merge", "the host may merge equal pages").changeable());

constexpr auto file_properties = qom::properties(
    qom::property<&Config::mem_path>("mem-path", "a file, or a directory for an unnamed one"),
    size_property(qom::property<&Config::align>("align", "alignment in this process")),
    qom::property<&Config::discard_data>("discard-data", "throw the contents away in the end"),
    qom::property<&Config::readonly>("readonly", "open the file for reading only"));

constexpr auto memfd_properties = qom::properties(
    qom::property<&Config::hugetlb>("hugetlb", "take it from the pool of huge pages"),
    size_property(qom::property<&Config::hugetlbsize>("hugetlbsize", "size of those pages")),
    qom::property<&Config::seal>("seal", "nobody can change its size"));

consteval qom::UserObjectType backend(std::string_view name,
                                      std::unique_ptr<qom::UserObject> (*make)(),
                                      std::span<const qom::Property> properties,
                                      std::string_view description) {
    qom::UserObjectType t{};
    t.name = name;
    t.parent = "memory-backend";
    t.properties = properties;
    t.description = description;
    t.create = make;
    return t;
}

std::unique_ptr<qom::UserObject> make_ram();
std::unique_ptr<qom::UserObject> make_file();
std::unique_ptr<qom::UserObject> make_memfd();

constexpr auto ram_type = backend("memory-backend-ram", make_ram, {}, "guest memory");
constexpr auto file_type =
    backend("memory-backend-file", make_file, file_properties, "guest memory that is a file");
constexpr auto memfd_type = backend("memory-backend-memfd", make_memfd, memfd_properties,
                                    "guest memory that can be handed on");

std::unique_ptr<qom::UserObject> make_ram() {
    return std::make_unique<MemoryBackend>(ram_type, RamSource::Kind::Anonymous);
}
std::unique_ptr<qom::UserObject> make_file() {
    return std::make_unique<MemoryBackend>(file_type, RamSource::Kind::File);
}
std::unique_ptr<qom::UserObject> make_memfd() {
    return std::make_unique<MemoryBackend>(memfd_type, RamSource::Kind::Memfd);
}

}  // namespace

constinit const qom::Type memory_backend_type{
    .name = "memory-backend", .abstract = true, .properties = common_properties};

std::span<const qom::UserObjectType* const> memory_backend_types() {
    static constexpr const qom::UserObjectType* types[] = {&ram_type, &file_type, &memfd_type};
    return types;
}

MemoryBackend::MemoryBackend(const qom::Type& type, RamSource::Kind kind)
    : UserObject(type), kind_(kind) {
    // Memory made to be handed on is of no use when others do not see the writes.
    config_.share = kind == RamSource::Kind::Memfd;
}

MemoryBackend::~MemoryBackend() {
    if (block_) map_->release_ram(*block_);
}

Result<void> MemoryBackend::may_set(const qom::Property& property) const {
    if (!block_ || property.run_time) return {};
    return fail("cannot change property {} of {}", property.name, type_name());
}

Result<void> MemoryBackend::complete(qapi::Context& cx) {
    const Config& c = config_;
    if (!c.size) return fail("property 'size' of {} doesn't take value '0'", type_name());
    if (!c.prealloc_threads)
        return fail("property 'prealloc-threads' of {} doesn't take value '0'", type_name());
    if (c.policy != HostMemPolicy::Default || !c.host_nodes.empty())
        return fail("{}: 'policy' and 'host-nodes' are not supported", type_name())
            .with_hint("start the emulator under numactl --membind or --interleave");
    if (kind_ == RamSource::Kind::File && c.mem_path.empty())
        return fail("Parameter 'mem-path' is missing");
    if (c.readonly && c.prealloc) return fail("read-only memory cannot be preallocated");
    if (c.readonly && c.share == false)
        return fail("'readonly' needs 'share=on': private memory is writable");
    RamSource source;
    source.kind = kind_;
    source.path = c.mem_path;
    source.share = c.share;
    source.prealloc = c.prealloc;
    source.prealloc_threads = c.prealloc_threads;
    source.readonly = c.readonly;
    source.alignment = c.align;
    source.merge = c.merge;
    source.dump = c.dump;
    source.reserve = c.reserve;
    source.discard = c.discard_data;
    source.seal = c.seal;
    source.huge = c.hugetlb;
    source.huge_page_size = c.hugetlbsize;
    map_ = &cx.get<MemoryMap>();
    block_ = TRY(map_->allocate_ram(c.path_as_name ? path() : name(), c.size, source));
    return {};
}

}  // namespace exec
