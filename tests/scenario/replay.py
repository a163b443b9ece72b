# SPDX-License-Identifier: Apache-2.0
"""Replays a scenario's story with real queries, and holds every exchange to what is promised whatever arrives.

A step of a story is `{"say", "ask" or "together", "expect", "journal"}`: what to ask, what the client must get, what
the journal must say of it. README.md has the words; a word that is not known here is an error, so that no step expects
something that nobody looks at.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any
from unittest import TestCase

from uncut_harness import Harness, Message, decode, encode_query
from uncut_harness.ask import TIMEOUT_S, TcpClient, UdpClient, client_of

STEP_WORDS = {"say", "ask", "together", "expect", "journal", "in_all"}
SERVERS = {"uncut", "before"}  # those with a journal
ASK_WORDS = {"name", "type", "server", "transport", "bufsize", "retry", "dnssec", "flags", "options", "copies"}
COPIES_MAX = 200  # sockets of one step; the usual limit is 1,024 descriptors
UDP_OCTETS_WITHOUT_EDNS = 512  # RFC 1035 4.2.1, and what a smaller advertised size counts as (RFC 6891 6.2.3)


@dataclass(eq=False)
class Asked:
    """A query that was sent, and what came back."""

    ask: dict[str, Any]
    query: Message
    client: UdpClient | TcpClient
    response: Message = field(init=False)  # once it has come

    @property
    def server(self) -> str:
        return self.ask.get("server", "uncut")

    @property
    def transport(self) -> str:
        return self.client.transport


def query_of(ask: dict[str, Any]) -> bytes:
    return encode_query(
        ask["name"],
        ask.get("type", "A"),
        bufsize=ask.get("bufsize", 1232),
        dnssec=ask.get("dnssec", False),
        flags=ask.get("flags", ["rd"]),
        options=[(option["code"], bytes.fromhex(option["hex"])) for option in ask.get("options", [])],
    )


def causes(exchange: dict[str, Any], kind: str) -> list[str]:
    return [event["cause"] for event in exchange["events"] if event["kind"] == kind]


def asks_sent(exchange: dict[str, Any], transport: str) -> int:
    """How often it asked the upstream itself, and did not join a query that another exchange had in flight."""
    asks = [event for event in exchange["events"] if event["kind"] == "ask" and event["transport"] == transport]
    return sum(not event["shared"] for event in asks)


# What `expect` may say: a word, and what of the answer it is compared with. Those in _max and _min are bounds.
ANSWER_WORDS = {
    "rcode": lambda m: m.rcode,
    "tc": lambda m: m.tc,
    "addresses": lambda m: len(set(m.addresses)),
    "data": lambda m: [record.data for record in m.answer],
    "records": lambda m: len(m.answer),
    "octets": lambda m: m.octets,
    "edns": lambda m: m.edns is not None,
    "flags": lambda m: sorted(m.flags),
}

# The same for `journal`, of an exchange.
EXCHANGE_WORDS = {
    "verdict": lambda e: e["verdict"],
    "outcome": lambda e: e["outcome"],
    "cause": lambda e: e["cause"],
    "upstream_transport": lambda e: e["upstream_transport"],
    "asked": lambda e: [event["transport"] for event in e["events"] if event["kind"] == "ask"],
    "asks": lambda e: sum(event["kind"] == "ask" for event in e["events"]),
    # A late one may belong to an earlier exchange: the journal tells it to whoever asked last from that port.
    "ignored": lambda e: sorted(cause for cause in causes(e, "ignored") if cause != "late"),
    "failed": lambda e: causes(e, "failed"),
    "timeouts": lambda e: sum(event["kind"] == "timeout" for event in e["events"]),
}

# The same for `in_all`, of all exchanges of a step.
ALL_WORDS = {
    "exchanges": len,
    "sent_over_tcp": lambda all: sum(asks_sent(e, "tcp") for e in all),
    "joined_over_tcp": lambda all: sum(event["shared"] for e in all for event in e["events"] if event["kind"] == "ask"),
}


class Replay:
    """One story, told to a harness by a test."""

    def __init__(self, test: TestCase, harness: Harness, scenario: dict[str, Any]) -> None:
        self._test = test
        self._h = harness
        self._scenario = scenario
        self._clients = contextlib.ExitStack()
        self._udp: list[UdpClient] = []

    def run(self) -> None:
        """Takes every step; then nobody may have got a second answer."""
        with self._clients:
            for number, step in enumerate(self._scenario["story"], 1):
                with self._test.subTest(step=number, say=step.get("say", "")):
                    self._take(step)
            with self._test.subTest("no second answer"):
                self._test.assertEqual([client.arrived() for client in self._udp], [[]] * len(self._udp))

    # --- one step

    def _take(self, step: dict[str, Any]) -> None:
        self._test.assertLessEqual(set(step), STEP_WORDS)
        asks = step.get("together") or [step["ask"]]
        after = self._h.last_exchange()
        rounds = self._ask_all([ask for ask in asks for _ in range(ask.get("copies", 1))])
        to_retry = [a for a in rounds if a.ask.get("retry") and a.transport == "udp" and a.response.tc]
        rounds += self._ask_all([a.ask | {"transport": "tcp"} for a in to_retry])

        exchanges = self._exchanges_of(rounds, after)
        for asked, exchange in zip(rounds, exchanges):
            self._hold_to_promises(asked, exchange)
            if asked not in to_retry:
                self._compare(step.get("expect", {}), ANSWER_WORDS, asked.response)
                self._compare(step.get("journal", {}), EXCHANGE_WORDS, exchange)
        self._compare(step.get("in_all", {}), ALL_WORDS, exchanges)

    def _ask_all(self, asks: list[dict[str, Any]]) -> list[Asked]:
        """Sends all, and only then waits for the first answer."""
        self._test.assertLessEqual(len(asks), COPIES_MAX)
        sent = []
        for ask in asks:
            self._test.assertLessEqual(set(ask), ASK_WORDS)
            self._test.assertIn(ask.get("server", "uncut"), SERVERS)
            endpoint = self._h.endpoint(ask.get("server", "uncut"))
            client = client_of(ask.get("transport", "udp"), endpoint, TIMEOUT_S)
            self._clients.callback(client.close)
            if isinstance(client, UdpClient):
                self._udp.append(client)
            query = query_of(ask)
            sent.append(Asked(ask, decode(query), client))
            client.send(query)
        for asked in sent:
            asked.response = decode(asked.client.receive())
        return sent

    def _exchanges_of(self, rounds: list[Asked], after: int) -> list[dict[str, Any]]:
        """The journal's exchange of each query: as many as there were queries, no more."""
        fresh = self._h.exchanges(after=after, limit=1000)
        # The client's port tells the exchanges of one step apart: its sockets are all open.
        by_client = {(e["server"], e["transport"], e["client"]): e for e in fresh}
        self._test.assertEqual(len(fresh), len(rounds), "exchanges in the journal for this step")
        return [by_client[asked.server, asked.transport, asked.client.address()] for asked in rounds]

    # --- what is compared

    def _compare(self, words: dict[str, Any], known: dict[str, Any], subject: Any) -> None:
        for word, wanted in words.items():
            base = word.removesuffix("_max").removesuffix("_min")
            self._test.assertIn(base, known, f"a word of the story: {word}")
            got = known[base](subject)
            if word.endswith("_max"):
                self._test.assertLessEqual(got, wanted, word)
            elif word.endswith("_min"):
                self._test.assertGreaterEqual(got, wanted, word)
            elif isinstance(wanted, list) and (not isinstance(got, list) or any(isinstance(w, list) for w in wanted)):
                self._test.assertIn(got, wanted, word)  # one of these
            else:
                self._test.assertEqual(got, wanted, word)

    def _hold_to_promises(self, asked: Asked, exchange: dict[str, Any]) -> None:
        """What holds for every exchange (the design's "What an exchange promises")."""
        test, query, response = self._test, asked.query, asked.response
        kinds = [event["kind"] for event in exchange["events"]]
        test.assertEqual((kinds[0], kinds[-1]), ("query", "deliver"))
        test.assertEqual((kinds.count("query"), kinds.count("deliver"), kinds.count("drop")), (1, 1, 0))
        test.assertEqual(exchange["outcome"], "delivered")
        times = [event["at_us"] for event in exchange["events"]]
        test.assertEqual(times, sorted(times))

        # The client's ID, opcode, question and letter case; OPT in, OPT out.
        test.assertIn("qr", response.flags)
        test.assertEqual((response.id, response.opcode), (query.id, query.opcode))
        test.assertEqual(response.question, query.question)
        test.assertEqual(response.edns is not None, query.edns is not None)

        # The journal has what the client has, octet for octet.
        whole = self._h.exchange(exchange["number"])
        test.assertEqual(bytes.fromhex(whole["response"]["hex"]), response.wire)
        test.assertEqual(bytes.fromhex(whole["query"]["hex"]), query.wire)
        test.assertEqual("tc" in exchange["response"]["flags"], response.tc)
        test.assertEqual(exchange["response"]["octets"], response.octets)
        test.assertEqual(exchange["transport"], asked.transport)

        # Whom it asked: the upstream, at its port and no other, over TCP too.
        upstream = "%s:%d" % self._h.endpoint("upstream")
        asks = [event for event in exchange["events"] if event["kind"] == "ask"]
        test.assertEqual({event["upstream"] for event in asks} - {upstream}, set())

        if asked.server == "uncut":
            test.assertEqual(exchange["revision"], self._h.revision())
            if asked.transport == "udp":
                test.assertLessEqual(response.octets, self._octets_allowed(query))

    def _octets_allowed(self, query: Message) -> int:
        assert query.question is not None
        name = query.question.name
        zone = max((z for z in self._scenario["policies"] if self._covers(z, name)), key=len, default="")
        bufsize = self._scenario["policies"].get(zone, {}).get("client_bufsize")
        if bufsize is None:
            bufsize = self._h.policy("default")["client_bufsize"]
        advertised = query.edns.udp_payload_size if query.edns else 0
        return min(bufsize, max(advertised, UDP_OCTETS_WITHOUT_EDNS))

    @staticmethod
    def _covers(zone: str, name: str) -> bool:
        return zone != "default" and ("." + name.lower()).endswith("." + zone.lower().rstrip(".") + ".")
