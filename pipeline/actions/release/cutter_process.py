"""`python -m pipeline.actions.release.cutter_process`: orders as lines of JSON in, for each a line with its error out,
or `null`. Started by `pipeline.actions.release.cutter`."""

from __future__ import annotations

import json
import sys

from pipeline.core.errors import DecodeError
from pipeline.core.messages import Message, message
from pipeline.export.pictures.cutting import Order, carry_out
from pipeline.run.worker import start_worker


def main() -> None:
    start_worker()
    for line in sys.stdin:
        why = _carry_out(Order.from_json(json.loads(line)))
        said = None if why is None else {"text": why.text, "code": why.code, "params": why.json_params()}
        print(json.dumps(said), flush=True)


def _carry_out(order: Order) -> Message | None:
    """Why it was not."""
    try:
        carry_out(order)
    except DecodeError as e:
        return e.message
    except MemoryError:
        return message("out_of_memory")
    except OSError as e:  # of the file that is written: a full disk
        return message("export_piece_unwritten", why=e.strerror or str(e))
    return None


if __name__ == "__main__":
    main()
