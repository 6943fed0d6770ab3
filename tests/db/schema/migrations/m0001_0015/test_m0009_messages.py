"""Old reasons get their code and parameters from what was written until then."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.reads.files import clean_page
from db.schema.migrations.m0001_0015 import m0009_messages
from db.store.store import Store
from db.tables import jobs
from pipeline.core.message_table import TEMPLATES
from pipeline.core.messages import Message, holes
from tests.db.schema.test_released import opened


@pytest.mark.parametrize(
    ("text", "code", "params"),
    [
        ("the file is empty", "file_empty", "{}"),
        ("yunet found no face", "no_face_found", '{"detector": "yunet"}'),
        # of two that fit, the one with more words of its own
        ("the image is damaged: its header cannot be read", "header_damaged", "{}"),
        ("the image is damaged: {0} {name}", "image_damaged", '{"why": "{0} {name}"}'),
        ("the file has 1,234 bytes, more than the cap of 9", "file_too_large", '{"most": "9", "size": "1,234"}'),
        ("words of nobody", "", "{}"),
    ],
)
def test_what_is_found_in_a_text(text: str, code: str, params: str) -> None:
    assert m0009_messages._found(text) == (code, params)


def test_every_code_is_one_of_today_with_the_same_holes() -> None:
    for code, template in m0009_messages._TEMPLATES:
        assert holes(TEMPLATES[code]) == holes(template), code


def test_an_old_workspace_has_messages(tmp_path: Path) -> None:
    opened("0006_parts", tmp_path)
    with Store.open(tmp_path) as store:
        reasons = {item.location: item.reason for item in store.read(clean_page).items}
        assert reasons["/x/half.jpg"] == Message("file_empty")
        (job,) = store.read(jobs.jobs_recent)
        assert job.error is None
        sql = "SELECT reason_code, reason_params FROM duplicate_groups"
        assert store.read(lambda db: db.execute(sql).fetchall()) == [("keeper_sharpest", '{"n": "5", "other": "4"}')]
