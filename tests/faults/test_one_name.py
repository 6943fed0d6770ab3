"""A name typed, kept, found and compared: one function at every door, so that no spelling of it is another name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.decisions import rules
from db.images import faces, images
from db.schema.compare import check_schema
from db.store.store import Db, Store
from db.tables import annotators, classes, saved_views
from pipeline.actions.release.accepted import check_name
from pipeline.cli.intake import check_class
from pipeline.core.errors import UsageError
from pipeline.core.metrics import QualityMetrics
from pipeline.core.records import Provenance
from pipeline.crawl.keywords import parse_lines
from pipeline.export.export import plan
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan
from pipeline.sources.plan import SourcePlan
from pipeline.sources.walk import iter_source
from tests.db.make import add_images, make_outcome
from tests.pipeline.export_items import NAMES, item

JOINED, APART = "caf\u00e9", "cafe\u0301"
SMALL = QualityMetrics(20, 50, 0.5, 0.2, 0, 0, 0, 0, 0.9, 0.9, 0.1, 0.6, 0.0)
RANGES = (("side", 60.0, None),)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "w") as opened:
        yield opened


@pytest.mark.parametrize("spelt", [APART, JOINED, f"  {APART} ", "CAFE\u0301"])
def test_a_rule_is_switched_off_by_any_spelling_of_its_name(store: Store, spelt: str) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: faces.put_quality(db, face, SMALL))
    assert store.write(lambda db: rules.save_rule(db, APART, RANGES, "too_small", "Ann")) == JOINED
    assert store.write(lambda db: rules.switch_on(db, spelt, "Ann")) == 1
    assert [(rule.name, rule.decided) for rule in store.read(rules.list_rules)] == [(JOINED, 1)]
    with pytest.raises(UsageError):
        store.write(lambda db: rules.save_rule(db, spelt, RANGES, "blurred", "Ann"))
    assert store.write(lambda db: rules.switch_off(db, spelt, "Ann")) == 1
    assert store.read(lambda db: db.execute("SELECT verdict FROM face_state").fetchone()) == (None,)
    store.write(lambda db: rules.delete_rule(db, spelt))
    assert store.read(rules.list_rules) == []


def test_a_class_that_was_put_away_comes_back_by_any_spelling(store: Store) -> None:
    made = store.write(lambda db: classes.add_class(db, APART))
    assert made.name == JOINED
    with pytest.raises(UsageError):
        store.write(lambda db: classes.add_class(db, "CAFE\u0301"))
    store.write(lambda db: classes.archive_class(db, made.id))
    assert store.write(lambda db: classes.add_class(db, "CAFE\u0301")).id == made.id
    assert store.read(check_schema) == []


def test_a_view_is_found_and_forgotten_by_any_spelling(store: Store) -> None:
    store.write(lambda db: saved_views.save_view(db, APART, {}, "Ann"))
    with pytest.raises(UsageError):
        store.write(lambda db: saved_views.save_view(db, "CAF\u00c9", {}, "Ann"))
    kept = store.write(lambda db: saved_views.save_view(db, "CAF\u00c9", {}, "Ann", overwrite=True))
    assert [view.name for view in store.read(saved_views.list_views)] == [kept]
    store.write(lambda db: saved_views.delete_view(db, APART))
    assert store.read(saved_views.list_views) == []


def test_a_person_is_one_in_any_spelling_but_two_identities_are_two(store: Store) -> None:
    def work(db: Db) -> list[str]:
        known = [annotators.ensure_annotator(db, name) for name in (f"Ren{APART[-2:]}", "REN\u00c9", "ren\u00e9")]
        known += [annotators.ensure_annotator(db, name) for name in ("rule: a", "rule: A")]
        return [*known, annotators.name_of_identity(db, "https://id.example", "1", "ren\u00e9")]

    assert store.write(work) == ["Ren\u00e9", "Ren\u00e9", "Ren\u00e9", "rule: a", "rule: A", "ren\u00e9 (2)"]


@pytest.mark.parametrize("spelt", [APART, "CAFE\u0301", JOINED])
def test_folders_lists_and_options_propose_the_class_that_they_mean(store: Store, tmp_path: Path, spelt: str) -> None:
    made = store.write(lambda db: classes.add_class(db, JOINED))
    folder = tmp_path / "photos" / spelt
    folder.mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"x")
    names = frozenset(spec.name for spec in store.read(classes.list_classes))
    planned = SourcePlan(tmp_path / "photos", "folder", tmp_path / "w" / "x" / "spool", 10**9, class_names=names)
    assert [ref.proposal for ref in iter_source(planned)] == [JOINED]
    check_class(spelt, names)

    def proposed(db: Db) -> int:
        source = images.ensure_source(db, "folder", "/x")
        images.record_outcomes(db, source, None, [make_outcome("a", proposal=spelt)])
        return int(db.execute("SELECT proposal FROM images").fetchone()[0])

    assert store.write(proposed) == made.id
    assert len(parse_lines(f"mouth\t{spelt}\nmouth\t{JOINED}")) == 1


def test_a_release_is_called_the_same_on_every_system() -> None:
    assert check_name(f" {APART}  noir") == f"{JOINED} noir"


def test_a_licence_is_one_in_any_spelling() -> None:
    told = "Licence Ouverte \u00e9"
    items = [
        replace(item(10 * n + c, name), provenance=(Provenance("https://img.example/1.jpg", licence=told),))
        for n in range(4) for c, name in enumerate(NAMES)
    ]  # fmt: skip
    asked = ExportOptions(licences=frozenset({"licence  ouverte e\u0301"}))
    assert len(plan(items, NAMES, SplitPlan(val=0.4, seed=3), asked).rows) == len(items)
