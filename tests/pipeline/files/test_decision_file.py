from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.core.records import REJECT_REASONS, Verdict
from pipeline.files.decision_file import DecisionFile, read_decisions

SHA, FACE = "ab" * 32, "cd" * 16


def read(tmp_path: Path, text: str, annotator: str = "Ann") -> DecisionFile:
    file = tmp_path / "d.csv"
    file.write_text(text, encoding="utf-8")
    return read_decisions(file, annotator)


def test_rows_as_they_are_meant(tmp_path: Path) -> None:
    text = f"verdict,sha256,face_id,label,reason\naccept,{SHA},,smile,\nReject,,{FACE},,blurred\nunsure, {SHA} ,,,\n"
    given = read(tmp_path, text)
    assert given.problems == ()
    assert [(r.line, r.sha256, r.face_id, r.verdict, r.label, r.reason) for r in given.rows] == [
        (2, SHA, "", Verdict.ACCEPT, "smile", ""),
        (3, "", FACE, Verdict.REJECT, "", "blurred"),
        (4, SHA, "", Verdict.UNSURE, "", ""),
    ]


def test_a_label_may_be_called_class_but_not_both(tmp_path: Path) -> None:
    given = read(tmp_path, f"Face ID,Verdict,Class\n{FACE},accept,smile\n")
    assert [(r.face_id, r.label) for r in given.rows] == [(FACE, "smile")]
    with pytest.raises(UsageError, match="two columns"):
        read(tmp_path, f"face_id,verdict,label,class\n{FACE},accept,smile,none\n")


def test_a_byte_order_mark_windows_lines_and_chinese_labels(tmp_path: Path) -> None:
    given = read(tmp_path, f"\ufeffface_id,verdict,label\r\n{FACE},accept,微笑\r\n")
    assert [r.label for r in given.rows] == ["微笑"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (f"{SHA},{FACE},accept,smile,", "exactly one"),
        (",,accept,smile,", "exactly one"),
        (f"{SHA},,maybe,smile,", "'maybe'"),
        (f"{SHA},,undo,,", "'undo'"),
        (f"{SHA},,,,", "verdict"),
        (f"{SHA},,accept,,", "needs a label"),
        (f"{SHA},,reject,smile,", "only accept takes a label"),
        (f"{SHA},,accept,smile,blurred", "only reject takes a reason"),
        (f"{SHA},,reject,,ugly", "'ugly'"),
        (f"{SHA},,unsure,,blurred", "only reject takes a reason"),
        (f"{SHA},,accept,smile,,surplus", "more cells"),
    ],
)
def test_a_wrong_row_is_a_problem_with_its_line(tmp_path: Path, cells: str, words: str) -> None:
    given = read(tmp_path, f"sha256,face_id,verdict,label,reason\n{SHA},,unsure,,\n{cells}\n")
    (problem,) = given.problems
    assert problem.startswith("line 3: ")
    assert words in problem
    assert len(given.rows) == 1


def test_what_spreadsheets_make_of_a_file(tmp_path: Path) -> None:
    """Semicolons, capitals, Excel's first line, blank rows, UTF-16, old Mac's lines: all say the same."""
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "gbk"):
        for end in ("\n", "\r\n", "\r"):
            lines = [" Face_ID; SHA256;Verdict ;LABEL;Reason;;", f" {FACE.upper()};; Accept;微笑;;;", ";;;;;;"]
            text = end.join(["sep=;", *lines, f";{SHA.upper()};REJECT;;Too small", ""])
            (tmp_path / "d.csv").write_bytes(text.encode(encoding))
            found = read_decisions(tmp_path / "d.csv", "Ann")
            assert found.problems == ()
            assert [(r.line, r.face_id, r.sha256, r.verdict, r.label, r.reason) for r in found.rows] == [
                (3, FACE, "", Verdict.ACCEPT, "微笑", ""),
                (5, "", SHA, Verdict.REJECT, "", "too_small"),
            ]


def test_a_name_that_a_spreadsheet_made_a_number_is_told(tmp_path: Path) -> None:
    given = read(tmp_path, "face_id;verdict\n1,23457E+31;unsure\n")
    assert given.problems == (
        "line 2: '1,23457e+31' is a number that a spreadsheet made of the name: import that column as text, then save"
        " again",
    )


def test_every_reason_of_the_contract(tmp_path: Path) -> None:
    assert " ".join(REJECT_REASONS) == "not_a_mouth blurred too_small occluded profile drawing child duplicate other"
    lines = "".join(f"{FACE},reject,{reason}\n" for reason in REJECT_REASONS)
    assert len(read(tmp_path, "face_id,verdict,reason\n" + lines).rows) == 9


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "verdict,label\naccept,smile\n", f"sha256\n{SHA}\n"])
def test_a_header_that_lacks_something(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="header"):
        read(tmp_path, text)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_decisions(tmp_path / "gone.csv", "Ann")
    (tmp_path / "gbk.csv").write_bytes("face_id,verdict,label\nx,accept,gähnen\n".encode("latin-1"))
    with pytest.raises(UsageError, match="UTF-8"):
        read_decisions(tmp_path / "gbk.csv", "Ann")
    with pytest.raises(UsageError):
        read(tmp_path, 'face_id,verdict\n"cut short\n')
    with pytest.raises(UsageError, match="Its first line has: Gesicht, Urteil"):
        read(tmp_path, "Gesicht;Urteil\nx;y\n".replace(";", ","))


def uuids(given: DecisionFile) -> list[str]:
    return [r.uuid for r in given.rows]


def test_the_uuid_comes_from_annotator_file_and_row(tmp_path: Path) -> None:
    text = f"face_id,verdict,label\n{FACE},accept,smile\n{FACE},accept,smile\n"
    one, again, other = read(tmp_path, text), read(tmp_path, text), read(tmp_path, text, "Bob")
    assert uuids(one) == uuids(again)
    assert one.step == again.step != other.step
    assert len({*uuids(one), *uuids(other)}) == 4  # two equal rows are two decisions
    changed = read(tmp_path, text.replace("accept,smile\n", "accept,pout\n", 1))
    assert uuids(changed)[0] != uuids(one)[0]
    assert uuids(changed)[1] == uuids(one)[1]
    (tmp_path / "sub").mkdir()
    assert uuids(read(tmp_path / "sub", text)) != uuids(one)


def test_lines_that_are_added_repeat_the_ones_before(tmp_path: Path) -> None:
    text = f"face_id,verdict,label\n{FACE},accept,smile\n"
    before = uuids(read(tmp_path, text))
    assert uuids(read(tmp_path, text + f"{FACE},unsure,\n"))[:1] == before


@pytest.mark.parametrize(
    "cell",
    [f"sha256:{SHA}", f"SHA-256: {SHA.upper()}", f"0x{SHA}", f"'{SHA}", "\u200e" + SHA, SHA + "\u200b",
     "-".join(["AB"] * 32), " ".join(["ab"] * 32), f"“{SHA}”"],
)  # fmt: skip
def test_a_hash_as_tools_and_dialogs_show_it(tmp_path: Path, cell: str) -> None:
    given = read(tmp_path, f"sha256,verdict,label\n{cell},accept,smile\n")
    assert [row.sha256 for row in given.rows] == [SHA]
