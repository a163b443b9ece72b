# SPDX-License-Identifier: Apache-2.0
"""The library's sockets against peers that a test plays: what is taken for an answer, and when it gives up."""

import contextlib
import re
import socket
import struct
import threading
import unittest

from uncut_harness import Admin, NoAnswer, Problem, TcpClient, UdpClient, encode_query, parse_endpoint, parse_metrics

QUERY = encode_query("www.example", id=0x1234, bufsize=None)
ANSWER = QUERY[:2] + b"\x81\x80" + QUERY[4:]
PATIENCE_S = 10.0


@contextlib.contextmanager
def playing(kind, play):
    """A peer on loopback that does `play(socket)` on a thread of its own; yields where it is."""
    errors = []
    with socket.socket(socket.AF_INET, kind) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(PATIENCE_S)

        def run():
            try:
                if kind == socket.SOCK_DGRAM:
                    play(listener)
                    return
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(PATIENCE_S)
                    play(connection)
            except Exception as error:  # the test's thread shall see it
                errors.append(error)

        if kind == socket.SOCK_STREAM:
            listener.listen()
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            thread.join()
    if errors:
        raise errors[0]


class Udp(unittest.TestCase):
    def test_what_is_not_the_answer_is_passed_over(self):
        def play(peer):
            _, client = peer.recvfrom(4096)
            other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with other:
                other.sendto(ANSWER[:3] + b"\x83" + ANSWER[4:], client)  # from a port that was not asked
            peer.sendto(b"", client)
            peer.sendto(b"\x12\x34nonsense", client)
            peer.sendto(b"\x43\x21" + ANSWER[2:], client)
            peer.sendto(QUERY, client)
            peer.sendto(ANSWER, client)
            peer.sendto(ANSWER[:3] + b"\x83" + ANSWER[4:], client)

        with playing(socket.SOCK_DGRAM, play) as peer, UdpClient(peer, PATIENCE_S) as client:
            self.assertEqual(client.ask(QUERY).wire, ANSWER)

    def test_what_came_is_counted_without_waiting(self):
        def play(peer):
            _, client = peer.recvfrom(4096)
            for _ in range(3):
                peer.sendto(ANSWER, client)

        with playing(socket.SOCK_DGRAM, play) as peer:
            client = UdpClient(peer, PATIENCE_S)
            client.send(QUERY)
        with client:  # the peer is done
            self.assertEqual(client.receive(), ANSWER)
            self.assertEqual(client.arrived(), [ANSWER, ANSWER])
            self.assertEqual(client.arrived(), [])

    def test_a_port_that_nobody_has_is_no_answer(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            address = taken.getsockname()
        with UdpClient(address, PATIENCE_S) as client, self.assertRaises(NoAnswer):
            client.ask(QUERY)
        with self.assertRaises(NoAnswer):
            TcpClient(address)


class Tcp(unittest.TestCase):
    def test_a_message_in_pieces_is_put_together(self):
        def play(peer):
            self.assertEqual(peer.recv(4096), struct.pack("!H", len(QUERY)) + QUERY)
            for octet in struct.pack("!H", len(ANSWER)) + ANSWER:
                peer.sendall(bytes([octet]))

        with playing(socket.SOCK_STREAM, play) as peer, TcpClient(peer, PATIENCE_S) as client:
            self.assertEqual(client.ask(QUERY).wire, ANSWER)

    def test_a_connection_that_ends_early_is_no_answer(self):
        for octets in [0, 1, 2, 20]:

            def play(peer):
                peer.recv(4096)
                peer.sendall((struct.pack("!H", len(ANSWER)) + ANSWER)[:octets])

            with self.subTest(octets), playing(socket.SOCK_STREAM, play) as peer, TcpClient(peer, PATIENCE_S) as client:
                with self.assertRaises(NoAnswer):
                    client.ask(QUERY)


def read_request(peer):
    """All of it, its body too: who closes with something unread resets the connection."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += peer.recv(65536)
    head, _, body = head.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
    while len(body) < (int(length[1]) if length else 0):
        body += peer.recv(65536)


def http(status, content_type, body):
    return (f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n" + body).encode()


class Http(unittest.TestCase):
    def reply_with(self, octets):
        def play(peer):
            read_request(peer)
            peer.sendall(octets)

        return playing(socket.SOCK_STREAM, play)

    def test_a_problem_has_the_fields_of_its_document(self):
        body = (
            '{"type":"urn:uncut:problem:wrong-value","status":422,"title":"t","detail":"d",'
            '"pointer":"/a~1b/0","expected":"e"}'
        )
        with self.reply_with(http("422 Unprocessable", "application/problem+json", body)) as peer:
            with self.assertRaises(Problem) as raised:
                Admin(peer).request("PUT", "/v1/policies", {})
        problem = raised.exception
        self.assertEqual((problem.status, problem.type), (422, "urn:uncut:problem:wrong-value"))
        self.assertEqual((problem.pointer, problem.expected, problem.parameter), ("/a~1b/0", "e", None))
        self.assertEqual((problem.title, problem.detail), ("t", "d"))
        self.assertEqual(str(problem), "422 urn:uncut:problem:wrong-value at /a~1b/0: d")

    def test_an_error_of_somebody_else_is_a_problem_too(self):
        for body in ["<h1>Bad gateway</h1>", "[1]", ""]:
            with self.subTest(body), self.reply_with(http("502 Bad Gateway", "text/html", body)) as peer:
                with self.assertRaises(Problem) as raised:
                    Admin(peer).get("v1")
                self.assertEqual((raised.exception.status, raised.exception.detail), (502, body))

    def test_events_are_read_whatever_is_between_them(self):
        events = (
            ': hello\n\nid: 1\nevent: exchange\ndata: {"number":1}\n\n'
            ': \n\ndata: {"number":\r\ndata: 2}\r\n\r\nid: 3\n'
        )
        with self.reply_with(http("200 OK", "text/event-stream", events)) as peer:
            with Admin(peer).follow(PATIENCE_S) as stream:
                self.assertEqual([exchange["number"] for exchange in stream], [1, 2])


class Texts(unittest.TestCase):
    def test_metrics_are_read_by_sample(self):
        text = (
            "# HELP uncut_a_total Something, with {braces} and \"quotes\"\n# TYPE uncut_a_total counter\n"
            "uncut_a_total 7\n"
            'uncut_b_total{server="uncut",cause="id"} 1.5e3\n'
            'uncut_b_total{cause="a\\"},b=\\\\ \\n"} 2 1700000000000\n'
            'uncut_c_bucket{le="+Inf"} +Inf\n\n'
        )
        self.assertEqual(
            parse_metrics(text),
            {
                "uncut_a_total": 7.0,
                'uncut_b_total{cause="id",server="uncut"}': 1500.0,
                'uncut_b_total{cause="a\\"},b=\\\\ \\n"}': 2.0,
                'uncut_c_bucket{le="+Inf"}': float("inf"),
            },
        )

    def test_what_is_no_metric_is_refused(self):
        for line in ["uncut_a_total", "uncut_a_total{ 1", "1 2", 'a{b="c} 1', "a 1 2 3"]:
            with self.subTest(line), self.assertRaises(ValueError):
                parse_metrics(line)

    def test_endpoints(self):
        self.assertEqual(parse_endpoint("127.0.0.1:53"), ("127.0.0.1", 53))
        self.assertEqual(parse_endpoint("[::1]:5300"), ("::1", 5300))
        for text in ["", "127.0.0.1", ":53", "127.0.0.1:", "127.0.0.1:x"]:
            with self.subTest(text), self.assertRaises(ValueError):
                parse_endpoint(text)


if __name__ == "__main__":
    unittest.main()
