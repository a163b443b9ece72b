# SPDX-License-Identifier: Apache-2.0
"""The library against the built program: each method does what it says, and says what went wrong."""

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from subprocess import DEVNULL

from uncut_harness import Harness, HarnessError, NoAnswer, Problem, decode, encode_query

CLIENT = Path(__file__).resolve().parents[2] / "harness" / "client"
CHAIN = "quote-redis-cluster.default.svc.cluster.local."
ONE = "one.default.svc.cluster.local."


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@functools.cache
def packaging_python():
    """A Python that can make a venv with pip, and build a wheel in it without downloading anything."""
    for python in dict.fromkeys([sys.executable, shutil.which("python3", path="/usr/bin")]):
        trial = [python, "-c", "import ensurepip, setuptools, wheel"]
        if python and subprocess.run(trial, stderr=DEVNULL).returncode == 0:
            return python
    return None


class Life(unittest.TestCase):
    def test_it_ends_with_the_block_also_when_that_fails(self):
        for error in [None, AssertionError("the test fails"), KeyboardInterrupt()]:
            with self.subTest(error=error):
                try:
                    with Harness() as h:
                        self.assertTrue(h.process.running)
                        if error is not None:
                            raise error
                except (AssertionError, KeyboardInterrupt) as caught:
                    self.assertIs(caught, error)
                self.assertFalse(h.process.running)
                self.assertFalse(is_alive(h.process.pid))

    def test_two_of_them_share_no_port(self):
        with Harness() as one, Harness() as other:
            ports = [h.endpoint(name)[1] for h in (one, other) for name in ("uncut", "before", "upstream", "admin")]
            self.assertEqual(len(set(ports)), 8)
            self.assertNotIn(0, ports)

    def test_what_does_not_start_says_why(self):
        with self.assertRaises(HarnessError) as raised:
            Harness(arguments=["--module", "/nowhere/libuncut.so"]).start()
        self.assertIn("/nowhere/libuncut.so", str(raised.exception))
        self.assertIn("status 2", str(raised.exception))

    def test_a_program_that_says_something_else_is_shown_and_ended(self):
        with self.assertRaises(HarnessError) as raised:
            Harness(shutil.which("echo")).start()
        self.assertIn("it said:\ndemo --dns", str(raised.exception))

    def test_a_program_that_is_not_there_says_where_it_was_looked_for(self):
        with self.assertRaises(HarnessError) as raised:
            Harness("/nowhere/uncut")
        self.assertIn("/nowhere/uncut", str(raised.exception))
        self.assertIn("UNCUT", str(raised.exception))

    def test_before_the_start_there_is_nobody_to_ask(self):
        h = Harness()
        with self.assertRaises(RuntimeError):
            h.policies()

    def test_it_serves_in_front_of_other_upstreams(self):
        with Harness() as behind:
            upstream = "127.0.0.1:%d" % behind.endpoint("upstream")[1]
            with Harness(upstreams=[upstream], arguments=["--journal", "10"]) as h:
                self.assertEqual(h.upstreams(), [upstream])
                self.assertEqual(len(h.ask(CHAIN, retry=False).addresses), 22)
                self.assertEqual(h.exchanges()[-1]["verdict"], "truncated")
                with self.assertRaises(Problem) as raised:
                    h.fault("drop")
                self.assertEqual(raised.exception.status, 409)

    def test_a_stream_ends_with_the_program(self):
        with Harness() as h:
            stream = h.follow()
            h.ask(ONE)
            self.assertEqual(next(stream)["name"], ONE)
        with stream:
            self.assertEqual(list(stream), [])

    def test_a_token_opens_the_door_that_is_shut_without(self):
        with tempfile.TemporaryDirectory() as folder, Harness() as behind:
            token_file = Path(folder, "token")
            token_file.write_text("open-sesame-open-sesame\n")
            token_file.chmod(0o600)
            upstream = "127.0.0.1:%d" % behind.endpoint("upstream")[1]
            arguments = ["--admin-token-file", str(token_file)]
            with Harness(upstreams=[upstream], arguments=arguments, token="open-sesame-open-sesame") as h:
                self.assertIn("default", h.policies())
            with Harness(upstreams=[upstream], arguments=arguments) as h, self.assertRaises(Problem) as raised:
                h.policies()
            self.assertEqual(raised.exception.status, 401)


class OneHarness(unittest.TestCase):
    """The tests of a class share a harness, and each begins with its state at start."""

    @classmethod
    def setUpClass(cls):
        cls.h = cls.enterClassContext(Harness())

    @classmethod
    def tearDownClass(cls):
        # A sanitizer says at the end what leaked.
        status = cls.h.process.stop()
        if status != 0:
            raise AssertionError(f"the program ended with status {status}: {cls.h.process.stderr()}")

    def setUp(self):
        self.h.reset()

    def assert_problem(self, status, pointer, call, *arguments, **named):
        with self.assertRaises(Problem) as raised:
            call(*arguments, **named)
        problem = raised.exception
        self.assertEqual((problem.status, problem.pointer), (status, pointer), str(problem))
        self.assertTrue(problem.type.startswith("urn:uncut:problem:"), problem.type)
        self.assertTrue(problem.detail)
        self.assertIn(problem.detail, str(problem))
        return problem


class Asking(OneHarness):
    def test_a_truncated_answer_is_asked_for_again_over_tcp_unless_told_not_to(self):
        first = self.h.ask(CHAIN, server="before", retry=False)
        self.assertEqual((first.transport, first.tc, first.addresses), ("udp", True, []))
        again = self.h.ask(CHAIN, server="before")
        self.assertEqual((again.transport, again.tc, len(again.addresses)), ("tcp", False, 22))
        self.assertEqual((again.before.transport, again.before.tc), ("udp", True))

    def test_each_server_over_each_transport(self):
        for server in ("uncut", "before", "upstream"):
            for transport in ("udp", "tcp"):
                with self.subTest(server=server, transport=transport):
                    answer = self.h.ask(ONE, server=server, transport=transport)
                    self.assertEqual((answer.rcode, answer.transport), ("NOERROR", transport))
                    self.assertEqual(answer.addresses, ["203.0.113.1"])
                    self.assertEqual(answer.records[0].name, ONE)
                    self.assertIn("qr", answer.flags)
                    self.assertEqual(answer.octets, len(answer.message.wire))

    def test_an_opt_comes_back_to_who_sent_one(self):
        self.assertIsNone(self.h.ask(ONE, bufsize=None).edns)
        self.assertEqual(self.h.ask(ONE, bufsize=4096, dnssec=True).edns.version, 0)

    def test_octets_go_out_as_they_are(self):
        query = bytearray(encode_query(ONE, id=0xABCD, bufsize=None))
        self.assertEqual(decode(self.h.ask_raw(bytes(query))).addresses, ["203.0.113.1"])
        query[5] = 2  # two questions (RFC 9619 4)
        for transport in ("udp", "tcp"):
            with self.subTest(transport=transport):
                refused = self.h.ask_raw(bytes(query), transport=transport)
                self.assertEqual(refused[:2], b"\xab\xcd")
                self.assertEqual(refused[3] & 0x0F, 1)

    def test_no_answer_is_an_exception(self):
        with self.assertRaises(NoAnswer):
            self.h.ask_raw(b"\0" * 11, timeout_s=0.05)  # under 12 octets: nobody answers that, ever
        with self.assertRaises(ValueError):
            self.h.ask(ONE, server="nobody")
        with self.assertRaises(ValueError):
            self.h.ask(ONE, transport="quic")


class Policies(OneHarness):
    def test_a_policy_is_in_force_when_the_call_returns(self):
        for retry in (False, True) * 10:
            self.assertEqual(self.h.policy(retry_truncated=retry)["retry_truncated"], retry)
            self.assertEqual(self.h.ask(CHAIN, retry=False).tc, not retry)

    def test_a_zone_has_what_it_sets_and_no_more(self):
        self.assertEqual(self.h.policy("svc.cluster.local", fit="empty"), {"fit": "empty"})
        self.assertEqual(self.h.policy("svc.cluster.local", udp_tries=1), {"fit": "empty", "udp_tries": 1})
        self.assertEqual(self.h.policy("svc.cluster.local", fit=None), {"udp_tries": 1})
        self.assertEqual(self.h.policy("svc.cluster.local"), {"udp_tries": 1})
        self.assertEqual(set(self.h.policies()), {"default", "svc.cluster.local"})

    def test_a_zone_whose_name_needs_escaping_is_found_again(self):
        for zone in ["a/b.example", "a%2fb.example", "a?b#c.example", r"a\032b.example"]:
            with self.subTest(zone):
                self.h.policy(zone, fit="fill")
                self.assertEqual(self.h.policy(zone), {"fit": "fill"})

    def test_the_whole_set_is_replaced_at_once(self):
        revision = self.h.revision()
        zones = self.h.policies({"default": {"udp_tries": 2}, "example": {"fit": "subset"}})
        self.assertEqual(zones["default"]["udp_tries"], 2)
        self.assertEqual(zones["example"], {"fit": "subset"})
        self.assertGreater(self.h.revision(), revision)
        self.assertEqual(self.h.policies(), zones)

    def test_a_preset_becomes_the_default(self):
        self.assertEqual(self.h.preset("coredns-force-tcp")["upstream_transport"], "tcp")
        self.assertEqual(self.h.policy()["upstream_transport"], "tcp")
        self.assert_problem(404, None, self.h.preset, "coredns-hope")

    def test_what_is_refused_says_where(self):
        revision = self.h.revision()
        problem = self.assert_problem(422, "/fit", self.h.policy, fit="shrink")
        self.assertIn("rrset", problem.expected)
        self.assert_problem(422, "/nonsense", self.h.policy, nonsense=1)
        self.assert_problem(422, "/example/udp_tries", self.h.policies, {"example": {"udp_tries": 99}})
        self.assert_problem(404, None, self.h.policy, "nowhere.example")
        self.assertEqual(self.h.revision(), revision)

    def test_the_api_itself_is_at_hand(self):
        reply = self.h.admin.request("GET", "/v1/policies")
        self.assertEqual(reply.status, 200)
        self.h.policy(udp_tries=1)
        with self.assertRaises(Problem) as raised:
            self.h.admin.request("PATCH", "/v1/policies/default", {"udp_tries": 2}, if_match=reply.etag)
        self.assertEqual(raised.exception.status, 412)


class Upstream(OneHarness):
    def test_faults_are_added_changed_and_removed(self):
        self.assertEqual(self.h.faults(), [])
        first = self.h.fault("rcode", rcode="SERVFAIL", name=ONE, times=2)
        second = self.h.fault("drop", name="other.example.")
        self.assertEqual([fault["id"] for fault in self.h.faults()], [first, second])
        self.assertEqual([self.h.ask(ONE).rcode for _ in range(3)], ["SERVFAIL", "SERVFAIL", "NOERROR"])
        self.assertEqual((self.h.faults()[0]["struck"], self.h.faults()[0]["times"]), (2, 2))
        self.assertEqual(self.h.change_fault(second, times=7)["times"], 7)
        self.h.remove_fault(first)
        self.assertEqual([fault["id"] for fault in self.h.faults()], [second])
        self.h.remove_faults()
        self.assertEqual(self.h.faults(), [])

    def test_a_fault_that_cannot_be_is_refused_with_the_place(self):
        self.assert_problem(422, "/kind", self.h.fault, "gremlin")
        self.assert_problem(422, "/delay_ms", self.h.fault, "tc_partial", octets=512, delay_ms=1)
        self.assert_problem(422, "/transport", self.h.fault, "tcp_reset", transport="udp")
        self.assert_problem(404, None, self.h.remove_fault, 4711)
        self.assertEqual(self.h.faults(), [])

    def test_an_answer_is_records_or_a_count_or_a_size(self):
        self.h.answer("mail.example", "MX", records=["10 mx1.example.", "20 mx2.example."], ttl_s=7)
        answer = self.h.ask("mail.example", "MX")
        self.assertEqual([r.data for r in answer.records], ["10 mx1.example.", "20 mx2.example."])
        self.assertEqual({r.ttl_s for r in answer.records}, {7})
        self.h.answer("many.example", "AAAA", addresses=20)
        self.assertEqual(len(set(self.h.ask("many.example", "AAAA").addresses)), 20)
        self.h.answer("big.example", "TXT", octets=1500)
        self.assertEqual(self.h.ask("big.example", "TXT", bufsize=None).octets, 1500)
        names = [answer["name"] for answer in self.h.answers()]
        self.assertLessEqual({"mail.example.", "many.example.", "big.example."}, set(names))
        self.assert_problem(422, "/addresses", self.h.answer, "x.example", "MX", addresses=3)
        for ways in [{}, {"addresses": 1, "octets": 600}]:
            with self.subTest(ways), self.assertRaises(ValueError):
                self.h.answer("x.example", **ways)

    def test_the_state_is_one_document(self):
        self.h.fault("tc_empty", name=ONE, octets=512)
        self.h.policy("example", fit="fill")
        document = self.h.scenario()
        self.h.reset()
        self.assertEqual(self.h.faults(), [])
        self.assertEqual(self.h.scenario(document), document)
        self.assertEqual(self.h.policy("example"), {"fit": "fill"})
        self.assertEqual(self.h.scenario("eks-externalname")["name"], "eks-externalname")
        self.assert_problem(404, None, self.h.scenario, "no-such-story")

    def test_other_upstreams_are_asked_from_the_next_query_on(self):
        upstreams = self.h.upstreams()
        with Harness() as other:
            other.answer("elsewhere.example", addresses=3)
            self.h.upstreams(["127.0.0.1:%d" % other.endpoint("upstream")[1]])
            self.assertEqual(len(self.h.ask("elsewhere.example").addresses), 3)
            self.h.reset()
        self.assertEqual(self.h.upstreams(), upstreams)
        self.assert_problem(422, "/upstreams/0", self.h.upstreams, ["nobody"])


class Journal(OneHarness):
    def test_an_exchange_is_there_when_its_answer_is(self):
        for number in range(50):
            answer = self.h.ask(CHAIN, retry=False, id=number)
            exchange = self.h.exchanges(server="uncut")[-1]
            self.assertEqual(exchange["query"]["id"], number)
            self.assertEqual(exchange["response"]["octets"], answer.octets)

    def test_exchanges_are_filtered(self):
        self.h.ask(ONE)
        self.h.ask(CHAIN, retry=False)
        self.h.ask(ONE, transport="tcp", server="before")

        def count(**filters):
            return len(self.h.exchanges(**filters))

        self.assertEqual((count(), count(name=ONE), count(server="before")), (3, 2, 1))
        self.assertEqual((count(verdict="truncated"), count(transport="tcp"), count(limit=2)), (1, 1, 2))
        last = self.h.last_exchange()
        self.assertEqual((count(after=last), count(after=last - 1)), (0, 1))
        with self.assertRaises(Problem) as raised:
            self.h.exchanges(verdict="delicious")
        self.assertEqual((raised.exception.status, raised.exception.parameter), (422, "verdict"))

    def test_one_exchange_has_its_messages_in_octets(self):
        answer = self.h.ask(CHAIN, retry=False)
        exchange = self.h.exchange(self.h.last_exchange())
        self.assertEqual(bytes.fromhex(exchange["response"]["hex"]), answer.message.wire)
        self.assertIn("message", next(event for event in exchange["events"] if event["kind"] == "answer"))

    def test_the_stream_has_what_happens_while_it_is_open(self):
        self.h.ask(ONE)
        with self.h.follow(server="uncut") as stream:
            for number in range(20):
                self.h.ask(CHAIN, retry=False, id=number)
                exchange = next(stream)
                self.assertEqual((exchange["query"]["id"], exchange["name"]), (number, CHAIN))

    def test_the_stream_can_begin_in_the_past(self):
        for number in range(5):
            self.h.ask(ONE, id=number)
        with self.h.follow(after=self.h.last_exchange() - 3) as stream:
            self.assertEqual([next(stream)["query"]["id"] for _ in range(3)], [2, 3, 4])

    def test_a_stream_on_which_nothing_comes_says_so(self):
        with self.h.follow(timeout_s=0.05) as stream, self.assertRaises(TimeoutError):
            next(stream)

    def test_counters_grow(self):
        def total():
            return sum(value for sample, value in self.h.metrics().items() if 'server="uncut"' in sample)

        before = total()
        self.h.ask(CHAIN, retry=False)
        self.assertGreater(total(), before)


class Rest(OneHarness):
    def test_the_module_is_loaded_again_while_queries_are_answered(self):
        loads = self.h.module()["loads"]
        errors = []

        def asking():
            try:
                for _ in range(200):
                    if len(self.h.ask(CHAIN, retry=False).addresses) != 22:
                        errors.append("an answer that is not whole")
            except Exception as error:  # the test's thread shall see it
                errors.append(error)

        thread = threading.Thread(target=asking)
        thread.start()
        for more in range(1, 6):
            self.assertEqual(self.h.reload_module()["loads"], loads + more)
        thread.join()
        self.assertEqual(errors, [])

    def test_a_probe_says_where_the_answer_is_lost(self):
        self.assertEqual(self.h.probe(CHAIN)["diagnosis"]["code"], "needs_bufsize")
        before = "127.0.0.1:%d" % self.h.endpoint("before")[1]
        self.assertEqual(self.h.probe(CHAIN, server=before)["diagnosis"]["code"], "passes_truncation_on")


class Packaging(unittest.TestCase):
    def test_the_example_of_the_readme_runs_as_it_is_written(self):
        examples = re.findall(r"^```python\n(.*?)^```$", (CLIENT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
        self.assertEqual(len(examples), 1)
        done = subprocess.run(
            [sys.executable, "-"],
            input=examples[0],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(CLIENT)},
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^whole again: 40 addresses in \d+ octets\n$")

    @unittest.skipUnless(
        packaging_python(), "no Python here has what pip builds with: python3-venv python3-setuptools python3-wheel"
    )
    def test_pip_installs_it_from_its_folder_and_nothing_else(self):
        with tempfile.TemporaryDirectory() as folder:
            # A build leaves its traces in the folder that it builds from.
            source = shutil.copytree(CLIENT, Path(folder, "client"))
            subprocess.run([packaging_python(), "-m", "venv", "--system-site-packages", f"{folder}/venv"], check=True)
            python = f"{folder}/venv/bin/python"
            pip = [python, "-m", "pip", "--disable-pip-version-check", "-q", "install", "--no-index"]
            done = subprocess.run([*pip, "--no-build-isolation", str(source)], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
            environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
            script = (
                "import uncut_harness as u\nprint(u.__file__)\n"
                f"with u.Harness() as h: print(h.ask({ONE!r}).addresses)"
            )
            done = subprocess.run(
                [python, "-c", script], capture_output=True, text=True, env=environment, cwd=folder, timeout=60
            )
            self.assertEqual(done.stderr, "")
            where, addresses = done.stdout.splitlines()
            self.assertTrue(where.startswith(f"{folder}/venv/"), where)
            self.assertEqual(addresses, "['203.0.113.1']")


if __name__ == "__main__":
    unittest.main()
