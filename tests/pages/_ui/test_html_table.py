"""Small tables: where the lines of their cells may break, and what a cell says where its head is not shown."""

from __future__ import annotations

import re

import pytest

from pages._ui.html_table import figures_table, html_table, labelled_cell, swatch


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2026-11-29 15:18", ' class="t"'),
        ("2026-11-29", ' class="t"'),
        ("10 s", ' class="n"'),
        ("1 h 20 min", ' class="n"'),
        ("10 秒", ' class="n"'),
        ("1 小时 20 分", ' class="n"'),
        ("9 %", ' class="n"'),
        (None, ' class="n"'),
        ("", ""),
        ("3 photos", ""),
        ("on 2026-11-29", ""),
        ("/home/ada/photos of a long summer", ' class="long"'),
        ("/home/ada", ""),
        (7, ' class="n"'),
    ],
)
def test_times_and_long_texts_are_told_to_the_style(value: object, kind: str) -> None:
    shown = "–" if value is None else value
    assert f"<td{kind}>{shown}</td>" in figures_table([{"name": "x", "value": value}], "Rows")


def test_what_is_not_known_is_a_dash() -> None:
    assert '<td class="n">–</td>' in figures_table([{"name": "x", "n": 1}, {"name": "y", "n": None}], "Rows")


def test_figures_stand_at_the_right_with_their_heads() -> None:
    quiet = '<span class="quiet">never suggested</span>'
    rows = [["1", "37", "18.9 %", "71 % <i>(56 to 82)</i>", "x"], ["2", "4", quiet, "–", "y"]]
    told = html_table("", ["Class", "Labelled", "Recall", "Value", "Why"], rows, kinds="")
    assert re.findall(r'<th scope="col"( class="n")?>(\w+)', told) == [
        ("", "Class"), (' class="n"', "Labelled"), (' class="n"', "Recall"), ("", "Value"), ("", "Why"),
    ]  # fmt: skip
    assert '<td class="n">37</td><td class="n">18.9 %</td><td>71 %' in told
    assert f'<td class="n">{quiet}</td>' in told
    assert '<th scope="row">1</th>' in told


def test_of_many_columns_short_texts_are_one_line() -> None:
    """On a phone "command line" and "learned from your labels" were a word a line."""
    row = {str(n): "command line" for n in range(5)}
    assert 'class="moue-table many"' in figures_table([row], "Jobs")
    assert 'class="moue-table"' in figures_table([{"a": 1}], "Jobs")
    cells = ["x", "y", "z", "learned from your labels", "alone right on 12, wrong on 3"]
    many = html_table("", list(row), [cells], kinds="k")
    assert '<table class="k many">' in many
    assert '<td>learned from your labels</td><td class="long">alone' in many


def test_a_class_keeps_its_colour_beside_its_name() -> None:
    assert swatch("#111111", "<b>") == ('<span class="moue-swatch"><i style="background:#111111"></i>&lt;b&gt;</span>')


def test_what_may_be_wider_than_the_window_is_reached_by_keys_and_has_a_name() -> None:
    scrolled = '<div class="moue-scroll" tabindex="0" role="region" aria-label="&lt;Rows&gt;">'
    assert figures_table([{"name": "x"}], "<Rows>").startswith(scrolled)
    assert html_table("<Rows>", ["name"], [["x"]], kinds="").startswith(scrolled)


def test_a_cell_carries_its_head() -> None:
    assert labelled_cell("Made", "<never>") == '<p class="moue-cell"><span>Made: </span>&lt;never&gt;</p>'


def test_a_moment_is_one_line() -> None:
    assert '<td class="t">2026-11-30 16:29</td><td>moue 8</td>' in html_table(
        "", ["a", "b", "c"], [["x", "2026-11-30 16:29", "moue 8"]], kinds=""
    )
