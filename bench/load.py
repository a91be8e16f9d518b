"""The load: one process that speaks for all clients of one server.

It is told what to do by lines of JSON, and answers each with one: `python -m bench.load`.

- `open`: `port`, `pid` of the server, or `parts` of one that is several. The first command.
- `grow`: `tokens`; connects somebody with each, and has them say a sentence.
- `shrink`: `count`; ends the connections beyond so many.
- `turns`: `seconds`; everybody says the sentence again as soon as the answer is done.
- `rest`: `seconds`; nobody says anything.
- `moment`: `kill`; one process is killed, and in the same moment everybody says something.
- `rate`: `seconds`, `per_second`, `slow`; sentences at fixed times, while so many others
  wait for a slow skill.
- `visits`: `seconds`, `tokens`; connections that end as soon as they are ready.

With `sentence`, `turns`, `moment` and `rate` have people say another one.

Between two commands it answers pings, and sleeps otherwise.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bench import frames
from bench.figures import percentile
from bench.processes import CpuClock, busy_seconds

_DONE, _READY, _TROUBLE = b'"done"', b'"ready"', b'"error"'
_PATIENCE_SECONDS = 120.0
_SLOWEST_SECONDS = 8.0
_AT_ONCE = 32
_TIMES_AT_ONCE = 3
_ROOM = 262_144
_IDS_EACH = 10**8
# epoll rounds up to whole milliseconds; what is nearer than this is waited for by looking.
_SOON_SECONDS = 0.0015


class LoadError(Exception):
    """The server did something that is not part of the measurement."""


class Line:
    """One connection.

    Args:
      said_at: when what it waits for was due; 0 when it waits for nothing.
    """

    __slots__ = ("fd", "ready", "rest", "said_at", "shaken", "slow", "sock", "token")

    def __init__(self, port: int, token: str) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.connect(("127.0.0.1", port))
        self.sock.settimeout(0)
        self.sock.send(frames.HANDSHAKE)
        self.fd = self.sock.fileno()
        self.token = token
        self.rest = b""
        self.said_at = 0.0
        self.shaken = self.ready = self.slow = False

    def take(self) -> list[bytes]:
        """The documents that have come; pings are answered."""
        data = self.sock.recv(_ROOM)
        if not data:
            raise LoadError("the server closed a connection")
        if self.rest:
            data = self.rest + data
        if not self.shaken:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return []
            if not head.startswith(b"HTTP/1.1 101"):
                raise LoadError(head.decode("latin-1"))
            self.shaken = True
            self.sock.send(frames.authenticate(self.token))
        found, self.rest = frames.split(data)
        documents = []
        for opcode, payload in found:
            if opcode == frames.TEXT:
                documents.append(payload)
            elif opcode == frames.PING:
                self.sock.send(frames.frame(payload, frames.PONG))
            elif opcode == frames.CLOSE:
                raise LoadError(f"closed: {payload!r}")
        return documents

    def end(self) -> None:
        """Say goodbye, and go."""
        self.sock.send(frames.frame(b"\x03\xe8", frames.CLOSE))
        self.sock.close()


class Load:
    """All clients of one server.

    Args:
      port: where it listens.
      pid: its process.
      parts: what it consists of, in place of `pid`: processes by the name of a part, with
        those that they start if they are in `trees`.
      trees: names of parts.
    """

    def __init__(
        self,
        port: int,
        pid: int = 0,
        parts: dict[str, list[int]] | None = None,
        trees: Sequence[str] = ("server",),
    ) -> None:
        self._port = port
        self._clocks = {
            name: [CpuClock(each, children=name in trees) for each in pids]
            for name, pids in (parts or {"server": [pid]}).items()
        }
        self._epoll = select.epoll()
        self._lines: list[Line] = []
        self._by_fd: dict[int, Line] = {}
        first = time.time_ns() // 1_000_000 % 10**7 * 10**9
        self._first = first
        self._messages: dict[str, frames.Messages] = {}
        self._quick = self._saying(frames.SENTENCE)
        self._slow = self._saying(frames.SLOW_SENTENCE)

    def _saying(self, sentence: str) -> frames.Messages:
        """Messages with a sentence; their ids are nobody else's."""
        if sentence not in self._messages:
            first = self._first + len(self._messages) * _IDS_EACH
            self._messages[sentence] = frames.Messages(sentence, first)
        return self._messages[sentence]

    def _used(self) -> dict[str, int]:
        """How long each part has run, in nanoseconds."""
        return {
            name: sum(clock.read() for clock in clocks) for name, clocks in self._clocks.items()
        }

    def _events(self, timeout: float) -> Iterator[tuple[Line, list[bytes]]]:
        for fd, _ in self._epoll.poll(timeout, 1024):
            line = self._by_fd[fd]
            yield line, line.take()

    def serve(self) -> None:
        """Answer pings."""
        for _ in self._events(0):
            pass

    @property
    def epoll(self) -> select.epoll:
        """To wait for more than the server."""
        return self._epoll

    def _add(self, token: str) -> Line:
        line = Line(self._port, token)
        self._by_fd[line.fd] = line
        self._epoll.register(line.fd, select.EPOLLIN)
        return line

    def _remove(self, line: Line) -> None:
        self._epoll.unregister(line.fd)
        del self._by_fd[line.fd]
        line.end()

    def _window(self, measure: Callable[[], int]) -> dict[str, Any]:
        """What a measurement of so many things took, on both sides."""
        before, busy = self._used(), busy_seconds()
        own, began = time.process_time(), time.perf_counter()
        count = measure()
        wall = time.perf_counter() - began
        parts = {name: now - before[name] for name, now in self._used().items()}
        used = sum(parts.values())
        return {
            "count": count,
            "seconds": wall,
            "per_second": count / wall,
            "cpu_us": used / 1000 / max(count, 1),
            "parts_us": {name: each / 1000 / max(count, 1) for name, each in parts.items()},
            "server_share": used / 1e9 / wall,
            "client_share": (time.process_time() - own) / wall,
            "machine_share": (busy_seconds() - busy) / wall,
        }

    # Commands

    def grow(self, tokens: list[str]) -> dict[str, Any]:
        """Connect, and have everybody say something; the answers are looked at."""
        self._quick = self._saying(frames.SENTENCE)
        waiting = list(reversed(tokens))
        under_way = 0
        left = len(tokens)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while left:
            while waiting and under_way < _AT_ONCE:
                self._lines.append(self._add(waiting.pop()))
                under_way += 1
            for line, documents in self._events(1.0):
                for text in documents:
                    if _READY in text and not line.ready:
                        line.ready = True
                        line.sock.send(self._quick.next())
                    elif _DONE in text:
                        under_way -= 1
                        left -= 1
                    else:
                        _check(text)
            if time.monotonic() > deadline:
                raise LoadError(f"{left} of {len(tokens)} got no answer")
        return {"connected": len(self._lines)}

    def shrink(self, count: int) -> dict[str, Any]:
        """End connections."""
        while len(self._lines) > count:
            self._remove(self._lines.pop())
        return {"connected": len(self._lines)}

    def turns(
        self, seconds: float, warm_up: float = 0.3, sentence: str = frames.SENTENCE
    ) -> dict[str, Any]:
        """Everybody talks as fast as they can."""
        self._quick = self._saying(sentence)
        made = self._quick.made
        for line in self._lines:
            self._say(line, time.perf_counter())
        took: list[float] = []
        self._talk(warm_up, [])
        result = self._window(lambda: self._talk(seconds, took))
        self._drain()
        return {**result, **_latencies(took), "said": self._quick.made - made}

    def rest(self, seconds: float) -> dict[str, Any]:
        """Nobody says anything; what is `per` a thing is per second."""

        def wait() -> int:
            end = time.perf_counter() + seconds
            while (left := end - time.perf_counter()) > 0:
                for _ in self._events(left):
                    pass
            return max(1, round(seconds))

        return self._window(wait)

    def moment(self, kill: int = 0, sentence: str = frames.SENTENCE) -> dict[str, Any]:
        """Everybody says something at once; returns in how many seconds each was answered."""
        self._quick = self._saying(sentence)
        took: list[float] = []

        def say() -> int:
            began = time.perf_counter()
            if kill:
                os.kill(kill, signal.SIGKILL)
            for line in self._lines:
                self._say(line, began)
            self._await_answers(took)
            return len(took)

        result = self._window(say)
        return {**result, "took": took}

    def _await_answers(self, took: list[float]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while len(took) < len(self._lines):
            for line, documents in self._events(0.5):
                for text in documents:
                    if _TROUBLE in text:
                        raise LoadError(text.decode())
                    if _DONE in text and line.said_at:
                        took.append(time.perf_counter() - line.said_at)
                        line.said_at = 0.0
            if time.monotonic() > deadline:
                raise LoadError(f"{len(self._lines) - len(took)} messages got no answer")

    def _say(self, line: Line, due: float) -> None:
        line.said_at = due
        line.sock.send(self._quick.next())

    def _talk(self, seconds: float, took: list[float]) -> int:
        clock, poll, by_fd, quick = time.perf_counter, self._epoll.poll, self._by_fd, self._quick
        now, before = clock(), len(took)
        end, latest = now + seconds, now + _SLOWEST_SECONDS
        # A slow server has its figure when everybody had an answer, or nearly.
        enough = before + len(self._lines)
        while now < end or (len(took) < enough and now < latest):
            for fd, _ in poll(0.05, 1024):
                line = by_fd[fd]
                for text in line.take():
                    if _DONE in text:
                        now = clock()
                        took.append(now - line.said_at)
                        line.said_at = now
                        line.sock.send(quick.next())
                    elif _TROUBLE in text:
                        raise LoadError(text.decode())
            now = clock()
        return len(took) - before

    def _drain(self) -> None:
        """Wait until nobody waits for an answer."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        waiting = sum(line.said_at > 0 for line in self._lines)
        while waiting:
            for line, documents in self._events(0.5):
                if any(_DONE in text for text in documents) and line.said_at:
                    line.said_at = 0.0
                    waiting -= 1
            if time.monotonic() > deadline:
                raise LoadError(f"{waiting} messages got no answer")

    def rate(
        self, seconds: float, per_second: float, slow: int = 0, sentence: str = frames.SENTENCE
    ) -> dict[str, Any]:
        """Sentences at fixed times, whether the ones before were answered or not."""
        self._quick = self._saying(sentence)
        made = self._quick.made
        for line in self._lines[len(self._lines) - slow :]:
            line.slow, line.said_at = True, time.perf_counter()
            line.sock.send(self._slow.next())
        talkers = deque(line for line in self._lines if not line.slow)
        took: list[float] = []
        self._paced(talkers, 0.5, per_second, [])
        result = self._window(lambda: self._paced(talkers, seconds, per_second, took))
        for line in self._lines:
            line.slow = False
        self._drain()
        return {**result, **_latencies(took), "said": self._quick.made - made}

    def _paced(
        self, talkers: deque[Line], seconds: float, per_second: float, took: list[float]
    ) -> int:
        clock = time.perf_counter
        began, sent, total = clock(), 0, int(seconds * per_second)
        late: deque[float] = deque()
        open_turns = sum(line.said_at > 0 and not line.slow for line in self._lines)
        while sent < total or late or open_turns:
            now = clock()
            while sent < total and began + sent / per_second <= now:
                late.append(began + sent / per_second)
                sent += 1
            while late and talkers:
                self._say(talkers.popleft(), late.popleft())
                open_turns += 1
            due = began + sent / per_second - clock() if sent < total else 1.0
            for line, documents in self._events(0 if due < _SOON_SECONDS else due - 0.001):
                for text in documents:
                    if _TROUBLE in text:
                        raise LoadError(text.decode())
                    if _DONE not in text:
                        continue
                    if line.slow:
                        line.sock.send(self._slow.next())
                    else:
                        took.append(clock() - line.said_at)
                        line.said_at = 0.0
                        talkers.append(line)
                        open_turns -= 1
            if clock() > began + seconds + _PATIENCE_SECONDS:
                raise LoadError("the server does not keep up at all")
        return len(took)

    def visits(self, seconds: float, tokens: list[str]) -> dict[str, Any]:
        """Connect, be ready, go; some at a time."""
        whose = _for_ever(tokens)
        guests = {self._add(next(whose)) for _ in range(_AT_ONCE)}

        def come_and_go() -> int:
            # Those who are under way at the end must be few beside those who came and went.
            count, enough = 0, _TIMES_AT_ONCE * _AT_ONCE
            end = time.perf_counter() + seconds
            latest = end + _SLOWEST_SECONDS
            while (now := time.perf_counter()) < end or (count < enough and now < latest):
                for line, documents in self._events(0.05):
                    if line in guests and any(_READY in text for text in documents):
                        guests.remove(line)
                        self._remove(line)
                        guests.add(self._add(next(whose)))
                        count += 1
            return count

        result = self._window(come_and_go)
        for line in guests:
            self._remove(line)
        return result


def _for_ever(tokens: list[str]) -> Iterator[str]:
    while True:
        yield from tokens


def _check(text: bytes) -> None:
    found = json.loads(text)
    if found["type"] == "error":
        raise LoadError(text.decode())
    if found["type"] == "answer" and found["data"]["raw_text"] not in frames.SENTENCE:
        raise LoadError(f"another answer was expected: {found}")


def _latencies(took: list[float]) -> dict[str, float]:
    if not took:
        raise LoadError("nobody got an answer")
    return {
        "p50_ms": percentile(took, 50) * 1000,
        "p99_ms": percentile(took, 99) * 1000,
    }


def main() -> None:
    """Do what is told, line by line, until there are no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    load: Load | None = None
    trouble: str | None = None
    while True:
        while load and not trouble and not select.select([0], [], [], 0)[0]:
            select.select([0, load.epoll], [], [])
            try:
                load.serve()
            except (LoadError, OSError) as error:
                trouble = f"while nothing happened: {error!r}"
        # Nothing is left in the buffer: who tells us waits for each answer.
        line = sys.stdin.buffer.readline()
        if not line:
            return
        command = json.loads(line)
        name = command.pop("do")
        try:
            if name == "open":
                load, result = Load(**command), {}
            elif trouble is None:
                result = getattr(load, name)(**command)
        except (LoadError, OSError) as error:
            trouble = str(error) or repr(error)
        if trouble is not None:
            result = {"trouble": trouble}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
