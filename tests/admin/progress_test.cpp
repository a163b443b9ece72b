// SPDX-License-Identifier: Apache-2.0
// Progress lines of the built program, on a terminal.
#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/dns_client.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;

namespace {

/// Runs `uncut` with a terminal for its standard error; what it says there comes as standard output here.
Process on_terminal(const std::string& arguments) {
    return Process::start({"script", "-qfec", fmt::format("{} {}", UNCUT_BIN, arguments), "/dev/null"});
}

}  // namespace

TEST_CASE("progress: a server that is silent is waited for by name", "[progress]") {
    const Socket silent = bind_socket({"127.0.0.1", 0}, SOCK_STREAM);  // connects, and never answers
    const std::string where = local_endpoint(silent).text();
    const Process ctl = on_terminal(fmt::format("ctl --admin {} status", where));
    CHECK(ctl.wait_for_text(fmt::format("\r\x1b[Kwaiting for http://{} ...", where)));
}

TEST_CASE("progress: a probe says how it asks", "[progress]") {
    const Socket silent = bind_socket({"127.0.0.1", 0}, SOCK_DGRAM);
    const std::string where = local_endpoint(silent).text();
    const Process probe = on_terminal(fmt::format("probe www.example @{}", where));
    CHECK(probe.wait_for_text(fmt::format("\r\x1b[Kasking {} over UDP, no EDNS ...", where)));
}

TEST_CASE("progress: a server that ends says for how many queries it waits", "[progress]") {
    const TempDir folder;
    const std::string gate = folder / "gate";
    REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
    const Socket silent = bind_socket({"127.0.0.1", 0}, SOCK_DGRAM);
    const Process serve =
        on_terminal(fmt::format("serve --upstream {} --dns 127.0.0.1:0 --log-level off & read -r _ <{}; kill $!; wait",
                                local_endpoint(silent).text(), gate));
    REQUIRE(serve.wait_for_text(" over UDP and TCP, "));
    const std::string said = serve.out();
    const std::size_t begin = said.find("127.0.0.1:");
    const auto dns = Endpoint::parse(std::string_view(said).substr(begin, said.find(' ', begin) - begin));
    REQUIRE(dns);

    const Socket client = open_socket(*dns, SOCK_DGRAM);
    const Octets query = make_query({"www.example"});
    const SystemAddress to(*dns);
    REQUIRE(::sendto(client.fd(), query.data(), query.size(), 0, to.get(), to.octets) > 0);
    REQUIRE(readable(silent, patience));  // so it is in flight
    std::ofstream(gate) << "go" << std::endl;
    CHECK(serve.wait_for_text("\r\x1b[Kwaiting for 1 queries in flight, at most 5 s"));
}
