from __future__ import annotations

from pipeline.card import MARK, dataset_card


def test_the_card_counts_and_warns() -> None:
    card = dataset_card({"train": {"smile": 1200, "none": 3}, "val": {"smile": 300, "none": 1}}, 0.2, 7)
    assert card.startswith(MARK + "\n")
    assert "| none | 3 | 1 |\n| smile | 1,200 | 300 |\n| all | 1,203 | 301 |" in card
    assert "about 0.2 of them to val, seed 7" in card
    assert "excludes commercial use" in card


def test_the_card_names_the_attribution_where_there_is_one() -> None:
    counts = {"train": {"smile": 1}, "val": {"smile": 1}}
    assert "attribution.csv" not in dataset_card(counts, 0.5, 0)
    assert "- `attribution.csv`" in dataset_card(counts, 0.5, 0, attribution=True)
