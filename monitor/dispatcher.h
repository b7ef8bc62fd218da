// SPDX-License-Identifier: GPL-2.0-or-later
//
// Runs the commands of all QMP sessions one at a time in the main loop's thread, turn by turn, so
// that a handler which itself waits for the main loop is not overtaken by another client's.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

namespace monitor {

class Dispatcher {
public:
    /// Somebody with requests.
    class Client {
    public:
        /// Takes its oldest request and answers it; false when there is none that may run now.
        virtual bool run_one() = 0;

    protected:
        ~Client() = default;
    };

    /// `post` runs a function in the main loop's thread, soon, with the big lock held.
    explicit Dispatcher(std::function<void(std::function<void()>)> post) : post_(std::move(post)) {}

    // In the main loop's thread.
    void add(Client& client) { clients_.push_back(&client); }
    void remove(Client&);
    /// Runs what there is, unless a command is running further up the stack; then that one's run()
    /// goes on with it.
    void run();

    /// From any thread: run() soon.
    void run_soon();

private:
    std::function<void(std::function<void()>)> post_;
    std::vector<Client*> clients_;
    std::size_t turn_ = 0;
    bool running_ = false;
    std::atomic<bool> posted_{false};
};

}  // namespace monitor
