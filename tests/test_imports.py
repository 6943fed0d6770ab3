"""Who may import whom, and how large a room may be: tests/rooms.py is the table, tests/import_rules.py reads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests import import_rules as rules
from tests import rooms
from tests.import_rules import ROOT, Graph

FILES = rules.read()
MOST_LINES_OF_TESTS = 400
Rule = Callable[[Graph], list[str]]


def wrong_imports(graph: Graph) -> list[str]:
    return rules.wrong_imports(graph, rooms.EXCEPTIONS)


def passed_on(graph: Graph) -> list[str]:
    return rules.passed_on(graph, rooms.PASSED_ON)


def large_folders(graph: Graph) -> list[str]:
    return rules.large_folders(graph.files)


def long_files(graph: Graph) -> list[str]:
    return rules.long_files(graph.files)


RULES: list[Rule] = [
    rules.every_file_has_a_room,
    rules.every_room_is_there,
    rules.folders_without_init,
    rules.code_in_init,
    rules.banned_imports,
    rules.decoders_in_pages,
    rules.sql_outside_db,
    rules.scripts_of_other_components,
    wrong_imports,
    passed_on,
    rules.circles_between_rooms,
    rules.circles_between_modules,
    large_folders,
    long_files,
]


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph(FILES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule: Rule, graph: Graph) -> None:
    assert rule(graph) == []


def test_the_decoders_are_there(graph: Graph) -> None:
    assert set(rooms.DECODERS) <= set(graph.modules)


def test_the_graph_is_read(graph: Graph) -> None:
    edges = {(e.source, e.target) for e in graph.edges}
    assert ("pipeline.pixels.decode", "pipeline.core.records") in edges
    assert ("pages.review", "pages._words") in edges, "from pages import _words"
    assert ("pipeline.crawl.engines.baidu", "pipeline.crawl.engines.query") in edges, "rooms are read to their depth"
    assert ("pipeline.faces.crop", "cv2") in {(module, package) for module, package, _ in graph.foreign()}
    assert len(graph.modules) > 200
    assert len(edges) > 500


WRONG = [
    # the rule, the file, what is planted at its end (None: the file is new and empty), what the answer names
    (rules.every_file_has_a_room, "pipeline/attic/box.py", "", "no room pipeline.attic"),
    (rules.every_file_has_a_room, "pipeline/helpers.py", "", "no room pipeline.helpers"),
    (rules.every_file_has_a_room, "pages/words/words.js", "", "no room pages.words"),
    (rules.folders_without_init, "pipeline/core/deep/box.py", "", "pipeline/core/deep"),
    (rules.code_in_init, "db/store/__init__.py", "from db.store.store import Store", "db/store"),
    (rules.code_in_init, "pages/_clean/__init__.py", "x = 1", "pages/_clean"),
    (rules.banned_imports, "pages/_clean/rows.py", "import cv2", "pages._clean.rows"),
    (rules.banned_imports, "pages/review.py", "def f():\n    import sqlite3", "pages.review"),
    (rules.banned_imports, "pages/_routes/upload.py", "from cv2 import imread", "pages._routes.upload"),
    (rules.banned_imports, "pipeline/crawl/engines/baidu.py", "import streamlit.web", "pipeline.crawl.engines"),
    (rules.banned_imports, "pipeline/actions/watch.py", "import argparse", "pipeline.actions.watch"),
    (rules.banned_imports, "pipeline/core/records.py", "import cv2", "pipeline.core.records"),
    (rules.banned_imports, "db/reads/counts.py", "from PIL import Image", "db.reads.counts"),
    (rules.banned_imports, "models/yunet.py", "import starlette", "models.yunet"),
    (rules.banned_imports, "pages/_routes/_render.py", "def f():\n    from PIL import Image", "pages._routes._render"),
    (rules.decoders_in_pages, "pages/_routes/_render.py", "from pipeline.pixels.decode import x", "decodes"),
    (rules.sql_outside_db, "pages/_routes/upload.py", "x = 'SELECT id FROM faces'", "pages/_routes/upload.py"),
    (rules.sql_outside_db, "pipeline/cli/ingest.py", "x = f'DELETE FROM {x}'", "pipeline/cli/ingest.py"),
    (rules.scripts_of_other_components, "pages/_components/a/__init__.py", "x = \"../b/c.js\"", "of b"),
    (wrong_imports, "pipeline/core/records.py", "import pipeline.pixels.decode", "pipeline.core.records"),
    (wrong_imports, "pipeline/faces/crop.py", "from pipeline.fetch import addresses", "pipeline.faces.crop"),
    (wrong_imports, "pipeline/crawl/engines/query.py", "from pipeline.run.worker import x", "pipeline.crawl.engines"),
    (wrong_imports, "pipeline/run/worker.py", "def f():\n    from db.store.store import Store", "pipeline.run.worker"),
    (wrong_imports, "pipeline/sources/zips.py", "import pages._words", "pipeline.sources.zips"),
    (wrong_imports, "pipeline/core/errors.py", "import models.yunet", "pipeline.core.errors"),
    (wrong_imports, "pipeline/actions/watch.py", "import pipeline.cli.arguments", "pipeline.actions.watch"),
    (wrong_imports, "pipeline/cli/ingest.py", "import pipeline.__main__", "pipeline.cli.ingest"),
    (wrong_imports, "pipeline/__init__.py", "import pipeline.core.records", "pipeline:1"),
    (wrong_imports, "models/yunet.py", "from pipeline.faces import crop", "models.yunet"),
    (wrong_imports, "db/base/clock.py", "import db.store.store", "db.base.clock"),
    (wrong_imports, "db/decisions/log.py", "import db.store.store", "db.decisions.log"),
    (wrong_imports, "db/images/erase.py", "from pipeline.files import blobs", "db.images.erase"),
    (wrong_imports, "db/images/erase.py", "from models import yunet", "db.images.erase"),
    (wrong_imports, "pages/_words/metric_ranges.py", "from pages import _ui", "pages._words.metric_ranges"),
    (wrong_imports, "pages/_routes/upload.py", "from pages._components import account", "pages._routes.upload"),
    (wrong_imports, "pages/_clean/rows.py", "from pages._quality import rules", "pages._clean.rows"),
    (wrong_imports, "pages/_review/query.py", "from pages._collect import files", "pages._review.query"),
    (wrong_imports, "pages/export.py", "from pages._collect import files", "pages.export"),
    (wrong_imports, "pages/export.py", "import pages.review", "pages.export"),
    (wrong_imports, "pages/export.py", "import pipeline.cli.export", "pages.export"),
    (wrong_imports, "pages/_clean/rows.py", "import pipeline.__main__", "pages._clean.rows"),
    (wrong_imports, "pages/_clean/rows.py", "from models import yunet", "pages._clean.rows"),
    (wrong_imports, "pages/_ui/plots.py", "import app", "pages._ui.plots"),
    (wrong_imports, "db/base/clock.py", "import tests.conftest", "db.base.clock"),
    (wrong_imports, "app.py", "import pipeline.core.records", "app"),
    (passed_on, "db/decisions/log.py", "__all__ = ['OpResult']", "db.decisions.log: passes on OpResult"),
    (passed_on, "db/reads/review.py", "from db.base.clock import now_iso as now_iso", "review: passes on now_iso"),
    (passed_on, "pages/review.py", "from db.decisions.log import OpResult", "takes OpResult from db.decisions.log"),
    (passed_on, "pages/_clean/rows.py", "from db.decisions import log\nx = log.Op", "takes Op from db.decisions.log"),
    (passed_on, "pages/_clean/rows.py", "from pages._ui import plots\nx = plots.t", "takes t from pages._ui.plots"),
    (rules.circles_between_rooms, "pipeline/core/records.py", "import pipeline.pixels.decode", "pipeline.core, pipe"),
    (rules.circles_between_modules, "pipeline/core/metrics.py", "import pipeline.core.records", ".metrics"),
    (large_folders, [f"db/base/more_{i}.py" for i in range(17)], "", "db/base"),
    (large_folders, [f"pages/_components/account/more_{i}.js" for i in range(17)], "", "pages/_components/account"),
    (long_files, "db/base/more.py", "x = 1\n" * 301, "db/base/more.py: 301 lines"),
    (long_files, "pages/more.py", "x = 1\n" * 161, "pages/more.py: 161 lines"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "where", "planted", "named"), WRONG)
def test_what_is_planted_is_found(rule: Rule, where: str | list[str], planted: str, named: str) -> None:
    paths = [where] if isinstance(where, str) else where
    problems = rule(Graph({**FILES, **{p: f"{FILES.get(p, '')}\n{planted}".lstrip("\n") for p in paths}}))
    assert any(named in problem for problem in problems), problems


def test_a_new_import_within_the_rule_is_no_problem() -> None:
    planted = {
        "pages/_clean/rows.py": "from pages._review import query",
        "pipeline/actions/watch.py": "def f():\n    import db.images.erase",
        "pages/review.py": "from pages._review.query import x",
    }
    files = {**FILES, **{path: f"{FILES[path]}\n{text}" for path, text in planted.items()}}
    assert wrong_imports(Graph(files)) == []


def test_a_circle_that_runs_inside_a_function_or_for_the_type_checker_is_none_at_start() -> None:
    late = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import db.base.b\ndef f():\n    import db.base.b\n"
    assert rules.circles_between_modules(Graph({"db/base/a.py": late, "db/base/b.py": "import db.base.a"})) == []
    now = "try:\n    import db.base.b\nfinally:\n    pass\n"
    assert rules.circles_between_modules(Graph({"db/base/a.py": now, "db/base/b.py": "import db.base.a"})) != []


def test_a_relative_import_is_refused() -> None:
    with pytest.raises(AssertionError, match="relative"):
        _ = Graph({"db/base/a.py": "from . import b"}).edges


def test_the_lists_of_exceptions_only_shrink() -> None:
    graph = Graph({"db/base/a.py": ""})
    assert rules.wrong_imports(graph, {("db.base", "db.store")}) == [
        "tests/rooms.py: db.base no longer imports db.store: take the pair out"
    ]
    assert rules.long_files({"db/a.py": ""}, {"db/a.py": "reason"}) != []
    assert rules.passed_on(graph, {("db.base.a", "x")}) == [
        "tests/rooms.py: db.base.a no longer passes on x: take the pair out"
    ]
    many = [f"db/base/more_{i}.py" for i in range(17)]
    assert rules.large_folders(many, {"db/base": "reason"}) == []
    assert rules.large_folders(["db/base/a.py"], {"db/base": "reason"}) != []


def test_the_rooms_have_one_floor_each() -> None:
    for floors in rooms.FLOORS.values():
        named = [room for floor in floors for room in floor]
        assert len(named) == len(set(named))


def test_folders_of_tests_stay_small() -> None:
    """They mirror the source; none is a package: the import mode needs no `__init__.py`."""
    paths = [p.relative_to(ROOT).as_posix() for p in (ROOT / "tests").rglob("*.*") if p.is_file()]
    paths = [p for p in paths if not {"__pycache__", "node_modules", "fixtures"} & set(p.split("/"))]
    assert len(paths) > 150
    assert rules.large_folders(paths, {}) == []
    assert not [p for p in paths if p.endswith("__init__.py")]
    texts = {p: (ROOT / p).read_text("utf-8") for p in paths if p.endswith(".py")}
    assert [p for p, text in texts.items() if len(text.splitlines()) > MOST_LINES_OF_TESTS] == []


def test_no_page_is_called_like_a_package() -> None:
    """The shell's folder is put on sys.path, so such a page would hide the package."""
    names = {p.stem for p in (ROOT / "pages").iterdir()}
    assert not names & {"db", "models", "pipeline", "tests", "app"}


@pytest.mark.parametrize(
    ("package", "banned"),
    [
        pytest.param("pipeline", "streamlit", marks=pytest.mark.long),
        ("models", "streamlit"),
        ("db", "streamlit cv2 dlib"),
    ],
)
def test_importing_everything_in_a_fresh_interpreter(package: str, banned: str) -> None:
    script = (
        "import importlib, pkgutil, sys\n"
        f"import {package} as p\n"
        f"names = [m.name for m in pkgutil.walk_packages(p.__path__, '{package}.')]\n"
        "for name in names: importlib.import_module(name)\n"
        "assert len(names) > 2, names\n"
        f"found = [b for b in '{banned}'.split() if b in sys.modules]\n"
        "assert not found, found\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
