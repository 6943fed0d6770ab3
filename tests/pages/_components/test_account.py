"""What strangers read stands in a template and, for whoever signs in elsewhere, in a constant."""

from __future__ import annotations

from pathlib import Path

from pages._components import account


def test_both_ways_to_sign_in_tell_the_same_of_moue() -> None:
    form = (Path(account.__file__).parent / "sign_in.html").read_text("utf-8")
    assert f'<p class="what">{account.WHAT}</p>' in form
