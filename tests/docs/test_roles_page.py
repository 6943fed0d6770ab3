from __future__ import annotations

from tests.docs.roles_page import table, written


def test_the_page_shows_the_table_of_the_code() -> None:
    assert written() == table(), "python -m tests.docs.roles_page"
