// SPDX-License-Identifier: GPL-2.0-or-later
//
// Who owns saved state, as savevm sees it. The state is a plain value, so a load is staged into a
// copy and committed by assignment, and an in-memory snapshot is a copy that was never serialised.
//
// The order on load is: stage() for every section, parse and check all of them, and only when the
// last byte of the stream was right, commit() one after another under the big lock. commit() cannot
// fail.
#pragma once

#include <memory>

#include "migration/vmstate/table.h"

namespace vmstate {

/// A detached copy of one owner's state.
class Staged {
public:
    virtual ~Staged() = default;
    virtual void* data() = 0;
    /// The owner's own verdict over the parsed copy, beyond what the tables say. Changes nothing.
    virtual Result<void> check(int version) = 0;
    /// Makes the copy the owner's state and brings what hangs on it (timers, pins, mappings) in
    /// line.
    virtual void commit(int version) = 0;
    /// Puts the copy back as it was when made: the fast path of a snapshot. May be called any
    /// number of times.
    virtual void revert() = 0;
};

class Owner {
public:
    virtual ~Owner() = default;
    virtual const Table& vmstate() const = 0;
    /// The state, brought up to date for saving (counters read, timers' deadlines copied in).
    /// Visible behaviour of the owner does not change.
    virtual const void* state_for_saving() = 0;
    virtual std::unique_ptr<Staged> stage() = 0;
    /// Default-constructed state, for what a stream leaves out and for decoding files: needs no
    /// realized device. It is never committed.
    virtual std::unique_ptr<Staged> blank() = 0;
    /// Whether the section is sent at all.
    virtual bool needed() const { return true; }
    /// Whether a stream without it is of another machine. Most are; the owner of a section that
    /// some senders are told to leave out says false.
    virtual bool required() const { return true; }
};

/// The usual owner: a class with `state_` of an aggregate type. Derived overrides the hooks it
/// needs.
template <class State>
class Stateful : public Owner {
public:
    const void* state_for_saving() override {
        pre_save(state_);
        return &state_;
    }
    std::unique_ptr<Staged> stage() override {
        pre_save(state_);
        return std::make_unique<Copy>(*this, state_);
    }
    std::unique_ptr<Staged> blank() override { return std::make_unique<Copy>(*this, State{}); }
    const State& state() const { return state_; }

protected:
    /// Copies into the state what lives elsewhere while running, e.g. `s.deadline =
    /// timer_.deadline_ns()`.
    virtual void pre_save(State&) {}
    /// Refuses what would make no sense in this very device (its configuration, its bus).
    virtual Result<void> check_state(const State&, int) const { return {}; }
    /// `state_` is new: re-arm timers, drive pins, move mappings. May not fail.
    virtual void post_load(int /*version*/) {}

    State state_{};

private:
    class Copy final : public Staged {
    public:
        Copy(Stateful& owner, const State& state) : owner_(owner), state_(state) {}
        void* data() override { return &state_; }
        Result<void> check(int version) override { return owner_.check_state(state_, version); }
        void commit(int version) override {
            owner_.state_ = std::move(state_);
            owner_.post_load(version);
        }
        void revert() override {
            owner_.state_ = state_;
            owner_.post_load(owner_.vmstate().version);
        }

    private:
        Stateful& owner_;
        State state_;
    };
};

}  // namespace vmstate
