"""Programs that decode for a server: their answers, their limits, and that none is left."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.core.errors import TooLargeError, UndecodableError, WorkerError
from pipeline.run import programs
from pipeline.run.programs import Program, ProgramDiedError, ProgramPool

FAKE = "tests.pipeline.run.fake_program"
LONG = 120.0


@pytest.fixture
def program() -> Iterator[Program]:
    made = Program(FAKE, LONG)
    yield made
    made.end()


def pid(program: Program | ProgramPool) -> int:
    return int(program.ask({"do": "tell"}).said["pid"])


def gone(number: int) -> bool:
    return not Path(f"/proc/{number}").exists()


def test_bytes_and_errors_of_ours_come_back_and_what_is_printed_does_not(program: Program) -> None:
    assert program.ask({"do": "print", "text": "ö\n\n"}).data == "ö\n\n".encode()
    with pytest.raises(TooLargeError) as refused:
        program.ask({"do": "refuse", "n": 7})
    assert refused.value.message.params == {"size": 7, "most": 1}
    assert refused.value.message.code == "file_too_large"


@pytest.mark.parametrize(
    ("does", "code"), [("die", "decoder_died"), ("spin", "decoder_stuck"), ("close", "decoder_died")]
)
def test_one_that_dies_or_eats_the_cpu_is_named_and_replaced(program: Program, does: str, code: str) -> None:
    before = pid(program)
    with pytest.raises(UndecodableError) as refused:
        program.ask({"do": does})
    assert refused.value.message.code == code
    assert gone(before)
    assert pid(program) != before


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc")
def test_it_has_none_of_this_process_s_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERPAPI_KEY", "planted-secret")
    monkeypatch.setenv("PYTHONUTF8", "1")
    program = Program(FAKE, LONG)
    told = Path(f"/proc/{pid(program)}/environ").read_bytes()
    program.end()
    assert b"PYTHONUTF8=1" in told
    assert b"planted" not in told


def test_one_that_hangs_is_named_and_replaced() -> None:
    program = Program(FAKE, LONG)
    before = pid(program)
    program._seconds = 0.5
    with pytest.raises(ProgramDiedError) as refused:
        program.ask({"do": "hang"})
    assert refused.value.message.code == "decoder_stuck"
    assert gone(before)
    program._seconds = LONG
    assert pid(program) != before
    program.end()


def test_memory_is_capped_and_the_process_stays(program: Program) -> None:
    before = pid(program)
    with pytest.raises(TooLargeError) as refused:
        program.ask({"do": "grow"})
    assert refused.value.message.code == "out_of_memory"
    assert pid(program) == before


def test_what_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(WorkerError):
        Program(FAKE, LONG).ask({"do": "tell"})


def test_one_after_the_other_costs_one_process_and_many_at_once_a_few() -> None:
    pool = ProgramPool(FAKE, 2, LONG)
    assert len({pid(pool) for _ in range(5)}) == 1
    with ThreadPoolExecutor(16) as threads:
        numbers = {found.result() for found in [threads.submit(pid, pool) for _ in range(100)]}
    assert len(numbers) <= 2
    pool.end()
    assert all(map(gone, numbers))
    assert pid(pool) not in numbers  # it can be asked again
    pool.end()


def test_ended_while_one_is_at_work() -> None:
    pool, begun, ended = ProgramPool(FAKE, 1, LONG), threading.Event(), []
    number = pid(pool)
    write = programs._exchanged

    def noted(child: subprocess.Popen[bytes], line: str) -> programs.Answer | None:
        begun.set()
        return write(child, line)

    def hang() -> None:
        try:
            pool.ask({"do": "hang"})
        except UndecodableError as e:
            ended.append(e.message.code)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programs, "_exchanged", noted)
        asking = threading.Thread(target=hang)
        asking.start()
        begun.wait()
        pool.end()
        asking.join()
    assert ended == ["decoder_died"]
    assert gone(number)


def test_none_outlives_a_caller_that_was_killed() -> None:
    script = (
        "from pipeline.run.programs import Program\n"
        f"print(Program({FAKE!r}, 60.0).ask({{'do': 'tell'}}).said['pid'], flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    caller = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    assert caller.stdout is not None
    number = int(caller.stdout.readline())
    descriptor = os.pidfd_open(number)
    caller.kill()
    caller.wait()
    caller.stdout.close()
    assert select.select([descriptor], [], [], 60)[0], "it reads the end of its input, and ends"
    os.close(descriptor)
