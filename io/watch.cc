// SPDX-License-Identifier: GPL-2.0-or-later
//
// Event sources on GLib.
#include "io/watch.h"

#include <glib-unix.h>

#include <utility>

namespace io {

static_assert(Readable == unsigned(G_IO_IN) && Writable == unsigned(G_IO_OUT) &&
              Failed == unsigned(G_IO_ERR) && HungUp == unsigned(G_IO_HUP));

namespace {

template <class Function>
void destroy(gpointer data) {
    delete static_cast<Function*>(data);
}

GSource* attach(GSource* source, Context* context) {
    g_source_attach(source, context);
    return source;
}

// GLib keeps the callback's data alive for the length of the call even when the callback destroys
// its source, so that a std::function may be destroyed from within.
gboolean watch_ready(gint, GIOCondition ready, gpointer data) {
    (*static_cast<std::function<void(unsigned)>*>(data))(ready);
    return G_SOURCE_CONTINUE;
}

gboolean run_once(gpointer data) {
    (*static_cast<std::function<void()>*>(data))();
    return G_SOURCE_REMOVE;
}

GSource* watch_source(Context* context, int fd, unsigned conditions,
                      std::function<void(unsigned)> ready) {
    using Function = std::function<void(unsigned)>;
    // First what may fail for want of memory.
    auto* function = new Function(std::move(ready));
    GSource* source =
        g_unix_fd_source_new(fd, static_cast<GIOCondition>(conditions | Failed | HungUp));
    // The documented way of a GUnixFDSourceFunc: through the type of a plain source function.
    g_source_set_callback(source,
                          reinterpret_cast<GSourceFunc>(reinterpret_cast<void (*)()>(watch_ready)),
                          function, destroy<Function>);
    return attach(source, context);
}

/// `make` is called when nothing can fail any more.
template <class Make>
GSource* once_source(Make make, Context* context, std::function<void()> work) {
    using Function = std::function<void()>;
    auto* function = new Function(std::move(work));
    GSource* source = make();
    g_source_set_callback(source, run_once, function, destroy<Function>);
    return attach(source, context);
}

}  // namespace

Source::Source(Source&& other) noexcept : source_(std::exchange(other.source_, nullptr)) {}

Source& Source::operator=(Source&& other) noexcept {
    if (this != &other) {
        cancel();
        source_ = std::exchange(other.source_, nullptr);
    }
    return *this;
}

void Source::cancel() {
    if (GSource* source = std::exchange(source_, nullptr)) {
        g_source_destroy(source);
        g_source_unref(source);
    }
}

Watch::Watch(Context* context, int fd, unsigned conditions, std::function<void(unsigned)> ready)
    : Source(watch_source(context, fd, conditions, std::move(ready))) {}

Alarm::Alarm(Context* context, unsigned milliseconds, std::function<void()> expired)
    : Source(once_source([=] { return g_timeout_source_new(milliseconds); }, context,
                         std::move(expired))) {}

void post(Context* context, std::function<void()> work) {
    const auto idle = [] {
        GSource* source = g_idle_source_new();
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        return source;
    };
    g_source_unref(once_source(idle, context, std::move(work)));
}

}  // namespace io
