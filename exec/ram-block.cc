// SPDX-License-Identifier: GPL-2.0-or-later
//
// Guest memory on the host: mapping it, and its dirty bits.
#include "exec/ram-block.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <thread>

namespace exec {

namespace {

constexpr std::uint64_t huge_page = 2 << 20;

std::uint64_t round_up(std::uint64_t n, std::uint64_t to) {
    return (n + to - 1) / to * to;
}

Result<int> open_backing(const RamSource& source, std::uint64_t size) {
    int fd = -1;
    bool fresh = true;
    if (source.kind == RamSource::Kind::Memfd) {
        unsigned flags = MFD_CLOEXEC | (source.seal ? MFD_ALLOW_SEALING : 0u);
        if (source.huge) {
            flags |= MFD_HUGETLB;
            if (source.huge_page_size)
                flags |= static_cast<unsigned>(std::countr_zero(source.huge_page_size))
                         << MAP_HUGE_SHIFT;
        }
        fd = memfd_create("guest-memory", flags);
        if (fd < 0) return fail_errno(errno, "can't create memfd");
    } else {
        struct stat st;
        const bool directory = stat(source.path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
        if (directory) {
            std::string name = source.path + "/guest-memory.XXXXXX";
            fd = mkostemp(name.data(), O_CLOEXEC);
            if (fd >= 0) unlink(name.c_str());
        } else {
            const int mode = source.readonly ? O_RDONLY : O_RDWR | O_CREAT;
            fd = open(source.path.c_str(), mode | O_CLOEXEC, 0644);
        }
        if (fd < 0)
            return fail_errno(
                errno, fmt::format("can't open backing store {} for guest RAM", source.path));
        if (fstat(fd, &st) == 0) {
            fresh = st.st_size == 0;
            if (!fresh && static_cast<std::uint64_t>(st.st_size) < size) {
                close(fd);
                return fail("backing store size {:#x} does not match 'size' option {:#x}",
                            st.st_size, size);
            }
        }
    }
    if (fresh && !source.readonly && ftruncate(fd, static_cast<off_t>(size)) < 0) {
        const int why = errno;
        close(fd);
        return fail_errno(why, fmt::format("can't give the backing store {} bytes", size));
    }
    if (source.kind == RamSource::Kind::Memfd && source.seal &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
        const int why = errno;
        close(fd);
        return fail_errno(why, "can't seal memfd");
    }
    return fd;
}

/// 0 or an errno.
int populate(std::uint8_t* host, std::uint64_t size) {
    if (madvise(host, size, MADV_POPULATE_WRITE) == 0) return 0;
    if (errno != EINVAL) return errno;
    // A kernel before 5.14.
    for (std::uint64_t at = 0; at < size; at += page_size) {
        volatile std::uint8_t* byte = host + at;
        *byte = *byte;
    }
    return 0;
}

Result<void> populate(std::uint8_t* host, std::uint64_t size, unsigned threads) {
    const std::uint64_t share = round_up(size / std::max(threads, 1u) + 1, huge_page);
    std::atomic<int> error{0};
    std::vector<std::thread> workers;
    for (std::uint64_t at = 0; at < size; at += share)
        workers.emplace_back([&, at] {
            if (int why = populate(host + at, std::min(share, size - at))) error = why;
        });
    for (std::thread& worker : workers)
        worker.join();
    if (error) return fail_errno(error, "cannot allocate the guest's memory in advance");
    return {};
}

}  // namespace

RamBlock::~RamBlock() {
    if (host_ && discard_) madvise(host_, mapped_, MADV_REMOVE);
    if (host_) munmap(host_, mapped_);
    if (fd_ >= 0) close(fd_);
}

Result<void> RamBlock::map(const RamSource& source) {
    const std::uint64_t host_page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    mapped_ = round_up(size_, host_page);
    if (source.huge && source.huge_page_size && !std::has_single_bit(source.huge_page_size))
        return fail("the size of a huge page is a power of two, not {:#x}", source.huge_page_size);
    shared_ = source.share;
    discard_ = source.discard && source.share;
    if (source.kind != RamSource::Kind::Anonymous) fd_ = TRY(open_backing(source, mapped_));

    // Large blocks stand on a huge page, so that the host can use those.
    const std::uint64_t align =
        std::max({source.alignment, host_page, mapped_ >= huge_page ? huge_page : host_page});
    if (!std::has_single_bit(align))
        return fail("the alignment of guest RAM is a power of two, not {:#x}", align);
    auto* room = static_cast<std::uint8_t*>(mmap(
        nullptr, mapped_ + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (room == MAP_FAILED) return fail_errno(errno, "cannot set up guest memory '" + idstr_ + "'");
    auto* start =
        reinterpret_cast<std::uint8_t*>(round_up(reinterpret_cast<std::uintptr_t>(room), align));
    const int protection = source.readonly ? PROT_READ : PROT_READ | PROT_WRITE;
    const int flags = MAP_FIXED | (shared_ ? MAP_SHARED : MAP_PRIVATE) |
                      (fd_ < 0 ? MAP_ANONYMOUS : 0) | (source.reserve ? 0 : MAP_NORESERVE);
    if (mmap(start, mapped_, protection, flags, fd_, 0) == MAP_FAILED) {
        const int why = errno;
        munmap(room, mapped_ + align);
        return fail_errno(why, "cannot set up guest memory '" + idstr_ + "'");
    }
    if (start > room) munmap(room, static_cast<std::size_t>(start - room));
    std::uint8_t *end = start + mapped_, *room_end = room + mapped_ + align;
    if (room_end > end) munmap(end, static_cast<std::size_t>(room_end - end));
    host_ = start;

    if (mapped_ >= huge_page) madvise(host_, mapped_, MADV_HUGEPAGE);
    if (source.merge) madvise(host_, mapped_, MADV_MERGEABLE);
    if (!source.dump) madvise(host_, mapped_, MADV_DONTDUMP);
    if (source.prealloc) TRY(populate(host_, mapped_, source.prealloc_threads));
    return {};
}

void RamBlock::watch(DirtyClient client, bool on) {
    const auto i = static_cast<unsigned>(client);
    if (!on) {
        assert(watch_count_[i] > 0);
        if (--watch_count_[i] == 0) {
            watchers_.fetch_and(static_cast<std::uint8_t>(~(1u << i)));
            if (map_) map_->notify();
        }
        return;
    }
    if (watch_count_[i]++) return;
    const std::size_t words = (pages() + 63) / 64;
    // Kept for good once made: another thread may be in mark_dirty().
    if (!bitmaps_[i]) bitmaps_[i] = std::make_unique<std::atomic<std::uint64_t>[]>(words);
    for (std::size_t w = 0; w < words; w++)
        bitmaps_[i][w].store(0, std::memory_order_relaxed);
    watchers_.fetch_or(static_cast<std::uint8_t>(1u << i));
    // A CPU that writes past the bitmap until now has to look again.
    if (map_) map_->notify();
}

namespace {

/// Calls `each(word index, mask)` for the bits of the pages that hold the range, until it returns
/// true.
template <class Each>
bool for_words(std::uint64_t offset, std::uint64_t length, Each&& each) {
    if (!length) return false;
    const std::uint64_t first = offset >> page_bits, last = (offset + length - 1) >> page_bits;
    for (std::uint64_t word = first / 64; word <= last / 64; word++) {
        std::uint64_t mask = ~std::uint64_t{0};
        if (word == first / 64) mask &= ~std::uint64_t{0} << (first % 64);
        if (word == last / 64) mask &= ~std::uint64_t{0} >> (63 - last % 64);
        if (each(word, mask)) return true;
    }
    return false;
}

}  // namespace

void RamBlock::mark_dirty(std::uint64_t offset, std::uint64_t length) {
    const std::uint8_t watching = watchers_.load(std::memory_order_acquire);
    if (!watching) return;
    assert(length <= size_ && offset <= size_ - length);
    for (unsigned i = 0; i < std::size(bitmaps_); i++)
        if (watching & (1u << i))
            for_words(offset, length, [&](std::uint64_t word, std::uint64_t mask) {
                auto& bits = bitmaps_[i][word];
                // Most writes meet pages that are dirty already; those cost no locked access.
                if ((bits.load(std::memory_order_relaxed) & mask) != mask)
                    bits.fetch_or(mask, std::memory_order_release);
                return false;
            });
}

bool RamBlock::dirty(DirtyClient client, std::uint64_t page) const {
    return any_dirty(client, page << page_bits, 1);
}

bool RamBlock::any_dirty(DirtyClient client, std::uint64_t offset, std::uint64_t length) const {
    const auto& bitmap = bitmaps_[static_cast<unsigned>(client)];
    return bitmap && for_words(offset, length, [&](std::uint64_t word, std::uint64_t mask) {
               return (bitmap[word].load(std::memory_order_acquire) & mask) != 0;
           });
}

bool RamBlock::test_and_clear(DirtyClient client, std::uint64_t offset, std::uint64_t length) {
    const auto& bitmap = bitmaps_[static_cast<unsigned>(client)];
    bool any = false;
    if (bitmap)
        for_words(offset, length, [&](std::uint64_t word, std::uint64_t mask) {
            if (bitmap[word].load(std::memory_order_relaxed) & mask)
                any |= (bitmap[word].fetch_and(~mask, std::memory_order_acq_rel) & mask) != 0;
            return false;
        });
    return any;
}

MemoryMap::MemoryMap() = default;

MemoryMap::~MemoryMap() = default;

RamBlock* MemoryMap::find_ram(std::string_view idstr) const {
    for (auto& block : blocks_)
        if (block->idstr() == idstr) return block.get();
    return nullptr;
}

Result<RamBlock*> MemoryMap::allocate_ram(std::string idstr, std::uint64_t size,
                                          const RamSource& source) {
    if (find_ram(idstr)) return fail("there is a RAM block '{}' already", idstr);
    if (!size) return fail("RAM block '{}' needs a size", idstr);
    auto block = std::unique_ptr<RamBlock>(new RamBlock);
    block->idstr_ = std::move(idstr);
    block->size_ = size;
    block->map_ = this;
    TRY(block->map(source));
    blocks_.push_back(std::move(block));
    return blocks_.back().get();
}

void MemoryMap::release_ram(RamBlock& block) {
    std::erase_if(blocks_, [&](const auto& b) { return b.get() == &block; });
}

}  // namespace exec
