"""Who may import whom (the design's rules), read from the source of every module."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = {"app", "pages", "pipeline", "models", "db", "tests"}
JOINS_BOTH = re.compile(r"pipeline/(__main__|(cli|actions)/\w+)\.py")


def sources() -> list[Path]:
    found = [ROOT / "app.py"]
    for top in ("pages", "pipeline", "models", "db"):
        found += sorted((ROOT / top).rglob("*.py"))
    return found


def modules_in(path: Path) -> Iterator[str]:
    """The full dotted names that a file imports, at any depth in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide who imports whom"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top(name: str) -> str:
    return name.partition(".")[0]


def ours(path: Path) -> set[str]:
    return {name for name in modules_in(path) if top(name) in OURS}


def foreign(path: Path) -> set[str]:
    return {top(name) for name in modules_in(path)} - OURS


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def of(*folders: str) -> list[Path]:
    return [p for p in sources() if p.relative_to(ROOT).parts[0] in folders]


def within(name: str, *allowed: str) -> bool:
    return any(name == a or name.startswith(a + ".") for a in allowed)


def test_the_graph_is_read() -> None:
    assert "pipeline.core.records" in ours(ROOT / "pipeline/pixels/decode.py")
    assert "cv2" in foreign(ROOT / "pipeline/faces/crop.py")
    assert len(sources()) > 40


@pytest.mark.parametrize("leaf", ["outcome", "metrics", "geometry", "records", "errors"])
def test_leaves_use_the_standard_library_and_numpy_alone(leaf: str) -> None:
    path = ROOT / f"pipeline/core/{leaf}.py"
    assert all(within(n, "pipeline.core") for n in ours(path))
    assert foreign(path) - set(sys.stdlib_module_names) <= {"numpy"}


@pytest.mark.parametrize("path", of("models"), ids=name_of)
def test_models_import_the_core_alone(path: Path) -> None:
    allowed = ("models", "pipeline.core")
    assert all(within(n, *allowed) for n in ours(path) - {"pipeline.core"})


@pytest.mark.parametrize("path", [p for p in of("pipeline") if not JOINS_BOTH.fullmatch(name_of(p))], ids=name_of)
def test_the_pipeline_knows_neither_database_nor_pages(path: Path) -> None:
    assert all(within(n, "pipeline", "models") for n in ours(path))
    assert not foreign(path) & {"streamlit", "sqlite3", "sqlite_utils", "starlette"}


@pytest.mark.parametrize("path", of("db"), ids=name_of)
def test_the_database_knows_no_pixels(path: Path) -> None:
    allowed = ("db", "pipeline.core")
    assert all(within(n, *allowed) for n in ours(path) - {"pipeline.core"})
    assert not foreign(path) & {"cv2", "dlib", "PIL", "simplejpeg", "skimage", "streamlit", "starlette"}


@pytest.mark.parametrize("path", of("pages", "app.py"), ids=name_of)
def test_nobody_imports_the_command_line(path: Path) -> None:
    assert not any(within(n, "pipeline.__main__", "pipeline.cli", "app", "tests") for n in ours(path))


@pytest.mark.parametrize("path", of("app.py"), ids=name_of)
def test_the_launcher_imports_pages_and_db(path: Path) -> None:
    assert all(within(n, "pages", "db") for n in ours(path))


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=name_of)
def test_pages_hold_no_pixels_and_no_sql(path: Path) -> None:
    assert not foreign(path) & {"cv2", "dlib", "sqlite3", "sqlite_utils"}


def test_the_packages_roots_are_empty() -> None:
    assert (ROOT / "pipeline/__init__.py").read_text(encoding="utf-8") == ""


def test_no_page_is_called_like_a_package() -> None:
    """The shell's folder is put on sys.path, so such a page would hide the package."""
    names = {p.stem for p in (ROOT / "pages").iterdir()}
    assert not names & {"db", "models", "pipeline", "tests", "app"}


@pytest.mark.parametrize(("package", "banned"), [("pipeline", "streamlit"), ("models", "streamlit"),
                                                 ("db", "streamlit cv2 dlib")])  # fmt: skip
def test_importing_everything_in_a_fresh_interpreter(package: str, banned: str) -> None:
    script = (
        "import importlib, pkgutil, sys\n"
        f"import {package} as p\n"
        f"names = [m.name for m in pkgutil.walk_packages(p.__path__, '{package}.')]\n"
        "for name in names: importlib.import_module(name)\n"
        "assert len(names) > 1, names\n"
        f"found = [b for b in '{banned}'.split() if b in sys.modules]\n"
        "assert not found, found\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


MOST_LINES = {"page": 160, "module": 400}


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_files_stay_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    is_page = path.parent == ROOT / "pages" and not path.name.startswith("_")
    assert lines <= MOST_LINES["page" if is_page else "module"]
