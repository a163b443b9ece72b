# SPDX-License-Identifier: Apache-2.0
"""Uncut's harness for tests: script a bad upstream, set policies, send real queries, read the journal.

    with Harness() as h:
        h.fault("tc_partial", name="www.example.", octets=512)
        answer = h.ask("www.example.")
        exchange = h.exchanges(name="www.example.")[-1]
"""

from .admin import Admin, ExchangeStream, Problem, parse_metrics
from .ask import Answer, NoAnswer, TcpClient, UdpClient, parse_endpoint
from .harness import Harness
from .message import Edns, Message, Question, Record, decode, encode_query
from .names import DecodeError
from .process import HarnessError, Process

__all__ = [
    "Admin",
    "Answer",
    "DecodeError",
    "Edns",
    "ExchangeStream",
    "Harness",
    "HarnessError",
    "Message",
    "NoAnswer",
    "Problem",
    "Process",
    "Question",
    "Record",
    "TcpClient",
    "UdpClient",
    "decode",
    "encode_query",
    "parse_endpoint",
    "parse_metrics",
]
