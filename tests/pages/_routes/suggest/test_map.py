"""The map's points, the ids of some of them, and kept sets: what is sent, to whom, and what is hidden."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest

from db.decisions.log import apply_ops
from db.people import persons
from db.projection import looks, selections
from db.projection.filter_text import filter_of
from db.projection.filters import matching
from db.store.store import Db, Store
from db.tables.annotators import ensure_annotator
from db.team.blind import VisibleFaces
from pages._routes.suggest import map as face_map
from pipeline.suggest import descriptor
from tests.db.make import add_images, decide
from tests.db.suggest.make import seq_of, suggest
from tests.pages._routes.conftest import HERE, client_at

GIVE = "INSERT OR REPLACE INTO roles VALUES (?, ?, 'Olga', '2026-01-31')"
NAMES = ("x", "y", "state", "suggested", "confidence", "source", "person")


@pytest.fixture
def faces(store: Store) -> list[str]:
    """Five faces, of which the last is not described; places on a line of slope two."""
    found = add_images(store, list("abcde"))
    for name, role in (("Olga", "owner"), ("Ann", "annotator"), ("Vic", "viewer")):
        store.write(lambda db, name=name: ensure_annotator(db, name))
        store.write(lambda db, given=(name, role): db.execute(GIVE, given))

    def work(db: Db) -> None:
        db.execute("INSERT INTO descriptor_bases VALUES (1, 'one', 1, x'00')")
        for at, face in enumerate(found[:4]):
            data = struct.pack("<48e", at, 2 * at, *(0.5,) * 46)
            db.execute("INSERT INTO descriptors VALUES (?, 1, ?)", [seq_of(db, face), data])
        apply_ops(db, "Ann", [decide(db, found[1], class_id=3), decide(db, found[2], verdict="reject")])

    store.write(work)
    suggest(store, {found[0]: (0.9, 0.1, 0, 0), found[3]: (0.1, 0.1, 0.7, 0.1)})
    return found


def points(name: str = "Ann") -> tuple[dict[str, Any], dict[str, list[int]]]:
    """The answer, read with `struct`."""
    answer = client_at(name, *face_map.routes).get("/api/map")
    assert answer.status_code == 200
    (length,) = struct.unpack_from("<I", answer.content)
    assert length % 4 == 0
    head = json.loads(answer.content[4 : 4 + length])
    n, at = head["n"], 4 + length
    found = {"seq": list(struct.unpack_from(f"<{n}I", answer.content, at))}
    for place, field in enumerate(NAMES):
        found[field] = list(struct.unpack_from(f"<{n}H", answer.content, at + 4 * n + 2 * n * place))
    assert len(answer.content) == at + 4 * n + 2 * n * len(NAMES)
    return head, found


def post(name: str, data: bytes, origin: str = HERE) -> Any:
    return client_at(name, *face_map.routes).post("/api/selections", content=data, headers={"Origin": origin})


def test_every_described_face_is_a_point_with_what_is_known_of_it(store: Store, faces: list[str]) -> None:
    head, found = points()
    assert (head["n"], head["described"], head["faces"]) == (4, 4, 5)
    assert found["seq"] == store.read(lambda db: [seq_of(db, face) for face in faces[:4]])
    assert found["state"] == [0, 3 + 3, 2, 0]
    assert found["suggested"] == [1, 65535, 65535, 3]
    assert found["confidence"] == [900, 65535, 65535, 700]
    assert {head["sources"][one] for one in found["source"]} == {head["sources"][0]}
    assert found["y"] == [0, 21667, 43333, 65000], "the longer axis has all of the range"
    assert all(abs(2 * x - y) <= 1 for x, y in zip(found["x"], found["y"], strict=True)), "both axes have one scale"


def test_the_map_is_the_plane_of_the_two_largest_principal_components() -> None:
    """Of vectors that `descriptor.fit` makes the first two numbers are those: numpy's SVD of the vectors agrees."""
    rng = np.random.default_rng(3)
    rows = (rng.normal(size=(300, descriptor.RAW)) * np.linspace(3, 0.1, descriptor.RAW)).astype(np.float32)
    vectors = descriptor.project(rows, descriptor.fit(rows)).astype(float)
    _, _, axes = np.linalg.svd(vectors - vectors.mean(0), full_matrices=False)
    assert np.allclose(np.abs(axes[:2, :2]), np.eye(2), atol=1e-3)


def test_persons_are_told_by_name_where_they_are_known(store: Store, faces: list[str]) -> None:
    def work(db: Db) -> None:
        mona = persons.ensure_named(db, "Mona")
        nameless = persons.new_person(db)
        sql = "INSERT INTO face_persons (face_id, person_id, told_by) VALUES (?, ?, 'hand')"
        db.execute(sql, [faces[0], mona])
        db.execute(sql, [faces[2], nameless])

    store.write(work)
    head, found = points()
    told = [head["persons"][one] if one != 65535 else None for one in found["person"]]
    assert told == ["Mona", None, "#2", None]


def test_blind_faces_tell_nothing(store: Store, faces: list[str]) -> None:
    store.write(lambda db: db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', '2026')", [faces[0]]))
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0], class_id=2)]))
    _, found = points("Olga")
    assert (found["state"][0], found["suggested"][0], found["confidence"][0]) == (0, 65535, 65535)


def test_more_faces_than_are_drawn_are_thinned_evenly(
    store: Store, faces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face_map, "MOST", 2)
    head, found = points()
    assert (head["n"], head["described"]) == (2, 4)
    assert found["seq"] == store.read(lambda db: [seq_of(db, faces[0]), seq_of(db, faces[3])])


def test_an_empty_workspace_has_an_empty_map(store: Store) -> None:
    store.write(lambda db: ensure_annotator(db, "Ann"))
    head, found = points()
    assert (head["n"], found["seq"]) == (0, [])


def test_ids_of_some_faces(store: Store, faces: list[str]) -> None:
    client = client_at("Ann", *face_map.routes)
    seq = store.read(lambda db: seq_of(db, faces[1]))
    (row,) = client.get("/api/map/faces", params={"seqs": f"{seq},99999"}).json()
    assert row[:2] == [seq, faces[1]]
    for asked in ("", "1,,2", "x", "1;2", ",".join(["1"] * 300)):
        assert client.get("/api/map/faces", params={"seqs": asked}).status_code == 400


def test_a_set_is_kept_and_review_shows_it(store: Store, faces: list[str]) -> None:
    seqs = store.read(lambda db: [seq_of(db, face) for face in faces])
    answer = post("Ann", struct.pack("<2I", seqs[3], seqs[1]))
    assert answer.status_code == 200
    params = {"state": "all", "selection": str(answer.json()["id"])}
    shown = store.read(lambda db: matching(VisibleFaces(db, "Ann"), filter_of(params)).tolist())
    assert shown == [seqs[1], seqs[3]]


@pytest.mark.parametrize("data", [b"", b"123", struct.pack("<I", 4_000_000_000)])
def test_what_is_no_set_is_refused(store: Store, faces: list[str], data: bytes) -> None:
    assert post("Ann", data).status_code == 400
    assert store.read(selections.ids) == set()


def test_a_set_that_is_too_large_is_refused(store: Store, faces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_map, "MOST_SELECTED", 2)
    assert post("Ann", struct.pack("<3I", 1, 2, 3)).status_code == 413


def test_viewers_look_but_keep_nothing_and_foreign_pages_neither(store: Store, faces: list[str]) -> None:
    assert points("Vic")[0]["n"] == 4
    assert post("Vic", struct.pack("<I", 1)).status_code == 403
    assert post("Ann", struct.pack("<I", 1), "https://elsewhere.example").status_code == 403
    assert store.read(selections.ids) == set()


def test_a_face_that_is_described_while_the_map_is_open_comes_with_the_next_one(store: Store, faces: list[str]) -> None:
    assert points()[0]["n"] == 4
    data = struct.pack("<48e", *(1.0,) * 48)
    store.write(lambda db: db.execute("INSERT INTO descriptors VALUES (?, 1, ?)", [seq_of(db, faces[4]), data]))
    assert points()[0]["n"] == 5
    assert int(store.read(lambda db: np.count_nonzero(looks.stored(db).known))) == 5


@pytest.mark.usefixtures("faces")
def test_sources_are_named_in_the_reader_s_language() -> None:
    def told(locale: str) -> list[str]:
        answer = client_at("Ann", *face_map.routes).get("/api/map", headers={"Accept-Language": locale})
        (length,) = struct.unpack_from("<I", answer.content)
        return list(json.loads(answer.content[4 : 4 + length])["sources"])

    assert [one.partition(":")[0] for one in told("en")] == ["Folder"]
    assert [one.partition("：")[0] for one in told("zh-CN")] == ["文件夹"]
