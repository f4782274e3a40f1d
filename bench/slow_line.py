"""A TCP line that delays each direction by half a round trip and limits nothing else; runs as a process of its own.

It must cost the machine as little as a cable would: bytes go from socket to socket by ``splice``, never copied, and each direction
has one thread taking and one giving. Pieces lie in pipes until their moment.

python -m bench.slow_line PORT MILLISECONDS      prints the port it listens on
"""

from __future__ import annotations

import fcntl
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 1 << 20  # bytes a pipe takes at the most
PIPES = 64  # a direction: so many pieces may be on the way


@contextmanager
def slow_line(port: int, round_trip: float) -> Iterator[int]:
    """The port of a line to ``port`` with that round trip in seconds."""
    call = [sys.executable, "-m", "bench.slow_line", str(port), str(round_trip * 1000)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


class _Way:
    """One direction of one connection."""

    def __init__(self, source: socket.socket, target: socket.socket, delay: float) -> None:
        self._source, self._target, self._delay = source, target, delay
        self._empty: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
        self._due: queue.SimpleQueue[tuple[float, int, tuple[int, int]]] = queue.SimpleQueue()
        self._made = 0
        threading.Thread(target=self._take, daemon=True).start()
        threading.Thread(target=self._give, daemon=True).start()

    def _pipe(self) -> tuple[int, int]:
        if self._empty.empty() and self._made < PIPES:
            self._made += 1
            ends = os.pipe()
            with suppress(OSError):  # the kernel's own limit: a smaller pipe does as well
                fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, PIECE)
            return ends
        return self._empty.get()

    def _take(self) -> None:
        count = 1
        while count:
            pipe = self._pipe()
            try:
                count = os.splice(self._source.fileno(), pipe[1], PIECE)
            except OSError:
                count = 0
            self._due.put((time.monotonic() + self._delay, count, pipe))

    def _give(self) -> None:
        whole = True  # False: nobody is there any more, what comes is thrown away
        while True:
            at, count, pipe = self._due.get()
            if (wait := at - time.monotonic()) > 0:
                time.sleep(wait)
            if not count:
                break
            whole = whole and self._hand_over(pipe[0], count)
            if not whole:
                os.close(pipe[0])
                os.close(pipe[1])
                pipe = os.pipe()
            self._empty.put(pipe)
        with suppress(OSError):
            self._target.shutdown(socket.SHUT_WR)
        while True:
            os.close(pipe[0])
            os.close(pipe[1])
            if self._empty.empty():
                return  # the sockets go with the last thread
            pipe = self._empty.get()

    def _hand_over(self, pipe: int, count: int) -> bool:
        try:
            while count:
                count -= os.splice(pipe, self._target.fileno(), count)
        except OSError:
            with suppress(OSError):
                self._source.shutdown(socket.SHUT_RD)
            return False
        return True


def _listen(port: int, delay: float) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        near, _ = listener.accept()
        far = socket.create_connection(("127.0.0.1", port))
        for one in (near, far):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _Way(near, far, delay), _Way(far, near, delay)


if __name__ == "__main__":
    _listen(int(sys.argv[1]), float(sys.argv[2]) / 2000)
