// SPDX-License-Identifier: Apache-2.0
// What the whole server process needs: memory with 10,000 queries in flight, allocations for each query.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <atomic>
#include <sstream>
#include <stdexcept>

#include <uncut_paths.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/dns_answer.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/http.hpp"
#include "tests/support/needs.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toy_upstream.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

std::size_t peak_resident_kib(int pid) {
    std::istringstream status(read_file(fmt::format("/proc/{}/status", pid)));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
    }
    throw std::runtime_error("no VmHWM in /proc/PID/status");
}

// The count that the preloaded fixtures/count_allocations.c keeps while the server runs.
class AllocationCount {
  public:
    AllocationCount() {
        const auto path = folder_.write("count", std::string(sizeof *count_, '\0'));
        const Socket fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        void* mapped = ::mmap(nullptr, sizeof *count_, PROT_READ, MAP_SHARED, fd.fd(), 0);
        if (mapped == MAP_FAILED) throw std::runtime_error("cannot map the count");
        count_ = static_cast<const std::atomic<std::uint64_t>*>(mapped);
    }
    ~AllocationCount() { ::munmap(const_cast<std::atomic<std::uint64_t>*>(count_), sizeof *count_); }
    AllocationCount(const AllocationCount&) = delete;
    AllocationCount& operator=(const AllocationCount&) = delete;

    UncutOptions preloaded() const {
        UncutOptions options;
        options.environment = {fmt::format("LD_PRELOAD={}/fixtures/count_allocations.so", UNCUT_BUILD),
                               fmt::format("UNCUT_COUNT_FILE={}", folder_ / "count")};
        return options;
    }
    std::uint64_t now() const { return count_->load(); }

  private:
    TempDir folder_;
    const std::atomic<std::uint64_t>* count_ = nullptr;
};

Octets numbered_query(unsigned number) {
    QueryOptions options;
    options.id = static_cast<std::uint16_t>(number);
    options.bufsize = 1232;
    return make_query({fmt::format("name-{}.example.test", number), type_a}, options);
}

// 60 addresses: whole over TCP; over UDP truncated to nothing if `truncates`, else whole too.
Replies sixty(const Octets& query, bool over_tcp, bool truncates) {
    ToyResponse response;
    response.tc = truncates && !over_tcp;
    if (!response.tc) response.answers = addresses(60);
    return {make_response(query, response)};
}

// Asks `count` queries, `window` of them at a time, and insists on each answer.
template <typename Client>
void ask_many(Client& client, unsigned first, unsigned count) {
    constexpr unsigned window = 16;
    for (unsigned sent = 0; sent < count; sent += window) {
        const unsigned batch = std::min(window, count - sent);
        for (unsigned i = 0; i < batch; ++i) client.send(numbered_query(first + sent + i));
        for (unsigned i = 0; i < batch; ++i) {
            const auto message = client.receive(Milliseconds{10'000});
            REQUIRE(message);
            REQUIRE(message->size() > 960);  // the 60 addresses
        }
    }
}

// Names that come again, as they do, and enough of them to fill what fills by the way.
constexpr unsigned warm_up = 3'000;
constexpr unsigned measured = 4'000;

template <typename Client>
void check_no_allocation(const AllocationCount& count, Client& client) {
    ask_many(client, 0, warm_up);
    const auto begin = count.now();
    ask_many(client, warm_up, measured);
    const auto middle = count.now();
    ask_many(client, warm_up + measured, 2 * measured);
    const auto end = count.now();
    CHECK(begin > 0);  // it does count
    INFO("allocations: " << middle - begin << " for " << measured << " queries, " << end - middle << " for "
                         << 2 * measured);
    // Not one for each query, nor for each hundred: what there is comes from elsewhere.
    CHECK(end - middle < 2 * measured / 100);
    CHECK(end - middle <= middle - begin + 8);
}

}  // namespace

TEST_CASE("10 000 queries in flight on one thread stay under 24 MiB", "[story][size]") {
    if (!have_plain_build()) return;
    constexpr unsigned in_flight = 10'000;
    constexpr unsigned burst = 100;  // small enough for any receive buffer
    constexpr std::size_t limit_kib = 24 * 1024;
    ToyUpstream upstream([](const Octets&, bool) { return Replies{}; });
    UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--threads", "1"}));
    REQUIRE(patch_policy(uncut.admin(), R"({"udp_timeout_ms": 60000, "deadline_ms": 60000})").status == 200);
    const UdpClient client(uncut.dns());
    for (unsigned sent = 0; sent < in_flight; sent += burst) {
        for (unsigned i = 0; i < burst; ++i) client.send(numbered_query(sent + i));
        REQUIRE(until([&] { return upstream.asked_udp() >= sent + burst; }));
    }
    // Nothing has timed out and nothing was answered: all of them are in flight now.
    CHECK(upstream.asked_udp() == in_flight);
    CHECK_FALSE(client.receive(Milliseconds{0}));
    const auto peak_kib = peak_resident_kib(uncut.process().pid());
    INFO("peak resident " << peak_kib << " KiB");
    CHECK(peak_kib > 1024);  // it was read
    CHECK(peak_kib < limit_kib);
}

TEST_CASE("no query allocates once the server is warm", "[story][size]") {
    if (!have_plain_build()) return;
    const bool truncates = GENERATE(false, true);
    const AllocationCount count;
    ToyUpstream upstream([=](const Octets& query, bool over_tcp) { return sixty(query, over_tcp, truncates); });
    const UncutProgram uncut(serve_arguments(upstream.endpoint(), {"--threads", "1"}), count.preloaded());
    SECTION("over UDP") {
        const UdpClient client(uncut.dns());
        check_no_allocation(count, client);
        CHECK((upstream.asked_tcp() > 0) == truncates);
    }
    SECTION("over TCP") {
        TcpClient client(uncut.dns());
        check_no_allocation(count, client);
    }
}
