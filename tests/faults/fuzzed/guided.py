"""One target in a process of its own, guided by atheris, which takes the process over and ends it."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Final

from tests.faults.fuzzed.kept import heavy
from tests.faults.fuzzed.targets import formats, joined, split

CURRENT: Final = "current"
"""The file in the folder that holds the format of the input under trial, a line's end, and its bytes: what a process
that died leaves."""
LOG: Final = "log"
HANGS_S: Final = 30
"""By the clock, for one input: atheris ends what takes longer, and says where it was."""
MOST_BYTES: Final = 1 << 18
_SHARES: Final = (0.35, 0.65)
"""Up to the first well-formed damage where there can be one, up to the second that of `mutated/`, which knows what a
header and a size is; else libFuzzer's."""
_LIBRARIES: Final[Mapping[str, Sequence[str]]] = {
    "photos": ("PIL",),
    "videos": (),
    "zips": ("zipfile",),
    "tables": ("csv", "json"),
    "keywords": ("csv", "json"),
    "pages": ("email", "quopri", "html"),
    "data-sets": ("tarfile", "yaml", "xml", "json", "csv"),
    "bodies": ("pages._routes", "db.projection", "starlette.requests", "json"),
}
"""What guides besides Moue's pipeline, by target. Into compiled code (FFmpeg, libjpeg, lxml, Arrow) nothing sees. To
watch a package makes its import ten times as long."""


def serve(pipe: Connection, target: str, seconds: int, seed: int, folder: Path, address_space: int) -> None:
    """Send None when ready, then for each input (Attempt, the input if it is worth a second look)."""
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["pipeline", *_LIBRARIES[target]]):
        from pipeline.core.system.calls import cap_memory
        from tests.faults.mutated.attempts import attempt_of
        from tests.faults.mutated.samples import samples
    names = formats(target, samples())
    corpus, scratch = folder / "corpus", folder / "scratch"
    for made in (corpus, scratch):
        made.mkdir(exist_ok=True)
    for name in names:
        (corpus / name).write_bytes(joined(name, samples()[name].data, names))
    current = os.open(folder / CURRENT, os.O_WRONLY | os.O_CREAT)
    count = 0

    def try_one(given: bytes) -> None:
        nonlocal count
        count += 1
        name, data = split(given, names)
        line = name.encode() + b"\n" + data
        os.pwrite(current, line, 0)
        os.ftruncate(current, len(line))
        done = attempt_of(name, count, data, scratch)
        pipe.send((done, data if done.fault or heavy(done) else None))

    cap_memory(address_space)
    pipe.send(None)
    options = {
        "max_total_time": seconds, "seed": seed, "max_len": MOST_BYTES, "len_control": 0, "mutate_depth": 1,
        "rss_limit_mb": 0, "timeout": HANGS_S, "report_slow_units": 10**6, "artifact_prefix": f"{folder}/",
    }  # fmt: skip
    words = [sys.argv[0], *(f"-{key}={value}" for key, value in options.items()), str(corpus)]
    atheris.Setup(words, try_one, custom_mutator=_mutator(target, atheris))
    atheris.Fuzz()


def _mutator(target: str, atheris: ModuleType) -> Callable[[bytes, int, int], bytes]:
    from tests.faults.fuzzed.reshaped import reshaped
    from tests.faults.mutated.mutations import mutated, with_checksums
    from tests.faults.mutated.samples import samples

    names = formats(target, samples())

    def mutate(given: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        name, data = split(given, names)
        drawn = chance.random()
        if drawn < _SHARES[0] and (changed := reshaped(chance, data)) is not None:
            data = changed
        elif drawn < _SHARES[1]:
            data = mutated(name, seed, data, samples()[chance.choice(names)].data, samples()[name].sizes)
        else:
            name, data = split(atheris.Mutate(given, most), names)  # replaced when Fuzz begins: looked up late
            data = bytes(with_checksums(bytearray(data)))
        return joined(name, data, names)[:most]

    return mutate
