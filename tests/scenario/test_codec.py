# SPDX-License-Identifier: Apache-2.0
"""The library's codec: what it writes, what it reads, and that nothing it is given makes it hang or recurse."""

import random
import struct
import unittest

from uncut_harness import DecodeError, decode, encode_query
from uncut_harness.names import NAME_OCTETS_MAX, decode_name, encode_name

HEADER = struct.Struct("!6H")
WWW = b"\x03www\x07example\x00"
QUESTION = WWW + struct.pack("!2H", 1, 1)
OPT = b"\0" + struct.pack("!2HIH", 41, 1232, 0, 0)


def header(*counts, flags=0x8180):
    return HEADER.pack(0x1234, flags, *counts)


def record(rdata, type=1, owner=b"\xc0\x0c", ttl_s=30, rdlength=None):
    return owner + struct.pack("!2HIH", type, 1, ttl_s, len(rdata) if rdlength is None else rdlength) + rdata


# A response with a bit of everything: a chain, addresses, a text, a signature, an OPT with an option.
GOOD = (
    header(1, 4, 1, 1)
    + QUESTION
    + record(b"\x03cdn\xc0\x10", type=5)
    + record(bytes([192, 0, 2, 1]), owner=b"\x03cdn\xc0\x10")
    + record(bytes(15) + b"\x01", type=28)
    + record(b"\x05a \"\\b\x01\xff", type=16)
    + record(b"\x01\x02\x03", type=46)
    + b"\0"
    + struct.pack("!2HIH", 41, 4096, 0x01008000, 6)
    + b"\0\x0a\0\x02\xab\xcd"
)


class Names(unittest.TestCase):
    def test_names_have_one_form_in_octets(self):
        for text, wire in [
            ("", b"\0"),
            (".", b"\0"),
            ("www.example", WWW),
            ("www.example.", WWW),
            ("WwW.eXample.", b"\x03WwW\x07eXample\0"),
            (r"a\.b.example", b"\x03a.b\x07example\0"),
            (r"\000\255.example", b"\x02\x00\xff\x07example\0"),
            ("a" * 63 + ".", b"\x3f" + b"a" * 63 + b"\0"),
        ]:
            with self.subTest(text):
                self.assertEqual(encode_name(text), wire)

    def test_what_is_read_is_written_back(self):
        for wire in [b"\0", WWW, b"\x03a.b\0", b"\x04\x00\xff\\\"\0", b"\x01 \0", (b"\x3f" + b"x" * 63) * 3 + b"\0"]:
            with self.subTest(wire):
                text, behind = decode_name(wire, 0)
                self.assertEqual(behind, len(wire))
                self.assertEqual(encode_name(text), wire)

    def test_names_that_cannot_be_are_refused(self):
        for text in ["a..b", ".a", "a" * 64, ".".join(["a" * 63] * 4), "ä.example"]:
            with self.subTest(text), self.assertRaises(ValueError):
                encode_name(text)

    def test_the_longest_name_is_read_and_one_octet_more_is_not(self):
        longest = (b"\x3f" + b"x" * 63) * 3 + b"\x3d" + b"y" * 61 + b"\0"
        self.assertEqual(len(longest), NAME_OCTETS_MAX)
        self.assertEqual(encode_name(decode_name(longest, 0)[0]), longest)
        with self.assertRaises(DecodeError):
            decode_name((b"\x3f" + b"x" * 63) * 3 + b"\x3e" + b"y" * 62 + b"\0", 0)


class Queries(unittest.TestCase):
    def test_a_query_is_these_octets(self):
        self.assertEqual(
            encode_query("www.example", "A", id=0x1234, bufsize=None),
            header(1, 0, 0, 0, flags=0x0100) + QUESTION,
        )
        self.assertEqual(
            encode_query("www.example", "A", id=0x1234), header(1, 0, 0, 1, flags=0x0100) + QUESTION + OPT
        )

    def test_what_a_query_says_is_read_back(self):
        wire = encode_query(
            "WWW.example.",
            "TYPE65280",
            id=7,
            bufsize=4096,
            dnssec=True,
            flags=("rd", "cd"),
            options=[(10, b"12345678")],
        )
        query = decode(wire)
        self.assertEqual((query.id, query.opcode, query.flags), (7, 0, {"rd", "cd"}))
        self.assertEqual((query.question.name, query.question.type), ("WWW.example.", "TYPE65280"))
        self.assertEqual((query.edns.udp_payload_size, query.edns.dnssec_ok), (4096, True))
        self.assertEqual(query.edns.options, ((10, b"12345678"),))
        self.assertEqual((query.wire, query.octets), (wire, len(wire)))

    def test_without_an_opt_there_is_no_place_for_what_an_opt_says(self):
        for more in [{"dnssec": True}, {"options": [(3, b"")]}]:
            with self.subTest(more), self.assertRaises(ValueError):
                encode_query("www.example", bufsize=None, **more)

    def test_types_that_are_none_are_refused(self):
        for type in ["B", "TYPE", "TYPE65536", "TYPE-1", ""]:
            with self.subTest(type), self.assertRaises(ValueError):
                encode_query("www.example", type)


class Responses(unittest.TestCase):
    def test_a_response_is_read_whole(self):
        message = decode(GOOD)
        self.assertEqual((message.id, message.rcode, message.tc), (0x1234, "BADVERS", False))
        self.assertEqual(message.flags, {"qr", "rd", "ra"})
        self.assertEqual(message.question.name, "www.example.")
        self.assertEqual(
            [(r.name, r.type, r.data) for r in message.answer],
            [
                ("www.example.", "CNAME", "cdn.example."),
                ("cdn.example.", "A", "192.0.2.1"),
                ("www.example.", "AAAA", "::1"),
                ("www.example.", "TXT", r'"a \"\\b" "\255"'),
            ],
        )
        self.assertEqual(message.authority[0].data, r"\# 3 010203")
        self.assertEqual(message.additional, ())
        self.assertEqual((message.edns.udp_payload_size, message.edns.dnssec_ok), (4096, True))
        self.assertEqual(message.edns.options, ((10, b"\xab\xcd"),))
        self.assertEqual(message.addresses, ["192.0.2.1", "::1"])

    def test_what_does_not_parse_says_at_which_octet(self):
        one = header(1, 1, 0, 0) + QUESTION
        for what, wire, octet in [
            ("nothing", b"", 0),
            ("half a header", GOOD[:7], 0),
            ("two questions", header(2, 0, 0, 0) + QUESTION + QUESTION, 4),
            ("a question that is not there", header(1, 0, 0, 0), 12),
            ("a pointer to itself", header(1, 0, 0, 0) + b"\xc0\x0c\0\x01\0\x01", 12),
            ("a pointer forward", one + record(b"", owner=b"\xc0\x40"), 29),
            ("two pointers at each other", header(1, 0, 0, 0) + b"\x01a\xc0\x10\xc0\x0c\0\x01\0\x01", 14),
            ("a pointer into the name that it ends", header(1, 0, 0, 0) + b"\x01a\xc0\x0c\0\x01\0\x01", 14),
            ("a label of kind 01", header(1, 0, 0, 0) + b"\x41a\0\0\x01\0\x01", 12),
            ("a record that is not there", one, 29),
            ("an RDLENGTH past the end", one + record(b"\1\2\3\4", rdlength=5), 41),
            ("a CNAME that is shorter than its RDATA", one + record(b"\xc0\x0c\0", type=5), 41),
            ("octets behind the last record", header(1, 0, 0, 0) + QUESTION + b"\0", 29),
            ("two OPTs", header(1, 0, 0, 2) + QUESTION + OPT + OPT, 51),
        ]:
            with self.subTest(what), self.assertRaises(DecodeError) as raised:
                decode(wire)
            self.assertEqual(raised.exception.octet, octet, what)

    def test_a_message_that_ends_early_is_malformed_wherever_it_ends(self):
        for octets in range(len(GOOD)):
            with self.subTest(octets), self.assertRaises(DecodeError):
                decode(GOOD[:octets])

    def test_an_option_that_is_longer_than_its_opt_is_malformed(self):
        for rdata in [b"\0\x0a\0", b"\0\x0a\0\x05abcd"]:
            with self.subTest(rdata), self.assertRaises(DecodeError):
                decode(header(1, 0, 0, 1) + QUESTION + record(rdata, type=41, owner=b"\0"))

    def test_mutations_of_a_good_message_are_read_or_refused(self):
        random_numbers = random.Random(2026)
        refused = 0
        for _ in range(20_000):
            wire = bytearray(GOOD)
            for _ in range(random_numbers.randint(1, 4)):
                wire[random_numbers.randrange(len(wire))] = random_numbers.randrange(256)
            try:
                decode(bytes(wire))
            except DecodeError:
                refused += 1
        self.assertTrue(0 < refused < 20_000, refused)

    def test_a_ladder_of_pointers_is_climbed_only_so_far(self):
        # Each pointer leads to the one before: as many hops as there are rungs, for each of thousands of names.
        foot = 12 + 11  # behind the header and what is in front of the first record's data
        tops = range(foot + 2, foot + 6000, 2)
        rungs = b"".join(struct.pack("!H", 0xC000 | at - 2) for at in tops)
        climb = record(b"", owner=struct.pack("!H", 0xC000 | tops[-1]))
        wire = header(0, 3001, 0, 0) + record(b"\0\0" + rungs, type=10, owner=b"\0") + climb * 3000
        with self.assertRaises(DecodeError) as raised:
            decode(wire)
        self.assertIn("pointers", raised.exception.reason)

    def test_the_largest_message_with_a_long_name_in_every_record_is_read(self):
        name = b"".join(bytes([1, 97 + i % 26]) for i in range(127)) + b"\0"
        owner = b"\xc0\x0c"
        count = (65535 - 12 - len(name) - 4) // len(record(bytes(4)))
        wire = header(1, count, 0, 0) + name + b"\0\x01\0\x01" + record(bytes(4), owner=owner) * count
        message = decode(wire)
        self.assertEqual(len(message.addresses), count)
        self.assertEqual({len(r.name) for r in message.answer}, {254})


if __name__ == "__main__":
    unittest.main()
