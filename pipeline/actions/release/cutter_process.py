"""`python -m pipeline.actions.release.cutter_process`: carries out the orders of `pipeline.actions.release.cutter`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.core.errors import StorageError
from pipeline.core.messages import message
from pipeline.export.pictures.cutting import Order, carry_out
from pipeline.run.programs import Answer
from pipeline.run.serving import serve
from pipeline.run.worker import start_worker


def _carry_out(request: Mapping[str, Any]) -> Answer:
    try:
        carry_out(Order.from_json(request))
    except OSError as e:  # of the file that is written: a full disk
        raise StorageError(message("export_piece_unwritten", why=e.strerror or str(e))) from e
    return Answer({})


if __name__ == "__main__":
    serve(_carry_out, start_worker)
