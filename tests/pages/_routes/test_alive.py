"""What every open page asks: whether anything that is done here would be kept."""

from __future__ import annotations

from starlette.testclient import TestClient

from db.store.store import Store
from pages._routes import changes, decisions, workspaces
from pages._server import workspace
from pipeline.actions.backups import rotation
from pipeline.actions.verify import restore_workspace
from tests.pages._routes.conftest import HERE, client_at

ROUTES = (workspaces.alive_route, changes.route, decisions.route)


def test_all_is_well(store: Store) -> None:
    assert store.problem() is None
    answer = client_at("Ann", *ROUTES).get("/api/alive")
    assert (answer.status_code, answer.json()) == (200, {"log": ""})


def test_since_a_backup_was_put_in_place_it_tells_of_another_log(store: Store) -> None:
    file = rotation.make(store).file
    told = [""]
    for _ in range(2):
        workspace.close_store()
        restore_workspace(file, store.root, replace=True)
        workspace.get_store()
        answer = client_at("Ann", *ROUTES).get("/api/alive").json()
        assert answer.keys() == {"log"}
        told.append(answer["log"])
    assert len(set(told)) == 3, "the same backup twice is another log each time: what came between is in neither"


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
