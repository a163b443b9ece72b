// SPDX-License-Identifier: Apache-2.0
#include "module/wire/frame.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/unit/builder.hpp"

using namespace uncut;
using namespace uncut::test;

namespace {

// Feeds a stream in segments of `segment` octets and collects the messages.
std::vector<Bytes> read_all(const Bytes& stream, std::size_t segment) {
    Bytes storage(wire::frame_octets_max);
    wire::FrameReader reader(storage);
    std::vector<Bytes> messages;
    for (std::size_t at = 0; at < stream.size();) {
        const auto space = reader.space();
        REQUIRE(!space.empty());
        const std::size_t octets = std::min({segment, stream.size() - at, space.size()});
        std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), octets, space.begin());
        reader.filled(octets);
        at += octets;
        Octets message;
        while (reader.next(message)) messages.emplace_back(message.begin(), message.end());
        reader.compact();
    }
    CHECK_FALSE(reader.inside_frame());
    return messages;
}

}  // namespace

TEST_CASE("frame: any segmentation gives the same messages", "[wire]") {
    std::vector<Bytes> sent{{}, {1}, Bytes(300, 7), Bytes(65'535, 9), {}, Bytes(40, 1)};
    Bytes stream;
    for (const Bytes& message : sent) stream = stream + u16(message.size()) + message;
    for (const std::size_t segment : {1u, 2u, 3u, 7u, 512u, 1460u, 65'537u, 200'000u}) {
        INFO(segment);
        CHECK(read_all(stream, segment) == sent);
    }
}

TEST_CASE("frame: a stream that ends inside a frame says so", "[wire]") {
    Bytes storage(wire::frame_octets_max);
    wire::FrameReader reader(storage);
    CHECK_FALSE(reader.inside_frame());
    reader.space()[0] = 0;
    reader.filled(1);
    CHECK(reader.inside_frame());
    reader.reset();
    CHECK_FALSE(reader.inside_frame());
}
