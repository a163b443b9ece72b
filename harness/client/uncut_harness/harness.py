# SPDX-License-Identifier: Apache-2.0
"""The harness as a test sees it: started, scripted, asked, read, ended."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from .admin import TIMEOUT_S as ADMIN_TIMEOUT_S
from .admin import Admin, ExchangeStream, Problem, parse_metrics, path_of
from .ask import TIMEOUT_S, Answer, Endpoint, ask, client_of
from .message import encode_query
from .process import Process, find_program

ANY_PORT = "127.0.0.1:0"
_DEMO_LISTENERS = ("dns", "before", "upstream", "admin")


class Harness:
    """`uncut demo`: a scripted upstream, and two servers in front of it, "uncut" and "before".

    With `upstreams`, it is `uncut serve` in front of those: one server, and neither answers nor faults nor scenarios.
    It listens on loopback, at ports that the system chooses, from `with` to its end, also when the test fails.
    """

    def __init__(
        self,
        program: str | os.PathLike[str] | None = None,
        *,
        upstreams: Sequence[str] = (),
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> None:
        """`program` is found as argument, by the environment's UNCUT, or on PATH.

        `arguments` go to the program behind its own; `token` is what the admin API wants, if they say so.
        """
        verb = ["serve"] if upstreams else ["demo"]
        for upstream in upstreams:
            verb += ["--upstream", upstream]
        for option in ("dns", "admin") if upstreams else _DEMO_LISTENERS:
            verb += [f"--{option}", ANY_PORT]
        self._command = [find_program(program), *verb, *arguments]
        self._labels = ("dns", "admin") if upstreams else ("uncut", "before", "upstream", "admin")
        self._environment = environment
        self._token = token
        self._process: Process | None = None
        self._admin: Admin | None = None
        self._endpoints: dict[str, Endpoint] = {}

    # --- its life

    def start(self) -> Self:
        """Starts it and waits until it says where it listens; HarnessError has its standard error if it does not."""
        self._process = Process(self._command, self._environment)
        try:
            self._endpoints = self._process.wait_for_addresses(self._labels)
        except BaseException:
            self.stop()
            raise
        if "dns" in self._endpoints:
            self._endpoints["uncut"] = self._endpoints.pop("dns")
        self._admin = Admin(self._endpoints["admin"], self._token)
        return self

    def stop(self) -> None:
        """Ends the process that start() started, and no other."""
        if self._process is not None:
            self._process.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def process(self) -> Process:
        """The child process: its pid, and what it said."""
        if self._process is None:
            raise RuntimeError("the harness has not been started: use it with `with`")
        return self._process

    @property
    def admin(self) -> Admin:
        """The admin API itself, for what has no method here."""
        if self._admin is None:
            raise RuntimeError("the harness has not been started: use it with `with`")
        return self._admin

    def endpoint(self, server: str = "uncut") -> Endpoint:
        """Where `uncut`, `before`, `upstream` or `admin` listens."""
        if server not in self._endpoints:
            raise ValueError(f'"{server}" does not listen: expected one of {", ".join(sorted(self._endpoints))}')
        return self._endpoints[server]

    # --- policies

    def policy(self, zone: str = "default", /, **fields: Any) -> dict[str, Any]:
        """Sets these fields of a zone's policy (None: as in `default` again) and says what the zone sets now."""
        path = path_of("v1", "policies", zone)
        if not fields:
            return self.admin.request("GET", path).value
        try:
            return self.admin.request("PATCH", path, fields).value
        except Problem as problem:
            if problem.status != 404:
                raise
        own = {name: value for name, value in fields.items() if value is not None}
        return self.admin.request("PUT", path, own).value

    def policies(self, zones: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
        """The whole set; with `zones`, after replacing it."""
        return self._get_or_put(path_of("v1", "policies"), zones)

    def revision(self) -> int:
        """The revision of the policies in force."""
        return int(self.admin.request("GET", path_of("v1", "policies")).etag or 0)

    def preset(self, name: str) -> dict[str, Any]:
        """Makes a preset the policy of the default zone."""
        return self.admin.request("POST", path_of("v1", "presets", name, "apply")).value

    # --- the scripted upstream

    def fault(self, kind: str, /, **parameters: Any) -> int:
        """Adds a fault: its match (`name`, `type`, `transport`), `probability`, `seed`, `times`, what its kind takes.

        Returns its id, for change_fault and remove_fault.
        """
        return self.admin.request("POST", path_of("v1", "faults"), {"kind": kind, **parameters}).value["id"]

    def faults(self) -> list[dict[str, Any]]:
        """The faults, with how many queries each has struck."""
        return self.admin.get("v1", "faults")["faults"]

    def change_fault(self, id: int, /, **parameters: Any) -> dict[str, Any]:
        """Changes a fault's parameters (None: as if not given) and says what it is now."""
        return self.admin.request("PATCH", path_of("v1", "faults", id), parameters).value

    def remove_fault(self, id: int) -> None:
        """Takes one fault away."""
        self.admin.request("DELETE", path_of("v1", "faults", id))

    def remove_faults(self) -> None:
        """Takes all faults away."""
        self.admin.request("DELETE", path_of("v1", "faults"))

    def answer(
        self,
        name: str,
        type: str = "A",
        *,
        records: Sequence[str] | None = None,
        addresses: int | None = None,
        octets: int | None = None,
        ttl_s: int | None = None,
    ) -> dict[str, Any]:
        """Sets what the upstream answers to a question.

        One of: the data of each record in zone syntax, so many addresses, a response of so many octets.
        """
        ways = {"records": list(records) if records is not None else None, "addresses": addresses, "octets": octets}
        given = {way: value for way, value in ways.items() if value is not None}
        if len(given) != 1:
            raise ValueError(f"expected one of records, addresses and octets, got {len(given)}")
        body: dict[str, Any] = {"name": name, "type": type, **given}
        if ttl_s is not None:
            body["ttl_s"] = ttl_s
        return self.admin.request("PUT", path_of("v1", "answers", name, type), body).value

    def answers(self) -> list[dict[str, Any]]:
        """What the upstream answers, by name and type."""
        return self.admin.get("v1", "answers")["answers"]

    def scenarios(self) -> list[str]:
        """The names of those that are built in."""
        return [scenario["name"] for scenario in self.admin.get("v1", "scenarios")["scenarios"]]

    def scenario(self, scenario: str | Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The whole state as one document; after replacing it by a built-in scenario, or by a document."""
        if isinstance(scenario, str):
            scenario = self.admin.get("v1", "scenarios", scenario)
        return self._get_or_put(path_of("v1", "scenario"), scenario)

    # --- what happened

    def exchanges(
        self,
        *,
        server: str | None = None,
        name: str | None = None,
        verdict: str | None = None,
        transport: str | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """The journal, oldest first. An exchange is in it before its answer is sent: nothing to wait for."""
        return self.admin.get(
            "v1",
            "exchanges",
            server=server,
            name=name,
            verdict=verdict,
            transport=transport,
            after=after,
            limit=limit,
        )["exchanges"]

    def exchange(self, number: int) -> dict[str, Any]:
        """One exchange, with every message decoded and in hexadecimal."""
        return self.admin.get("v1", "exchanges", number)

    def last_exchange(self) -> int:
        """The number of the newest exchange, 0 if there is none."""
        return self.admin.get("v1", "exchanges", limit=1)["last"]

    def follow(self, *, timeout_s: float = ADMIN_TIMEOUT_S, **filters: Any) -> ExchangeStream:
        """Iterates over exchanges as they end, from now on (or behind `after`); filters as for exchanges().

        TimeoutError when none ends for so long.
        """
        return self.admin.follow(timeout_s, **filters)

    def metrics(self) -> dict[str, float]:
        """The counters by sample, such as `uncut_ignored_total{cause="id",server="uncut"}`: labels by name."""
        return parse_metrics(self.admin.get("metrics"))

    # --- everything else

    def reset(self) -> None:
        """Back to the state at start: policies, upstreams, answers, faults, journal, and what was learned."""
        self.admin.request("POST", path_of("v1", "reset"))

    def upstreams(self, upstreams: Iterable[str] | None = None) -> list[str]:
        """Whom uncut asks; after replacing the list, if one is given."""
        body = None if upstreams is None else {"upstreams": list(upstreams)}
        return self._get_or_put(path_of("v1", "upstreams"), body)["upstreams"]

    def module(self) -> dict[str, Any]:
        """The module that is loaded: path, version, ABI, how often."""
        return self.admin.get("v1", "module")

    def reload_module(self) -> dict[str, Any]:
        """Loads the module's file again; queries in flight finish on the old one."""
        return self.admin.request("POST", path_of("v1", "module", "reload")).value

    def probe(self, name: str, type: str = "A", *, server: str | None = None) -> dict[str, Any]:
        """What `uncut probe` finds out about a name, at `server` (ADDR:PORT) or at uncut itself."""
        body = {"name": name, "type": type}
        if server is not None:
            body["server"] = server
        return self.admin.request("POST", path_of("v1", "probe"), body).value

    def ask(
        self,
        name: str,
        type: str | int = "A",
        *,
        server: str = "uncut",
        transport: str = "udp",
        bufsize: int | None = 1232,
        retry: bool = True,
        timeout_s: float = TIMEOUT_S,
        **more: Any,
    ) -> Answer:
        """Sends a real query from here. With `retry`, a truncated answer over UDP is asked for again over TCP.

        `more` goes to encode_query: id, dnssec, flags, options, ... NoAnswer when none came.
        """
        query = encode_query(name, type, bufsize=bufsize, **more)
        return ask(self.endpoint(server), query, transport=transport, retry=retry, timeout_s=timeout_s)

    def ask_raw(
        self, octets: bytes, *, server: str = "uncut", transport: str = "udp", timeout_s: float = TIMEOUT_S
    ) -> bytes:
        """Sends these octets, whatever they are, and returns the octets that come back; NoAnswer when none did."""
        with client_of(transport, self.endpoint(server), timeout_s) as client:
            client.send(octets)
            return client.receive()

    def _get_or_put(self, path: str, body: Any) -> dict[str, Any]:
        if body is None:
            return self.admin.request("GET", path).value
        return self.admin.request("PUT", path, body).value
