"""What the fuzzing by hand is made of, tried without atheris: each format has a target, what is found is named once and
kept, and can be tried again.

By hand, for some minutes: `python -m tests.faults.fuzzed --minutes 3`.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from pathlib import Path

import pytest

from tests.faults.fuzzed import __main__ as command
from tests.faults.fuzzed.kept import LARGE, LONG_S, keep, place
from tests.faults.fuzzed.reshaped import reshaped
from tests.faults.fuzzed.tally import HEAD, Tally
from tests.faults.fuzzed.targets import TARGETS, formats, joined, split
from tests.faults.mutated.attempt import Attempt
from tests.faults.mutated.mutations import mutated
from tests.faults.mutated.samples import samples

_ASKED = Path(command.__file__).with_name("requirements.txt")


def test_each_format_has_one_target() -> None:
    assert sorted(name for target in TARGETS for name in formats(target, samples())) == sorted(samples())
    assert all(formats(target, samples()) for target in TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_an_input_says_its_format_whatever_it_is(target: str) -> None:
    names = formats(target, samples())
    for name in names:
        assert split(joined(name, samples()[name].data, names), names) == (name, samples()[name].data)
    assert split(b"", names) == (names[0], b"")
    assert split(b"\xff\xfe", names)[1] == b"\xfe"


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_kept_is_tried_again(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The valid file, which is read, and a damaged one, which ends in a result or in words."""
    name = formats(target, samples())[-1]
    sample = samples()[name]
    valid = keep(tmp_path, name, sample.data)
    damaged = keep(tmp_path, name, mutated(name, 7, sample.data, sample.data))
    assert command.main(["--again", str(valid), str(damaged)]) == 0
    said = capsys.readouterr().out
    assert f"{valid}: read; " in said
    assert f"{damaged}: re" in said


@pytest.mark.parametrize("name", ["body-ops", "addresses-jsonl", "coco", "zip-lzma"])
def test_damage_that_stays_well_formed(name: str) -> None:
    data = samples()[name].data
    found = [reshaped(random.Random(n), data) for n in range(40)]
    for one in found:
        if one is None:
            assert name == "addresses-jsonl"  # its last line is empty
        elif name == "zip-lzma":
            assert zipfile.ZipFile(io.BytesIO(one)).testzip() is None
        else:
            for line in one.splitlines():
                json.loads(line)
    assert len(set(found) - {None, data}) > 10
    assert found == [reshaped(random.Random(n), data) for n in range(40)]


@pytest.mark.parametrize("method", ["zip-deflated", "zip-lzma", "zip-bzip2"])
def test_a_zip_damaged_before_ends_no_process(method: str) -> None:
    data = samples()[method].data
    hurt = [mutated(method, n, data, data) for n in range(60)]
    assert None in [reshaped(random.Random(1), one) for one in hurt]


@pytest.mark.parametrize("data", [b"", b"url,class", b"PK\3\4", b"[" * 9000])
def test_what_has_no_shape_gets_none(data: bytes) -> None:
    assert reshaped(random.Random(1), data) is None


def test_a_file_of_no_format_is_not_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--again", str(keep(tmp_path, "cassette", b""))])
    assert "its name should begin with a format" in capsys.readouterr().err


def _fault(line: int, word: str) -> str:
    return f'Traceback\n  File "a.py", line 1, in a\n  File "b.py", line {line}, in b\nKeyError: {word}\n'


def test_each_place_is_told_once_and_each_input_counted(tmp_path: Path) -> None:
    tally = Tally("zips", tmp_path)
    told = [
        tally.add(Attempt("zip-lzma", n, 0.1, 0.1, 10, False, _fault(line, word)), word.encode())
        for n, (line, word) in enumerate([(2, "first"), (2, "second"), (3, "third")])
    ]
    tally.add(Attempt("zip-lzma", 4, 0.2, 0.2, 3 * 10**6, True), None)
    assert [bool(one) for one in told] == [True, False, True]
    assert "b'first' (5 bytes)" in told[0]
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == [b"first", b"third"]
    assert all(str(path) in told[0] + told[2] for path in tmp_path.iterdir())
    assert tally.row() == "| zips | 4 | 1 | 3 | 0.20 | 3 | 0 |"
    assert HEAD.splitlines()[0].count("|") == tally.row().count("|")


def test_what_costs_more_than_all_before_is_kept_and_no_fault(tmp_path: Path) -> None:
    tally = Tally("photos", tmp_path)
    told = [
        tally.add(Attempt("gif", n, seconds, seconds, size, False), bytes([n]))
        for n, (seconds, size) in enumerate([(LONG_S / 2, 1), (2.0, 1), (1.5, 1), (0.1, LARGE + 1), (0.1, LARGE)])
    ]
    assert [bool(one) for one in told] == [False, True, False, True, False]
    assert "2.00 s of CPU" in told[1]
    assert len(list(tmp_path.iterdir())) == 2
    assert tally.otherwise == 0


def test_a_process_that_died_is_a_place_of_its_own() -> None:
    one = Attempt("gif", 1, 0, 0, 0, False, "killed its process: exit code -11\nINFO: Seed: 1")
    assert place(one) != place(Attempt("gif", 1, 0, 0, 0, False, "hung: ended after 30 s"))


def test_without_atheris_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "installed", lambda: False)
    assert command.main(["--minutes", "0.01"]) == 2
    said = capsys.readouterr().err
    assert f"pip install -r {_ASKED.relative_to(Path.cwd())}" in said
    assert "\natheris" in _ASKED.read_text("utf-8")
