// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands about the monitor itself: who speaks here, what can be said, descriptors passed
// along.
#include "io/fdset.h"
#include "io/yank.h"
#include "monitor/hmp.h"
#include "monitor/qmp-session.h"
#include "monitor/version.h"
#include "qapi/command.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-control.h"
#include "qapi/qapi-commands-misc.h"
#include "qapi/qapi-commands-yank.h"
#include "util/overloaded.h"

namespace qapi {

namespace {

Result<UniqueFd> passed_descriptor(Context& cx) {
    if (auto* session = cx.find<monitor::QmpSession>())
        if (std::optional<UniqueFd> fd = session->take_descriptor()) return *std::move(fd);
    return fail("No file descriptor supplied via SCM_RIGHTS");
}

}  // namespace

Result<void> qmp_qmp_capabilities(Context& cx, const QmpCapabilitiesArgs& args) {
    bool oob = false;
    if (args.enable)
        for (const QMPCapability c : *args.enable)
            oob |= c == QMPCapability::oob;
    return cx.get<monitor::QmpSession>().negotiate(oob);
}

Result<VersionInfo> qmp_query_version(Context&) {
    const auto& v = monitor::version;
    return VersionInfo{.qemu = {.major = v.major, .minor = v.minor, .micro = v.micro},
                       .package = std::string(v.package)};
}

Result<void> qmp_getfd(Context& cx, const GetfdArgs& args) {
    UniqueFd fd = TRY(passed_descriptor(cx));
    return cx.get<io::FdSets>().keep(args.fdname, std::move(fd));
}

Result<void> qmp_closefd(Context& cx, const ClosefdArgs& args) {
    return cx.get<io::FdSets>().close(args.fdname);
}

Result<AddfdInfo> qmp_add_fd(Context& cx, const AddFdArgs& args) {
    UniqueFd fd = TRY(passed_descriptor(cx));
    const auto added = TRY(cx.get<io::FdSets>().add(std::move(fd), args.fdset_id, args.opaque));
    return AddfdInfo{.fdset_id = added.set, .fd = added.fd};
}

Result<void> qmp_remove_fd(Context& cx, const RemoveFdArgs& args) {
    return cx.get<io::FdSets>().remove(args.fdset_id, args.fd);
}

Result<std::vector<FdsetInfo>> qmp_query_fdsets(Context& cx) {
    std::vector<FdsetInfo> list;
    for (const auto& [number, members] : cx.get<io::FdSets>().sets()) {
        FdsetInfo info{.fdset_id = number, .fds = {}};
        for (const auto& m : members)
            info.fds.push_back({.fd = m.fd.get(), .opaque = m.opaque});
        list.push_back(std::move(info));
    }
    return list;
}

namespace {

io::YankName name_of(const YankInstance& instance) {
    using Kind = io::YankName::Kind;
    return std::visit(Overloaded{[](const YankInstanceBlockNode& b) {
                                     return io::YankName{Kind::BlockNode, b.node_name};
                                 },
                                 [](const YankInstanceChardev& c) {
                                     return io::YankName{Kind::Chardev, c.id};
                                 },
                                 [](std::monostate) {
                                     return io::YankName{Kind::Migration, {}};
                                 }},
                      instance.u);
}

}  // namespace

Result<void> qmp_yank(Context& cx, const YankArgs& args) {
    std::vector<io::YankName> names;
    for (const YankInstance& instance : args.instances)
        names.push_back(name_of(instance));
    return cx.get<io::Yanks>().yank(names);
}

Result<std::vector<YankInstance>> qmp_query_yank(Context& cx) {
    std::vector<YankInstance> list;
    for (const io::YankName& name : cx.get<io::Yanks>().list()) {
        YankInstance& one = list.emplace_back();
        switch (name.kind) {
            case io::YankName::Kind::BlockNode:
                one.type = YankInstanceType::block_node;
                one.u = YankInstanceBlockNode{.node_name = name.name};
                break;
            case io::YankName::Kind::Chardev:
                one.type = YankInstanceType::chardev;
                one.u = YankInstanceChardev{.id = name.name};
                break;
            case io::YankName::Kind::Migration: one.type = YankInstanceType::migration; break;
        }
    }
    return list;
}

Result<std::string> qmp_human_monitor_command(Context& cx, const HumanMonitorCommandArgs& args) {
    monitor::Hmp hmp(cx.get<CommandTable>(), cx);
    if (args.cpu_index) TRY(hmp.select_cpu(*args.cpu_index));
    return hmp.run(args.command_line);
}

}  // namespace qapi
