"""The audit as CSV, and a person's hand-over for paper and as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from db.decisions.log import apply_ops
from db.store.store import Store
from db.tables import audit
from db.tables.annotators import ensure_annotator
from db.team import notes
from pages._server import workspace
from tests.db.make import add_images, decide, new_uuid
from tests.pages.conftest import client_of

EVIL = "=HYPERLINK(1)"


@pytest.fixture
def store(empty: Path) -> Store:
    opened = workspace.get_store()
    for name in ("Ada", EVIL):
        opened.write(lambda db, name=name: ensure_annotator(db, name))
    (face,) = add_images(opened, ["a"])
    opened.write(lambda db: apply_ops(db, EVIL, [decide(db, face)]))
    opened.write(lambda db: notes.add_note(db, EVIL, face, new_uuid(), "<b>bold</b>"))
    opened.write(lambda db: audit.append(db, "Ada", "setting", {"name": "x"}))
    return opened


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.usefixtures("store")
def test_the_audit_as_csv_holds_what_is_asked_for_and_no_formula() -> None:
    answer = client_of("Ada").get("/api/audit.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["cache-control"] == "private, no-store"
    assert [(row["who"], row["action"]) for row in table(answer.text)] == [
        ("Ada", "setting"), (f"'{EVIL}", "decisions"),
    ]  # fmt: skip
    mine = table(client_of("Ada").get("/api/audit.csv", params={"annotator": "Ada"}).text)
    assert [row["params"] for row in mine] == ['{"name": "x"}']
    assert table(client_of("Ada").get("/api/audit.csv", params={"until": "2020-01-01T00:00:00.000Z"}).text) == []
    assert client_of("Ada").get("/api/audit.csv", params={"since": "yesterday"}).status_code == 400


@pytest.mark.usefixtures("store")
def test_a_hand_over_is_a_page_for_paper_where_text_is_text() -> None:
    answer = client_of(EVIL).get("/api/handover", headers={"Accept-Language": "zh-CN"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert f"<h1>{EVIL} 的交接</h1>" in answer.text
    assert "&lt;b&gt;bold&lt;/b&gt;" in answer.text
    rows = table(client_of(EVIL).get("/api/handover.csv").text)
    assert {row["person"] for row in rows} == {f"'{EVIL}"}
    assert ("Answers that stand, by class", "smile", "1") in [(r["chapter"], r["what"], r["value"]) for r in rows]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("path", ["/api/handover", "/api/handover.csv"])
def test_others_hand_overs_are_for_whoever_may_read_the_audit(path: str) -> None:
    assert client_of("Ada").get(path, params={"person": EVIL}).status_code == 200
    assert client_of("Ada").get(path, params={"person": "Nobody"}).status_code == 404
    assert client_of(EVIL).get(path, params={"person": "Ada"}).status_code == 403
    assert client_of(EVIL).get(path, params={"person": EVIL}).status_code == 200
