"""Compared by lines, two manifests tell what all of their rows tell."""

from __future__ import annotations

import csv
import io
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.core.errors import ExportError
from pipeline.export.manifest import MANIFEST_HEADER
from pipeline.export.release import by_lines
from pipeline.export.release.by_lines import ReleaseText, compared
from pipeline.export.release.compare import Differences, content_of, differences
from pipeline.export.release.release_file import FileDigest, ReleaseFile

HEADER = MANIFEST_HEADER.rstrip("\n").split(",")


@dataclass(frozen=True)
class Row:
    number: int
    label: str = "smile"
    split: str = "train"
    x: int = 1
    person: str = ""
    digest: str = "a"

    @property
    def file(self) -> str:
        return f"{self.split}/{self.label}/{self.number}.png"

    def cells(self) -> list[str]:
        told = {
            "file": self.file, "split": self.split, "class": self.label, "face_id": f"{self.number:032x}",
            "image_sha256": f"{self.number // 2:064x}", "crop_x": str(self.x), "crop_y": "2", "crop_width": "9",
            "crop_height": "9", "crop_angle": "0", "person": self.person,
        }  # fmt: skip
        return [told.get(name, "") for name in HEADER]


def text(
    rows: Sequence[Row], *, said: bool = True, size: int = 0, ends: str = "\n", spoilt: bytes = b""
) -> ReleaseText:
    written = io.StringIO()
    table = csv.writer(written, lineterminator=ends)
    table.writerow(HEADER)
    table.writerows(row.cells() for row in rows)
    digests = {row.file: FileDigest(row.digest, 1) for row in rows}
    file = ReleaseFile("data", 1, "", {}, {"size": size}, {}, [], {}, {}, digests) if said else None
    return ReleaseText("data", written.getvalue().encode() + spoilt, file)


def plainly(before: ReleaseText, after: ReleaseText) -> Differences:
    one, other = (content_of(of.name, of.manifest, of.said) for of in (before, after))
    return differences(one, other)


def outcome(found: object) -> Differences | str:
    try:
        return found()  # type: ignore[operator,no-any-return]
    except ExportError as e:
        return str(e)


ROWS = st.builds(
    Row, st.integers(0, 30), st.sampled_from(["smile", "pout", "ö,x", 'a"b']), st.sampled_from(["train", "val"]),
    st.integers(1, 2), st.sampled_from(["", "Li, Na", 'the "Rock"', "two\nlines", "a\nb,c", "李娜"]),
    st.sampled_from("ab"),
)  # fmt: skip
SPOILT = st.sampled_from([b"", b"", b"", b"\n", b"a,b\n", b'x,"open\n', b"\xff\n", b"a\rb\n"])


@settings(deadline=None, max_examples=300)
@given(
    st.lists(ROWS, max_size=25), st.lists(ROWS, max_size=6), st.sets(st.integers(0, 24), max_size=6), st.booleans(),
    st.booleans(), st.tuples(st.booleans(), st.booleans()), st.sampled_from([0, 64]), st.tuples(SPOILT, SPOILT),
)  # fmt: skip
@example([Row(n) for n in range(9)], [], {3}, True, False, (True, True), 0, (b"", b""))
def test_it_tells_what_all_rows_tell(
    shared: list[Row], more: list[Row], left: set[int], once: bool, alike: bool, said: tuple[bool, bool], size: int,
    spoilt: tuple[bytes, bytes],
) -> None:  # fmt: skip
    """Faces that stand there twice, fields over several lines, what is no row, other bytes of the same picture."""
    if once:
        shared = list({row.number: row for row in shared}.values())
        more = list({row.number: row for row in more}.values())
    numbers = {row.number for row in more} if once else set()
    kept = [row for at, row in enumerate(shared) if at not in left and row.number not in numbers]
    before = text(shared, said=said[0], spoilt=spoilt[0])
    after = text([*kept, *more], said=said[1], size=size, spoilt=spoilt[0] if alike else spoilt[1])
    expected = outcome(lambda: plainly(before, after))
    assert outcome(lambda: compared(before, after)) == expected
    assert outcome(lambda: compared(after, before)) == outcome(lambda: plainly(after, before))


MANY = [Row(n, x=1 + n % 2, person="Li, Na" if n % 3 else "") for n in range(10, 400)]
INNER, WHOLE = (",".join(Row(n).cells()) for n in (0, 1))
"""Lines within a field that look like rows."""


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, {}),
        ({"label": "pout"}, {"relabelled": 3}),
        ({"split": "val"}, {"moved": 3}),
        ({"x": 7}, {}),
        ({"digest": "b"}, {"recropped": 3}),
        ({"number": 900}, {"added": 1, "removed": 3}),
    ],
)
def test_only_rows_that_differ_are_read(
    change: dict[str, object], counts: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = text(MANY)
    changed = [replace(row, **change) for row in MANY[:3]]  # type: ignore[arg-type]
    after = text([*({row.number: row for row in changed}.values()), *MANY[3:]])
    expected = plainly(before, after)
    read = list[int]()

    def counted(name: str, manifest: bytes, said: ReleaseFile | None) -> object:
        found = content_of(name, manifest, said)
        read.append(len(found.faces))
        return found

    monkeypatch.setattr(by_lines, "content_of", counted)
    assert compared(before, after) == expected
    assert {kind: n for kind, n in expected.counts.items() if n} == counts
    assert max(read) <= 3


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (text([Row(1), Row(1, "pout"), *MANY[4:]]), text([Row(1), *MANY[4:]])),  # the last row of a face counts
        (text([Row(1), Row(1, "pout"), *MANY[4:]]), text([Row(1, "pout"), Row(1), *MANY[4:]])),
        (text(MANY, ends="\r\n"), text(MANY[1:], ends="\r\n")),
        (text(MANY), text(MANY, ends="\r\n")),
        (text(MANY, said=False), text([replace(row, digest="b") for row in MANY])),
        (text(MANY), text([replace(row, digest="b") for row in MANY], size=64)),
        (text([Row(901, person=f"a\n{WHOLE}\n{WHOLE}z"), *MANY]), text([Row(901, person=f"a\n{WHOLE}z"), *MANY])),
        (
            text([Row(901, person=f"a\n{INNER}\n{WHOLE}z"), *MANY]),
            text([Row(0), Row(901, person=f"a\n{WHOLE}z"), *MANY]),
        ),
    ],
)
def test_what_no_line_alone_tells(before: ReleaseText, after: ReleaseText) -> None:
    assert compared(before, after) == plainly(before, after)
    assert compared(after, before) == plainly(after, before)


def test_two_rows_in_one_line_are_two() -> None:
    """A carriage return alone ends a row as well."""
    names = ["file", "split", "class", "face_id", "image_sha256", "crop_x", "crop_y", "crop_width", "crop_height"]

    def told(face: int, label: str) -> str:
        return ",".join([f"{face}.png", "train", label, str(face), "0", "1", "2", "9", "9"])

    many = [told(face, "smile") + "," * 8 for face in range(9)]
    head = ",".join([*names, *"abcdefgh"])  # as many as the two rows have, were the return a part of a field
    before = "\n".join([head, f"{told(10, 'smile')}\r{told(11, 'smile')}", *many, ""])
    after = before + told(11, "pout") + "," * 8 + "\n"
    one, other = (ReleaseText("data", given.encode(), None) for given in (before, after))
    assert compared(one, other) == plainly(one, other)
    assert compared(one, other).counts["relabelled"] == 1


def test_a_field_longer_than_any_is_said_also_where_both_have_it() -> None:
    rows = [Row(901, person="y" * 200_000), *MANY]
    with pytest.raises(ExportError, match="cannot be read"):
        compared(text(rows), text(rows))


@pytest.mark.parametrize("spoilt", [b"a,b\n", b"\xff\n", b'x,"' + b"y" * 200_000])
def test_what_cannot_be_read_is_said_also_where_both_have_it(spoilt: bytes) -> None:
    with pytest.raises(ExportError, match="cannot be read"):
        compared(text(MANY, spoilt=spoilt), text(MANY, spoilt=spoilt))


def test_it_holds_little_more_than_the_lines_of_one() -> None:
    rows = [Row(n) for n in range(3000)]
    before, after = text(rows), text(rows[60:])
    compared(before, after)  # what is made once
    tracemalloc.start()
    try:
        found = compared(before, after)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        plainly(before, after)
        plain = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.counts["removed"] == 60
    assert most < plain


def test_it_takes_a_part_of_the_time() -> None:
    rows = [Row(n) for n in range(3000)]
    before, after = text(rows), text(rows[60:])

    def least(work: object) -> float:
        times = []
        for _ in range(5):
            start = time.thread_time()
            work(before, after)  # type: ignore[operator]
            times.append(time.thread_time() - start)
        return min(times)

    assert least(compared) < 0.6 * least(plainly)
