"""What an export takes, asked for on its page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from db.images import images
from db.reads.counts import Counts
from db.store.store import Db
from db.tables import provenance
from db.tables.releases import list_releases
from pages._export import options
from pages._server import workspace
from pages._ui import choices
from pipeline.core.records import Provenance
from pipeline.export.export import ExportPlan
from pipeline.export.options import ExportOptions
from pipeline.export.preview import Offered, Preview
from pipeline.export.split import SplitPlan
from tests.db import make
from tests.pages.conftest import DRAWERS_AS_THEY_ARE
from tests.pages.test_shell import ada as ada
from tests.pages.test_shell import add_distinct, crops_of, decide_all, page, texts

BY = "CC BY 4.0"
PHOTOS = 40


@pytest.fixture
def accepted(empty: Path) -> list[str]:
    """Ten accepted faces a class, all of photos of the person's own."""
    faces = add_distinct(PHOTOS)
    crops_of(faces)
    decide_all(faces, lambda n: 1 + n % 4)
    return faces


def tell(numbers: range, licence: str) -> None:
    """A place on the web told this licence of these photos."""

    def work(db: Db) -> None:
        for number in numbers:
            place = f"/w/{number}.jpg"
            images.record_outcomes(db, 1, None, [make.make_outcome(f"p{number}", location=place)])
            told = Provenance("https://img.example/1.jpg", licence=licence)
            provenance.put(db, 1, place, told, "2026-03-01T00:00:00.000Z")

    workspace.get_store().write(work)


def label(shown: AppTest) -> str:
    return str(shown.button(key="export").label)


def licences_of(shown: AppTest) -> list[Multiselect]:
    return [one for one in shown.multiselect if one.key != "formats"]


@pytest.mark.usefixtures("accepted", "ada")
def test_own_photos_alone_are_not_asked_for_a_licence() -> None:
    shown = page("export.py").run()
    assert not shown.exception
    assert not licences_of(shown)


@pytest.mark.usefixtures("accepted", "ada")
def test_only_photos_under_the_chosen_licences_leave(empty: Path) -> None:
    tell(range(24), BY)
    tell(range(24, 28), "CC0 1.0")
    shown = page("export.py").run()
    assert not shown.exception
    (choice,) = licences_of(shown)
    assert choice.options == [BY, "CC0 1.0", "None known"]
    assert f"{BY}: 24 · CC0 1.0: 4 · None known: 12" in texts(shown).replace("\\", "")
    assert label(shown) == "Export 40 crops"
    choice.set_value([BY]).run()
    assert label(shown) == "Export 24 crops"
    left = "Left out: 16 accepted faces under other licences: CC0 1.0 (4), None known (12)."
    assert left in texts(shown).replace("\\", "")
    licences_of(shown)[0].set_value([BY, "unknown"]).run()
    assert label(shown) == "Export 36 crops"
    tell(range(28, 29), BY)  # the counts change below the choice
    shown.run()
    assert not shown.exception
    assert licences_of(shown)[0].value == [BY, "unknown"]
    assert licences_of(shown)[0].options == [BY, "CC0 1.0", "None known"]
    assert f"{BY}: 25 · CC0 1.0: 4 · None known: 11" in texts(shown).replace("\\", "")
    shown.button(key="export").click().run()
    assert "36 crops in" in shown.success[0].value
    assert "`CC BY 4.0`" in (empty / "releases" / "train_val_data" / "README.md").read_text()
    (release,) = workspace.get_store().read(list_releases)
    assert release.params["licences"] == [BY, "unknown"]


@pytest.mark.usefixtures("accepted", "ada")
def test_a_choice_stays_to_be_taken_back_when_no_face_has_it_any_more() -> None:
    tell(range(40), BY)
    shown = page("export.py").run()
    assert not licences_of(shown)  # all under one licence: nothing to choose
    tell(range(39), "CC0 1.0")
    shown.run()
    licences_of(shown)[0].set_value([BY]).run()
    tell(range(39, 40), "CC0 1.0")
    shown.run()
    assert not shown.exception
    assert licences_of(shown)[0].options == [BY, "CC0 1.0"]
    assert f"{BY}: 0 · CC0 1.0: 40" in texts(shown).replace("\\", "")
    assert shown.button(key="export").disabled
    licences_of(shown)[0].set_value([]).run()
    assert label(shown) == "Export 40 crops"


def plan_of(**by_class: int) -> Preview:
    counts = {"train": by_class, "val": dict.fromkeys(by_class, 0)}
    return Preview.of(ExportPlan((), tuple(by_class), SplitPlan(), counts, ()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("by_class", "words"),
    [
        ({"smile": 20, "none": 20}, []),
        ({"smile": 19, "none": 20}, ["Fewer than 20 faces: “smile” (19)."]),
        ({"smile": 100, "none": 20}, ["Unbalanced: 100 of “smile”, 20 of “none”."]),
        ({"smile": 99, "none": 20, "pout": 0}, []),
    ],
)
def test_what_is_short(by_class: dict[str, int], words: list[str]) -> None:
    nothing = Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, {}, {})
    found = options.warnings(plan_of(**by_class), nothing)
    assert len(found) == len(words)
    assert all(one.startswith(word) for one, word in zip(found, words, strict=True))


@pytest.mark.parametrize(
    ("train", "val", "words"),
    [
        ({"smile": 40}, {"smile": 10}, None),
        (
            {"smile": 36},
            {"smile": 9},
            r"Few in val: “smile” \(9\)\..*few of them in all, and val takes 20 %",
        ),  # 20 % are 9
        ({"smile": 91}, {"smile": 9}, r"Few in val: “smile” \(9\).*belong together"),  # 20 % would be 20
        (
            {"smile": 41, "none": 49},
            {"smile": 9, "none": 1},
            r"Few in val: “smile” \(9\), “none” \(1\)\..*belong together",
        ),
    ],
)
def test_few_in_val_are_told_with_the_reason(train: dict[str, int], val: dict[str, int], words: str | None) -> None:
    plan = ExportPlan((), tuple(train), SplitPlan(), {"train": train, "val": val}, ())  # type: ignore[arg-type]
    chosen = Preview.of(plan)
    nothing = Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, {}, {})
    found = [one for one in options.warnings(chosen, nothing) if one.startswith("Few in")]
    assert len(found) == (words is not None)
    assert words is None or re.match(words, found[0])


@pytest.mark.usefixtures("accepted", "ada")
def test_the_folder_may_be_typed_as_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    shown = page("export.py").run()
    for typed in ("s3://bucket/set", "file://nas/set", "file://"):
        shown.text_input(key="out").set_value(typed).run()
        assert not shown.exception
        assert len(shown.error) == 1, typed
        assert shown.button(key="export").disabled
    shown.text_input(key="out").set_value(f"file://{tmp_path}/my%20set").run()
    shown.button(key="export").click().run()
    assert not shown.exception
    assert (tmp_path / "my set" / "train").is_dir()
    shown.text_input(key="out").set_value("~/other").run()
    shown.button(key="export").click().run()
    assert (tmp_path / "other" / "train").is_dir()


@pytest.mark.usefixtures("accepted", "ada")
def test_formats_and_the_course_s_names_are_chosen(empty: Path) -> None:
    shown = page("export.py").run()
    assert shown.multiselect(key="formats").value == ["imagefolder"]
    shown.multiselect(key="formats").set_value(["coco", "webdataset"]).run()
    shown.checkbox(key="course_names").check().run()
    shown.button(key="export").click().run()
    assert not shown.exception
    root = empty / "releases" / "train_val_data"
    assert sorted(p.name for p in root.iterdir() if p.is_dir()) == ["coco", "webdataset"]
    names = [one["name"] for one in json.loads((root / "coco" / "annotations" / "val.json").read_text())["categories"]]
    assert names == (root / "classes.txt").read_text().split()
    assert names[0] == "0none"


def test_options_are_drawn_once_their_drawer_was_opened_and_hold_when_it_is_closed(
    accepted: list[str], ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "was_opened", DRAWERS_AS_THEY_ARE)
    real, given = options.settings, list[tuple[SplitPlan, ExportOptions]]()

    def settings(offered: Offered) -> tuple[SplitPlan, ExportOptions]:
        given.append(real(offered))
        return given[-1]

    monkeypatch.setattr(options, "settings", settings)
    shown = page("export.py").run()
    assert not shown.exception
    assert "size" not in {one.key for one in shown.selectbox}
    shown.session_state["export-options"] = True
    shown.run()
    assert given[-1] == given[0]  # what nobody touched is the same, drawn or not
    shown.selectbox(key="size").set_value(64).run()
    shown.session_state["export-options"] = False
    shown.run()
    assert given[-1][1].size == 64
