"""Sign-in, pictures, and what no route knows."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from db.reads.details import image_info
from db.tables import annotators, releases
from pages._routes import sign_in
from pages._routes.image import ByteCache, Picture
from pages._server import identity, workspace
from pages._server.scripts.rates import Limiter
from pipeline.actions.erase import erase_image
from pipeline.actions.stored_pixels import processes
from tests.pages.conftest import client_of
from tests.pipeline.made import sha_of


@pytest.fixture
def signed(full: Path) -> TestClient:
    return client_of("Ada")


def face_of(sha: str) -> str:
    info = workspace.get_store().read(lambda db: image_info(db, sha))
    assert info is not None
    return info.faces[0].face_id


def picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("query", ["", "?from=2026-11-01&who=Ada%20L"])
@pytest.mark.parametrize(("path", "to"), [("/dashboard", "progress"), ("/overview", "./")])
def test_an_address_that_is_none_leads_to_the_page_that_is_meant(path: str, to: str, query: str) -> None:
    answer = client_of(None).get(f"{path}{query}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, f"{to}{query}")


@pytest.mark.usefixtures("empty")
def test_sign_in_sets_a_cookie_that_scripts_cannot_read() -> None:
    client = client_of(None)
    answer = client.post("/api/sign-in", json={"name": "  Ada   Lovelace "})
    assert (answer.status_code, answer.json()) == (200, {"name": "Ada Lovelace"})
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=strict" in flags
    assert identity.identify(dict(client.cookies), {}) == "Ada Lovelace"
    assert workspace.get_store().read(annotators.list_annotators) == ["Ada Lovelace"]
    client.post("/api/sign-out")
    assert identity.identify(dict(client.cookies), {}) is None


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("body", [b'{"name": ""}', b'{"name": "a\\u200bb"}', b"[]", b"{", b'{"name": "' + b"x" * 5000])
def test_a_bad_name_is_refused_and_sets_nothing(body: bytes) -> None:
    answer = client_of(None).post("/api/sign-in", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


@pytest.mark.usefixtures("empty")
def test_sign_ins_from_one_address_are_slowed_down(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(sign_in, "_limiter", Limiter(lambda: 3, clock=lambda: now[0]))
    client = client_of(None)
    answers = [client.post("/api/sign-in", json={"name": f"Ada {n}"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["retry-after"] == "20"  # three a minute: one each twenty seconds
    assert len(workspace.get_store().read(annotators.list_annotators)) == 3
    now[0] = 20.0
    assert client.post("/api/sign-in", json={"name": "Ada 3"}).status_code == 200


@pytest.mark.usefixtures("empty")
def test_sign_in_wants_json_and_our_own_origin() -> None:
    client = client_of(None)
    assert client.post("/api/sign-in", data={"name": "Ada"}).status_code == 415
    assert client.post("/api/sign-in", json={"name": "Ada"}, headers={"Origin": "http://evil"}).status_code == 403
    assert client.post("/api/sign-out", headers={"Origin": "http://evil"}).status_code == 403


@pytest.mark.usefixtures("empty")
def test_behind_a_proxy_nobody_signs_in_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_AUTH", "header")
    assert client_of(None).post("/api/sign-in", json={"name": "Ada"}).status_code == 400


@pytest.mark.usefixtures("empty")
def test_a_provider_s_ticket_signs_in_and_a_name_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_AUTH", "oidc")
    client = client_of(None)
    assert client.post("/api/sign-in", json={"name": "Ada"}).status_code == 400
    told = []
    for subject, name in (("1", "Grace"), ("2", "Grace"), ("1", "Grace Hopper"), ("2", "Grace"), ("3", "  Ada  ")):
        person = identity.ProviderIdentity("https://id.example", subject, name)
        told.append(client.post("/api/sign-in", json={"ticket": identity.ticket(person)}).json()["name"])
    assert told == ["Grace", "Grace (2)", "Grace", "Grace (2)", "Ada"]
    elsewhere = identity.ProviderIdentity("https://other.example", "1", "Grace")
    assert client.post("/api/sign-in", json={"ticket": identity.ticket(elsewhere)}).json() == {"name": "Grace (3)"}


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_what_no_route_knows_is_404_as_json(method: str) -> None:
    answer = client_of("Ada").request(method, "/api/no/such?thing=1")
    assert (answer.status_code, answer.json()["error"]) == (404, "/api/no/such does not exist")


def test_pictures_are_for_signed_in_people(full: Path, ingested: Path) -> None:
    sha = sha_of(ingested / "photos" / "astronaut.png")
    assert client_of(None).get(f"/api/image/thumb/{sha}").status_code == 401


def test_every_kind_of_whole_picture(signed: TestClient, ingested: Path) -> None:
    sha = sha_of(ingested / "photos" / "astronaut.png")
    for kind, longest in (("thumb", 480), ("original", 512), ("unified", 512), ("overlay", 512)):
        answer = signed.get(f"/api/image/{kind}/{sha}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg"), kind
        assert picture(answer.content).size == (longest, longest)
    plain, marked = (signed.get(f"/api/image/{kind}/{sha}").content for kind in ("original", "overlay"))
    assert plain != marked
    assert signed.get(f"/api/image/overlay/{sha}?face={face_of(sha)}").status_code == 200


@pytest.mark.parametrize("kind", ["original", "unified"])
def test_only_the_original_is_decoded_from_it(
    signed: TestClient, ingested: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = [], processes.photo

    def photo(*args: Any, original: bool, **options: Any) -> bytes:
        asked.append(original)
        return real(*args, original=original, **options)

    monkeypatch.setattr(processes, "photo", photo)
    sha = sha_of(ingested / "photos" / "astronaut.png")
    assert signed.get(f"/api/image/{kind}/{sha}").status_code == 200
    assert asked == [kind == "original"]


def test_a_thumbnail_that_a_power_cut_emptied_is_made_again(signed: TestClient, full: Path) -> None:
    sha = next((full / "thumbs").rglob("*.jpg")).stem
    thumb = full / "thumbs" / sha[:2] / f"{sha}.jpg"
    size = len(thumb.read_bytes())
    thumb.write_bytes(bytes(size))
    assert max(picture(signed.get(f"/api/image/thumb/{sha}").content).size) == 480
    assert picture(thumb.read_bytes()).format == "JPEG"


def test_a_crop_comes_at_the_side_asked_for(signed: TestClient, ingested: Path) -> None:
    face = face_of(sha_of(ingested / "photos" / "astronaut.png"))
    assert picture(signed.get(f"/api/image/crop/{face}?s=160").content).size == (160, 160)
    stored = picture(workspace.blobs().read("crops", face, "png"))
    whole = picture(signed.get(f"/api/image/crop/{face}").content)
    assert whole.format == "PNG"
    assert whole.tobytes() == stored.convert("RGB").tobytes()


def test_a_named_version_may_be_kept_for_ever_and_another_is_asked_for(signed: TestClient, ingested: Path) -> None:
    sha = sha_of(ingested / "photos" / "astronaut.png")
    named = signed.get(f"/api/image/thumb/{sha}?v=1")
    assert named.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert signed.get(f"/api/image/thumb/{sha}").headers["cache-control"] == "private, no-cache"
    again = signed.get(f"/api/image/thumb/{sha}", headers={"If-None-Match": named.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_crop_asked_for_without_a_version_is_never_an_old_one(signed: TestClient, ingested: Path) -> None:
    face = face_of(sha_of(ingested / "photos" / "astronaut.png"))
    before = signed.get(f"/api/image/crop/{face}?s=160").content
    black = io.BytesIO()
    Image.new("RGB", (50, 50)).save(black, "PNG")
    workspace.blobs().put("crops", face, "png", black.getvalue())
    assert signed.get(f"/api/image/crop/{face}?s=160").content != before


def test_a_thumbnail_that_is_asked_for_while_its_photo_is_erased_does_not_come_back(
    signed: TestClient, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = next((full / "thumbs").rglob("*.jpg")).stem
    thumb = full / "thumbs" / sha[:2] / f"{sha}.jpg"
    thumb.unlink()
    made = processes.photo

    def erased_meanwhile(*given: Any, **named: Any) -> bytes:
        erase_image(workspace.get_store(), sha)
        return made(*given, **named)

    monkeypatch.setattr(processes, "photo", erased_meanwhile)
    assert signed.get(f"/api/image/thumb/{sha}").status_code == 200  # it was there when it was asked for
    assert not thumb.exists()


def test_a_lost_thumbnail_is_made_again(signed: TestClient, full: Path, ingested: Path) -> None:
    sha = sha_of(ingested / "photos" / "astronaut.png")
    thumb = full / "thumbs" / sha[:2] / f"{sha}.jpg"
    thumb.unlink()
    assert picture(signed.get(f"/api/image/thumb/{sha}").content).size == (480, 480)
    assert thumb.is_file()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"thumb/{'0' * 64}", 404),
        (f"crop/{'0' * 32}", 404),
        (f"crop/{'0' * 64}", 400),
        (f"thumb/{'0' * 32}", 400),
        (f"thumb/{'Z' * 64}", 400),
        (f"secret/{'0' * 64}", 400),
        (f"crop/{'0' * 32}?s=95", 400),
        (f"crop/{'0' * 32}?s=513", 400),
        (f"crop/{'0' * 32}?s=x", 400),
        (f"crop/{'0' * 32}?s=%C2%B2", 400),
        (f"overlay/{'0' * 64}?face=../..", 400),
        ("thumb/..%2f..%2fmoue.db", 404),
    ],
)
def test_only_ids_name_pictures(signed: TestClient, path: str, status: int) -> None:
    assert signed.get(f"/api/image/{path}").status_code == status


def test_the_cache_forgets_what_was_asked_for_longest_ago() -> None:
    cache = ByteCache(800)
    small = {name: Picture(name.encode() * 100, "image/jpeg", name) for name in "abcdefghi"}
    for name in "abcdefgh":
        cache.put((name,), small[name])
    assert cache.get(("a",)) is small["a"]
    cache.put(("i",), small["i"])
    assert cache.get(("b",)) is None
    assert cache.get(("a",)) is small["a"]
    cache.put(("huge",), Picture(b"x" * 101, "image/jpeg", "x"))
    assert cache.get(("huge",)) is None


def test_an_export_made_as_a_zip_can_be_fetched_by_signed_in_people(empty: Path, tmp_path: Path) -> None:
    store = workspace.get_store()
    (empty / "releases").mkdir()
    (empty / "releases" / "data.zip").write_bytes(b"PK zip")
    (tmp_path / "other.zip").write_bytes(b"PK other")
    paths = (empty / "releases" / "data.zip", tmp_path / "other.zip", empty / "moue.db")
    ids = [store.write(partial(releases.add_release, name="n", path=str(p), params={}, counts={}, digest="d",
                               annotator="Ada")) for p in paths]  # fmt: skip
    answer = client_of("Ada").get(f"/api/release/{ids[0]}")
    assert (answer.status_code, answer.content) == (200, b"PK zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="data.zip"'
    assert client_of(None).get(f"/api/release/{ids[0]}").status_code == 401
    assert [client_of("Ada").get(f"/api/release/{n}").status_code for n in (*ids[1:], 999)] == [404, 404, 404]


def test_another_photo_at_the_same_place_is_neither_shown_nor_kept(
    signed: TestClient, full: Path, ingested: Path, tmp_path: Path
) -> None:
    """Its landmarks would be the first one's; as a thumbnail it would stay after the first one came back."""
    sha = sha_of(ingested / "photos" / "astronaut.png")
    place = tmp_path / "photo.png"
    place.write_bytes((ingested / "photos" / "astronaut.png").read_bytes())
    workspace.get_store().write(
        lambda db: db.execute("UPDATE images SET original = ?, unified = 0 WHERE sha256 = ?", [str(place), sha])
    )
    for kind in ("thumbs", "images"):
        workspace.blobs().remove(kind, sha, "jpg")  # type: ignore[arg-type]
    whole = place.read_bytes()
    Image.new("RGB", (512, 512), "red").save(place)
    for kind in ("original", "overlay", "unified", "thumb"):
        answer = signed.get(f"/api/image/{kind}/{sha}")
        assert (answer.status_code, "has changed" in answer.json()["error"]) == (404, True), kind
    assert not workspace.blobs().exists("thumbs", sha, "jpg")
    place.write_bytes(whole)
    assert picture(signed.get(f"/api/image/thumb/{sha}").content).getpixel((5, 5)) != (255, 0, 0)
