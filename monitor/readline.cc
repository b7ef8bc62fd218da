// SPDX-License-Identifier: GPL-2.0-or-later
//
// Line editing. The sequences are those of ECMA-48 and of the VT100's and xterm's keys.
#include "monitor/readline.h"

#include <algorithm>
#include <utility>

namespace monitor {

namespace {

constexpr std::uint8_t control(char letter) {
    return static_cast<std::uint8_t>(letter & 0x1f);
}
constexpr std::size_t terminal_width = 80;

std::string common_start(const std::vector<std::string>& words) {
    std::string start = words.front();
    for (const std::string& word : words)
        start.resize(static_cast<std::size_t>(
            std::mismatch(start.begin(), start.end(), word.begin(), word.end()).first -
            start.begin()));
    return start;
}

}  // namespace

void Readline::start() {
    line_.clear();
    cursor_ = 0;
    recalled_ = history_.size();
    state_ = State::plain;
    host_.show(prompt_);
}

void Readline::key(std::uint8_t byte) {
    switch (state_) {
        case State::plain: return plain(byte);
        case State::escape:
            parameter_ = 0;
            state_ = byte == '[' ? State::bracket : byte == 'O' ? State::function : State::plain;
            return;
        case State::bracket:
        case State::function:
            if (byte >= '0' && byte <= '9') {
                parameter_ = std::min(parameter_ * 10 + (byte - '0'), 1000u);
                return;
            }
            if (byte == ';') {
                parameter_ = 0;
                return;
            }
            state_ = State::plain;
            return sequence(byte);
    }
}

void Readline::sequence(std::uint8_t final) {
    switch (final) {
        case 'A': return recall(-1);
        case 'B': return recall(+1);
        case 'C': return move(std::min(cursor_ + 1, line_.size()));
        case 'D': return move(cursor_ ? cursor_ - 1 : 0);
        case 'H': return move(0);
        case 'F': return move(line_.size());
        case '~':
            if (parameter_ == 1 || parameter_ == 7) return move(0);
            if (parameter_ == 4 || parameter_ == 8) return move(line_.size());
            if (parameter_ == 3) return erase(cursor_, std::min(cursor_ + 1, line_.size()));
            return;
        default: return;
    }
}

void Readline::plain(std::uint8_t byte) {
    const bool after_return = std::exchange(was_return_, byte == '\r');
    switch (byte) {
        case control('A'): return move(0);
        case control('B'): return move(cursor_ ? cursor_ - 1 : 0);
        case control('D'): return erase(cursor_, std::min(cursor_ + 1, line_.size()));
        case control('E'): return move(line_.size());
        case control('F'): return move(std::min(cursor_ + 1, line_.size()));
        case control('H'):
        case 0x7f: return erase(cursor_ ? cursor_ - 1 : 0, cursor_);
        case control('K'): return erase(cursor_, line_.size());
        case control('N'): return recall(+1);
        case control('P'): return recall(-1);
        case control('U'): return erase(0, cursor_);
        case control('W'): return erase(word_start(), cursor_);
        case '\t': return complete();
        case '\n':
            if (after_return) return;  // CR LF is one key
            return accept();
        case '\r': return accept();
        case 0x1b: state_ = State::escape; return;
        default:
            if (byte >= ' ') {
                const char c = static_cast<char>(byte);
                insert({&c, 1});
            }
    }
}

void Readline::move(std::size_t to) {
    std::string out;
    for (; cursor_ > to; cursor_--)
        out += "\x1b[D";
    for (; cursor_ < to; cursor_++)
        out += "\x1b[C";
    host_.show(out);
}

void Readline::insert(std::string_view text) {
    if (line_.size() + text.size() > longest_line) return;
    line_.insert(cursor_, text);
    std::string out = line_.substr(cursor_);
    cursor_ += text.size();
    for (std::size_t i = cursor_; i < line_.size(); i++)
        out += "\x1b[D";
    host_.show(out);
}

void Readline::erase(std::size_t from, std::size_t to) {
    if (from == to) return;
    move(from);
    line_.erase(from, to - from);
    std::string out = line_.substr(from) + "\x1b[K";
    for (std::size_t i = from; i < line_.size(); i++)
        out += "\x1b[D";
    host_.show(out);
}

void Readline::replace(std::string text) {
    move(0);
    line_ = std::move(text);
    cursor_ = line_.size();
    host_.show(line_ + "\x1b[K");
}

void Readline::recall(int step) {
    if (step < 0 ? recalled_ == 0 : recalled_ >= history_.size()) return;
    if (recalled_ == history_.size()) new_line_ = line_;
    recalled_ += static_cast<std::size_t>(step);
    replace(recalled_ == history_.size() ? new_line_ : history_[recalled_]);
}

std::size_t Readline::word_start() const {
    std::size_t at = cursor_;
    while (at && line_[at - 1] == ' ')
        at--;
    while (at && line_[at - 1] != ' ')
        at--;
    return at;
}

void Readline::accept() {
    host_.show("\n");
    const std::string line = line_;
    // A line typed again moves to the end: the list holds each once.
    if (line.find_first_not_of(' ') != line.npos) {
        std::erase(history_, line);
        history_.push_back(line);
        if (history_.size() > most_history) history_.erase(history_.begin());
    }
    line_.clear();
    cursor_ = 0;
    recalled_ = history_.size();
    host_.line(line);
}

void Readline::complete() {
    const auto found = host_.complete(line_.substr(0, cursor_));
    if (found.words.empty()) return;
    const std::string typed = line_.substr(found.from, cursor_ - found.from);
    const std::string start = common_start(found.words);
    if (start.size() > typed.size()) insert(std::string_view(start).substr(typed.size()));
    if (found.words.size() == 1) {
        if (!start.ends_with('/')) insert(" ");
        return;
    }
    if (start.size() > typed.size()) return;
    std::size_t width = 10;
    for (const std::string& word : found.words)
        width = std::max(width, word.size() + 2);
    const std::size_t columns = std::max<std::size_t>(terminal_width / width, 1);
    std::string out = "\n";
    for (std::size_t i = 0; i < found.words.size(); i++) {
        out += found.words[i];
        out.append(width - found.words[i].size(), ' ');
        if (i % columns == columns - 1 || i + 1 == found.words.size()) out += '\n';
    }
    host_.show(out + prompt_ + line_);
    const std::size_t at = std::exchange(cursor_, line_.size());
    move(at);
}

}  // namespace monitor
