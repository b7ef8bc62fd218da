// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/slirp-poll.h"

#include <glib.h>
#include <slirp/libslirp.h>
#include <sys/epoll.h>

#include <array>
#include <cstdint>

namespace net {

namespace {

constexpr struct {
    int slirp;
    unsigned epoll;
} event_bits[] = {{SLIRP_POLL_IN, EPOLLIN},
                  {SLIRP_POLL_OUT, EPOLLOUT},
                  {SLIRP_POLL_PRI, EPOLLPRI},
                  {SLIRP_POLL_ERR, EPOLLERR},
                  {SLIRP_POLL_HUP, EPOLLHUP}};

unsigned to_epoll(int events) {
    unsigned e = 0;
    for (const auto& b : event_bits)
        if (events & b.slirp) e |= b.epoll;
    return e;
}
int to_slirp(unsigned events) {
    int s = 0;
    for (const auto& b : event_bits)
        if (events & b.epoll) s |= b.slirp;
    return s;
}

}  // namespace

struct SlirpPoll::GlibSource {
    GSource base;
    SlirpPoll* poll;
    gint64 deadline;  // of the protocols' timers, in g_get_monotonic_time()'s time; -1: none
    gpointer epoll_tag;

    static GlibSource& of(GSource* s) { return *reinterpret_cast<GlibSource*>(s); }
    static gboolean prepare(GSource* s, gint* timeout) {
        GlibSource& me = of(s);
        *timeout = -1;
        if (!me.poll->running_) return FALSE;
        if (me.poll->changed_) me.poll->ask();
        if (me.poll->frame_came_) return TRUE;
        if (me.deadline >= 0) {
            const gint64 left = me.deadline - g_get_monotonic_time();
            if (left <= 0) return TRUE;
            *timeout = static_cast<gint>((left + 999) / 1000);
        }
        return FALSE;
    }
    static gboolean check(GSource* s) {
        GlibSource& me = of(s);
        if (!me.poll->running_) return FALSE;
        return me.poll->frame_came_ || g_source_query_unix_fd(s, me.epoll_tag) ||
               (me.deadline >= 0 && me.deadline <= g_get_monotonic_time());
    }
    static gboolean dispatch(GSource* s, GSourceFunc, gpointer) {
        of(s).poll->serve();
        return G_SOURCE_CONTINUE;
    }
    static inline GSourceFuncs functions{prepare, check, dispatch, nullptr, nullptr, nullptr};
};

SlirpPoll::SlirpPoll(io::Context* context, Slirp& slirp)
    : slirp_(slirp), context_(context), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    source_ = reinterpret_cast<GlibSource*>(
        g_source_new(&GlibSource::functions, static_cast<guint>(sizeof(GlibSource))));
    source_->poll = this;
    source_->deadline = -1;
    source_->epoll_tag = nullptr;
    g_source_attach(&source_->base, context_);
}

SlirpPoll::~SlirpPoll() {
    g_source_destroy(&source_->base);
    g_source_unref(&source_->base);
}

void SlirpPoll::set_running(bool running) {
    if (running == running_) return;
    running_ = running;
    if (running) {
        source_->epoll_tag = g_source_add_unix_fd(&source_->base, epoll_.get(), G_IO_IN);
        changed_ = false;
        changed();
    } else {
        g_source_remove_unix_fd(&source_->base, source_->epoll_tag);
    }
}

void SlirpPoll::changed() {
    if (changed_ || serving_) return;
    changed_ = true;
    // The loop may be waiting for what is no longer wanted, or not long enough for a new timer.
    if (running_) g_main_context_wakeup(context_);
}

void SlirpPoll::frame_came() {
    frame_came_ = true;
    changed();
}

void SlirpPoll::forget(int fd) {
    if (interests_.erase(fd)) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

/// What does it wait for now?
void SlirpPoll::ask() {
    changed_ = false;
    polled_.clear();
    for (auto& [fd, interest] : interests_)
        interest.wanted = false;
    std::uint32_t timeout = UINT32_MAX;
    auto add = [](int fd, int events, void* opaque) {
        auto& me = *static_cast<SlirpPoll*>(opaque);
        const unsigned wanted = to_epoll(events);
        auto [at, is_new] = me.interests_.try_emplace(fd);
        Interest& interest = at->second;
        if (is_new || interest.events != wanted) {
            epoll_event e{.events = wanted, .data = {.fd = fd}};
            // A number may have been closed and given out again without our being told.
            if (epoll_ctl(me.epoll_.get(), is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &e) < 0)
                epoll_ctl(me.epoll_.get(), is_new ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e);
            interest.events = wanted;
        }
        interest.wanted = true;
        me.polled_.push_back(fd);
        return static_cast<int>(me.polled_.size() - 1);
    };
    slirp_pollfds_fill(&slirp_, &timeout, add, this);
    std::erase_if(interests_, [this](const auto& one) {
        if (!one.second.wanted) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, one.first, nullptr);
        return !one.second.wanted;
    });
    source_->deadline =
        timeout == UINT32_MAX ? -1 : g_get_monotonic_time() + gint64{timeout} * 1000;
}

void SlirpPoll::serve() {
    std::array<epoll_event, 64> events;
    for (auto& [fd, interest] : interests_)
        interest.ready = 0;
    const int n = epoll_wait(epoll_.get(), events.data(), events.size(), 0);
    for (int i = 0; i < n; i++)
        if (const auto at = interests_.find(events[i].data.fd); at != interests_.end())
            at->second.ready = events[i].events;
    auto ready = [](int index, void* opaque) {
        auto& me = *static_cast<SlirpPoll*>(opaque);
        const auto at = me.interests_.find(me.polled_[static_cast<std::size_t>(index)]);
        return at == me.interests_.end() ? 0 : to_slirp(at->second.ready);
    };
    frame_came_ = false;
    serving_ = true;
    slirp_pollfds_poll(&slirp_, n < 0, ready, this);
    serving_ = false;
    changed_ = true;  // prepare() asks before the loop waits again
}

}  // namespace net
