// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/journal/record.hpp"

namespace uncut::harness {

inline constexpr std::size_t journal_exchanges_default = 1'000;  // an afternoon of somebody who tries things out
inline constexpr std::size_t journal_exchanges_max = 1'000'000;  // past this it is a job for a packet capture
inline constexpr std::size_t journal_octets_max = 64U << 20;     // whatever the count: messages may have 64 KiB each

/// Which exchanges are wanted; what is left out matches all.
struct ExchangeFilter {
    std::string server = {};                      ///< "": any
    std::string name = {};                        ///< a zone: this name and those below it; "": any
    std::optional<std::uint32_t> verdict = {};    ///< of the exchange; or, if it is not whole, of any event
    std::optional<std::uint32_t> transport = {};  ///< the client's

    bool matches(const ExchangeRecord& record) const;
};

/// The last exchanges, the oldest out first. Thread rule: any thread.
class Journal {
  public:
    using Entry = std::shared_ptr<const ExchangeRecord>;

    explicit Journal(std::size_t capacity) : capacity_(capacity) {}

    void append(ExchangeRecord record);
    /// The newest `limit` that match, oldest first.
    std::vector<Entry> newest(const ExchangeFilter& filter, std::size_t limit) const;
    /// The first `limit` that match and have a number above `after`; and how far that has looked, to go on from there.
    struct Page {
        std::vector<Entry> entries;
        std::uint64_t reached;
    };
    Page after(std::uint64_t after, const ExchangeFilter& filter, std::size_t limit) const;
    /// nullptr: never there, or out.
    Entry find(std::uint64_t number) const;
    /// Numbers go on.
    void clear();

    std::uint64_t last() const;    ///< number given out; 0: none yet
    std::uint64_t oldest() const;  ///< number kept; 0: none is

    /// Called after each append, on the thread that appended; it must be quick and must not call the journal. An empty
    /// one ends that: once this returns none is running.
    void set_listener(std::function<void()> listener);

  private:
    std::size_t first_after(std::uint64_t number) const;  // with the lock held

    const std::size_t capacity_;
    mutable std::mutex lock_;
    std::deque<Entry> entries_;  // numbers ascend without gaps
    std::size_t octets_ = 0;
    std::uint64_t last_ = 0;
    std::mutex listener_lock_;
    std::function<void()> listener_;
};

}  // namespace uncut::harness
