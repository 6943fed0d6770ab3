"""Files of other models' predictions, as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.files.prediction_file import PredictionFile, PredictionRow, read_predictions

SHA, FACE = "ab" * 32, "cd" * 16


def read(text: str) -> PredictionFile:
    return read_predictions(text.encode(), "p.csv")


def test_rows_as_they_are_meant() -> None:
    found = read(f"class,confidence,face_id,sha256\nsmile,0.97,{FACE},\n微笑,1,, {SHA.upper()}\n")
    assert found.problems == ()
    assert found.rows == (PredictionRow(2, FACE, "", "smile", 0.97), PredictionRow(3, "", SHA, "微笑", 1.0))


def test_what_a_spreadsheet_makes_of_it() -> None:
    text = f"sep=;\r\nFace_ID;CLASS;Confidence;note\r\n{FACE.upper()};smile;0,5;x\r\n;;;\r\n"
    for encoding in ("utf-8-sig", "utf-16"):
        found = read_predictions(text.encode(encoding), "p.csv")
        assert (found.rows, found.problems) == ((PredictionRow(3, FACE, "", "smile", 0.5),), ())


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (f"{FACE},{SHA},smile,.5", "prediction_one_name"),
        (",,smile,.5", "prediction_one_name"),
        (f"{FACE},,,.5", "prediction_without_class"),
        (f"{FACE},,smile,", "prediction_confidence"),
        (f"{FACE},,smile,sure", "prediction_confidence"),
        (f"{FACE},,smile,0", "prediction_confidence"),
        (f"{FACE},,smile,97", "prediction_confidence"),
        (f"{FACE},,smile,nan", "prediction_confidence"),
        (f"{FACE},,smile,-0.1", "prediction_confidence"),
        ("1.23E+31,,smile,.5", "prediction_number"),
        (f"{FACE},,smile,.5,.5", "prediction_surplus"),
    ],
)
def test_a_wrong_row_is_a_problem_with_its_line(cells: str, code: str) -> None:
    found = read(f"face_id,sha256,class,confidence\n{FACE},,smile,.5\n{cells}\n")
    assert [(line, why.code) for line, why in found.problems] == [(3, code)]
    assert len(found.rows) == 1


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", f"face_id,class\n{FACE},smile\n", "class,confidence\nsmile,1\n"])
def test_a_header_that_lacks_something(text: str) -> None:
    with pytest.raises(UsageError, match="header"):
        read(text)


@given(st.lists(st.tuples(st.integers(0, 2**128 - 1), st.floats(1e-9, 1)), max_size=20))
def test_what_a_program_writes_is_read_as_it_was(rows: list[tuple[int, float]]) -> None:
    text = "face_id,class,confidence\n" + "".join(f"{face:032x},smile,{value!r}\n" for face, value in rows)
    found = read(text)
    assert [(row.face_id, row.confidence) for row in found.rows] == [(f"{face:032x}", value) for face, value in rows]
