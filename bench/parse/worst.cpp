// SPDX-License-Identifier: Apache-2.0
#include "bench/parse/worst.hpp"

#include <algorithm>

namespace uncut::bench {

namespace {

constexpr std::size_t header_octets = 12;
constexpr std::size_t ladder_rungs_max = 120;  // a name has 127 labels at most: RFC 1035 2.3.4
constexpr std::size_t record_room = 600;       // no record below is longer
constexpr std::size_t names_octets = 250;      // of a name that is nearly as long as a name may be

Builder begin() {
    Builder builder(flags_response);
    builder.label("a").root().question(type::a);
    return builder;
}

bool has_room(const Builder& builder, std::size_t octets) {
    return builder.size() + record_room < octets;
}

// Where the last name of one label and a pointer began: a ladder of them, begun anew before a name gets too long.
// Behind the reach of pointers its rungs are used over and over.
class Ladder {
  public:
    // The rung that the next name points to.
    std::size_t below() {
        if (next_ < rungs_.size()) return rungs_[next_++];
        return last_;
    }
    void climb(std::size_t offset) {
        if (offset >= pointer_reach) {
            if (next_ >= rungs_.size()) next_ = 0;
            return;
        }
        last_ = ++height_ % ladder_rungs_max == 0 ? header_octets : offset;
        if (last_ == offset) rungs_.push_back(offset);
        next_ = rungs_.size();
    }

  private:
    std::vector<std::size_t> rungs_;
    std::size_t next_ = 0;
    std::size_t height_ = 0;
    std::size_t last_ = header_octets;
};

// Owners of one label that point to the owner before: each name is a label longer than the last.
Message owner_ladder(std::size_t octets) {
    Builder builder = begin();
    Ladder ladder;
    while (has_room(builder, octets)) {
        const std::size_t here = builder.size();
        builder.label("b").pointer(ladder.below()).begin_record(answer, type::null).end_record();
        ladder.climb(here);
    }
    return builder.take();
}

// The same rungs, two in the data of each MINFO, and owners that point to the latest.
Message data_ladder(std::size_t octets) {
    Builder builder = begin();
    Ladder ladder;
    while (has_room(builder, octets)) {
        builder.pointer(ladder.below()).begin_record(answer, type::minfo);
        for (const char* label : {"c", "d"}) {
            const std::size_t here = builder.size();
            builder.label(label).pointer(ladder.below());
            ladder.climb(here);
        }
        builder.end_record();
    }
    return builder.take();
}

// Names without a pointer whose labels are one octet long, in owners and twice in each SOA.
Message short_labels(std::size_t octets) {
    Builder builder = begin();
    const auto name = [&] {
        for (std::size_t i = 0; i < names_octets / 2; ++i) builder.label("e");
        builder.root();
    };
    while (builder.room() > 4 * names_octets && builder.size() + 4 * names_octets < octets) {
        name();
        builder.begin_record(answer, type::soa);
        name();
        name();
        builder.fill(20, 0).end_record();
    }
    return builder.take();
}

// What no branch predictor can learn within one message.
class Dice {
  public:
    std::size_t roll(std::size_t sides) {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator
        return static_cast<std::size_t>(state_ >> 33) % sides;
    }

  private:
    std::uint64_t state_ = 1;
};

// Labels of one or two octets, as the dice fall.
Message uneven_labels(std::size_t octets) {
    Builder builder = begin();
    Dice dice;
    while (has_room(builder, octets)) {
        const std::size_t end = builder.size() + names_octets - 3;
        while (builder.size() < end) builder.label(dice.roll(2) == 0 ? "j" : "kk");
        builder.root().begin_record(answer, type::null).end_record();
    }
    return builder.take();
}

// Short records of all kinds, as the dice fall: owners by pointer or label, data opaque, an address or a name.
Message shuffled_records(std::size_t octets) {
    Builder builder = begin();
    Ladder ladder;
    Dice dice;
    while (has_room(builder, octets)) {
        const std::size_t here = builder.size();
        if (dice.roll(2) == 0) {
            builder.label("l").pointer(ladder.below());
            ladder.climb(here);
        } else {
            builder.pointer(ladder.below());
        }
        switch (dice.roll(4)) {
            case 0:
                builder.begin_record(answer, type::null).end_record();
                break;
            case 1:
                builder.begin_record(answer, type::a).address(0x0a000001);
                break;
            case 2:
                builder.begin_record(answer, type::ns).pointer(header_octets).end_record();
                break;
            default:
                builder.begin_record(answer, type::mx).number16(1).pointer(header_octets).end_record();
                break;
        }
    }
    return builder.take();
}

// As many questions as fit, each a pointer.
Message questions(std::size_t octets) {
    Builder builder = begin();
    while (builder.size() + 6 < octets) builder.pointer(header_octets).question(type::a);
    return builder.take();
}

// Records of 12 octets, no two neighbours alike, so that none is recognised by its likeness to the one before.
Message unlike_neighbours(std::size_t octets) {
    Builder builder = begin();
    for (std::size_t i = 0; has_room(builder, octets); ++i)
        builder.pointer(header_octets).begin_record(answer, i % 2 == 0 ? type::null : type::txt).end_record();
    return builder.take();
}

// Appends TXT records whose data reads as names of one-octet labels, at odd and at even offsets alike, until the
// pointers' reach or half of `octets`; returns where the data begin and end.
std::pair<std::size_t, std::size_t> append_false_names(Builder& builder, std::size_t octets) {
    const std::size_t from = builder.size() + 12;
    const std::size_t end = std::min(octets / 2, pointer_reach - record_room);
    while (builder.size() < end) {
        builder.pointer(header_octets).begin_record(answer, type::txt);
        builder.fill(240, 1).fill(2, 0).end_record();
    }
    return {from, builder.size()};
}

// Pointers into the data of TXT records, each to a place where none led before, in an order that follows no pattern
// of the cache: owner and both names of each MINFO.
Message pointers_into_text(std::size_t octets) {
    Builder builder = begin();
    const auto [from, to] = append_false_names(builder, octets);
    std::size_t step = 0;
    const auto next = [&] {
        // A stride that is odd and shares no factor with a record's 254 octets visits every offset of the data.
        for (;;) {
            const std::size_t offset = from + (step += 2 * 127 * 5 + 1) % (to - from);
            if ((offset - from) % 254 < 240) return offset;
        }
    };
    while (has_room(builder, octets)) {
        builder.pointer(next()).begin_record(answer, type::minfo);
        builder.pointer(next()).pointer(next()).end_record();
    }
    return builder.take();
}

// The same places, from the far end to the front: no pointer finds what an earlier one has walked.
Message pointers_backwards(std::size_t octets) {
    Builder builder = begin();
    const auto [from, to] = append_false_names(builder, octets);
    std::size_t offset = to;
    const auto next = [&] {
        do {
            if (--offset <= from) offset = to - 1;
        } while ((offset - from) % 254 >= 240);
        return offset;
    };
    while (has_room(builder, octets)) {
        builder.pointer(next()).begin_record(answer, type::minfo);
        builder.pointer(next()).pointer(next()).end_record();
    }
    return builder.take();
}

// NAPTR: strings of no octet before a name of one label and a pointer; MX and SOA between them.
Message assorted_types(std::size_t octets) {
    Builder builder = begin();
    Ladder ladder;
    while (has_room(builder, octets)) {
        builder.pointer(ladder.below()).begin_record(answer, type::naptr).fill(4 + 3, 0);
        const std::size_t first = builder.size();
        builder.label("f").pointer(ladder.below()).end_record();
        ladder.climb(first);
        builder.pointer(ladder.below()).begin_record(answer, type::mx).fill(2, 0);
        const std::size_t second = builder.size();
        builder.label("g").pointer(ladder.below()).end_record();
        ladder.climb(second);
        builder.pointer(ladder.below()).begin_record(answer, type::soa);
        builder.pointer(ladder.below()).pointer(ladder.below()).fill(20, 0).end_record();
    }
    return builder.take();
}

// Each MINFO brings two new names of one label and one pointer, and the next owner points to the older of them.
Message fresh_targets(std::size_t octets) {
    Builder builder = begin();
    std::size_t older = header_octets;
    while (has_room(builder, octets)) {
        builder.pointer(older).begin_record(answer, type::minfo);
        const std::size_t first = builder.size();
        builder.label("h").pointer(header_octets).label("i").pointer(header_octets).end_record();
        if (first < pointer_reach) older = first;
    }
    return builder.take();
}

}  // namespace

std::vector<Hostile> hostile_messages() {
    using Make = Message (*)(std::size_t);
    constexpr std::pair<const char*, Make> makers[] = {
        {"owner_ladder", owner_ladder},
        {"data_ladder", data_ladder},
        {"short_labels", short_labels},
        {"uneven_labels", uneven_labels},
        {"questions", questions},
        {"unlike_neighbours", unlike_neighbours},
        {"pointers_into_text", pointers_into_text},
        {"pointers_backwards", pointers_backwards},
        {"assorted_types", assorted_types},
        {"fresh_targets", fresh_targets},
        {"shuffled_records", shuffled_records},
    };
    std::vector<Hostile> all;
    for (const auto& [name, make] : makers) {
        all.push_back({std::string(name) + "/64K", make(message_octets_max)});
        all.push_back({std::string(name) + "/4K", make(4096)});
    }
    return all;
}

}  // namespace uncut::bench
