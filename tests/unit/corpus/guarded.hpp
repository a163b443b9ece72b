// SPDX-License-Identifier: Apache-2.0
// Octets that end where the process may not read: one too far is a crash, not a guess.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "tests/unit/builder.hpp"

namespace uncut::test {

class Guarded {
  public:
    // Room for `octets`, writable.
    explicit Guarded(std::size_t octets) : octets_(octets) {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        usable_ = (octets + page - 1) / page * page;
        mapped_ = usable_ + page;
        void* pages = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED) throw std::runtime_error("mmap");
        pages_ = static_cast<std::uint8_t*>(pages);
        if (mprotect(pages_ + usable_, page, PROT_NONE) != 0) throw std::runtime_error("mprotect");
    }

    // A copy that nobody may write to.
    explicit Guarded(const Bytes& content) : Guarded(content.size()) {
        std::ranges::copy(content, span().begin());
        if (usable_ != 0 && mprotect(pages_, usable_, PROT_READ) != 0) throw std::runtime_error("mprotect");
    }

    ~Guarded() { munmap(pages_, mapped_); }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;

    std::span<std::uint8_t> span() const { return {pages_ + usable_ - octets_, octets_}; }
    Bytes first(std::size_t octets) const {
        return {span().begin(), span().begin() + static_cast<std::ptrdiff_t>(octets)};
    }

  private:
    std::size_t octets_;
    std::size_t usable_ = 0;
    std::size_t mapped_ = 0;
    std::uint8_t* pages_ = nullptr;
};

}  // namespace uncut::test
