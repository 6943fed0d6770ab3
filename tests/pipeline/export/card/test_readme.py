from __future__ import annotations

import pytest

from pipeline.export.card.facts import CardFacts
from pipeline.export.card.readme import MARK, dataset_card
from pipeline.export.pictures.options import PictureOptions
from pipeline.export.split import Moved, SplitPlan

HALF = SplitPlan(val=0.5)


def test_the_card_counts_and_warns() -> None:
    card = dataset_card({"train": {"smile": 1200, "none": 3}, "val": {"smile": 300, "none": 1}}, SplitPlan(seed=7))
    assert card.startswith(MARK + "\n")
    assert "| none | 3 | 1 |\n| smile | 1,200 | 300 |\n| all | 1,203 | 301 |" in card
    assert "of each class about 0.2 of the faces to val, seed 7" in card
    assert "excludes commercial use" in card


@pytest.mark.parametrize(
    ("by_mesh", "said"),
    [
        (0, "The crops were placed with dlib's 68-point predictor, trained on iBUG 300-W, whose"),
        (2, "2 of 3 crops were placed with the Face Landmarker (Apache-2.0), the others with dlib's 68-point"),
        (3, "The crops were placed with the Face Landmarker (Apache-2.0). The\n"),
    ],
)
def test_the_card_says_what_placed_the_crops(by_mesh: int, said: str) -> None:
    """Only dlib's predictor excludes commercial use."""
    counts = {"train": {"smile": 2}, "val": {"smile": 1}}
    card = dataset_card(counts, HALF, facts=CardFacts(faces=3, by_mesh=by_mesh))
    assert said in card
    assert ("excludes commercial use" in card) == (by_mesh < 3)


def test_the_card_names_the_attribution_where_there_is_one() -> None:
    counts = {"train": {"smile": 1}, "val": {"smile": 1}}
    assert "attribution.csv" not in dataset_card(counts, HALF)
    assert "- `attribution.csv`" in dataset_card(counts, HALF, attribution=True)


def test_the_card_says_which_licences_were_taken() -> None:
    counts = {"train": {"smile": 1}, "val": {"smile": 1}}

    def told(*licences: str) -> str:
        card = dataset_card(counts, HALF, licences=licences)
        return next((line for line in card.splitlines() if "left out" in line), "")

    assert told() == ""
    assert told("CC BY 4.0") == "- Only photos under `CC BY 4.0` were taken; all others were left out."
    unknown = "those of which no licence is known"
    assert told("unknown") == f"- Only {unknown} were taken; all others were left out."
    both = f"- Only photos under `CC BY 4.0`, `CC0 1.0` and {unknown} were taken; all others were left out."
    assert told("CC0 1.0", "unknown", "CC BY 4.0") == both
    assert "`a b c`" in told("a`b\nc")


def test_the_card_has_a_column_for_each_split() -> None:
    counts = {split: {"smile": n} for n, split in enumerate(("fold1", "fold2", "fold3"), 1)}
    card = dataset_card(counts, SplitPlan.of(folds=3, seed=5))
    assert "| class | fold1 | fold2 | fold3 |\n|---|---:|---:|---:|\n| smile | 1 | 2 | 3 |\n| all | 1 | 2 | 3 |" in card
    assert "3 folds, of each class as many faces in each, seed 5" in card
    tested = {split: {"smile": 1} for split in ("train", "val", "test")}
    card = dataset_card(tested, SplitPlan.of(0.2, 0.1))
    assert "of each class about 0.2 of the faces to val, 0.1 to test" in card
    assert "`train/<class>/`, `val/<class>/` and `test/<class>/` hold PNG" in card


def test_the_card_names_what_moved() -> None:
    counts = {"train": {"smile": 1}, "val": {"smile": 1}}
    new = Moved("e" * 64, "train", "val", "share", placed=False, classes=("smile",))
    placed = [Moved(f"{n:064x}", "train", "val", "share", placed=True, classes=("smile", "pout")) for n in range(102)]
    card = dataset_card(counts, HALF, moved=[*placed, new])
    assert "`0000000000000000` train → val (to give smile, pout its share); " in card
    assert "; and 2 more." in card
    assert "e" * 16 not in card
    assert dataset_card(counts, HALF, moved=[new]) == dataset_card(counts, HALF)  # once more: it is placed then
    assert "Moved" not in dataset_card(counts, HALF)


def test_the_card_shows_pictures_sources_gaps_loading_and_how_to_be_left_out() -> None:
    counts = {"train": {"smile": 1200, "no_ne": 3}, "val": {"smile": 300, "no_ne": 1}}
    websites = tuple((f"{n}.org", 100 - n) for n in range(10))
    facts = CardFacts(2000, 1055, websites, (("unknown", 1500), ("CC `BY` 4.0", 500)), (20, 80, 400))
    card = dataset_card(counts, HALF, facts=facts, sheets=["smile", "no_ne"])
    assert "\n![no\\_ne](contact_sheet_no_ne.svg)\n\n![smile](contact_sheet_smile.svg)\n" in card
    assert "- 2,000 photos: 945 from the web, 1,055 from elsewhere.\n" in card
    assert "- Crops of 20 to 400 pixels a side, half of them at least 80.\n" in card
    photos = dataset_card(counts, HALF, facts=facts, pictures=PictureOptions("photo"))
    assert "- Photos of 20 to 400 pixels a side, half of them at least 80.\n" in photos
    assert "`6.org` 94, `7.org` 93, 2 others 183.\n" in card
    assert "- Licences, as they were told: `unknown` 1,500, `CC BY 4.0` 500.\n" in card
    assert "- Fewer than 20 faces: no\\_ne (3 in train), no\\_ne (1 in val).\n" in card
    assert card.count("\n```python\n") == 6
    assert "ImageFolder('this_folder/train')" in card
    assert "python -m pipeline erase SHA256" in card
    assert "contact_sheet" not in dataset_card(counts, HALF)
