// SPDX-License-Identifier: GPL-2.0-or-later
//
// A whole emulator in the test's process behind the test's interface.
#include <filesystem>
#include <mutex>
#include <sstream>

#include "tests/live-vm.h"
#include "tests/qtest/in-process.h"

namespace qtest {

namespace {

using qapi::Json;

/// The emulator's events, which may come from any of its threads, for the test's one.
class Listener final : public monitor::EventListener {
public:
    explicit Listener(monitor::Events& source) : source_(source) { source_.add(*this); }
    ~Listener() { source_.remove(*this); }
    void event(const Json& event) override {
        std::lock_guard hold(mutex_);
        arrived_.push_back(event);
    }
    void move_to(std::deque<Json>& queue) {
        std::lock_guard hold(mutex_);
        for (Json& event : arrived_)
            queue.push_back(std::move(event));
        arrived_.clear();
    }

private:
    monitor::Events& source_;
    std::mutex mutex_;
    std::deque<Json> arrived_;
};

std::vector<const char*> pointers(const std::vector<std::string>& words) {
    std::vector<const char*> list;
    for (const std::string& word : words)
        list.push_back(word.c_str());
    return list;
}

std::vector<std::string> words_of(std::string_view line) {
    std::istringstream in{std::string(line)};
    return {std::istream_iterator<std::string>(in), {}};
}

/// The words of an option line and the emulator that keeps pointers to them.
struct Described {
    explicit Described(std::string_view options) : words(words_of(options)), vm(pointers(words)) {}
    std::vector<std::string> words;
    tests::LiveVm vm;
};

class LocalLink final : public Link {
public:
    explicit LocalLink(tests::LiveVm& vm, std::unique_ptr<Described> own = {})
        : own_(std::move(own)), listener_(vm.emulator().events()) {
        vl::Emulator& e = vm.emulator();
        e.start();
        inner_ = connect({.bql = e.held(),
                          .loop = e.foundation().loop,
                          .target = e.qtest_target(),
                          .services = e.foundation().services,
                          .commands = e.commands(),
                          .take_events = [this](auto& queue) { listener_.move_to(queue); },
                          .guest_runs = e.vm().accelerator().runs_guest_code()});
    }
    void send(std::string_view line) override { inner_->send(line); }
    std::string receive() override { return inner_->receive(); }
    void send_qmp(const Json& message) override { inner_->send_qmp(message); }
    Json receive_qmp() override { return inner_->receive_qmp(); }

private:
    std::unique_ptr<Described> own_;
    Listener listener_;
    std::unique_ptr<Link> inner_;
};

}  // namespace

Machine attach(tests::LiveVm& vm) {
    return Machine(std::make_unique<LocalLink>(vm));
}

Machine start_here_plain(std::string_view options) {
    // The option ROMs lie beside the emulator, not beside this program.
    const auto roms = std::filesystem::path(EMULATOR).parent_path() / "pc-bios";
    auto own = std::make_unique<Described>(fmt::format("-L {} {}", roms.string(), options));
    tests::LiveVm& vm = own->vm;
    return Machine(std::make_unique<LocalLink>(vm, std::move(own)));
}

Machine start_here(std::string_view options) {
    return start_here_plain(fmt::format("-accel qtest {}", options));
}

}  // namespace qtest
