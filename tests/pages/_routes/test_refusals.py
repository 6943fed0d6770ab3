"""Whatever a route refuses, it says so in the reader's language, with a code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pages._words import COOKIE
from pipeline.core.message_table import TEMPLATES
from tests.pages.conftest import client_of

UUID = "0190a1b2-0000-7000-8000-000000000001"
SHA = "a" * 64


def op(**fields: Any) -> dict[str, Any]:
    return {"uuid": UUID, **fields}


def ops(*found: object) -> str:
    return json.dumps({"ops": list(found)})


REFUSED = [
    ("GET", "/api/no/such/route", None, "route_unknown"),
    ("GET", "/api/image/thumb/xyz", None, "picture_id"),
    ("GET", f"/api/image/thumb/{SHA}", None, "image_not_here"),
    ("GET", f"/api/image/crop/{'0' * 32}", None, "crop_not_here"),
    ("GET", "/api/face/xyz", None, "face_id_malformed"),
    ("GET", "/api/changes?after=x", None, "changes_after"),
    ("PUT", f"/api/upload?batch={UUID}&kind=photos&name=", None, "upload_without_name"),
    ("PUT", "/api/upload?batch=x&kind=photos&name=a.jpg", None, "upload_batch"),
    ("PUT", f"/api/upload?batch={UUID}&kind=songs&name=a.jpg", None, "upload_kind"),
    ("PUT", f"/api/upload?batch={UUID}&name=a.jpg&offset=0", "x", "upload_part"),
    ("POST", "/api/sign-in", "[", "request_not_json"),
    ("POST", "/api/sign-in", "[" * 4000, "request_not_json"),
    ("POST", "/api/sign-in", "[]", "request_not_object"),
    ("POST", "/api/sign-in", " " * 100_000, "request_too_long"),
    ("POST", "/api/decisions", "{", "request_not_json"),
    ("POST", "/api/decisions", "{}", "batch_malformed"),
    ("POST", "/api/decisions", ops(*[0] * 1001), "batch_of_too_many"),
    ("POST", "/api/decisions", ops(1), "op_not_object"),
    ("POST", "/api/decisions", ops({}), "op_text"),
    ("POST", "/api/decisions", ops(op(op="undo", step="\ud800")), "op_not_unicode"),
    ("POST", "/api/decisions", ops(op(op="undo", seq="1")), "op_not_whole"),
    ("POST", "/api/decisions", ops(op(op="sing")), "op_kind"),
    ("POST", "/api/duplicates", ops(op(op="sing")), "op_on_group"),
    ("POST", "/api/duplicates", ops({"op": "keep", "uuid": "x"}), "uuid_malformed"),
    ("POST", "/api/duplicates", ops(op(op="keep", members="x")), "op_list"),
    ("POST", "/api/duplicates", ops(op(op="keep", members=["x"])), "op_not_hashes"),
    ("POST", "/api/duplicates", ops(op(op="together", members=[SHA], pairs=[[SHA, SHA]])), "op_not_pairs"),
    ("POST", "/api/duplicates", ops(op(op="label", members=[SHA], seen=[1])), "op_seen"),
    ("POST", "/api/duplicates", ops(op(op="label", members=[SHA], seen={"f": "?"})), "op_seen_decisions"),
]


@pytest.mark.parametrize(("method", "path", "body", "code"), REFUSED, ids=[f"{row[3]}-{row[1]}" for row in REFUSED])
def test_a_malformed_request_is_answered_in_the_reader_s_language(
    empty: Path, method: str, path: str, body: str | None, code: str
) -> None:
    client, told = client_of("Ann"), {}
    for locale in ("en", "zh"):
        client.cookies.set(COOKIE, locale)
        answer = client.request(method, path, content=body, headers={"content-type": "application/json"})
        assert 400 <= answer.status_code < 500, answer.text
        told[locale] = answer.json()
    assert told["en"]["code"] == told["zh"]["code"] == code
    params = {name: ", ".join(at) if isinstance(at, list) else at for name, at in told["en"]["params"].items()}
    assert told["en"]["error"] == TEMPLATES[code].format(**params)
    assert told["zh"]["error"] != told["en"]["error"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told["zh"]["error"])
