// SPDX-License-Identifier: GPL-2.0-or-later
//
// A state file is replaced whole or not at all: every call that can fail is made to fail in turn.
#include "migration/state-file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "io/fdset.h"

namespace {

using namespace migration;
namespace fs = std::filesystem;

class StateFile : public testing::Test {
protected:
    StateFile() {
        char name[] = "/tmp/state-file-XXXXXX";
        dir_ = ::mkdtemp(name);
        old_umask_ = ::umask(022);
    }
    ~StateFile() override {
        ::umask(old_umask_);
        fs::remove_all(dir_);
    }
    std::string path(const char* name) const { return dir_ + "/" + name; }
    static std::string contents(const std::string& p) {
        std::ifstream in(p, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static std::vector<std::uint8_t> bytes(std::string_view s) { return {s.begin(), s.end()}; }
    static unsigned mode(const std::string& p) {
        struct stat st {};
        ::stat(p.c_str(), &st);
        return st.st_mode & 07777;
    }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(dir_), fs::directory_iterator()));
    }

    std::string dir_;
    mode_t old_umask_ = 0;
    FileCalls calls_;
};

TEST_F(StateFile, NewOneHasMode0660UnderTheUmask) {
    ASSERT_TRUE(write_state_file(calls_, nullptr, path("new"), bytes("abc")));
    EXPECT_EQ(contents(path("new")), "abc");
    EXPECT_EQ(mode(path("new")), 0640u);
    EXPECT_EQ(files(), 1u);
}

TEST_F(StateFile, AnOldOneKeepsItsModeAndALinkStaysALink) {
    ASSERT_TRUE(write_state_file(calls_, nullptr, path("old"), bytes("something longer")));
    ::chmod(path("old").c_str(), 0604);
    fs::create_symlink("old", path("link"));
    fs::create_symlink(path("link"), path("link2"));
    ASSERT_TRUE(write_state_file(calls_, nullptr, path("link2"), bytes("new")));
    EXPECT_EQ(contents(path("old")), "new");
    EXPECT_EQ(mode(path("old")), 0604u);
    EXPECT_TRUE(fs::is_symlink(path("link")));
    EXPECT_TRUE(fs::is_symlink(path("link2")));
    fs::create_symlink("not-yet", path("dangling"));
    ASSERT_TRUE(write_state_file(calls_, nullptr, path("dangling"), bytes("x")));
    EXPECT_EQ(contents(path("not-yet")), "x");
    EXPECT_TRUE(fs::is_symlink(path("dangling")));
}

TEST_F(StateFile, ErrorsBeginWithQemusWords) {
    auto said = [&](const std::string& name) {
        auto r = write_state_file(calls_, nullptr, name, bytes("abc"));
        return r ? std::string() : r.error().description();
    };
    EXPECT_EQ(said("/no/such"), "Unable to open /no/such: No such file or directory");
    EXPECT_EQ(said(dir_), "Unable to open " + dir_ + ": Is a directory");
    EXPECT_EQ(said(""), "Unable to open : No such file or directory");
    EXPECT_TRUE(said("/dev/full").starts_with("An IO error has occurred"));
    EXPECT_EQ(said("/dev/null"), "");
    fs::create_symlink("loop", path("loop"));
    EXPECT_TRUE(said(path("loop")).starts_with("Unable to open"));
}

TEST_F(StateFile, LongStretchesOfZerosTakeNoRoomAndReadBack) {
    constexpr std::size_t page = 4096;
    std::mt19937 random(1);
    std::vector<std::vector<std::uint8_t>> files;
    for (std::size_t size : {0ul, 1ul, page, 9 * page, 64 * page, 64 * page + 1})
        files.emplace_back(size);
    for (int n = 0; n < 100; n++) {
        auto& file = files.emplace_back(random() % (80 * page));
        for (std::size_t marks = random() % 6; marks && !file.empty(); marks--)
            file[random() % file.size()] = 1;
    }
    for (const auto& file : files) {
        ASSERT_TRUE(write_state_file(calls_, nullptr, path("zeros"), file));
        const std::string now = contents(path("zeros"));
        ASSERT_TRUE(std::equal(now.begin(), now.end(), file.begin(), file.end(),
                               [](char a, auto b) { return static_cast<std::uint8_t>(a) == b; }))
            << file.size();
    }
    ASSERT_TRUE(write_state_file(calls_, nullptr, path("zeros"), files[4]));
    struct stat st {};
    ASSERT_EQ(::stat(path("zeros").c_str(), &st), 0);
    EXPECT_EQ(st.st_size, 64 * page);
    EXPECT_LT(st.st_blocks * 512, 8 * page);
}

TEST_F(StateFile, APipeAndADescriptorSetAreWrittenStraight) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    io::FdSets sets;
    auto added = sets.add(UniqueFd(ends[1]), std::nullopt, std::nullopt);
    ASSERT_TRUE(added);
    const std::string name = fmt::format("/dev/fdset/{}", added->set);
    ASSERT_TRUE(write_state_file(calls_, &sets, name, bytes("through")));
    char buffer[16]{};
    EXPECT_EQ(::read(ends[0], buffer, sizeof buffer), 7);
    EXPECT_STREQ(buffer, "through");
    ::close(ends[0]);
    auto r = write_state_file(calls_, &sets, "/dev/fdset/77", bytes("x"));
    ASSERT_FALSE(r);
    EXPECT_TRUE(r.error().description().starts_with("Unable to open /dev/fdset/77: "));
}

/// Fails the nth call, and after it nothing.
class Failing final : public FileCalls {
public:
    explicit Failing(int nth, int error = EIO) : left_(nth), error_(error) {}
    bool failed() const { return left_ < 0; }

    int open(const char* p, int flags, mode_t m) override {
        return now() ? -1 : FileCalls::open(p, flags, m);
    }
    ssize_t write(int fd, const void* d, std::size_t n) override {
        // Short writes all along: a caller that trusts one write loses data.
        return now() ? -1 : FileCalls::write(fd, d, std::min<std::size_t>(n, 5));
    }
    int fsync(int fd) override { return now() ? -1 : FileCalls::fsync(fd); }
    int fchmod(int fd, mode_t m) override { return now() ? -1 : FileCalls::fchmod(fd, m); }
    int fchown(int fd, uid_t u, gid_t g) override {
        return now() ? -1 : FileCalls::fchown(fd, u, g);
    }
    int close(int fd) override {
        const bool fail = now();
        FileCalls::close(fd);
        return fail ? -1 : 0;
    }
    int exchange(const char* a, const char* b) override {
        if (!exchanges) {
            errno = EINVAL;
            return -1;
        }
        return now() ? -1 : FileCalls::exchange(a, b);
    }
    bool exchanges = true;
    int rename(const char* from, const char* to) override {
        return now() ? -1 : FileCalls::rename(from, to);
    }

private:
    bool now() {
        if (left_-- != 0) return false;
        errno = error_;
        return true;
    }
    int left_, error_;
};

TEST_F(StateFile, WhicheverCallFailsTheOldFileStaysAndNothingElse) {
    for (Durability d : {Durability::Handed, Durability::Synced}) {
        ASSERT_TRUE(write_state_file(calls_, nullptr, path("f"), bytes("old state")));
        ::chmod(path("f").c_str(), 0600);
        int failures = 0;
        for (int nth = 0; nth < 100; nth++) {
            Failing failing(nth);
            failing.exchanges = d == Durability::Handed;
            auto r = write_state_file(failing, nullptr, path("f"), bytes("the new state"), d);
            if (!failing.failed()) {
                ASSERT_TRUE(r);
                break;
            }
            // A close of the probe descriptor may fail unheard: nothing was written to it.
            if (r) {
                EXPECT_EQ(contents(path("f")), "the new state");
                ASSERT_TRUE(write_state_file(calls_, nullptr, path("f"), bytes("old state")));
                continue;
            }
            failures++;
            EXPECT_EQ(contents(path("f")), "old state") << nth;
            EXPECT_EQ(mode(path("f")), 0600u);
            EXPECT_EQ(files(), 1u) << nth;
        }
        EXPECT_EQ(contents(path("f")), "the new state");
        EXPECT_GE(failures, 7);
    }
}

TEST_F(StateFile, KilledAtAnyMomentItIsTheOldOrTheNewOneAndTheNextSaverTidiesUp) {
    const std::string old_state(20000, 'o'), new_state(30000, 'n');
    std::mt19937 random(7);
    std::size_t most = 0;
    for (int round = 0; round < 1000; round++) {
        FileCalls next;
        ASSERT_TRUE(write_state_file(next, nullptr, path("f"), bytes(old_state)));
        ASSERT_EQ(files(), 1u);
        const pid_t child = ::fork();
        if (child == 0) {
            Failing slow(-1);  // short writes, no failure: many moments to be killed in
            (void)write_state_file(slow, nullptr, path("f"), bytes(new_state));
            ::_exit(0);
        }
        ::usleep(random() % 4000);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        const std::string now = contents(path("f"));
        EXPECT_TRUE(now == old_state || now == new_state) << now.size();
        most = std::max(most, files());
    }
    EXPECT_EQ(most, 2u) << "no kill fell into a write, or leftovers heap up";
}

TEST_F(StateFile, TidyingUpLeavesOtherFilesAndLiveSaversAlone) {
    const int live = ::open(path(".f.1-0.tmp").c_str(), O_CREAT | O_WRONLY, 0600);
    ASSERT_EQ(::flock(live, LOCK_EX), 0);
    for (const char* name : {".f.2-0.tmp", ".f.tmp", ".f.x.tmp", ".g.2-0.tmp", ".f.2-0.tmp2"})
        std::ofstream(path(name)) << "x";
    ASSERT_TRUE(write_state_file(calls_, nullptr, path("f"), bytes("state")));
    EXPECT_FALSE(fs::exists(path(".f.2-0.tmp")));
    for (const char* name : {".f.1-0.tmp", ".f.tmp", ".f.x.tmp", ".g.2-0.tmp", ".f.2-0.tmp2"})
        EXPECT_TRUE(fs::exists(path(name))) << name;
    ::close(live);
}

TEST_F(StateFile, ReadsFilesAndPipesUpToTheLimit) {
    ASSERT_TRUE(write_state_file(calls_, nullptr, path("f"), bytes("0123456789")));
    auto all = read_state_file(calls_, nullptr, path("f"), 10);
    ASSERT_TRUE(all);
    EXPECT_EQ(*all, bytes("0123456789"));
    EXPECT_FALSE(read_state_file(calls_, nullptr, path("f"), 9));
    auto missing = read_state_file(calls_, nullptr, path("g"), 10);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().description(),
              "Unable to open " + path("g") + ": No such file or directory");
}

}  // namespace
