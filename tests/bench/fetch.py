"""Images a second of the guarded fetcher, against `requests` with 32 threads and no guards, from the same server.

    python -m tests.bench.fetch [--images 2000] [--bytes 50000] [--latency 0.05] [--rounds 3]

The server is a process of its own on loopback that waits before it answers; the laps take turns at who goes first.
Both save every image to a file. All guards are on; loopback alone is allowed.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import psutil
import requests
from aiohttp import web

from pipeline.fetch.candidate import ImageCandidate
from pipeline.fetch.fetch import fetch_all
from pipeline.fetch.request import FetchLimits
from tests.pipeline.photos import numbered_head

THREADS: Final = 32
LIMITS: Final = FetchLimits(parallel=THREADS, per_host=THREADS, allow=(ipaddress.ip_network("127.0.0.0/8"),))
AIM: Final = 250
MOST_MEMORY: Final = 200


def serve(port: Any, size: int, latency: float) -> None:
    """A JPEG of `size` bytes at every address, each with another last byte."""
    photo = numbered_head(1)
    body = photo + bytes(max(0, size - len(photo)))

    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(latency)
        number = int(request.match_info["n"])
        return web.Response(body=body + number.to_bytes(4, "big"), content_type="image/jpeg")

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{n}.jpg", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port.value = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        await asyncio.Event().wait()

    asyncio.run(run())


def guarded(urls: Sequence[str], folder: Path) -> int:
    return sum(one.failure is None for one in fetch_all(map(ImageCandidate.at, urls), folder, LIMITS))


def plain(urls: Sequence[str], folder: Path) -> int:
    """What a script does: one session a thread, the body at once, a file."""
    folder.mkdir(parents=True, exist_ok=True)
    sessions = [requests.Session() for _ in range(THREADS)]

    def get(numbered: tuple[int, str]) -> bool:
        number, url = numbered
        answer = sessions[number % THREADS].get(url, timeout=30)
        (folder / f"{number}.jpg").write_bytes(answer.content)
        return answer.ok

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(get, enumerate(urls)))


def lap(way: Any, urls: Sequence[str]) -> tuple[float, float, float]:
    """(seconds, CPU seconds, MB that the process grew by)."""
    folder = Path(tempfile.mkdtemp())
    process = psutil.Process()
    before, cpu, start = process.memory_info().rss, sum(os.times()[:2]), time.perf_counter()
    assert way(urls, folder / "files") == len(urls)
    spent = time.perf_counter() - start, sum(os.times()[:2]) - cpu
    grown = (process.memory_info().rss - before) / 2**20
    shutil.rmtree(folder)
    return *spent, grown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fetch", description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--bytes", type=int, default=50_000)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    port = context.Value("i", 0)
    server = context.Process(target=serve, args=(port, args.bytes, args.latency), daemon=True)
    server.start()
    while not port.value:
        time.sleep(0.05)
    urls = [f"http://127.0.0.1:{port.value}/{n}.jpg" for n in range(args.images)]
    ways = {"guarded": guarded, "requests": plain}
    laps: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
    for number in range(args.rounds):
        for name in list(ways)[:: 1 if number % 2 == 0 else -1]:
            laps[name].append(lap(ways[name], urls))
    server.terminate()
    for name, found in laps.items():
        seconds, cpu = (statistics.median(one[place] for one in found) for place in (0, 1))
        grown = max(one[2] for one in found)
        print(f"{name:<10}{args.images / seconds:>8.0f} images/s{1000 * cpu / args.images:>8.2f} ms CPU an image"
              f"{grown:>8.0f} MB grown")  # fmt: skip
    ratios = [theirs[0] / ours[0] for ours, theirs in zip(laps["guarded"], laps["requests"], strict=True)]
    print(
        f"ratio     {statistics.median(ratios):>8.2f} times as many a second ({min(ratios):.2f} to {max(ratios):.2f})"
    )
    print(f"aims: {AIM} images/s, less than {MOST_MEMORY} MB; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
