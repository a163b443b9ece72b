# SPDX-License-Identifier: Apache-2.0
"""Domain names and the numbers of types and RCODEs, between text and wire."""

from __future__ import annotations

LABEL_OCTETS_MAX = 63  # RFC 1035 2.3.4
NAME_OCTETS_MAX = 255  # RFC 1035 2.3.4
# A name of 255 octets has at most 127 labels, and no honest compressor puts more than one pointer behind each.
POINTERS_MAX = 127

TYPES = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "NULL": 10, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16, "RP": 17,
    "SIG": 24, "AAAA": 28, "SRV": 33, "NAPTR": 35, "DNAME": 39, "OPT": 41, "DS": 43, "RRSIG": 46, "NSEC": 47,
    "DNSKEY": 48, "SVCB": 64, "HTTPS": 65, "IXFR": 251, "AXFR": 252, "ANY": 255, "CAA": 257,
}  # fmt: skip
RCODES = {
    "NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5, "BADVERS": 16,
    "BADCOOKIE": 23,
}  # fmt: skip
_TYPE_TEXTS = {number: text for text, number in TYPES.items()}
_RCODE_TEXTS = {number: text for text, number in RCODES.items()}


class DecodeError(ValueError):
    """Octets that are no DNS message: what is wrong, and at which octet."""

    def __init__(self, reason: str, octet: int) -> None:
        super().__init__(f"octet {octet}: {reason}")
        self.reason = reason
        self.octet = octet


def type_number(type: str | int) -> int:
    """The number of a type: "A", "TYPE65280" (RFC 3597 5) or the number itself."""
    if isinstance(type, int):
        return type
    text = type.upper()
    if text in TYPES:
        return TYPES[text]
    if text.startswith("TYPE") and text[4:].isdecimal() and int(text[4:]) <= 0xFFFF:
        return int(text[4:])
    raise ValueError(f'"{type}" is no type: expected a mnemonic as A, or TYPE and a number up to 65535')


def type_text(number: int) -> str:
    """The mnemonic of a type, or TYPE and its number."""
    return _TYPE_TEXTS.get(number, f"TYPE{number}")


def rcode_text(number: int) -> str:
    """The name of an RCODE, or RCODE and its number."""
    return _RCODE_TEXTS.get(number, f"RCODE{number}")


def _labels_of(name: str) -> list[bytes]:
    labels: list[bytes] = []
    label = bytearray()
    at = 0
    while at < len(name):
        letter = name[at]
        if letter == ".":
            if not label:
                raise ValueError(f'"{name}" has an empty label')
            labels.append(bytes(label))
            label.clear()
        elif letter == "\\" and name[at + 1 : at + 4].isdecimal() and int(name[at + 1 : at + 4]) <= 255:
            label.append(int(name[at + 1 : at + 4]))
            at += 3
        elif letter == "\\" and at + 1 < len(name):
            label += name[at + 1].encode("ascii")
            at += 1
        else:
            label += letter.encode("ascii")
        at += 1
    if label:
        labels.append(bytes(label))
    return labels


def encode_name(name: str) -> bytes:
    """A name in presentation form (final dot optional, `\\DDD` and `\\X` as in RFC 1035 5.1) as octets."""
    labels = [] if name in ("", ".") else _labels_of(name)
    for label in labels:
        if len(label) > LABEL_OCTETS_MAX:
            raise ValueError(f'"{name}" has a label of {len(label)} octets; at most {LABEL_OCTETS_MAX} are allowed')
    wire = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if len(wire) > NAME_OCTETS_MAX:
        raise ValueError(f'"{name}" has {len(wire)} octets; at most {NAME_OCTETS_MAX} are allowed')
    return wire


def _label_text(label: bytes) -> str:
    out = []
    for octet in label:
        if octet in b'."\\();@$':
            out.append("\\" + chr(octet))
        elif 0x21 <= octet <= 0x7E:
            out.append(chr(octet))
        else:
            out.append(f"\\{octet:03}")
    return "".join(out)


def decode_name(message: bytes, at: int) -> tuple[str, int]:
    """The name that begins at octet `at`, with a final dot and its letter case, and the octet behind it.

    Bounded whatever comes: a pointer must lead to before what was read so far, and there are only so many.
    """
    labels: list[str] = []
    octets = 1
    pointers = 0
    earliest = at
    behind: int | None = None
    while True:
        if at >= len(message):
            raise DecodeError("the message ends within a name", at)
        length = message[at]
        if length == 0:
            return (".".join(labels) + "." if labels else "."), (at + 1 if behind is None else behind)
        if length >= 0xC0:
            if at + 2 > len(message):
                raise DecodeError("the message ends within a pointer", at)
            target = (length & 0x3F) << 8 | message[at + 1]
            behind = at + 2 if behind is None else behind
            pointers += 1
            if target >= earliest:
                raise DecodeError("a pointer that does not lead back", at)
            if pointers > POINTERS_MAX:
                raise DecodeError(f"a name of more than {POINTERS_MAX} pointers", at)
            at = earliest = target
        elif length > LABEL_OCTETS_MAX:
            raise DecodeError("a label of a kind that nobody uses", at)
        else:
            octets += length + 1
            if octets > NAME_OCTETS_MAX:
                raise DecodeError(f"a name of more than {NAME_OCTETS_MAX} octets", at)
            if at + 1 + length > len(message):
                raise DecodeError("the message ends within a label", at)
            labels.append(_label_text(message[at + 1 : at + 1 + length]))
            at += 1 + length
