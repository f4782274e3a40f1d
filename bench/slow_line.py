"""A TCP line that delays each direction by half a round trip and limits nothing else; runs as a process of its own.

python -m bench.slow_line PORT MILLISECONDS      prints the port it listens on
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PIECE = 256 * 1024
ON_THE_WAY = 4096  # pieces a direction may hold


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


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
    loop = asyncio.get_running_loop()
    due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(ON_THE_WAY)

    async def deliver() -> None:
        while True:
            at, data = await due.get()
            if (wait := at - loop.time()) > 0:
                await asyncio.sleep(wait)
            if not data:
                target.close()
                return
            target.write(data)
            await target.drain()

    delivering = asyncio.ensure_future(deliver())
    while data := await source.read(PIECE):
        await due.put((loop.time() + delay, data))
    await due.put((loop.time() + delay, b""))
    await delivering


async def _listen(port: int, delay: float) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port, limit=4 * PIECE)
        both = _carry(reader, far_writer, delay), _carry(far_reader, writer, delay)
        await asyncio.gather(*both, return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=4 * PIECE)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_listen(int(sys.argv[1]), float(sys.argv[2]) / 2000))
