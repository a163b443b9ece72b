# SPDX-License-Identifier: Apache-2.0
"""A DNS client as plain as they come: one question, one socket, no cache, no second try unless told."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from .message import Edns, Message, Record, decode
from .names import DecodeError

# uncut gives up after 4.5 s by default (deadline_ms); a client that waits less would blame it for its own haste.
TIMEOUT_S = 6.0
UDP_OCTETS_MAX = 65535

Endpoint = tuple[str, int]


class NoAnswer(Exception):
    """Nobody answered: the time was over, or the connection was."""


@dataclass(frozen=True)
class Answer:
    """What came back, and over which transport.

    `before` is the truncated answer over UDP that made the client ask again over TCP.
    """

    message: Message
    transport: str
    before: Answer | None = field(default=None, repr=False)

    @property
    def rcode(self) -> str:
        """NOERROR, SERVFAIL, ... with the upper bits that an OPT adds."""
        return self.message.rcode

    @property
    def flags(self) -> frozenset[str]:
        """Those that are set, of qr aa tc rd ra ad cd."""
        return self.message.flags

    @property
    def tc(self) -> bool:
        """Whether it says that it is truncated."""
        return self.message.tc

    @property
    def addresses(self) -> list[str]:
        """The A and AAAA records of the answer section, as text."""
        return self.message.addresses

    @property
    def records(self) -> tuple[Record, ...]:
        """The answer section."""
        return self.message.answer

    @property
    def edns(self) -> Edns | None:
        """Its OPT, None if it has none."""
        return self.message.edns

    @property
    def octets(self) -> int:
        """How long the message is, without the length that TCP puts in front."""
        return self.message.octets


def parse_endpoint(text: str) -> Endpoint:
    """`127.0.0.1:53` or `[::1]:53` as a socket wants it."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f'"{text}": expected ADDRESS:PORT')
    return host.strip("[]"), int(port)


def _family(server: Endpoint) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in server[0] else socket.AF_INET


class _Client:
    """A socket connected to a server, so that the kernel drops what comes from anywhere else."""

    def __init__(self, server: Endpoint, kind: socket.SocketKind, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._socket = socket.socket(_family(server), kind)
        try:
            self._socket.settimeout(timeout_s)
            self._socket.connect(server)
        except OSError as error:
            self._socket.close()
            raise NoAnswer(f"{server[0]} port {server[1]}: {error}") from error

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()

    def address(self) -> str:
        """Where it asks from, as the journal writes a client."""
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class UdpClient(_Client):
    """Asks over UDP from one port."""

    transport = "udp"

    def __init__(self, server: Endpoint, timeout_s: float = TIMEOUT_S) -> None:
        super().__init__(server, socket.SOCK_DGRAM, timeout_s)

    def send(self, query: bytes) -> None:
        """Sends one datagram."""
        self._socket.send(query)

    def receive(self, until: float | None = None) -> bytes:
        """The next datagram; NoAnswer when none came in time (`until` is on time.monotonic's clock)."""
        left_s = self._timeout_s if until is None else until - time.monotonic()
        if left_s <= 0:
            raise NoAnswer("no datagram in time")
        self._socket.settimeout(left_s)
        try:
            return self._socket.recv(UDP_OCTETS_MAX)
        except OSError as error:
            raise NoAnswer(f"over UDP: {error}") from error

    def arrived(self) -> list[bytes]:
        """Whatever datagrams are here already, without waiting for any."""
        datagrams = []
        self._socket.setblocking(False)
        try:
            while True:
                datagrams.append(self._socket.recv(UDP_OCTETS_MAX))
        except OSError:  # BlockingIOError: no more of them; anything else: nor will there be
            return datagrams

    def ask(self, query: bytes) -> Message:
        """The first answer to `query`; what has another ID or does not parse is passed over."""
        until = time.monotonic() + self._timeout_s
        self.send(query)
        while True:
            try:
                message = decode(self.receive(until))
            except DecodeError:
                continue
            if message.id == int.from_bytes(query[:2]) and "qr" in message.flags:
                return message


class TcpClient(_Client):
    """Asks over one TCP connection (RFC 7766)."""

    transport = "tcp"

    def __init__(self, server: Endpoint, timeout_s: float = TIMEOUT_S) -> None:
        super().__init__(server, socket.SOCK_STREAM, timeout_s)

    def send(self, query: bytes) -> None:
        """Sends one message, its length in front in the same segment (RFC 7766 8)."""
        self._socket.sendall(struct.pack("!H", len(query)) + query)

    def receive(self) -> bytes:
        """The next message; NoAnswer when the time or the connection ended before it was whole."""
        until = time.monotonic() + self._timeout_s
        return self._take(int.from_bytes(self._take(2, until)), until)

    def _take(self, octets: int, until: float) -> bytes:
        taken = bytearray()
        while len(taken) < octets:
            left_s = until - time.monotonic()
            if left_s <= 0:
                raise NoAnswer(f"over TCP: {len(taken)} of {octets} octets in time")
            self._socket.settimeout(left_s)
            try:
                part = self._socket.recv(octets - len(taken))
            except OSError as error:
                raise NoAnswer(f"over TCP: {error}") from error
            if not part:
                raise NoAnswer(f"over TCP: closed after {len(taken)} of {octets} octets")
            taken += part
        return bytes(taken)

    def ask(self, query: bytes) -> Message:
        """The next message on the connection; DecodeError if it is none."""
        self.send(query)
        return decode(self.receive())


def client_of(transport: str, server: Endpoint, timeout_s: float = TIMEOUT_S) -> UdpClient | TcpClient:
    """A client for `udp` or `tcp`."""
    if transport == "udp":
        return UdpClient(server, timeout_s)
    if transport == "tcp":
        return TcpClient(server, timeout_s)
    raise ValueError(f'"{transport}" is no transport: expected udp or tcp')


def ask(
    server: Endpoint, query: bytes, *, transport: str = "udp", retry: bool = True, timeout_s: float = TIMEOUT_S
) -> Answer:
    """Asks a server. With `retry`, a truncated answer over UDP is asked for again over TCP (RFC 1123 6.1.3.2)."""
    with client_of(transport, server, timeout_s) as client:
        answer = Answer(client.ask(query), transport)
    if not (retry and transport == "udp" and answer.tc):
        return answer
    with TcpClient(server, timeout_s) as client:
        return Answer(client.ask(query), "tcp", before=answer)
