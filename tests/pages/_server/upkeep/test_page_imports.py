"""What a page needs is there before anybody opens it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pages._server.upkeep import page_imports

ROOT = Path(__file__).parents[4]
SOURCE = '''"""A page."""

from __future__ import annotations

import html
import xml.dom as dom
from json import dumps, tool
from . import beside

if True:
    import never
'''
PROGRAM = """
import sys
from pathlib import Path
from pages._server.upkeep import page_imports
page_imports.import_all()
before = set(sys.modules)
{load}
print(*sorted(set(sys.modules) - before))
"""


def test_the_imports_at_the_top_of_a_script_are_found_with_what_they_take() -> None:
    assert list(page_imports.imported(SOURCE)) == [
        ("__future__", ("annotations",)),
        ("html", ()),
        ("xml.dom", ()),
        ("json", ("dumps", "tool")),
    ]


def test_scripts_are_the_pages_and_not_the_shell_which_runs_them() -> None:
    names = [path.name for path in page_imports.scripts(ROOT / "pages")]
    assert {"overview.py", "team.py"} <= set(names)
    assert not [name for name in names if name.startswith("_")]


@pytest.mark.parametrize("page", ["overview", "collect", "progress", "team", "export"])
def test_a_page_run_for_the_first_time_imports_nothing_of_ours(page: str) -> None:
    """Run without a server it stops at its first look at one: behind its imports."""
    load = f"try: exec(compile(Path('pages/{page}.py').read_text(), 'page', 'exec'), {{}})\nexcept BaseException: pass"
    run = [sys.executable, "-c", PROGRAM.format(load=load)]
    printed = subprocess.run(run, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True).stdout
    assert not [name for name in printed.split() if name.split(".")[0] in {"pages", "db", "pipeline"}]
