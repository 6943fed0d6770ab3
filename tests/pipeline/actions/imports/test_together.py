"""Frames of one video that come in with a data set go to one side of every split, also where an export of them comes
in elsewhere."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from db.decisions.verify import verify
from db.store.store import Store
from pipeline.__main__ import main
from pipeline.actions.erase import erase_image
from pipeline.actions.release.accepted import plan_release, read_accepted
from pipeline.actions.release.record import refuse_stale
from pipeline.core.errors import ExportError
from pipeline.export.options import USUAL
from pipeline.export.split import SplitPlan
from tests.pipeline.actions.imports.importing import rows, run

SEEDS = range(50)
META = "<meta><task><id>7</id><mode>interpolation</mode></task></meta>"
CLASSES = ("smile", "none")
SPLITS = ("train", "val")


def video_of(frames: range) -> str:
    """Half of the frames smile, half do not."""
    tracks = (
        f'<track id="{n}" label="{label}">'
        + "".join(
            f'<box frame="{at}" outside="0" xtl="0" ytl="0" xbr="9999" ybr="9999"/>' for at in frames if at % 2 == n
        )
        + "</track>"
        for n, label in enumerate(CLASSES)
    )
    return f"<annotations><version>1.1</version>{META}{''.join(tracks)}</annotations>"


@pytest.fixture
def video(tmp_path: Path, heads_of: Callable[[int], bytes]) -> Path:
    """Six frames, no two of which are near copies."""
    (tmp_path / "video" / "images").mkdir(parents=True)
    for at in range(6):
        (tmp_path / "video" / "images" / f"frame_{at:06}.jpg").write_bytes(heads_of(20 + at))
    (tmp_path / "video" / "annotations.xml").write_text(video_of(range(6)))
    return tmp_path / "video"


def sides(workspace: Path, names: tuple[str, ...]) -> list[set[str]]:
    """By seed the splits in which pictures of these names lie."""
    with Store.open(workspace) as store:
        accepted = read_accepted(store)
        mine = {item.face_id for item in accepted.items if any(name in item.location for name in names)}
        assert len(mine) == 6
        found = []
        for seed in SEEDS:
            made = plan_release(store, "free", SplitPlan(val=0.4, seed=seed), USUAL, accepted)
            found.append({row.split for row in made.rows if row.item.face_id in mine})
    return found


@pytest.mark.usefixtures("capsys")
def test_frames_of_a_video_never_straddle_and_their_export_keeps_the_tie(
    tmp_path: Path, video: Path, data_set: Path
) -> None:
    one = tmp_path / "one"
    assert run(one, data_set) == 0
    assert run(one, video) == 0
    assert rows(one, "SELECT count(DISTINCT told), count(*) FROM told_together") == [(1, 6)]
    found = sides(one, ("frame_",))
    assert {len(splits) for splits in found} == {1}
    assert len(set(map(frozenset, found))) == 2  # chance may send them to either side

    assert main(["export", "--workspace", str(one), "--out", str(tmp_path / "out"), "--content", "photo"]) == 0
    frames = {
        str(face) for (face,) in rows(one, "SELECT f.id FROM faces f JOIN told_together t ON t.sha256 = f.sha256")
    }
    named = tuple(
        line.split(",")[0] for line in (tmp_path / "out" / "manifest.csv").read_text().splitlines()
        if line.split(",")[3] in frames
    )  # fmt: skip
    two = tmp_path / "two"
    assert run(two, tmp_path / "out", annotator="Bob") == 0
    assert rows(two, "SELECT count(*) FROM near_pairs") == [(0,)]
    assert {len(splits) for splits in sides(two, named)} == {1}
    with Store.open(two) as store:
        assert store.read(verify) == []


def test_frames_that_were_here_are_tied_too_once_and_go_with_an_erase(
    tmp_path: Path, video: Path, heads_of: Callable[[int], bytes]
) -> None:
    (tmp_path / "photos").mkdir()
    for at in range(6):
        (tmp_path / "photos" / f"{at}.jpg").write_bytes(heads_of(20 + at))
    one = tmp_path / "one"
    assert main(["ingest", str(tmp_path / "photos"), "--workspace", str(one), "--executor", "serial"]) == 0
    for _ in range(2):
        assert run(one, video) == 0
    assert rows(one, "SELECT count(DISTINCT told), count(*) FROM told_together") == [(1, 6)]
    ((sha,),) = rows(one, "SELECT min(sha256) FROM told_together")
    with Store.open(one) as store:
        erase_image(store, str(sha))
        assert store.read(verify) == []
    assert rows(one, "SELECT count(*), min(sha256) > ? FROM told_together".replace("?", f"'{sha}'")) == [(5, 1)]


def test_single_pictures_of_a_task_are_not_tied(tmp_path: Path, video: Path) -> None:
    (video / "annotations.xml").write_text(video_of(range(6)).replace("interpolation", "annotation"))
    assert run(tmp_path / "one", video) == 0
    assert rows(tmp_path / "one", "SELECT count(*) FROM told_together") == [(0,)]
    assert 2 in {len(splits) for splits in sides(tmp_path / "one", ("frame_",))}


def shards(root: Path, rows: list[tuple[bytes, str]]) -> None:
    """In two shards: what is one video is told for the data set."""
    for nth in range(2):
        with tarfile.open(root / f"{nth:06}.tar", "w") as tar:
            for at, (photo, label) in enumerate(rows):
                told = json.dumps({"label": label, "video_id": 7}).encode()
                for name, data in ((f"frame_{at}.jpg", photo), (f"frame_{at}.json", told)):
                    entry = tarfile.TarInfo(name)
                    entry.size = len(data)
                    if at % 2 == nth:
                        tar.addfile(entry, io.BytesIO(data))


def metadata(root: Path, rows: list[tuple[bytes, str]]) -> None:
    lines = [
        json.dumps({"file_name": f"frame_{at}.jpg", "label": label, "video": "a"}) for at, (_, label) in enumerate(rows)
    ]
    (root / "metadata.jsonl").write_text("\n".join(lines))
    for at, (photo, _) in enumerate(rows):
        (root / f"frame_{at}.jpg").write_bytes(photo)


def parquet(root: Path, rows: list[tuple[bytes, str]]) -> None:
    images = [{"bytes": photo, "path": f"frame_{at}.jpg"} for at, (photo, _) in enumerate(rows)]
    pq.write_table(
        pa.table({"image": images, "label": [label for _, label in rows], "video": [3] * len(rows)}),
        root / "train-00000-of-00001.parquet",
    )


def fiftyone(root: Path, rows: list[tuple[bytes, str]]) -> None:
    made = [
        {"filepath": f"frame_{at}.jpg", "ground_truth": {"_cls": "Classification", "label": label},
         "_sample_id": {"$oid": "6a"}, "frame_number": at}
        for at, (_, label) in enumerate(rows)
    ]  # fmt: skip
    (root / "samples.json").write_text(json.dumps({"samples": made}))
    for at, (photo, _) in enumerate(rows):
        (root / f"frame_{at}.jpg").write_bytes(photo)


@pytest.mark.parametrize("write", [shards, metadata, parquet, fiftyone])
def test_frames_never_straddle_whatever_the_format(
    tmp_path: Path,
    data_set: Path,
    heads_of: Callable[[int], bytes],
    write: Callable[[Path, list[tuple[bytes, str]]], None],
) -> None:
    (tmp_path / "video").mkdir()
    write(tmp_path / "video", [(heads_of(20 + at), CLASSES[at % 2]) for at in range(6)])
    assert run(tmp_path / "one", data_set) == 0
    assert run(tmp_path / "one", tmp_path / "video") == 0
    assert rows(tmp_path / "one", "SELECT count(DISTINCT told), count(*) FROM told_together") == [(1, 6)]
    assert {len(splits) for splits in sides(tmp_path / "one", ("frame_",))} == {1}


def test_where_the_data_set_parts_a_video_an_export_joins_it_and_names_what_moved(tmp_path: Path, video: Path) -> None:
    """A release that has the frames apart is refused, with the pair."""
    for folder in ("train", "val"):
        (video / "images" / folder).mkdir()
    for at in range(6):
        name = f"frame_{at:06}.jpg"
        (video / "images" / name).rename(video / "images" / SPLITS[at % 2] / name)
    xml = video_of(range(6)).replace('label="smile"', 'label="smile" subset="train"')
    (video / "annotations.xml").write_text(xml.replace('label="none"', 'label="none" subset="val"'))
    assert run(tmp_path / "one", video, "--line", "set") == 0
    with Store.open(tmp_path / "one") as store:
        made = plan_release(store, "set", SplitPlan(val=0.4, seed=1), USUAL)
        assert len({row.split for row in made.rows}) == 1
        assert [(one.why, one.placed) for one in made.moved] == [("joined", True)]
        apart = replace(
            made, rows=tuple(replace(row, split=split) for row, split in zip(made.rows, SPLITS * 3, strict=True))
        )
        with pytest.raises(ExportError, match="belong together, as a data set said"):
            refuse_stale(store, apart, "other")
