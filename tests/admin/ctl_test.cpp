// SPDX-License-Identifier: Apache-2.0
// `uncut ctl`, every verb of it, against a demo that runs.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <csignal>

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/uncut_program.hpp"

using namespace uncut::test;
namespace json = boost::json;

namespace {

using Words = std::vector<std::string>;

const std::string chain = "quote-redis-cluster.default.svc.cluster.local.";

/// A demo of its own for each test, and the program that talks to it.
struct Demo {
    Ended ctl(const Words& words) const {
        Words command{"ctl", "--admin", program.admin().text()};
        command.insert(command.end(), words.begin(), words.end());
        return run_uncut(command);
    }
    /// What it printed; it must have done its work.
    std::string done(const Words& words) const {
        const Ended ended = ctl(words);
        INFO(fmt::format("uncut ctl {}\n{}{}", fmt::join(words, " "), ended.out, ended.err));
        CHECK(ended.code == 0);
        CHECK(ended.err == "");
        return ended.out;
    }
    json::value json_of(Words words) const {
        words.emplace_back("--json");
        return json::parse(done(words));
    }
    /// The one line of complaint.
    std::string refused(const Words& words, int code = 1) const {
        const Ended ended = ctl(words);
        INFO(fmt::format("uncut ctl {}\n{}{}", fmt::join(words, " "), ended.out, ended.err));
        CHECK(ended.code == code);
        CHECK(ended.out == "");
        return ended.err;
    }

    UncutProgram program{{"demo", "--dns", "127.0.0.1:0", "--before", "127.0.0.1:0", "--upstream", "127.0.0.1:0",
                          "--admin", "127.0.0.1:0"}};
};

std::size_t addresses_in(const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("  IN  A  ", at)) != std::string::npos; ++at) ++count;
    return count;
}

}  // namespace

TEST_CASE("ctl: the state of a server", "[ctl]") {
    const Demo demo;
    const std::string status = demo.done({"status"});
    CHECK(status.contains("admin    http://" + demo.program.admin().text() + "\n"));
    CHECK(status.contains("health   ok\nready    yes\n"));
    CHECK(demo.json_of({"status"}).at("version").at("abi").is_object());
    CHECK(demo.done({"metrics"}).contains("# TYPE uncut_"));
    const std::string listeners = demo.done({"listeners"});
    for (const auto& endpoint :
         {demo.program.dns(), demo.program.before(), demo.program.upstream(), demo.program.admin()}) {
        CHECK(listeners.contains(endpoint.text()));
    }
    CHECK(demo.done({"upstreams"}) == demo.program.upstream().text() + "\n");
    CHECK(demo.done({"upstreams", "get"}) == demo.program.upstream().text() + "\n");
    CHECK(demo.done({"upstreams", "set", "127.0.0.1:9", demo.program.upstream().text()})
              .starts_with(fmt::format("upstreams: 127.0.0.1:9,{} (revision ", demo.program.upstream().text())));
    CHECK(demo.refused({"upstreams", "set", "nowhere"}).starts_with("uncut ctl: /upstreams/0: "));
    CHECK(demo.done({"module"}).contains("libuncut.so"));
    CHECK(demo.json_of({"module", "reload"}).at("loads") == 2);
    CHECK(demo.done({"module", "get"}).contains("loads    2\n"));
    CHECK(demo.done({"reset"}).starts_with("all is as it was at the start"));
    CHECK(demo.done({"upstreams"}) == demo.program.upstream().text() + "\n");
}

TEST_CASE("ctl: policies and presets, to the letter of the documentation", "[ctl]") {
    const Demo demo;
    CHECK(addresses_in(demo.done({"ask", chain})) == 22);
    CHECK(demo.done({"policy", "set", "default", "retry_truncated=false"})
              .starts_with("default: retry_truncated=false (revision "));
    CHECK(demo.done({"ask", chain, "--no-retry"}).contains("flags qr"));
    CHECK(demo.done({"ask", chain, "--no-retry"}).contains(" tc "));
    CHECK(demo.refused({"policy", "set", "default", "retry_truncated=maybe"}) ==
          "uncut ctl: /retry_truncated: expected true or false, got \"maybe\"\n");
    CHECK(demo.refused({"policy", "set", "default", "no_such_field=1"}).starts_with("uncut ctl: /no_such_field: "));
    CHECK(demo.refused({"policy", "set", "default", "client_bufsize=100"}).starts_with("uncut ctl: /client_bufsize: "));
    CHECK(demo.refused({"policy", "set", "default", "fit"}, 2) == "uncut ctl: \"fit\": expected NAME=VALUE\n");

    CHECK(demo.done({"policy", "set", "k8s.example", "suspect=cut,oversize", "client_bufsize=512"})
              .starts_with("k8s.example: suspect=cut,oversize client_bufsize=512 (revision "));
    CHECK(demo.json_of({"policy", "get", "k8s.example"}) ==
          json::parse(R"({"suspect":["cut","oversize"],"client_bufsize":512})"));
    CHECK(demo.json_of({"policy", "get", "k8s.example", "--effective"}).as_object().size() == 14);
    CHECK(demo.done({"policy", "set", "k8s.example", "suspect="}).contains("suspect= "));
    CHECK(demo.json_of({"policy", "get", "k8s.example"}).at("suspect").as_array().empty());
    CHECK(demo.done({"policy"}) == demo.done({"policy", "list"}));
    CHECK(demo.done({"policy", "unset", "k8s.example", "suspect", "client_bufsize"}).contains("no longer sets"));
    CHECK(demo.done({"policy", "get", "k8s.example"}) == "(sets nothing itself)\n");
    CHECK(demo.done({"policy", "delete", "k8s.example"}).starts_with("k8s.example: deleted"));
    CHECK(demo.refused({"policy", "delete", "k8s.example"}).starts_with("uncut ctl: "));
    CHECK(demo.refused({"policy", "delete", "default"}).starts_with("uncut ctl: "));

    CHECK(demo.done({"preset"}) == demo.done({"preset", "list"}));
    CHECK(demo.json_of({"preset", "show", "coredns-force-tcp"}).at("upstream_transport") == "tcp");
    CHECK(demo.refused({"preset", "apply", "coredns-force-tcp", "--if-match", "999"})
              .starts_with("uncut ctl: the revision is "));
    CHECK(demo.done({"preset", "apply", "coredns-force-tcp", "--if-match", "*"})
              .starts_with("default: preset coredns-force-tcp"));
    CHECK(demo.json_of({"policy", "get", "default"}).at("upstream_transport") == "tcp");
}

TEST_CASE("ctl: what the scripted upstream answers", "[ctl]") {
    const TempDir folder;
    const Demo demo;
    CHECK(demo.done({"answer"}).contains(chain));
    CHECK(demo.done({"answer", "set", "www.example", "A", "192.0.2.1", "192.0.2.2", "--ttl", "60"})
              .starts_with("www.example. A: 192.0.2.1, 192.0.2.2 (revision "));
    CHECK(demo.done({"answer", "get", "www.example", "A"}) ==
          "www.example.  60  A  192.0.2.1\nwww.example.  60  A  192.0.2.2\n");
    CHECK(addresses_in(demo.done({"ask", "www.example"})) == 2);
    CHECK(demo.done({"answer", "set", "many.example", "AAAA", "--addresses", "30"}).contains("30 addresses"));
    CHECK(demo.done({"answer", "set", "large.example", "TXT", "--octets", "1500"}).contains("1500 octets"));
    CHECK(demo.refused({"answer", "set", "www.example", "A", "no-address"}).starts_with("uncut ctl: /records/0: "));
    CHECK(demo.refused({"answer", "set", "www.example", "A"}, 2).contains("--addresses N"));
    CHECK(demo.done({"answer", "delete", "www.example", "A"}).starts_with("www.example A: deleted"));
    CHECK(demo.refused({"answer", "get", "www.example", "A"}).starts_with("uncut ctl: "));
    const auto zone = folder.write("zone", "$ORIGIN z.example.\nwww 30 IN A 192.0.2.9\n");
    CHECK(demo.done({"answer", "load", zone}).starts_with(fmt::format("1 answers of {}", zone)));
    CHECK(demo.done({"answer", "list"}) == "www.z.example.  30  A  192.0.2.9\n");
    CHECK(demo.done({"answer", "clear"}).starts_with("no answer is left"));
    CHECK(demo.done({"answer", "list"}) == "");
}

TEST_CASE("ctl: faults", "[ctl]") {
    const Demo demo;
    CHECK(demo.done({"fault", "kinds"}).contains("tc_partial"));
    demo.done({"answer", "set", "www.example", "A", "--addresses", "60"});
    const json::value added =
        demo.json_of({"fault", "add", "tc_partial", "octets=512", "name=www.example", "type=A", "times=3"});
    CHECK(added.at("name") == "www.example.");
    CHECK(added.at("times") == 3);
    CHECK(demo.done({"fault", "add", "drop", "probability=0.5", "seed=7"}).starts_with("fault 2: drop "));
    CHECK(demo.refused({"fault", "add", "no_such_kind"}).starts_with("uncut ctl: /kind: "));
    CHECK(demo.refused({"fault", "add", "tc_partial", "octets=many"}).starts_with("uncut ctl: /octets: "));
    CHECK(demo.done({"fault", "set", "2", "probability=", "seed="}).starts_with("fault 2: drop"));
    CHECK(demo.done({"fault", "delete", "2"}).starts_with("fault 2: deleted"));
    demo.done({"ask", "www.example", "--server", "upstream", "--no-retry"});
    CHECK(demo.done({"fault", "list"}).contains("struck 1 of 3"));
    CHECK(demo.done({"fault"}) == demo.done({"fault", "list"}));
    CHECK(demo.done({"fault", "clear"}).starts_with("no fault is left"));
    CHECK(demo.done({"fault", "list"}) == "");
}

TEST_CASE("ctl: scenarios, by name and by file", "[ctl]") {
    const TempDir folder;
    const Demo demo;
    CHECK(demo.done({"scenario"}).contains("eks-externalname"));
    CHECK(demo.done({"scenario", "list"}).contains("eks-externalname"));
    CHECK(demo.done({"scenario", "show", "eks-externalname"}).contains("\nanswers\n"));
    CHECK(demo.done({"scenario", "load", "eks-externalname"}).starts_with("scenario eks-externalname: "));
    const std::string file = folder / "state.json";
    CHECK(demo.done({"scenario", "save", file}).starts_with("saved to " + file));
    const json::value saved = json::parse(read_file(file));
    demo.done({"fault", "add", "drop"});
    demo.done({"answer", "clear"});
    CHECK(demo.done({"scenario", "load", file}).starts_with("scenario eks-externalname: "));
    CHECK(json::parse(demo.done({"scenario", "save", "-"})) == saved);
    CHECK(demo.refused({"scenario", "load", "no-such-scenario"}).starts_with("uncut ctl: "));
}

TEST_CASE("ctl: exchanges, listed and in detail", "[ctl]") {
    const Demo demo;
    CHECK(demo.done({"exchanges"}) == "");
    demo.done({"ask", chain});
    demo.done({"ask", chain, "--server", "before", "--no-retry"});
    const std::string lines = demo.done({"exchanges", "--server", "uncut"});
    INFO(lines);
    CHECK(lines.contains(chain + " A "));
    CHECK(lines.contains(" truncated udp>tc tcp>ok "));
    CHECK(demo.done({"exchanges", "--server", "before"}).contains(" udp>tc "));
    CHECK(demo.done({"exchanges", "--name", "nobody.example"}) == "");
    CHECK(demo.refused({"exchanges", "--limit", "none"}).starts_with("uncut ctl: limit: "));

    const json::value exchange = json::parse(demo.done({"exchanges", "--server", "uncut", "--json"}));
    const std::string number = std::to_string(exchange.at("number").as_int64());
    const std::string text = demo.done({"exchange", number});
    CHECK(text.starts_with(fmt::format("exchange {} of uncut: {} IN A\n", number, chain)));
    CHECK(text.contains("client <- uncut"));
    CHECK(addresses_in(text) == 22);
    CHECK(demo.json_of({"exchange", number}).at("query").at("hex").is_string());
    CHECK(demo.refused({"exchange", "99999"}).starts_with("uncut ctl: "));
    CHECK(demo.done({"exchanges", "clear"}).starts_with("no exchange is left"));
    CHECK(demo.done({"exchanges"}) == "");
}

TEST_CASE("ctl: exchanges are followed until Ctrl-C, until the reader goes, until the server goes", "[ctl]") {
    Demo demo;
    demo.done({"ask", chain});
    const Words follow{UNCUT_BIN,   "ctl",      "--admin", demo.program.admin().text(),
                       "exchanges", "--follow", "--after", "0"};

    Process until_signal = Process::start(follow);
    REQUIRE(until_signal.wait_for_text("udp>tc tcp>ok"));
    demo.done({"ask", chain, "--server", "before", "--no-retry"});
    REQUIRE(until_signal.wait_for_text(" before "));
    until_signal.signal(SIGINT);
    const Ended interrupted = until_signal.wait();
    CHECK(interrupted.code == 0);
    CHECK(interrupted.err == "");

    const Ended piped = run({"bash", "-c", R"(set -o pipefail; "$@" | head -n 1)", "bash", follow[0], follow[1],
                             follow[2], follow[3], follow[4], follow[5], follow[6], follow[7]});
    CHECK_FALSE(piped.timed_out);
    CHECK(piped.code == 0);
    CHECK(piped.err == "");
    CHECK(piped.out.contains("udp>tc tcp>ok"));

    Process until_gone = Process::start(follow);
    REQUIRE(until_gone.wait_for_text(" before "));
    demo.program.process().stop();
    const Ended gone = until_gone.wait();
    CHECK(gone.code == 2);
    CHECK(gone.err.starts_with("uncut ctl: the stream ended, and then: nothing listens at http://"));
}

TEST_CASE("ctl: questions", "[ctl]") {
    const Demo demo;
    CHECK(addresses_in(demo.done({"ask", chain, "A", "--server", "uncut"})) == 22);
    CHECK(demo.done({"ask", chain, "--tcp"}).starts_with("over tcp, "));
    CHECK(demo.done({"ask", chain, "--no-edns", "--no-retry"}).contains("no EDNS"));
    CHECK(demo.done({"ask", chain, "--bufsize", "512", "--no-retry"}).contains(" tc "));
    CHECK(demo.refused({"ask", chain, "NOTYPE"}).starts_with("uncut ctl: /type: "));
    const std::string probe = demo.done({"probe", chain});
    CHECK(probe.starts_with(fmt::format("{} A, asked of {}\n", chain, demo.program.dns().text())));
    CHECK(probe.contains("\nTCP "));
    const json::value before = demo.json_of({"probe", chain, "AAAA", "@" + demo.program.before().text()});
    CHECK(before.at("type") == "AAAA");
    CHECK(before.at("server") == json::value(demo.program.before().text()));
}

TEST_CASE("ctl: wrong words, and nobody there", "[ctl]") {
    const auto complaint = [](Words words, int code) {
        words.insert(words.begin(), "ctl");
        const Ended ended = run_uncut(words);
        CHECK(ended.code == code);
        CHECK(ended.out == "");
        return ended.err;
    };
    CHECK(complaint({"--admin", "127.0.0.1:1", "status"}, 2) ==
          "uncut ctl: nothing listens at http://127.0.0.1:1: is uncut running with --admin?\n");
    CHECK(complaint({"status", "--admin", "somewhere"}, 2).starts_with("uncut ctl: --admin \"somewhere\": "));
    CHECK(
        complaint({"status", "--token-file", "/nonexistent"}, 2).starts_with("uncut ctl: --token-file /nonexistent: "));
    CHECK(complaint({}, 2).starts_with("uncut ctl: expected a noun: status, "));
    CHECK(complaint({"stauts"}, 2).starts_with("uncut ctl: no such noun: stauts: expected status, "));
    CHECK(complaint({"policy", "lst"}, 2).starts_with("uncut ctl: policy: no such verb: lst: expected list, get, "));
    CHECK(complaint({"policy", "get", "a", "b"}, 2).starts_with("uncut ctl: b: not expected here"));
    CHECK(complaint({"policy", "set", "default"}, 2).starts_with("FIELD=VALUE is required"));
    CHECK(complaint({"exchanges", "--follow", "--limit", "3"}, 2).contains("excludes"));
    CHECK(complaint({"ask", "a", "--bufsize", "0x10"}, 2).contains("expected a whole number"));
}
