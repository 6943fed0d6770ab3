"""How a stored location is shown."""

from __future__ import annotations

import pytest

from pages._words.locations import split_location


@pytest.mark.parametrize(("location", "folder", "name"), [
    ("/x/a.jpg", "/x/", "a.jpg"), ("a.jpg", "", "a.jpg"), ("/x/wow!.jpg", "/x/", "wow!.jpg"),
    ("/x/set.zip!a.jpg", "/x/set.zip!", "a.jpg"), ("/x/set.ZIP!smile/a.jpg", "/x/set.ZIP!smile/", "a.jpg"),
    ("/wow!/set.zip!a!b.jpg", "/wow!/set.zip!", "a!b.jpg"), ("/x/a!b!c.jpg", "/x/", "a!b!c.jpg"),
    ("/x/a.zip!", "/x/", "a.zip!"), ("/x/", "/x/", "/x/"), ("s3://b/x!/y.jpg", "s3://b/x!/", "y.jpg"),
])  # fmt: skip
def test_an_exclamation_mark_parts_only_a_zip_from_its_member(location: str, folder: str, name: str) -> None:
    assert split_location(location) == (folder, name)
