"""Programs that cut the pictures of a release from the photos: nothing untrusted is decoded in the caller's own
process."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from pipeline.core.errors import ExportError, MoueError
from pipeline.core.messages import Message, message
from pipeline.export.pictures.cutting import CutAll, Order
from pipeline.files.remote import original_location
from pipeline.run.dispatch import ATTEMPTS, SECONDS_AN_IMAGE
from pipeline.run.programs import Program, ProgramDiedError

MOST_PROCESSES: Final = 4
"""Each holds a decoded photo, of at most 150 MB, and what is cut from it."""
_PROGRAM: Final = "pipeline.actions.release.cutter_process"


def cutter(root: Path, seconds: float = SECONDS_AN_IMAGE) -> CutAll:
    """Cuts from the originals of the workspace `root`, in as many processes as there are cores. seconds: that one
    photo may take."""

    def cut_all(orders: Iterable[Order]) -> Iterator[Order]:
        placed = (replace(one, photo=str(original_location(root, one.photo))) for one in orders)
        return _cut_all(placed, min(MOST_PROCESSES, os.cpu_count() or 1), seconds)

    return cut_all


def _cut_all(orders: Iterator[Order], processes: int, seconds: float) -> Iterator[Order]:
    free: SimpleQueue[Program] = SimpleQueue()
    made = [Program(_PROGRAM, seconds) for _ in range(processes)]
    for one in made:
        free.put(one)

    def carry_out(order: Order) -> Order:
        process = free.get()
        try:
            _carried_out(process, order)
        finally:
            free.put(process)
        return order

    pending: set[Future[Order]] = set()
    pool = ThreadPoolExecutor(processes, "cutter")
    try:
        for order in orders:
            pending.add(pool.submit(carry_out, order))
            if len(pending) >= 2 * processes:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        yield from (future.result() for future in pending)
    finally:
        for future in pending:
            future.cancel()
        for one in made:
            one.end()
        pool.shutdown()


def _carried_out(program: Program, order: Order) -> None:
    """Raises ExportError, which names the photo."""
    for attempt in range(ATTEMPTS):
        try:
            program.ask(order.to_json())
        except ProgramDiedError as e:
            if attempt == ATTEMPTS - 1:
                raise _cannot(order, message("process_died", n=e.exit_code)) from e
        except MoueError as e:
            raise _cannot(order, e.message) from e
        else:
            return


def _cannot(order: Order, why: Message) -> ExportError:
    return ExportError(message("export_photo_lost", photo=order.name or order.photo, why=why))
