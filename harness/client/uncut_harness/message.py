# SPDX-License-Identifier: Apache-2.0
"""A small codec for DNS messages: queries into octets, and whatever comes back into objects."""

from __future__ import annotations

import ipaddress
import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from .names import DecodeError, decode_name, encode_name, rcode_text, type_number, type_text

HEADER_OCTETS = 12
CLASS_IN = 1
OPT = 41
_DO = 0x8000  # in the TTL of an OPT: RFC 6891 6.1.3
_FLAGS = {"qr": 0x8000, "aa": 0x0400, "tc": 0x0200, "rd": 0x0100, "ra": 0x0080, "ad": 0x0020, "cd": 0x0010}
_ONE_NAME = {"NS", "CNAME", "PTR", "DNAME"}


@dataclass(frozen=True)
class Question:
    """What a message asks, in the letter case of the message."""

    name: str
    type: str
    class_number: int = CLASS_IN


@dataclass(frozen=True)
class Record:
    """One resource record. `data` is zone syntax where the type is known here, else as in RFC 3597 5."""

    name: str
    type: str
    class_number: int
    ttl_s: int
    data: str
    rdata: bytes = field(repr=False, default=b"")


@dataclass(frozen=True)
class Edns:
    """An OPT record (RFC 6891 6.1)."""

    version: int
    udp_payload_size: int
    dnssec_ok: bool
    options: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True)
class Message:
    """A DNS message that parses from its first octet to its last."""

    id: int
    opcode: int
    rcode: str
    flags: frozenset[str]
    question: Question | None
    answer: tuple[Record, ...]
    authority: tuple[Record, ...]
    additional: tuple[Record, ...]
    edns: Edns | None
    wire: bytes = field(repr=False, default=b"")

    @property
    def octets(self) -> int:
        """How long it is."""
        return len(self.wire)

    @property
    def tc(self) -> bool:
        """Whether it says that it is truncated."""
        return "tc" in self.flags

    @property
    def addresses(self) -> list[str]:
        """The A and AAAA records of the answer section, as text."""
        return [record.data for record in self.answer if record.type in ("A", "AAAA")]


def encode_query(
    name: str,
    type: str | int = "A",
    *,
    id: int | None = None,
    bufsize: int | None = 1232,
    dnssec: bool = False,
    flags: Iterable[str] = ("rd",),
    opcode: int = 0,
    options: Iterable[tuple[int, bytes]] = (),
    class_number: int = CLASS_IN,
) -> bytes:
    """A query in wire form.

    `bufsize` is the UDP payload size that its OPT advertises; None: no OPT, and then neither `dnssec` (DO) nor
    `options` (pairs of code and octets) can be said.
    """
    if bufsize is None and (dnssec or tuple(options)):
        raise ValueError("without an OPT (bufsize None) there is no place for DO or options")
    word = opcode << 11
    for flag in flags:
        word |= _FLAGS[flag]
    id = secrets.randbelow(0x10000) if id is None else id
    out = struct.pack("!6H", id, word, 1, 0, 0, 0 if bufsize is None else 1)
    out += encode_name(name) + struct.pack("!2H", type_number(type), class_number)
    if bufsize is not None:
        rdata = b"".join(struct.pack("!2H", code, len(value)) + value for code, value in options)
        out += b"\0" + struct.pack("!2HIH", OPT, bufsize, _DO if dnssec else 0, len(rdata)) + rdata
    return out


def _txt_text(rdata: bytes) -> str:
    texts = []
    at = 0
    while at < len(rdata):
        text = rdata[at + 1 : at + 1 + rdata[at]]
        escaped = "".join(
            "\\" + chr(o) if o in b'"\\' else chr(o) if 0x20 <= o <= 0x7E else f"\\{o:03}" for o in text
        )
        texts.append(f'"{escaped}"')
        at += 1 + rdata[at]
    return " ".join(texts)


def _data_text(message: bytes, type: str, at: int, rdata: bytes) -> str:
    if type == "A" and len(rdata) == 4:
        return str(ipaddress.IPv4Address(rdata))
    if type == "AAAA" and len(rdata) == 16:
        return str(ipaddress.IPv6Address(rdata))
    if type in _ONE_NAME:
        name, behind = decode_name(message, at)
        if behind != at + len(rdata):
            raise DecodeError("a name that is not as long as its RDATA", at)
        return name
    if type == "MX" and len(rdata) > 2:
        return f"{int.from_bytes(rdata[:2])} {decode_name(message, at + 2)[0]}"
    if type == "TXT":
        return _txt_text(rdata)
    return f"\\# {len(rdata)} {rdata.hex()}".rstrip()


class _Reader:
    """Reads a message from front to back."""

    def __init__(self, wire: bytes) -> None:
        self.wire = wire
        self.at = 0

    def take(self, layout: str) -> tuple[int, ...]:
        octets = struct.calcsize(layout)
        if self.at + octets > len(self.wire):
            raise DecodeError(f"the message ends where {octets} octets were due", self.at)
        self.at += octets
        return struct.unpack_from(layout, self.wire, self.at - octets)

    def name(self) -> str:
        text, self.at = decode_name(self.wire, self.at)
        return text

    def question(self) -> Question:
        name = self.name()
        number, class_number = self.take("!2H")
        return Question(name, type_text(number), class_number)

    def record(self) -> Record:
        name = self.name()
        number, class_number, ttl, octets = self.take("!2HIH")
        begin = self.at
        if begin + octets > len(self.wire):
            raise DecodeError(f"the message ends within an RDATA of {octets} octets", begin)
        self.at += octets
        rdata = self.wire[begin : self.at]
        type = type_text(number)
        return Record(name, type, class_number, ttl, _data_text(self.wire, type, begin, rdata), rdata)


def _read_edns(record: Record) -> Edns:
    options = []
    at = 0
    while at < len(record.rdata):
        if at + 4 > len(record.rdata):
            raise DecodeError("an OPT that ends within an option", at)
        code, octets = struct.unpack_from("!2H", record.rdata, at)
        if at + 4 + octets > len(record.rdata):
            raise DecodeError("an option that is longer than its OPT", at)
        options.append((code, record.rdata[at + 4 : at + 4 + octets]))
        at += 4 + octets
    return Edns(record.ttl_s >> 16 & 0xFF, record.class_number, bool(record.ttl_s & _DO), tuple(options))


def decode(wire: bytes) -> Message:
    """Reads a whole message; DecodeError says what is wrong with one that does not parse to its very end."""
    reader = _Reader(wire)
    id, word, questions, *counts = reader.take("!6H")
    if questions > 1:
        raise DecodeError(f"{questions} questions, more than the one that RFC 9619 allows", 4)
    question = reader.question() if questions else None
    sections = [[reader.record() for _ in range(count)] for count in counts]
    if reader.at != len(wire):
        raise DecodeError(f"{len(wire) - reader.at} octets behind the last record", reader.at)
    opts = [record for record in sections[2] if record.type == "OPT"]
    if len(opts) > 1:
        raise DecodeError("more than one OPT (RFC 6891 6.1.1)", reader.at)
    rcode = word & 0x0F
    if opts:
        rcode |= opts[0].ttl_s >> 24 << 4  # the upper 8 of 12 bits: RFC 6891 6.1.3
    return Message(
        id=id,
        opcode=word >> 11 & 0x0F,
        rcode=rcode_text(rcode),
        flags=frozenset(flag for flag, bit in _FLAGS.items() if word & bit),
        question=question,
        answer=tuple(sections[0]),
        authority=tuple(sections[1]),
        additional=tuple(record for record in sections[2] if record.type != "OPT"),
        edns=_read_edns(opts[0]) if opts else None,
        wire=wire,
    )
