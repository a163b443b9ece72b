# SPDX-License-Identifier: Apache-2.0
"""The program `uncut` as a child process: found, started, awaited, ended."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

from .ask import Endpoint, parse_endpoint

START_TIMEOUT_S = 30.0  # it starts in some ten milliseconds; a sanitizer on a busy machine takes seconds
STOP_TIMEOUT_S = 10.0
LINES_KEPT_MAX = 1000  # of what it says: enough to see what went wrong, and no more however long it runs

_SCHEME = "http://"


class HarnessError(Exception):
    """The program could not be found or did not start; the message has what it wrote to standard error."""


def find_program(program: str | os.PathLike[str] | None = None) -> str:
    """The path of `uncut`: as given, else the environment's UNCUT, else what PATH has."""
    given = os.fspath(program) if program is not None else os.environ.get("UNCUT")
    found = shutil.which(given or "uncut")
    if found is None:
        where = f'"{given}" is no program' if given else 'there is no "uncut" on PATH, and UNCUT is not set'
        raise HarnessError(f"{where}: build it with ./run build, then set UNCUT=build/release/bin/uncut")
    return found


def read_address(line: str) -> tuple[str, Endpoint] | None:
    """The label and the endpoint of a line such as `upstream  127.0.0.1:5301  a scripted server`, if it is one."""
    words = line.split()
    if len(words) < 2:
        return None
    try:
        return words[0].lower(), parse_endpoint(words[1].removeprefix(_SCHEME).rstrip(","))
    except ValueError:
        return None


class Process:
    """`uncut` with its arguments, running until stop()."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self._command = list(command)
        self._lines: queue.Queue[str | None] = queue.Queue(LINES_KEPT_MAX)
        self._out: deque[str] = deque(maxlen=LINES_KEPT_MAX)
        self._err: deque[str] = deque(maxlen=LINES_KEPT_MAX)
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, **(environment or {})},
        )
        # Both pipes are read all the time: a child whose pipe is full would stand still.
        self._readers = [
            threading.Thread(target=self._read, args=(self._child.stdout, self._out, True), daemon=True),
            threading.Thread(target=self._read, args=(self._child.stderr, self._err, False), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._child.poll() is None

    def stdout(self) -> str:
        """What it wrote to standard output, the last lines of it."""
        return "".join(self._out)

    def stderr(self) -> str:
        """What it wrote to standard error, the last lines of it."""
        return "".join(self._err)

    def _read(self, pipe: IO[str], kept: deque[str], announced: bool) -> None:
        for line in pipe:
            kept.append(line)
            if announced:
                self._announce(line)
        if announced:
            self._announce(None)

    def _announce(self, line: str | None) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            pass  # it has started long ago, and nobody waits for lines any more

    def wait_for_addresses(self, labels: Iterable[str], timeout_s: float = START_TIMEOUT_S) -> dict[str, Endpoint]:
        """Where it says that it listens, once all of `labels` have come. What it said instead is in the error."""
        missing = set(labels)
        found: dict[str, Endpoint] = {}
        until = time.monotonic() + timeout_s
        while missing:
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise self._did_not_start(f"said nothing of {', '.join(sorted(missing))} in {timeout_s} s") from None
            if line is None:
                raise self._did_not_start(f"ended with status {self.stop()}")
            address = read_address(line)
            if address is not None and address[0] in missing:
                found[address[0]] = address[1]
                missing.discard(address[0])
        return found

    def _did_not_start(self, reason: str) -> HarnessError:
        self.stop()
        said = self.stderr() + self.stdout()
        return HarnessError(f"{' '.join(self._command)}: {reason}; it said:\n{said or '(nothing)'}")

    def stop(self) -> int:
        """Ends it, and waits for it; its status, negative for a signal. May be called again."""
        if self._child.poll() is None:
            self._child.terminate()
        try:
            self._child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._child.stdout, self._child.stderr):
            if pipe is not None:
                pipe.close()
        return self._child.returncode
