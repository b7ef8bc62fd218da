// SPDX-License-Identifier: GPL-2.0-or-later
//
// Line editing on a terminal at the other end of a byte stream: keys in, what to show out. Cursor
// keys, Emacs keys, history, completion. Knows no terminal and no monitor.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace monitor {

class Readline {
public:
    struct Host {
        std::function<void(std::string_view)> show;
        std::function<void(const std::string&)> line;  // Return was pressed
        struct Completions {
            std::size_t from;
            std::vector<std::string> words;
        };
        std::function<Completions(const std::string& up_to_cursor)> complete;
    };
    Readline(Host host, std::string prompt) : host_(std::move(host)), prompt_(std::move(prompt)) {}

    /// Shows the prompt and starts a new line.
    void start();
    void key(std::uint8_t byte);
    /// The newest last.
    const std::vector<std::string>& history() const { return history_; }

    static constexpr std::size_t longest_line = 4095;
    static constexpr std::size_t most_history = 64;

private:
    void plain(std::uint8_t byte);
    void sequence(std::uint8_t final);
    void insert(std::string_view text);
    void erase(std::size_t from, std::size_t to);
    void move(std::size_t to);
    void replace(std::string text);
    void recall(int step);
    void complete();
    void accept();
    std::size_t word_start() const;

    Host host_;
    std::string prompt_;
    std::string line_;
    std::size_t cursor_ = 0;
    std::vector<std::string> history_;
    std::size_t recalled_ = 0;  // index into history_; its size: the new line
    std::string new_line_;      // kept while an old one is shown
    enum class State : std::uint8_t { plain, escape, bracket, function } state_ = State::plain;
    unsigned parameter_ = 0;
    bool was_return_ = false;
};

}  // namespace monitor
