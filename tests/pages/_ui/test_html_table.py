"""Small tables: where the lines of their cells may break, and what a cell says where its head is not shown."""

from __future__ import annotations

import pytest

from pages._ui.html_table import figures_table, html_table, labelled_cell


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2026-11-29 15:18", ' class="t"'),
        ("2026-11-29", ' class="t"'),
        ("10 s", ' class="t"'),
        ("1 h 20 min", ' class="t"'),
        ("10 秒", ' class="t"'),
        ("1 小时 20 分", ' class="t"'),
        ("3 photos", ""),
        ("on 2026-11-29", ""),
        ("/home/ada/photos of a long summer", ' class="long"'),
        ("/home/ada", ""),
        (7, ' class="n"'),
    ],
)
def test_times_and_long_texts_are_told_to_the_style(value: object, kind: str) -> None:
    assert f"<td{kind}>{value}</td>" in figures_table([{"name": "x", "value": value}], "Rows")


def test_what_is_not_known_is_a_dash() -> None:
    assert '<td class="n">–</td>' in figures_table([{"name": "x", "n": 1}, {"name": "y", "n": None}], "Rows")


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
