"""Write the script of each component as Streamlit gets it, for the lint: `joined_scripts.py FOLDER`.

Run by lint.js with the repository's root as PYTHONPATH.

A component's script is several files joined at import, so a file alone uses names that it does not define. Beside
each `<component>.js` stands `<component>.json`: [[first line in the joined text, lines, file], …], so that a finding
can be told by the file that a person would open.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pages._components._loader import joined_scripts

ROOT = Path(__file__).parents[2]
SCRIPTS = [file for top in ("pages", "pipeline") for file in (ROOT / top).rglob("*.js")]


def files_in(text: str) -> list[tuple[int, int, str]]:
    """(first line, number of lines, path from the repository's root) of each script file that `text` is joined of."""
    found = []
    for file in SCRIPTS:
        part = file.read_text("utf-8")
        at = text.find(part)
        if at >= 0:
            found.append((text.count("\n", 0, at) + 1, part.count("\n"), str(file.relative_to(ROOT))))
    return sorted(found)


def main(folder: Path) -> None:
    """Write all; a script that no component holds is an error."""
    scripts = joined_scripts()
    unused = {str(file.relative_to(ROOT)) for file in SCRIPTS}
    for name, text in scripts.items():
        files = files_in(text)
        unused -= {file for _, _, file in files}
        (folder / f"{name}.js").write_text(text, "utf-8")
        (folder / f"{name}.json").write_text(json.dumps(files), "utf-8")
    if unused:
        sys.exit(f"no component holds {', '.join(sorted(unused))}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
