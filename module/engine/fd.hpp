// SPDX-License-Identifier: Apache-2.0
// Descriptors that close themselves.
#pragma once

#include <unistd.h>

#include <utility>

namespace uncut::engine {

// Owns a descriptor; -1 is none.
class Fd {
  public:
    Fd() noexcept = default;
    explicit Fd(int fd) noexcept : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) reset(std::exchange(other.fd_, -1));
        return *this;
    }
    ~Fd() { reset(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    void reset(int fd = -1) noexcept {
        const int old = std::exchange(fd_, fd);
        if (old >= 0) ::close(old);  // never again on EINTR: on Linux the descriptor is gone even so
    }

  private:
    int fd_ = -1;
};

}  // namespace uncut::engine
