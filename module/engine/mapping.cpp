// SPDX-License-Identifier: Apache-2.0
#include "module/engine/mapping.hpp"

#include <sys/mman.h>

#include <new>
#include <utility>

namespace uncut::engine {
namespace {

constexpr std::size_t page_octets = 4096;  // the smallest page; advice at this grain is refused by larger ones, no harm

}  // namespace

Mapping::Mapping(std::size_t octets) {
    if (octets == 0) return;
    void* data = ::mmap(nullptr, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) throw std::bad_alloc();
    ::madvise(data, octets, MADV_NOHUGEPAGE);  // a kernel without huge pages refuses: fine too
    data_ = static_cast<std::uint8_t*>(data);
    octets_ = octets;
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), octets_(std::exchange(other.octets_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(octets_, other.octets_);
    return *this;
}

Mapping::~Mapping() {
    if (data_ != nullptr) ::munmap(data_, octets_);
}

void Mapping::forget(std::size_t offset, std::size_t octets) noexcept {
    const std::size_t begin = (offset + page_octets - 1) / page_octets * page_octets;
    const std::size_t end = (offset + octets) / page_octets * page_octets;
    if (begin < end) ::madvise(data_ + begin, end - begin, MADV_DONTNEED);
}

}  // namespace uncut::engine
