// SPDX-License-Identifier: Apache-2.0
// Memory that is reserved at once and becomes resident page by page, as it is first written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace uncut::engine {

// Anonymous private memory, zero until written. Without huge pages: one octet would make two megabytes resident.
class Mapping {
  public:
    Mapping() noexcept = default;
    explicit Mapping(std::size_t octets);  // throws std::bad_alloc
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&& other) noexcept;
    ~Mapping();

    std::uint8_t* data() const noexcept { return data_; }
    std::size_t octets() const noexcept { return octets_; }
    std::span<std::uint8_t> span() const noexcept { return {data_, octets_}; }

    // Gives the whole pages inside this range back to the system; they read as zero again.
    void forget(std::size_t offset, std::size_t octets) noexcept;

  private:
    std::uint8_t* data_ = nullptr;
    std::size_t octets_ = 0;
};

}  // namespace uncut::engine
