"""The rooms of the house: the table that the import test holds and that docs/architecture.md's picture is drawn from.

A room is a folder below pipeline/, db/ or pages/ with all that is in it, or a file that lies beside them. It may import
itself and the rooms of its package on the floors before its own, never one on its own floor.
"""

from __future__ import annotations

from typing import Final

#: The last floor of pages/: the pages themselves and the shell, which lie beside the rooms.
PAGE_FILES: Final = "<page>.py"

#: For each package its floors, in order; the rooms of one floor do not import each other.
FLOORS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "pipeline": (
        ("core",),
        ("files",),
        ("pixels",),
        ("faces", "fetch", "copies", "agreement"),
        ("suggest",),
        ("run", "export", "crawl"),
        ("frames",),
        ("sources",),
        ("actions",),
        ("cli", "workspace"),
        ("__main__",),
    ),
    "models": (("models",),),
    "db": (
        ("base",),
        ("schema", "tables"),
        ("people",),
        ("projection",),
        ("store", "decisions"),
        ("reads",),
        ("duplicates", "team"),
        ("suggest",),
        ("images", "listing"),
    ),
    "pages": (
        ("_words",),
        ("_server",),
        ("_web",),
        ("_components", "_routes"),
        ("_ui",),
        (
            "_classes",
            "_clean",
            "_collect",
            "_compare",
            "_duplicates",
            "_export",
            "_glossary",
            "_overview",
            "_progress",
            "_quality",
            "_review",
            "_suggest",
            "_team",
        ),
        (PAGE_FILES,),
    ),
}

#: What a package, or one room of it where that has a line of its own, may import of the others.
OTHERS: Final[dict[str, frozenset[str]]] = {
    "pipeline": frozenset({"models"}),
    "pipeline.core": frozenset(),
    "pipeline.agreement": frozenset(),
    "pipeline.actions": frozenset({"models", "db"}),
    "pipeline.cli": frozenset({"models", "db"}),
    "pipeline.__main__": frozenset({"models", "db"}),
    "pipeline.workspace": frozenset({"db"}),
    "models": frozenset({"pipeline.core"}),
    # What counts where people differ is worked out beside the log, and one rule of it is an estimate.
    "db": frozenset({"pipeline.core", "pipeline.agreement"}),
    "pages": frozenset({"db", "pipeline"}),
    "app": frozenset({"db", "pages"}),
}

#: Rooms that no other package imports.
PRIVATE: Final = frozenset({"pipeline.cli", "pipeline.__main__", "app", "tests"})

#: Links lead into the review from everywhere: its addresses are made by its own room.
LINKED: Final = frozenset({"_review"})

#: (importing room or page, imported room): the reason. Room names as in FLOORS, with their package; a page by its
#: module. A pair that no longer occurs fails, so the list only shrinks.
EXCEPTIONS: Final[dict[tuple[str, str], str]] = {
    ("pages.suggestions", "pages._suggest"): "the page's own room: `_suggest`, like those of the other packages",
}

#: Foreign packages that a package, or a room, does not import: a longer name wins over a shorter one.
BANNED: Final[dict[str, frozenset[str]]] = {
    "pipeline": frozenset({"streamlit", "starlette", "sqlite3", "sqlite_utils", "argparse"}),
    "pipeline.cli": frozenset({"streamlit", "starlette", "sqlite3", "sqlite_utils"}),
    "pipeline.__main__": frozenset({"streamlit", "starlette", "sqlite3", "sqlite_utils"}),
    "models": frozenset({"streamlit", "starlette", "sqlite3", "sqlite_utils", "argparse"}),
    "db": frozenset({"streamlit", "starlette", "cv2", "dlib", "PIL", "simplejpeg", "skimage", "argparse"}),
    "pages": frozenset({"cv2", "dlib", "PIL", "simplejpeg", "av", "sqlite3", "sqlite_utils", "argparse"}),
    "pages._words": frozenset(
        {"cv2", "dlib", "PIL", "simplejpeg", "av", "sqlite3", "sqlite_utils", "argparse", "starlette"}
    ),
    "app": frozenset({"cv2", "dlib", "PIL", "simplejpeg", "av", "sqlite3", "sqlite_utils", "argparse"}),
}

#: What reads pixels of files: pages do not import it, they ask `pipeline.actions.stored_pixels.processes`.
DECODERS: Final = (
    "pipeline.pixels.decode",
    "pipeline.pixels.crop_array",
    "pipeline.frames.animation",
    "pipeline.frames.video",
    "pipeline.run.process_image",
    "pipeline.actions.stored_pixels.crop_picture",
    "pipeline.actions.stored_pixels.each_image",
    "pipeline.actions.stored_pixels.manual",
    "pipeline.actions.stored_pixels.picture",
    "pipeline.actions.stored_pixels.program",
    "pipeline.actions.stored_pixels.read",
    "pipeline.actions.suggest.similar",
)

#: Rooms, or modules, that use the standard library and numpy alone.
LEAVES: Final = frozenset({"pipeline.core", "pipeline.agreement"})

#: The `__init__.py` that may hold code: the folder, from the root.
INIT_WITH_CODE: Final = ("pages/_words", "pages/_ui", "pages/_routes", "pages/_components/*")

#: (module, name) that it passes on from another module: the reason. Else a name is imported from where it is defined.
PASSED_ON: Final[dict[tuple[str, str], str]] = {
    (
        "db.store.store",
        "Db",
    ): "the type of what pages and pipeline read from; they may not import sqlite-utils",
}

MOST_FILES: Final = 16
#: Folders that may hold more files, with the reason.
LARGE_FOLDERS: Final = {
    "tests/db/schema/fixtures": "a database each, as people have it on their disks",
}
MOST_LINES: Final = 300
MOST_LINES_OF_A_PAGE: Final = 150
#: Files of more lines (400 at most), with the reason.
LONG_FILES: Final[dict[str, str]] = {}
