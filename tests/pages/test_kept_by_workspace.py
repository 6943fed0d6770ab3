"""Nothing that the server keeps between requests mixes workspaces: every such thing is listed here, with how."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from db.store.store import Store
from pages._routes import upload
from pages._server import jobs, uploads, workspace
from pipeline.fetch.session import without_password
from tests.db.fresh import fresh
from tests.module_state import kept_by, kept_in

ROOT: Final = Path(__file__).resolve().parents[2]

BY_WORKSPACE: Final = {
    ("db/base/kept_columns.py", "_kept"): "by the path of the database and a column, and by the column's random token",
    ("db/duplicates/conflict_groups.py", "_known"): "by the path of the database, and by digests of tables",
    ("db/projection/looks.py", "_kept"): "by the path of the database, and by random tokens of its blocks",
    ("db/reads/decision_sums.py", "_kept"): "by Store",
    ("db/schema/kept_results.py", "_kept"): "by the path of the database and a function, and by digests of tables",
    ("db/team/agreement.py", "_kept"): "by Store",
    ("pages/_routes/_parts.py", "_placed"): "by the path of the part file",
    ("pages/_routes/_parts.py", "_writers"): "by the path of the part file",
    ("pages/_routes/changes.py", "_last_polled"): "by the path of the database",
    ("pages/_routes/image.py", "cache"): "by the workspace's folder, first in the key",
    ("pages/_server/scripts/bearer.py", "_noted"): "by the workspace's folder and the token",
    ("pages/_server/exports/checks.py", "_checks"): "by the workspace's folder",
    ("pages/_server/exports/runs.py", "_children"): "by the workspace's folder and the run",
    ("pages/_server/jobs.py", "_children"): "by the workspace's folder and the job",
    ("pages/_server/jobs.py", "_proxies"): "by the workspace's folder and the address",
    ("pages/_server/spaces.py", "_prepared"): "folders of workspaces",
    ("pages/_server/uploads.py", "_under_way"): "by the path of the part file",
    ("pages/_server/suggest/background.py", "_trainers"): "by the workspace's folder",
    ("pages/_server/upkeep/backups.py", "_by_hand"): "by the workspace's folder",
    ("pages/_server/upkeep/backups.py", "_keepers"): "by the workspace's folder",
    ("pages/_server/upkeep/put_back.py", "_asked"): "one request, which says of which workspace it is",
    ("pages/_server/upkeep/recount.py", "_recounters"): "by the workspace's folder",
    ("pages/_server/workspace.py", "_asked"): "the workspace itself",
    ("pages/_server/workspace.py", "_held"): "by the workspace's folder",
    ("pages/_server/workspace.py", "_keys"): "by the workspace's folder",
    ("pages/_server/workspace.py", "_openings"): "by the workspace's folder",
    ("pages/_server/workspace.py", "_stores"): "by the workspace's folder",
}
OF_THE_SERVER: Final = {
    ("db/projection/suggestions.py", "_all_scaled"): "numbers",
    ("pipeline/core/names.py", "name_key"): "a pure function",
    (
        "pipeline/export/readers/syntax/named_files.py",
        "_listed",
    ): "names in a folder of a data set",
    ("db/schema/compare.py", "expected"): "the schema of this version",
    ("db/schema/migrations/m0001_0015/m0009_messages.py", "_found"): "a pure function",
    ("db/tables/consensus_rules.py", "rule_from_json"): "a pure function",
    ("models/landmarker.py", "nets"): "models",
    ("models/loaded.py", "haar_cascade"): "a model",
    ("models/loaded.py", "hog_detector"): "a model",
    ("models/loaded.py", "landmark_predictor"): "a model",
    ("models/loaded.py", "recognition_net"): "a model",
    ("models/loaded.py", "mmod_detector"): "a model",
    ("models/loaded.py", "yunet"): "a model",
    ("models/weights.py", "locate"): "a file of an installed package",
    ("pages/_compare/comparison.py", "_running"): "processes: two comparisons at once would spoil each other's seconds",
    ("pages/_components/_loader.py", "_loaded"): "scripts",
    ("pages/_ui/head.py", "_imported"): "what an installed file imports",
    ("pages/_web/streamlit_files.py", "_answer"): "files of Streamlit",
    ("pages/_web/scripts.py", "_served"): "the same, as they are sent",
    ("pages/_web/scripts.py", "_packed"): "the same, as they are sent",
    ("pages/_components/_loader.py", "_page_scripts"): "scripts",
    ("pages/_routes/_guard.py", "actions"): "the routes' functions",
    ("pages/_routes/_guard.py", "own_origin_only"): "the routes' functions",
    ("pages/_routes/image.py", "_limiters"): "how many pictures are made at once",
    ("pages/_server/gate.py", "_networks"): "a setting of the server",
    ("pages/_server/gate.py", "_parse_origins"): "a setting of the server",
    ("pages/_server/upkeep/put_back.py", "_stays_down"): "whether the server is to end for good",
    ("pages/_web/stopping.py", "_stopping"): "whether the server is being stopped",
    ("pages/_words/__init__.py", "dictionary"): "words",
    ("pages/_words/glossary.py", "_by_words"): "words",
    ("pipeline/core/messages.py", "holes"): "a pure function",
    ("pipeline/faces/landmarker/values.py", "nets_if_installed"): "whether a package is installed, and its models",
    ("pipeline/files/text_encoding.py", "_common_chinese"): "words",
    ("pipeline/pixels/heif.py", "use_heif"): "whether a library is there",
    ("pipeline/pixels/formats/libtiff.py", "silence"): "whether a library was told to be quiet",
    ("pipeline/suggest/drawing.py", "_font"): "a font of the system",
    ("pipeline/suggest/drawing.py", "_plain"): "whether the system has one",
    ("pipeline/suggest/learner.py", "_threads"): "which libraries compute in threads",
    (
        "pipeline/actions/release/beside_program.py",
        "_planners",
    ): "of a program beside the server, by the workspace's folder",
    ("pipeline/actions/stored_pixels/program.py", "_limited"): "of a program beside the server",
    ("pipeline/run/dask_worker.py", "_ending"): "of a worker's process",
    ("pipeline/run/dask_worker.py", "check_in"): "of a worker's process",
    ("pipeline/run/dask_worker.py", "this_build"): "of a worker's process",
}
"""What is the same in every workspace."""


def test_everything_that_a_module_keeps_is_listed() -> None:
    found = kept_in(ROOT, "pages", "db", "pipeline", "models")
    assert found == set(BY_WORKSPACE) | set(OF_THE_SERVER)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a = {}\ndef f(): a[1] = 2", {"a"}),
        ("a: dict = {}\ndef f(): del a[1]", {"a"}),
        ("a = []\ndef f(): a.append(1)", {"a"}),
        ("a = 0\ndef f():\n global a\n a = 1", {"a"}),
        ("a = X()\ndef f(): a.part.put(1)", {"a"}),
        ("a = defaultdict(list)", {"a"}),
        ("@cache\ndef f(): pass", {"f"}),
        ("@functools.lru_cache(maxsize=3)\ndef f(): pass", {"f"}),
        ("@st.cache_data\ndef f(): pass", {"f"}),
        ("class A:\n @cache\n def f(self): pass", {"f"}),
        ("a = {1: 2}\ndef f(): return a[1]", set()),
        ("def f():\n a = {}\n a[1] = 2", set()),
    ],
)
def test_what_counts_as_kept(text: str, kept: set[str]) -> None:
    assert kept_by(text) == kept


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two workspaces of one server."""
    for name in ("a", "b"):
        fresh(tmp_path / name)
    monkeypatch.setenv("MOUE_WORKSPACES", str(tmp_path))
    yield tmp_path
    workspace.close_all()


def store_of(name: str) -> Store:
    with workspace.entered(name):
        return workspace.get_store()


@pytest.mark.usefixtures("two")
def test_a_proxy_s_password_goes_to_jobs_of_its_own_workspace_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[tuple[str, str]] = []
    monkeypatch.setattr(jobs, "_start", lambda store, *rest: passed.append((store.root.name, rest[-1]["MOUE_PROXY"])))
    secret = "http://ann:hidden@proxy.example:3128"
    shown = without_password(secret)
    for name, proxy in (("a", secret), ("a", shown), ("b", shown)):
        jobs.start_crawl(store_of(name), {"proxy": proxy}, "Ann")
    known = dict(zip(("first", "again", "other"), passed, strict=True))
    assert known["first"] == ("a", secret)
    assert known["again"] == ("a", secret)
    assert "hidden" not in known["other"][1]


@pytest.mark.usefixtures("two")
def test_the_same_file_in_the_same_batch_lies_in_each_workspace_by_itself() -> None:
    query = {"batch": "0" * 32, "name": "x.jpg", "size": "3", "modified": "1", "number": "0"}
    found = {}
    for name in ("a", "b"):
        with workspace.entered(name):
            found[name] = upload._parse_request(query, "Ann")
            assert found[name].part.parent == uploads.partial_uploads()
    assert found["a"].key != found["b"].key
    assert {one.folder.parents[2].name for one in found.values()} == {"a", "b"}
    assert {one.part.parents[2].name for one in found.values()} == {"a", "b"}
