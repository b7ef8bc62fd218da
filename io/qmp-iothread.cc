// SPDX-License-Identifier: GPL-2.0-or-later
//
// query-iothreads.
#include "io/iothread.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-misc.h"

namespace qapi {

Result<std::vector<IOThreadInfo>> qmp_query_iothreads(Context& cx) {
    std::vector<IOThreadInfo> list;
    for (qom::Object* object : cx.get<qom::Tree>().root.child("objects")->children()) {
        auto* thread = dynamic_cast<io::IoThread*>(object);
        if (!thread) continue;
        const io::IoThreadConfig& c = thread->settings();
        list.push_back({.id = thread->name(),
                        .thread_id = thread->thread().thread_id(),
                        .poll_max_ns = c.poll_max_ns,
                        .poll_grow = c.poll_grow,
                        .poll_shrink = c.poll_shrink,
                        .aio_max_batch = c.aio_max_batch});
    }
    return list;
}

}  // namespace qapi
