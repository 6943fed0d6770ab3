"""`compare` as a script calls it."""

from __future__ import annotations

import json

from tests.pipeline import commands as cli
from tests.pipeline.conftest import Mixed


def test_the_command_tells_each_photo_and_the_sum(mixed: Mixed) -> None:
    done = cli.call("compare", "--workspace", str(mixed.workspace), "--sample", "50", "--json-lines")
    assert done.returncode == 0, done.stderr
    photos = [json.loads(line) for line in done.stdout.splitlines()]
    assert {photo["total"] for photo in photos} == {len(photos)}
    assert len({photo["sha256"] for photo in photos}) == len(photos) == 6  # 5 added, 1 without a face
    figures = json.loads(cli.inside("compare", "--workspace", str(mixed.workspace), "--json").stdout)
    assert (figures["a"], figures["b"], figures["photos"], figures["failed"]) == ("yunet", "hog", 6, 0)
    for name in ("both", "only_a", "only_b"):
        assert figures[name] == sum(len(photo[name]) for photo in photos)


def test_a_sample_of_nothing_is_refused(mixed: Mixed) -> None:
    done = cli.inside("compare", "--workspace", str(mixed.workspace), "--sample", "0")
    assert done.returncode == 2
    assert "between 1 and 1,000" in done.stderr
