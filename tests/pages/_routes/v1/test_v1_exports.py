"""Exports that scripts begin."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from db.store.locks import export_lock
from db.store.store import Store
from db.tables import roles
from db.tables.access import export_runs
from db.tables.annotators import ensure_annotator
from db.tables.releases import list_releases
from pages._routes.v1.releases import Export
from pages._server import workspace
from pages._server.exports import runs
from pages._server.exports.runs import Run
from pipeline.export.options import ExportOptions
from pipeline.export.pictures.options import PictureOptions
from pipeline.export.selecting.selection import Selection
from pipeline.export.split import SplitPlan
from tests.pages._routes.v1.conftest import PEOPLE, decision, post, script
from tests.pipeline.commands import ingest
from tests.pipeline.photos import numbered_head


@pytest.fixture
def heads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace of twelve photos, served; Rita may export."""
    for number in range(12):
        (tmp_path / f"head-{number:02}.jpg").write_bytes(numbered_head(number))
    ingest(tmp_path / "w", *sorted(tmp_path.glob("*.jpg")))
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "w"))
    monkeypatch.setenv("MOUE_HOSTS", "testserver")
    monkeypatch.delenv("MOUE_AUTH", raising=False)
    store = workspace.get_store()
    for name, role in PEOPLE.items():
        store.write(lambda db, name=name: ensure_annotator(db, name))
        store.write(lambda db, name=name, role=role: roles.set_role(db, name, role, "Olga"))
    yield store
    workspace.close_store()


def ended(client: TestClient, begun: dict[str, Any]) -> dict[str, Any]:
    state, until = begun, time.monotonic() + 60
    while state["state"] == "running" and time.monotonic() < until:
        time.sleep(0.02)
        state = client.get(f"/api/v1/exports/{state['id']}").json()
    return state


def test_an_export_is_begun_watched_and_fetched(heads: Store) -> None:
    client = script(heads, "Rita")
    faces = [one["face_id"] for one in client.get("/api/v1/faces").json()["faces"]]
    labels = ["none", "pout", "smile", "openmouth"]
    assert len(faces) == 12
    post(client, *[decision(face, labels[n % 4]) for n, face in enumerate(faces)])
    begun = client.post("/api/v1/exports", json={"name": "first", "val": 0.5})
    assert begun.status_code == 202, begun.text
    state = ended(client, begun.json())
    assert (state["state"], state["error"], state["files"]) == ("done", "", 12)
    (made,) = client.get("/api/v1/releases").json()["releases"]
    assert (made["name"], made["annotator"], made["id"]) == ("first", "Rita", state["release"])
    assert sum(sum(split.values()) for split in made["counts"].values()) == 12
    assert client.get(made["zip"]).content[:2] == b"PK"
    wanted = {"name": "second", "val": 0.5, "at_most": 2, "by": "sharpness", "formats": ["torchvision", "coco"],
              "class_names": "course", "size": 32}  # fmt: skip
    state = ended(client, client.post("/api/v1/exports", json=wanted).json())
    assert (state["state"], state["error"], state["files"]) == ("done", "", 8)
    made = client.get("/api/v1/releases").json()["releases"][0]
    with zipfile.ZipFile(io.BytesIO(client.get(made["zip"]).content)) as opened:
        files = [Path(name).parts for name in opened.namelist() if "imagefolder" in Path(name).parts]
        assert {parts[-2] for parts in files if parts[-1].endswith(".png")} == {
            "0none",
            "1pouting",
            "2smile",
            "3openmouth",
        }
        assert any("/coco/" in f"/{name}" for name in opened.namelist())
    assert script(heads, "Vera").get(made["zip"]).status_code == 403
    assert client.get(f"/api/v1/faces/{faces[0]}/crop").content[:4] == b"\x89PNG"


def test_how_an_export_ended_is_told_after_a_restart(people: Store) -> None:
    client = script(people, "Rita")
    begun = ended(client, client.post("/api/v1/exports", json={"name": "first"}).json())
    assert begun["state"] == "failed"
    killed = {"state": "running", "name": "other", "annotator": "Rita", "at": "2026-01-31T09:05:07.123Z"}
    killed |= {"release": None, "files": None, "error": None}
    people.write(lambda db: export_runs.note(db, "of-a-killed-server", killed))
    workspace.close_store()
    assert client.get(f"/api/v1/exports/{begun['id']}").json() == begun
    told = ended(
        client, {"id": "of-a-killed-server", "state": "running"}
    )  # the first one's process may hold the lock for another moment
    assert (told["state"], told["code"], told["name"]) == ("failed", "export_interrupted", "other")
    assert client.get("/api/v1/exports/none").status_code == 404


def test_an_export_is_cancelled_by_those_who_may(people: Store) -> None:
    with export_lock(people.root):  # it waits here
        begun = script(people, "Rita").post("/api/v1/exports", json={"name": "first"}).json()
        address = f"/api/v1/exports/{begun['id']}/cancel"
        assert script(people, "Vera").post(address).status_code == 403
        assert script(people, "Rita").post("/api/v1/exports/none/cancel").json()["code"] == "run_unknown"
        told = script(people, "Rita").post(address)
        assert (told.status_code, told.json()["state"]) == (200, "running")
    assert ended(script(people, "Rita"), begun)["state"] == "cancelled"
    assert people.read(list_releases) == []


def test_only_the_newest_runs_are_remembered(people: Store) -> None:
    for number in range(export_runs.MOST_KEPT + 3):
        people.write(lambda db, number=number: export_runs.note(db, f"r{number}", {"state": "done"}))
    people.write(lambda db: export_runs.note(db, "r9", {"state": "failed"}))
    kept = people.read(export_runs.known)
    assert list(kept) == [f"r{number}" for number in range(3, export_runs.MOST_KEPT + 3)]
    assert kept["r9"] == {"state": "failed"}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"formats": ["tfrecord"]}, 400), ({"by": "best"}, 400), ({"min_agreement": 2}, 400), ({"size": 8}, 400),
     ({"class_names": "odd"}, 400), ({"at_most": 0}, 400), ({"val": 0.6, "test": 0.6}, 400)],
)  # fmt: skip
def test_options_that_are_none_are_refused_before_anything_begins(
    people: Store, wrong: dict[str, Any], status: int
) -> None:
    assert script(people, "Rita").post("/api/v1/exports", json={"name": "first", **wrong}).status_code == status
    assert people.read(export_runs.known) == {}


def test_an_export_that_is_refused_says_why(people: Store) -> None:
    client = script(people, "Rita")
    state = ended(client, client.post("/api/v1/exports", json={"name": "first"}).json())
    assert (state["state"], state["code"]) == ("failed", "export_refused")
    assert client.post("/api/v1/exports", json={"name": "a/b"}).json()["code"] == "export_name"


def test_each_field_is_what_the_release_is_made_by(people: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []

    def start(_store: Store, who: str, name: str, split_plan: SplitPlan, options: ExportOptions) -> Run:
        begun.append((who, name, split_plan, options))
        return Run("id", "running", name, who, "2026-01-31T09:05:07.123Z")

    monkeypatch.setattr(runs, "start", start)
    body = {
        "name": "first", "val": 0.3, "test": 0.1, "seed": 7, "anew": True, "size": 64, "content": "face",
        "margin": 1.5, "level_eyes": True, "grey": True, "encoding": "jpeg", "jpeg_quality": 80, "formats": ["coco"],
        "min_side": 20, "licences": ["CC0 1.0"], "without_confirmed": True, "people_only": True, "only_seen": True,
        "min_agreement": 0.5, "at_most": 9, "balance": True, "by": "difference", "rejects_as": "no mouth",
        "class_names": "course",
    }  # fmt: skip
    assert set(body) | {"folds"} == {one.name for one in fields(Export)}
    client = script(people, "Rita")
    assert client.post("/api/v1/exports", json=body).status_code == 202
    classes = ("none", "pout", "smile", "openmouth")
    options = ExportOptions(
        64, 20, frozenset({"CC0 1.0"}), True, Selection(0.5, 9, True, "difference", True, True), ("coco",), classes,
        PictureOptions("face", 1.5, True, True, "jpeg", 80), "no mouth",
    )  # fmt: skip
    assert begun.pop() == ("Rita", "first", SplitPlan("train_val_test", 0.3, 0.1, 0, 7, True), options)
    assert client.post("/api/v1/exports", json={"name": "first", "folds": 5}).status_code == 202
    assert begun.pop()[2:] == (SplitPlan("folds", folds=5), ExportOptions())
    assert client.post("/api/v1/exports", json={"name": "first"}).status_code == 202
    assert begun.pop()[2:] == (SplitPlan(), ExportOptions())
