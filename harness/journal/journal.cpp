// SPDX-License-Identifier: Apache-2.0
#include "harness/journal/journal.hpp"

#include <algorithm>
#include <ranges>
#include <string_view>

namespace uncut::harness {
namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// Both in presentation form, with or without the final dot.
bool is_within(std::string_view name, std::string_view zone) {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (zone.ends_with('.')) zone.remove_suffix(1);
    if (zone.empty()) return true;
    if (name.size() < zone.size()) return false;
    const std::string_view tail = name.substr(name.size() - zone.size());
    if (!std::ranges::equal(tail, zone, {}, lower, lower)) return false;
    return tail.size() == name.size() || name[name.size() - zone.size() - 1] == '.';
}

}  // namespace

bool ExchangeFilter::matches(const ExchangeRecord& record) const {
    if (!server.empty() && server != record.server) return false;
    if (transport && *transport != record.transport) return false;
    if (!name.empty() && (record.name.empty() || !is_within(record.name, name))) return false;
    if (!verdict || record.verdict == verdict) return true;
    if (verdict == UNCUT_VERDICT_WHOLE) return false;  // after all, is not what is asked for
    return std::ranges::any_of(record.events, [this](const ExchangeEvent& event) { return event.verdict == verdict; });
}

void Journal::append(ExchangeRecord record) {
    const std::size_t octets = record.octets();
    {
        const std::lock_guard lock(lock_);
        record.number = ++last_;
        entries_.push_back(std::make_shared<const ExchangeRecord>(std::move(record)));
        octets_ += octets;
        while (entries_.size() > capacity_ || (octets_ > journal_octets_max && entries_.size() > 1)) {
            octets_ -= entries_.front()->octets();
            entries_.pop_front();
        }
    }
    const std::lock_guard lock(listener_lock_);
    if (listener_) listener_();
}

std::vector<Journal::Entry> Journal::newest(const ExchangeFilter& filter, std::size_t limit) const {
    const std::lock_guard lock(lock_);
    std::vector<Entry> found;
    for (const Entry& entry : entries_ | std::views::reverse) {
        if (found.size() == limit) break;
        if (filter.matches(*entry)) found.push_back(entry);
    }
    std::ranges::reverse(found);
    return found;
}

Journal::Page Journal::after(std::uint64_t number, const ExchangeFilter& filter, std::size_t limit) const {
    const std::lock_guard lock(lock_);
    Page page{{}, number};
    for (std::size_t i = first_after(number); i < entries_.size() && page.entries.size() < limit; ++i) {
        page.reached = entries_[i]->number;
        if (filter.matches(*entries_[i])) page.entries.push_back(entries_[i]);
    }
    return page;
}

Journal::Entry Journal::find(std::uint64_t number) const {
    const std::lock_guard lock(lock_);
    if (number == 0) return nullptr;
    const std::size_t index = first_after(number - 1);
    return index < entries_.size() && entries_[index]->number == number ? entries_[index] : nullptr;
}

void Journal::clear() {
    const std::lock_guard lock(lock_);
    entries_.clear();
    octets_ = 0;
}

std::uint64_t Journal::last() const {
    const std::lock_guard lock(lock_);
    return last_;
}

std::uint64_t Journal::oldest() const {
    const std::lock_guard lock(lock_);
    return entries_.empty() ? 0 : entries_.front()->number;
}

void Journal::set_listener(std::function<void()> listener) {
    const std::lock_guard lock(listener_lock_);
    listener_ = std::move(listener);
}

std::size_t Journal::first_after(std::uint64_t number) const {
    if (entries_.empty() || number < entries_.front()->number) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(number + 1 - entries_.front()->number, entries_.size()));
}

}  // namespace uncut::harness
