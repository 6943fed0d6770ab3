"""What every open page asks: whether anything that is done here would be kept."""

from __future__ import annotations

from contextlib import closing

from starlette.testclient import TestClient

from db.store import backup
from db.store.store import Store
from pages._routes import changes, decisions, workspaces
from pages._server import workspace
from pipeline.actions.backups import rotation
from pipeline.actions.verify import restore_workspace
from tests.db.behind import behind_moue
from tests.pages._routes.conftest import HERE, client_at

ROUTES = (workspaces.alive_route, changes.route, decisions.route)


def test_all_is_well(store: Store) -> None:
    assert store.problem() is None
    answer = client_at("Ann", *ROUTES).get("/api/alive")
    told = answer.json()["log"]
    assert (answer.status_code, len(told)) == (200, 12)
    workspace.close_store()
    workspace.get_store()
    assert client_at("Ann", *ROUTES).get("/api/alive").json() == {"log": told}, "a server that only began anew"


def test_since_a_backup_was_put_in_place_it_tells_of_another_log(store: Store) -> None:
    file = rotation.make(store).file
    told = [client_at("Ann", *ROUTES).get("/api/alive").json()["log"]]
    for _ in range(2):
        workspace.close_store()
        restore_workspace(file, store.root, replace=True)
        workspace.get_store()
        answer = client_at("Ann", *ROUTES).get("/api/alive").json()
        assert answer.keys() == {"log"}
        told.append(answer["log"])
    assert len(set(told)) == 3, "the same backup twice is another log each time: what came between is in neither"


def test_of_a_backup_that_contradicts_itself_too(store: Store) -> None:
    """The audit is not gone on with there."""
    with closing(behind_moue(store.root)) as conn:
        conn.execute("UPDATE classes SET position = position + 100")
    backup.backup(store, store.root.parent / "contradicts.db")
    before = client_at("Ann", *ROUTES).get("/api/alive").json()["log"]
    workspace.close_store()
    assert restore_workspace(store.root.parent / "contradicts.db", store.root, replace=True).findings
    workspace.get_store()
    assert client_at("Ann", *ROUTES).get("/api/alive").json()["log"] != before


def test_a_workspace_that_went_is_told_by_every_route_and_with_its_path_to_its_people_alone(store: Store) -> None:
    ann = client_at("Ann", *ROUTES)
    stranger = TestClient(ann.app, base_url=HERE)
    away = store.root.with_name(f"{store.root.name}-away")
    store.root.rename(away)
    try:
        sent = ann.post("/api/decisions", json={"ops": []}, headers={"Origin": HERE})
        for answer in (ann.get("/api/alive"), ann.get("/api/changes"), sent):
            assert answer.status_code == 503
            assert answer.json()["code"] == "workspace_gone"
            assert str(store.root) in answer.json()["error"]
        told = stranger.get("/api/alive").json()["error"]
        assert store.root.name in told
        assert str(store.root.parent) not in told
        chinese = ann.get("/api/alive", headers={"accept-language": "zh-CN"}).json()["error"]
        assert "不会保存任何内容" in chinese
    finally:
        away.rename(store.root)
    assert ann.get("/api/alive").status_code == 200
    assert workspace.problem() is None
