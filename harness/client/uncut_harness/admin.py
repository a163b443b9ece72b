# SPDX-License-Identifier: Apache-2.0
"""The admin API over HTTP: requests, problems as exceptions, the stream of exchanges, metrics."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

from .ask import Endpoint

TIMEOUT_S = 10.0
# One event is an exchange in JSON: at most some hundred events and two messages of 65,535 octets, decoded.
EVENT_OCTETS_MAX = 16 * 1024 * 1024

_SAMPLE = re.compile(r'^([A-Za-z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? (\S+)(?: -?\d+)?$')
_LABEL = re.compile(r'([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"')


class Problem(Exception):
    """The API refused: the fields of its problem document (RFC 9457)."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.document = dict(document)
        self.type: str = document.get("type", "about:blank")
        self.title: str = document.get("title", "")
        self.detail: str = document.get("detail", "")
        self.pointer: str | None = document.get("pointer")  # which place in the body: RFC 6901
        self.expected: str | None = document.get("expected")
        self.parameter: str | None = document.get("parameter")  # which query parameter
        where = "".join(f" at {place}" for place in (self.pointer, self.parameter) if place is not None)
        super().__init__(f"{status} {self.type}{where}: {self.detail}")


@dataclass(frozen=True)
class Reply:
    """A response that is no problem: its JSON (or text), and its ETag without the quotes."""

    status: int
    value: Any
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def path_of(*parts: str | int) -> str:
    """A path under the root, each part escaped: `path_of("v1", "policies", "a/b")` is `/v1/policies/a%2Fb`."""
    return "".join("/" + quote(str(part), safe="") for part in parts)


def _with_query(path: str, filters: Mapping[str, Any]) -> str:
    given = {name: value for name, value in filters.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def _problem_of(status: int, body: bytes) -> Problem:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {"detail": body.decode(errors="replace")}
    return Problem(status, document)


class Admin:
    """A client of the admin API. May be used from several threads: each request has a connection of its own."""

    def __init__(self, address: Endpoint, token: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self.address = address
        self._timeout_s = timeout_s
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(
        self,
        verb: str,
        path: str,
        body: Any = None,
        *,
        filters: Mapping[str, Any] | None = None,
        if_match: str | None = None,
    ) -> Reply:
        """Sends `body` as JSON (a PATCH as a merge patch) and reads the response; a refusal becomes a Problem."""
        headers = dict(self._headers)
        octets = None
        if body is not None:
            octets = json.dumps(body).encode()
            headers["Content-Type"] = "application/merge-patch+json" if verb == "PATCH" else "application/json"
        if if_match is not None:
            headers["If-Match"] = if_match if if_match == "*" else f'"{if_match}"'
        connection = http.client.HTTPConnection(*self.address, timeout=self._timeout_s)
        try:
            connection.request(verb, _with_query(path, filters or {}), octets, headers)
            response = connection.getresponse()
            said = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise _problem_of(response.status, said)
        etag = response.getheader("ETag")
        is_json = (response.getheader("Content-Type") or "").split(";")[0] == "application/json"
        value = json.loads(said) if is_json and said else said.decode()
        return Reply(response.status, value, etag.strip('"') if etag else None, dict(response.getheaders()))

    def get(self, *parts: str | int, **filters: Any) -> Any:
        """What GET says of a resource: `get("v1", "exchanges", limit=1)`."""
        return self.request("GET", path_of(*parts), filters=filters).value

    def follow(self, timeout_s: float, **filters: Any) -> ExchangeStream:
        """The stream of exchanges, connected when this returns."""
        path = _with_query(path_of("v1", "exchanges", "stream"), filters)
        connection = http.client.HTTPConnection(*self.address, timeout=self._timeout_s)
        try:
            connection.connect()
            # The connection forgets its socket where the response lasts until it is closed; next() needs it.
            sock = connection.sock
            connection.request("GET", path, headers={**self._headers, "Accept": "text/event-stream"})
            response = connection.getresponse()
            if response.status != 200:
                raise _problem_of(response.status, response.read())
        except BaseException:
            connection.close()
            raise
        return ExchangeStream(connection, sock, response, timeout_s)


class ExchangeStream(Iterator[dict[str, Any]]):
    """Exchanges as they end, from a stream of server-sent events. Close it, or use it with `with`."""

    def __init__(
        self,
        connection: http.client.HTTPConnection,
        sock: socket.socket,
        response: http.client.HTTPResponse,
        timeout_s: float,
    ) -> None:
        self._connection = connection
        self._socket = sock
        self._response = response
        self._timeout_s = timeout_s

    def __next__(self) -> dict[str, Any]:
        """The next exchange. TimeoutError when none came in time, which ends the stream, as the harness's end does."""
        until = time.monotonic() + self._timeout_s
        data: list[str] = []
        while True:
            line = self._line(until)
            if not line:
                raise StopIteration
            text = line.decode().rstrip("\r\n")
            if text.startswith("data:"):
                data.append(text[5:].removeprefix(" "))
            elif not text and data:  # a blank line dispatches; one without data is a heartbeat's end
                return json.loads("\n".join(data))

    def _line(self, until: float) -> bytes:
        left_s = until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError(f"no exchange in {self._timeout_s} s")
        self._socket.settimeout(left_s)
        line = self._response.readline(EVENT_OCTETS_MAX)
        if len(line) == EVENT_OCTETS_MAX:
            raise ValueError(f"an event of more than {EVENT_OCTETS_MAX} octets")
        return line

    def close(self) -> None:
        """Ends the stream."""
        self._response.close()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def parse_metrics(text: str) -> dict[str, float]:
    """Prometheus text as numbers, by sample: `uncut_queries_total` or `uncut_ignored_total{cause="id"}`.

    Labels come in the order of their names, whatever order the text has.
    """
    samples: dict[str, float] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        sample = _SAMPLE.match(line)
        if sample is None:
            raise ValueError(f"no sample of Prometheus text: {line}")
        labels = sorted(_LABEL.findall(sample[2] or ""))
        inside = ",".join(f'{name}="{value}"' for name, value in labels)
        samples[sample[1] + (f"{{{inside}}}" if inside else "")] = float(sample[3])
    return samples
