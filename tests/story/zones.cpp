// SPDX-License-Identifier: Apache-2.0
#include "tests/story/zones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace uncut::test {

namespace {

constexpr std::string_view head = R"($TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
)";

void add_addresses(std::string& zone, std::string_view label, unsigned network, std::size_t count) {
    for (std::size_t i = 1; i <= count; ++i) {
        fmt::format_to(std::back_inserter(zone), "{} A 10.0.{}.{}\n", label, network, i);
    }
}

void add_all_addresses(std::string& zone) {
    unsigned network = 1;
    for (const auto& one : {one_address, few_addresses, sixty_addresses, many_addresses}) {
        add_addresses(zone, one.label, network++, one.records);
    }
}

// A chain like that of a managed cache in a cluster: over 512 octets in all.
void add_chain(std::string& zone) {
    constexpr std::string_view middle = "quote-redis-cluster-0001-001.quote-redis-cluster.cache";
    constexpr std::string_view end = "clustercfg-quote-redis-cluster-in-another-availability-zone.cache-nodes";
    fmt::format_to(std::back_inserter(zone), "{} CNAME {}\n{} CNAME {}\n", chain.label, middle, middle, end);
    add_addresses(zone, end, 9, chain.records);
}

// One TXT record with RDATA of exactly `octets`: character-strings of at most 255 with a length octet each
// (RFC 1035 3.3.14). `number` makes it differ from its neighbours.
void add_text(std::string& zone, std::string_view label, std::size_t number, std::size_t octets) {
    fmt::format_to(std::back_inserter(zone), "{} TXT", label);
    while (octets > 0) {
        const std::size_t length = std::min<std::size_t>(255, octets - 1);
        fmt::format_to(std::back_inserter(zone), " \"{}\"",
                       fmt::format("{:0>3}{:x<255}", number, "").substr(0, length));
        octets -= length + 1;
    }
    zone += '\n';
}

// A text RRset whose answer, without an OPT, has exactly as many octets as `text` says.
void add_texts(std::string& zone, const StoryName& text, std::string_view origin) {
    constexpr std::size_t record_octets = 12;  // a pointer to the name, type, class, TTL, RDLENGTH
    const std::size_t question_octets = wire_name(text.name(origin)).size() + 4;
    const std::size_t rdata = text.octets - 12 - question_octets - text.records * record_octets;
    for (std::size_t i = 0; i < text.records; ++i) {
        const std::size_t spare = i < rdata % text.records ? 1 : 0;
        add_text(zone, text.label, i, rdata / text.records + spare);
    }
}

std::string must(std::vector<std::string> command, const std::string& folder) {
    ProcessOptions options;
    options.directory = folder;
    const Ended ended = run(command, options);
    if (ended.code != 0) throw std::runtime_error(fmt::format("{}: {}", fmt::join(command, " "), ended.err));
    return ended.out.substr(0, ended.out.find('\n'));
}

// A DNSKEY of an algorithm with keys of 2,048 bits (RFC 3110): nobody signs with it, so any modulus will do.
std::string spare_key(unsigned number) {
    std::string key = "@ DNSKEY \\# 264 01010308 03010001 ";
    for (unsigned i = 0; i < 256; ++i)
        fmt::format_to(std::back_inserter(key), "{:02x}", (i * 7 + number * 31 + 129) % 256);
    return key + '\n';
}

std::string make_signed_zone() {
    // As at the height of a key rollover, and then some.
    constexpr unsigned spare_keys = 6;
    const TempDir folder;
    const std::string origin(signed_origin);
    std::string zone = fmt::format("$ORIGIN {}.\n{}", origin, head);
    add_all_addresses(zone);
    for (unsigned i = 0; i < spare_keys; ++i) zone += spare_key(i);
    folder.write("unsigned.zone", zone);
    const auto path = folder.path().string();
    const auto generate = [&](const char* more) {
        return must({"ldns-keygen", "-a", "RSASHA256", "-b", "2048", "-r", "/dev/urandom", more, origin}, path);
    };
    const std::string key_signing = generate("-k");
    const std::string zone_signing = generate("-f");
    must({"ldns-signzone", "-o", origin, "-f", "signed.zone", "unsigned.zone", key_signing, zone_signing}, path);
    return read_file(folder / "signed.zone");
}

}  // namespace

std::string StoryName::name(std::string_view origin) const {
    return fmt::format("{}.{}", label, origin);
}

std::string plain_zone() {
    std::string zone = fmt::format("$ORIGIN {}.\n{}", plain_origin, head);
    add_all_addresses(zone);
    add_chain(zone);
    add_texts(zone, large_text, plain_origin);
    return zone;
}

std::string huge_zone() {
    std::string zone = fmt::format("$ORIGIN {}.\n{}", huge_origin, head);
    add_texts(zone, huge_text, huge_origin);
    return zone;
}

const std::string& signed_zone() {
    static const std::string zone = make_signed_zone();
    return zone;
}

}  // namespace uncut::test
