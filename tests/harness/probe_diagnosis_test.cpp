// SPDX-License-Identifier: Apache-2.0
// What the probe makes of its rows: a table of all the ways an answer can be lost.
#include "harness/probe/probe_diagnosis.hpp"

#include "harness/cli/probe.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace uncut::harness;

namespace {

const ProbeSubject subject{"name.test.", "A", "192.0.2.53:53"};

ProbeRow answered(std::uint32_t verdict, std::uint32_t octets, std::uint32_t records, std::uint32_t rcode = 0) {
    ProbeRow row;
    row.outcome = ProbeOutcome::answered;
    row.verdict = verdict;
    row.tc = verdict == UNCUT_VERDICT_TRUNCATED;
    row.octets = octets;
    row.records = records;
    row.counts = {static_cast<std::uint16_t>(records + 2), 0, 0};
    row.rcode = rcode;
    return row;
}

ProbeRow failed(ProbeOutcome outcome) {
    ProbeRow row;
    row.outcome = outcome;
    return row;
}

ProbeRow whole(std::uint32_t octets = 530, std::uint32_t records = 22) {
    return answered(UNCUT_VERDICT_WHOLE, octets, records);
}

ProbeRow truncated() {
    return answered(UNCUT_VERDICT_TRUNCATED, 167, 0);
}

ProbeRow rcode(std::uint32_t value) {
    return answered(UNCUT_VERDICT_WHOLE, 60, 0, value);
}

/// The five rows, their ways of asking filled in.
Diagnosis diagnose_rows(ProbeRow plain, ProbeRow small, ProbeRow middle, ProbeRow large, ProbeRow tcp) {
    small.bufsize = 512;
    middle.bufsize = 1232;
    large.bufsize = 4096;
    tcp.tcp = true;
    tcp.bufsize = 1232;
    return diagnose({plain, small, middle, large, tcp}, subject);
}

Diagnosis diagnose_udp_tcp(const ProbeRow& udp, const ProbeRow& tcp) {
    return diagnose_rows(udp, udp, udp, udp, tcp);
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("The same over UDP, and what TCP says, give a diagnosis") {
    struct Row {
        ProbeRow udp;
        ProbeRow tcp;
        const char* code;
        const char* text;
        const char* remedy;
    };
    const auto no = ProbeOutcome::no_answer;
    const Row rows[] = {
        {whole(), whole(), "whole", "all 22 A records", ""},
        {truncated(), whole(), "passes_truncation_on", "over TCP it has all 22 A records", "prefer_udp, or load Uncut"},
        {truncated(), failed(ProbeOutcome::refused), "tcp_refused", "TCP is refused", "listen on TCP"},
        {truncated(), failed(ProbeOutcome::stalled), "tcp_stalls", "TCP connects and then stalls", "TCP side"},
        {truncated(), failed(ProbeOutcome::no_connect), "tcp_no_connection", "no reaction", "Open TCP"},
        {truncated(), failed(ProbeOutcome::closed), "tcp_closed_early", "TCP is closed", "TCP side"},
        {truncated(), failed(ProbeOutcome::reset), "tcp_reset", "TCP is reset", "TCP side"},
        {truncated(), truncated(), "tcp_truncated", "truncated too", "Look behind this server"},
        {truncated(), rcode(2), "tcp_bad_answer", "over TCP the server says SERVFAIL", "log"},
        {answered(UNCUT_VERDICT_DANGLING_CNAME, 167, 0), whole(), "tc_lost",
         "The chain ends in a CNAME and TC was lost", "Load Uncut"},
        {answered(UNCUT_VERDICT_DANGLING_CNAME, 167, 0), answered(UNCUT_VERDICT_DANGLING_CNAME, 167, 0),
         "dangling_cname", "over UDP and TCP alike", "Probe the server behind it"},
        {answered(UNCUT_VERDICT_DANGLING_CNAME, 167, 0), failed(ProbeOutcome::refused), "tcp_refused",
         "The chain ends in a CNAME", "listen on TCP"},
        {answered(UNCUT_VERDICT_OVERSIZE, 900, 22), whole(), "oversize", "900 octets where 512 were allowed", "Uncut"},
        {answered(UNCUT_VERDICT_CUT, 300, 0), whole(), "cut", "cut off after 300 octets", "suspect cut"},
        {answered(UNCUT_VERDICT_CUT, 300, 0), failed(ProbeOutcome::refused), "cut", "TCP is refused", "Uncut"},
        {answered(UNCUT_VERDICT_MALFORMED, 300, 0), whole(), "malformed", "cannot be read", "force_tcp"},
        {answered(UNCUT_VERDICT_NOT_OURS, 300, 0), whole(), "not_ours", "does not answer the question", "force_tcp"},
        {whole(), failed(ProbeOutcome::refused), "tcp_refused", "whole over UDP, but TCP is refused", "listen on TCP"},
        {whole(400, 5), whole(), "records_missing", "there are 5 A records, over TCP 22", "upstream"},
        {whole(3000, 180), whole(3000, 180), "whole_fragmented", "as fragments", "1232"},
        {whole(60, 0), whole(60, 0), "no_data", "has no A records", "type"},
        {whole(60, 1), whole(60, 1), "whole", "the A record", ""},
        {rcode(3), rcode(3), "nxdomain", "the name does not exist", "spelling"},
        {rcode(2), rcode(2), "servfail", "SERVFAIL", "upstream"},
        {rcode(5), rcode(5), "refused", "REFUSED", "access rules"},
        {rcode(9), rcode(9), "error_rcode", "NOTAUTH", "log"},
        {failed(no), whole(), "udp_blocked", "over TCP the server answers", "Open UDP"},
        {failed(no), failed(ProbeOutcome::no_connect), "no_answer", "no answer at all", "firewalls"},
        {failed(no), failed(ProbeOutcome::refused), "no_answer", "no answer at all", "firewalls"},
        {failed(ProbeOutcome::refused), failed(ProbeOutcome::refused), "nothing_listens", "Nothing listens", "port"},
    };
    for (const Row& row : rows) {
        const Diagnosis found = diagnose_udp_tcp(row.udp, row.tcp);
        INFO(row.code << ": " << found.text << " / " << found.remedy);
        CHECK(found.code == row.code);
        CHECK(says(found.text, row.text));
        CHECK(says(found.remedy, row.remedy));
        CHECK(found.remedy.empty() == (std::string_view(row.code) == "whole"));
        const bool nothing = found.code == "no_answer" || found.code == "nothing_listens";
        CHECK(found.gives_nothing == nothing);
    }
}

TEST_CASE("An answer that fits one size and not another needs that size") {
    const Diagnosis found = diagnose_rows(truncated(), truncated(), whole(), whole(), whole());
    CHECK(found.code == "needs_bufsize");
    CHECK(says(found.text, "truncated (TC) without EDNS and with 512 and whole with 1232"));
    CHECK(says(found.remedy, "advertise 1232 or more, or go on to TCP"));
    CHECK_FALSE(says(found.remedy, "prefer_udp"));  // Uncut answers so too
}

TEST_CASE("A size that needs fragments is no remedy") {
    const Diagnosis found = diagnose_rows(truncated(), truncated(), truncated(), whole(3296, 200), whole(3296, 200));
    CHECK(found.code == "passes_truncation_on");
    CHECK(says(found.text, "TC is set without EDNS and with 512, 1232; over TCP it has all 200 A records"));
    CHECK(says(found.remedy, "rightly truncated"));
    CHECK_FALSE(says(found.remedy, "prefer_udp"));
}

TEST_CASE("Truncated at one size only, and TCP refused, is the fault of TCP") {
    const Diagnosis found = diagnose_rows(truncated(), whole(), whole(), whole(), failed(ProbeOutcome::refused));
    CHECK(found.code == "tcp_refused");
    CHECK(says(found.text, "TC, without EDNS"));
}

TEST_CASE("Silence at large sizes only is lost fragments, when the answer is that large") {
    const auto no = failed(ProbeOutcome::no_answer);
    const ProbeRow big = whole(3296, 200);
    const Diagnosis lost = diagnose_rows(whole(60, 200), whole(60, 200), whole(60, 200), no, big);
    CHECK(lost.code == "fragments_lost");
    CHECK(says(lost.text, "with 4096"));
    CHECK(says(lost.remedy, "1232"));
    CHECK(diagnose_rows(whole(), no, whole(), whole(), whole()).code == "udp_lossy");
}

TEST_CASE("Truncated small, silent large, whole over TCP: both are said by the one that counts") {
    // The ordinary picture of lost fragments: TC where the answer does not fit, nothing where it does.
    const auto no = failed(ProbeOutcome::no_answer);
    const Diagnosis found = diagnose_rows(truncated(), truncated(), truncated(), no, whole(3296, 200));
    CHECK(found.code == "passes_truncation_on");
    CHECK(says(found.text, "without EDNS and with 512, 1232"));
    CHECK(says(found.text, "no answer comes with 4096"));
}

TEST_CASE("A server that dislikes EDNS") {
    const ProbeRow formerr = rcode(1);
    CHECK(diagnose_rows(whole(100, 1), formerr, formerr, formerr, formerr).code == "edns_refused");
    const auto no = failed(ProbeOutcome::no_answer);
    CHECK(diagnose_rows(whole(100, 1), no, no, no, whole(100, 1)).code == "edns_dropped");
}

TEST_CASE("The table is aligned and says what each row is") {
    ProbeRow row = truncated();
    row.time_ms = 1.25;
    ProbeRow silent = failed(ProbeOutcome::no_answer);
    silent.bufsize = 4096;
    const std::string table = probe_table({row, silent});
    CHECK(table ==
          "asked over     octets  TC   rcode      answer  authority  additional        time  verdict\n"
          "UDP, no EDNS      167  yes  NOERROR         2          0           0     1.25 ms  truncated\n"
          "UDP, 4096           -  -    -               -          -           -     0.00 ms  no answer\n");
}

TEST_CASE("The probe's arguments, as dig takes them") {
    const auto parse = [](std::vector<std::string> words) { return parse_probe_arguments(words); };
    const auto all = parse({"@127.0.0.1#5300", "name.test", "aaaa"});
    REQUIRE(all);
    CHECK(all->name == "name.test");
    CHECK(all->type == "aaaa");
    CHECK(all->server == "127.0.0.1#5300");
    CHECK(parse({"name.test"})->type == "A");
    CHECK(parse({"name.test"})->server.empty());
    CHECK_FALSE(parse({}));
    CHECK_FALSE(parse({"@127.0.0.1"}));
    CHECK_FALSE(parse({"name.test", "A", "MX"}));
    CHECK_FALSE(parse({"name.test", "@"}));
    CHECK_FALSE(parse({"name.test", "@127.0.0.1", "@127.0.0.2"}));
}

TEST_CASE("The default server is the first nameserver of resolv.conf") {
    const uncut::test::TempDir dir;
    const std::string file =
        dir.write("resolv.conf", "# none\nsearch test\n  nameserver\t192.0.2.1\nnameserver 192.0.2.2\n");
    CHECK(first_nameserver(file).value() == "192.0.2.1");
    CHECK_FALSE(first_nameserver(dir.write("empty.conf", "search test\n")));
    const auto missing = first_nameserver(dir / "missing");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().starts_with(dir / "missing"));
}
